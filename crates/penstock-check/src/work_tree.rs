//! Files under a directory.

mod ignores;
mod open;
mod walk;

use std::{
    io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use penstock_model::SkipReason;

use crate::{Entry, Listing, ReadError, Tree, TreeError};

/// The files under a directory, as `git status` would see them, tracked or not.
///
/// `.gitignore` files are honoured, those above the directory up to the repository's root included;
/// `.git/info/exclude` and a person's own excludes are not, since a result must not depend on whose
/// machine made it. `.git` and `.penstock` are never entered and links never followed. A tracked
/// file that an ignore pattern names is skipped here; a commit's tree has it.
#[derive(Clone, Debug)]
pub struct WorkTree {
    root: PathBuf,
    /// The root once it was opened: everything is reached from it, so that a directory put in its
    /// place meanwhile is not read.
    opened: Arc<OnceLock<OwnedFd>>,
}

impl WorkTree {
    /// The tree beneath `root`; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), opened: Arc::default() }
    }

    fn opened(&self) -> io::Result<BorrowedFd<'_>> {
        if let Some(root) = self.opened.get() {
            return Ok(root.as_fd());
        }
        let root = open::directory(&self.root)?;
        Ok(self.opened.get_or_init(|| root).as_fd())
    }
}

impl Tree for WorkTree {
    fn list(&self) -> Result<Listing, TreeError> {
        let error = |source| TreeError::Root { root: self.root.clone(), source };
        let root = self.root.canonicalize().map_err(error)?;
        walk::walk(&root, self.opened().map_err(error)?).map_err(error)
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        let mut content = Vec::new();
        self.read_into(entry, limit, &mut content)?;
        Ok(content)
    }

    fn read_into(&self, entry: &Entry, limit: u64, content: &mut Vec<u8>) -> Result<(), ReadError> {
        let unreadable = |error: io::Error| ReadError::unreadable(error.to_string());
        content.clear();
        // Between listing and reading a file can be replaced by anything.
        let root = self.opened().map_err(unreadable)?;
        let file = open::file_beneath(root, entry.path.as_path()).map_err(unreadable)?;
        let Some(size) = open::regular_size(&file).map_err(unreadable)? else {
            return Err(ReadError {
                reason: SkipReason::NotRegular,
                detail: "not a regular file".to_owned(),
            });
        };
        if size > limit {
            return Err(ReadError::over_limit(size, limit));
        }
        open::read_to_end(&file, size, limit.saturating_add(1), content).map_err(unreadable)?;
        // It may have grown since its size was asked.
        if content.len() as u64 > limit {
            return Err(ReadError::over_limit(content.len() as u64, limit));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
