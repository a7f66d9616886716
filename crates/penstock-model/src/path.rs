use std::{ffi::OsStr, fmt, os::unix::ffi::OsStrExt as _, path::Path, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A path inside a repository: bytes, relative, separated by `/`.
///
/// In text and JSON it is written as UTF-8 where it is UTF-8; every byte that is not, every control
/// character and every `%` is written as `%XX` (upper-case hexadecimal), so the form is always a
/// string, never ambiguous, and cannot carry a terminal escape.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// Takes raw bytes as Git stores them.
    ///
    /// # Errors
    /// Absolute and empty paths, NUL bytes, and components `.` and `..` are refused.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, RepoPathError> {
        let path = Self(bytes.into());
        let bad = path.0.contains(&0)
            || path.0.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
        if bad { Err(RepoPathError(path.to_string())) } else { Ok(path) }
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same path for the file system, relative to the project.
    pub fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    /// The last component.
    pub fn name(&self) -> &[u8] {
        let slash = self.0.iter().rposition(|byte| *byte == b'/');
        slash.and_then(|slash| self.0.get(slash + 1..)).unwrap_or(&self.0)
    }

    /// The path `relative` names from here.
    #[must_use]
    pub fn join(&self, relative: &Self) -> Self {
        Self([self.as_bytes(), b"/", relative.as_bytes()].concat())
    }

    /// Whether this path is `directory` or lies beneath it.
    pub fn is_within(&self, directory: &Self) -> bool {
        self.0
            .strip_prefix(directory.as_bytes())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() || c == '%' {
                    let mut utf8 = [0; 4];
                    for byte in c.encode_utf8(&mut utf8).bytes() {
                        write!(f, "%{byte:02X}")?;
                    }
                } else {
                    fmt::Write::write_char(f, c)?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for RepoPath {
    type Err = RepoPathError;

    /// Reads the written form back to bytes.
    fn from_str(text: &str) -> Result<Self, RepoPathError> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            if first == b'%' {
                let (digits, after) =
                    after.split_at_checked(2).ok_or_else(|| RepoPathError(text.to_owned()))?;
                let byte = hex::decode(digits).map_err(|_| RepoPathError(text.to_owned()))?;
                bytes.extend(byte);
                rest = after;
            } else {
                bytes.push(first);
                rest = after;
            }
        }
        Self::new(bytes)
    }
}

impl TryFrom<String> for RepoPath {
    type Error = RepoPathError;

    fn try_from(text: String) -> Result<Self, RepoPathError> {
        text.parse()
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.to_string()
    }
}

/// Bytes that are no path inside a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path inside the project")]
pub struct RepoPathError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_bytes_survive_the_written_form() {
        for bytes in [&b"a b/c"[..], b"new\nline", b"\xff\xfe/x", "é/%41".as_bytes(), b"\x1b[31m"]
        {
            let path = RepoPath::new(bytes).unwrap();
            let text = path.to_string();
            assert!(!text.chars().any(char::is_control), "{text}");
            assert_eq!(text.parse(), Ok(path));
        }
    }

    #[test]
    fn paths_that_could_leave_the_project_are_refused() {
        for bytes in [&b"/etc"[..], b"../x", b"a/../b", b"a//b", b"", b"./a", b"a\0b"] {
            assert!(RepoPath::new(bytes).is_err(), "{bytes:?}");
        }
        assert!("%2e%2e/x".parse::<RepoPath>().is_err());
        assert!("%4".parse::<RepoPath>().is_err());
    }

    #[test]
    fn within_means_whole_components() {
        let dir = RepoPath::new(*b"a/b").unwrap();
        assert!(RepoPath::new(*b"a/b/c").unwrap().is_within(&dir));
        assert!(dir.is_within(&dir));
        assert_eq!(dir.join(&dir).as_bytes(), b"a/b/a/b");
        assert!(!RepoPath::new(*b"a/bc").unwrap().is_within(&dir));
    }
}
