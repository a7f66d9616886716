//! Which files of a project a step is given.

use std::{fs, path::Path};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use penstock_model::RepoPath;

/// The `inputs` of a step.
pub(crate) struct Inputs {
    /// `None` means everything.
    globs: Option<GlobSet>,
}

impl Inputs {
    /// Patterns in which `*` stays within a directory and `**` does not.
    pub(crate) fn new(patterns: &[String]) -> Result<Self, String> {
        if patterns.is_empty() {
            return Ok(Self { globs: None });
        }
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(|error| format!("input `{pattern}`: {}", error.kind()))?;
            globs.add(glob);
        }
        let globs = globs.build().map_err(|error| format!("inputs: {error}"))?;
        Ok(Self { globs: Some(globs) })
    }

    /// Whether the step is given this file.
    pub(crate) fn contain(&self, path: &RepoPath) -> bool {
        self.globs.as_ref().is_none_or(|globs| globs.is_match(path.as_path()))
    }

    /// Copies the work tree as it is: regular files that no ignore file names. Links are left out,
    /// since what they point to may be anywhere.
    pub(crate) fn copy_work_tree(&self, from: &Path, into: &Path) -> Result<(), String> {
        let walk = ignore::WalkBuilder::new(from)
            .hidden(false)
            .git_global(false)
            .follow_links(false)
            .filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != ".penstock")
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| format!("cannot read the work tree: {error}"))?;
            let Ok(relative) = entry.path().strip_prefix(from) else { continue };
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(relative.as_os_str());
            let Ok(path) = RepoPath::new(bytes) else { continue };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) || !self.contain(&path) {
                continue;
            }
            let to = into.join(relative);
            let copied = to
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::copy(entry.path(), &to));
            copied.map_err(|error| format!("cannot copy `{path}`: {error}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_star_stays_within_its_directory() {
        let inputs = Inputs::new(&["src/**".to_owned(), "Cargo.*".to_owned()]).unwrap();
        assert!(inputs.contain(&path("src/a/b.rs")));
        assert!(inputs.contain(&path("Cargo.toml")));
        assert!(!inputs.contain(&path("sub/Cargo.toml")));
        assert!(!inputs.contain(&path("README.md")));
        assert!(Inputs::new(&[]).unwrap().contain(&path("anything")));
        assert!(Inputs::new(&["[".to_owned()]).is_err());
    }

    #[test]
    fn the_work_tree_is_copied_without_links_and_ignored_files() {
        let from = tempfile::tempdir().unwrap();
        let into = tempfile::tempdir().unwrap();
        fs::create_dir_all(from.path().join(".git")).unwrap();
        fs::create_dir_all(from.path().join("src")).unwrap();
        for (name, text) in [(".gitignore", "out\n"), ("src/a", "a"), ("out", "o"), (".git/x", "x")]
        {
            fs::write(from.path().join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", from.path().join("link")).unwrap();
        Inputs::new(&[]).unwrap().copy_work_tree(from.path(), into.path()).unwrap();
        assert!(into.path().join("src/a").is_file());
        for absent in ["out", "link", ".git"] {
            assert!(!into.path().join(absent).exists(), "{absent}");
        }
    }
}
