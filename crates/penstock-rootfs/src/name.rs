//! Names of members: bytes beneath a root, in one form.

use crate::{Limits, RootError};

/// The longest component: `NAME_MAX` of linux/limits.h.
const NAME_MAX: usize = 255;

/// A member's name without empty parts and `.`; empty is the root itself. It never has `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    parts: Vec<Vec<u8>>,
}

impl Name {
    /// An absolute name is beneath the root all the same: so a container would unpack it.
    pub(crate) fn new(bytes: &[u8], limits: &Limits) -> Result<Self, RootError> {
        let refused = |why| RootError::Name { name: shown(bytes), why };
        if bytes.len() > limits.name_bytes {
            return Err(refused("its name is too long"));
        }
        let mut parts = Vec::new();
        for part in bytes.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => return Err(refused("its name leads upwards")),
                _ if part.contains(&0) => return Err(refused("its name has a NUL in it")),
                _ if part.len() > NAME_MAX => {
                    return Err(refused("a part of its name is too long"));
                }
                _ => parts.push(part.to_vec()),
            }
        }
        if parts.len() > limits.depth as usize {
            return Err(refused("it lies too deep"));
        }
        Ok(Self { parts })
    }

    /// The directories and the last part; `None` is the root itself.
    pub(crate) fn split(&self) -> Option<(&[Vec<u8>], &[u8])> {
        let (last, above) = self.parts.split_last()?;
        Some((above, last))
    }

    pub(crate) fn parts(&self) -> &[Vec<u8>] {
        &self.parts
    }

    /// For a person.
    pub(crate) fn shown(&self) -> String {
        shown(&self.parts.join(&b'/'))
    }
}

/// At most 120 bytes, without anything a terminal would obey.
pub(crate) fn shown(bytes: &[u8]) -> String {
    bytes.iter().take(120).copied().collect::<Vec<_>>().escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_beneath_the_root_or_refused() {
        let name = |text: &[u8]| Name::new(text, &Limits::default()).map(|name| name.shown());
        assert_eq!(name(b"./usr//bin/./sh").unwrap(), "usr/bin/sh");
        assert_eq!(name(b"/etc/passwd").unwrap(), "etc/passwd");
        assert_eq!(name(b"./").unwrap(), "");
        for bad in [&b"../x"[..], b"a/../../x", b"a/..", b"a\0b", &[b'a'; 256], &[b'a'; 5000]] {
            assert!(matches!(name(bad), Err(RootError::Name { .. })), "{}", bad.escape_ascii());
        }
        assert!(name(&b"a/".repeat(300)).is_err());
    }

    #[test]
    fn what_is_shown_commands_no_terminal() {
        assert_eq!(shown(b"a\x1b[2Jb\xff"), "a\\x1b[2Jb\\xff");
    }
}
