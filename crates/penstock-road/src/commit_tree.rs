//! The tree of a commit, as the check engine wants it.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use penstock_check::{Entry, Listing, ReadError, Tree, TreeError};
use penstock_git::{EntryKind, GitError, Repository};
use penstock_model::{GitOid, RepoPath, SkipReason, Skipped};

thread_local! {
    /// A repository cannot be shared between threads: each that reads opens its own, once.
    static OPEN: RefCell<Option<(PathBuf, Repository)>> = const { RefCell::new(None) };
}

/// The files of a commit's tree: exactly what was committed, read as they are asked for.
pub(crate) struct CommitTree {
    repository: PathBuf,
    blobs: BTreeMap<RepoPath, GitOid>,
    skipped: Vec<Skipped>,
}

impl CommitTree {
    /// The files of `tree`.
    pub(crate) fn of(repository: &Repository, tree: &GitOid) -> Result<Self, GitError> {
        let mut this = Self {
            repository: repository.root_dir().to_owned(),
            blobs: BTreeMap::new(),
            skipped: Vec::new(),
        };
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

    fn skip(&mut self, path: RepoPath, detail: &str) {
        let (reason, detail) = (SkipReason::NotRegular, detail.to_owned());
        self.skipped.push(Skipped { path, reason, detail });
    }

    fn blob(&self, oid: &GitOid) -> Result<Vec<u8>, GitError> {
        OPEN.with_borrow_mut(|open| {
            let opened = match open.take() {
                Some((path, repository)) if path == self.repository => repository,
                _ => Repository::discover(Path::new(&self.repository))?,
            };
            let (_, repository) = open.insert((self.repository.clone(), opened));
            repository.blob(oid)
        })
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
        let bytes = self.blob(oid).map_err(|error| ReadError::unreadable(error.to_string()))?;
        match bytes.len() as u64 {
            size if size > limit => Err(ReadError::over_limit(size, limit)),
            _ => Ok(bytes),
        }
    }
}
