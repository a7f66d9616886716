use penstock_model::{RepoPath, Sha256};

/// A release: what a sealed run produced, by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    id: Sha256,
    files: Vec<ReleaseFile>,
}

/// One file of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseFile {
    /// Where it goes, from the release's directory.
    pub path: RepoPath,
    /// The SHA-256 of its bytes.
    pub digest: Sha256,
    /// Whether it may be executed.
    pub executable: bool,
}

impl Release {
    /// The release with this id (the digest of its run seal) and these files.
    ///
    /// # Errors
    /// No file at all, a path named twice, a path that is both a file and a directory.
    pub fn new(id: Sha256, mut files: Vec<ReleaseFile>) -> Result<Self, ReleaseError> {
        files.sort_unstable();
        if files.is_empty() {
            return Err(ReleaseError::Empty);
        }
        let paths: std::collections::BTreeSet<&[u8]> =
            files.iter().map(|file| file.path.as_bytes()).collect();
        for pair in files.windows(2) {
            if let [a, b] = pair
                && a.path == b.path
            {
                return Err(ReleaseError::Twice(a.path.clone()));
            }
        }
        for file in &files {
            let path = file.path.as_bytes();
            let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            for above in slashes.filter_map(|(at, _)| path.get(..at)) {
                if paths.contains(above) {
                    return Err(ReleaseError::BothFileAndDirectory(file.path.clone()));
                }
            }
        }
        Ok(Self { id, files })
    }

    /// The id: the digest of the run seal.
    pub fn id(&self) -> Sha256 {
        self.id
    }

    /// The files, sorted by path; at least one.
    pub fn files(&self) -> &[ReleaseFile] {
        &self.files
    }
}

/// Files that cannot stand beside one another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// A file lies beneath another file.
    #[error("`{0}` would lie inside another file of the release: change the outputs of the steps")]
    BothFileAndDirectory(RepoPath),
    /// Nothing to deploy.
    #[error("the release has no files: declare `outputs` in a step")]
    Empty,
    /// One path, two files.
    #[error("`{0}` is in the release twice: change the outputs of the steps")]
    Twice(RepoPath),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> ReleaseFile {
        let path = RepoPath::new(path).unwrap();
        ReleaseFile { path, digest: Sha256::of(b"x"), executable: false }
    }

    #[test]
    fn a_release_can_be_laid_out_on_disk() {
        let id = Sha256::of(b"seal");
        let new = |paths: &[&str]| Release::new(id, paths.iter().map(|p| file(p)).collect());
        assert_eq!(new(&[]), Err(ReleaseError::Empty));
        assert_eq!(new(&["b", "a", "b"]), Err(ReleaseError::Twice(file("b").path)));
        assert_eq!(
            new(&["a", "a.b", "a/b"]),
            Err(ReleaseError::BothFileAndDirectory(file("a/b").path))
        );
        let release = new(&["b", "a/c"]).unwrap();
        assert_eq!(release.files(), [file("a/c"), file("b")]);
        assert_eq!(release.id(), id);
    }
}
