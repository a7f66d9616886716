//! Files of commits, as the check engine wants them.

use std::collections::BTreeMap;

use penstock_check::{Entry, Listing, ReadError, Tree, TreeError};
use penstock_git::{EntryKind, GitError, Handles, Repository};
use penstock_model::{GitOid, RepoPath, SkipReason, Skipped};

/// The files of a commit's tree: exactly what was committed, read as they are asked for.
pub(crate) struct CommitTree {
    handles: Handles,
    blobs: BTreeMap<RepoPath, GitOid>,
    skipped: Vec<Skipped>,
}

impl CommitTree {
    /// The files of `tree`.
    pub(crate) fn of(repository: &Repository, tree: &GitOid) -> Result<Self, GitError> {
        let mut this = Self::some(repository, []);
        for entry in repository.files(tree)? {
            match entry.kind {
                EntryKind::File { .. } => {
                    this.blobs.insert(entry.path, entry.oid);
                }
                EntryKind::Link => this.skip(entry.path, "a symbolic link"),
                EntryKind::Submodule => this.skip(entry.path, "a submodule"),
            }
        }
        Ok(this)
    }

    /// Some files only.
    pub(crate) fn some(
        repository: &Repository,
        blobs: impl IntoIterator<Item = (RepoPath, GitOid)>,
    ) -> Self {
        let blobs = blobs.into_iter().collect();
        Self { handles: repository.handles(), blobs, skipped: Vec::new() }
    }

    pub(crate) fn skip(&mut self, path: RepoPath, detail: &str) {
        let (reason, detail) = (SkipReason::NotRegular, detail.to_owned());
        self.skipped.push(Skipped { path, reason, detail });
    }

    /// A file's content; `None` where there is none, or it cannot be read.
    pub(crate) fn content(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let oid = self.blobs.get(path)?;
        self.handles.with(|repository| repository.blob(oid)).ok()
    }
}

impl Tree for CommitTree {
    fn list(&self) -> Result<Listing, TreeError> {
        // The size of a blob is known only once it is read; the engine's limit is applied then.
        let entry = |path: &RepoPath| Entry::new(path.clone(), 0);
        Ok(Listing { files: self.blobs.keys().map(entry).collect(), skipped: self.skipped.clone() })
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        let oid =
            self.blobs.get(&entry.path).ok_or_else(|| ReadError::unreadable("no such file"))?;
        self.handles.with(|repository| repository.blob_within(oid, limit)).map_err(read_error)
    }
}

/// Why a blob was not looked at.
pub(crate) fn read_error(error: GitError) -> ReadError {
    ReadError { reason: skip_reason(&error), detail: error.to_string() }
}

/// How coverage counts an object that could not be read.
pub(crate) fn skip_reason(error: &GitError) -> SkipReason {
    match error {
        GitError::MissingObject(_) | GitError::Shallow(_) => SkipReason::Missing,
        GitError::TooLarge { .. } => SkipReason::OverLimit,
        GitError::MalformedCommit { .. } | GitError::MalformedTree(_) => SkipReason::Malformed,
        _ => SkipReason::Unreadable,
    }
}
