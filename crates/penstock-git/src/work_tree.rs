use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::Path,
};

use gix::index::{
    entry::{Stage, Stat, stat::Options},
    fs::Metadata,
};
use penstock_model::{GitOid, RepoPath};
use rustix::fs::OFlags;

use crate::{
    error::GitError,
    repository::{Repository, oid_of},
};

/// A larger file is not hashed to find out whether it changed, in bytes: it counts as changed.
const MAX_HASHED: u64 = 256 << 20;

impl Repository {
    /// Which files of the work tree do not have the content `before` says, of the paths in `files`;
    /// both are relative to the project in `subdirectory`. A file that is not in `before` is one.
    ///
    /// A file the index vouches for by size, times and inode is not read, as in `git status`; one
    /// whose times are not older than the index (a racy one) is. What cannot be read counts as
    /// changed: whoever looks at it meets the reason.
    ///
    /// # Errors
    /// [`GitError::Index`].
    pub fn changed_files(
        &self,
        subdirectory: Option<&RepoPath>,
        before: &BTreeMap<RepoPath, GitOid>,
        files: impl IntoIterator<Item = RepoPath>,
    ) -> Result<BTreeSet<RepoPath>, GitError> {
        let index = self.inner.index_or_empty().map_err(|_| GitError::Index)?;
        let options = Options { use_stdev: false, ..Options::default() };
        let mut changed = BTreeSet::new();
        for path in files {
            let full = subdirectory.map_or_else(|| path.clone(), |top| top.join(&path));
            let on_disk = self.root_dir().join(full.as_path());
            let known = index.entry_by_path_and_stage(full.as_bytes().into(), Stage::Unconflicted);
            let vouched = known.filter(|entry| {
                let found = Metadata::from_path_no_follow(&on_disk).ok();
                let found = found.and_then(|found| Stat::from_fs(&found).ok());
                found.is_some_and(|found| {
                    entry.stat.matches(&found, options)
                        && !entry.stat.is_racy(index.timestamp(), options)
                })
            });
            let is_same = match (before.get(&path), vouched) {
                (None, _) => false,
                (Some(oid), Some(entry)) => oid_of(&entry.id)? == *oid,
                (Some(oid), None) => self.hash_file(&on_disk).as_ref() == Some(oid),
            };
            if !is_same {
                changed.insert(path);
            }
        }
        Ok(changed)
    }

    /// The regular files of the index beneath the project's directory: also those an ignore pattern
    /// names.
    ///
    /// # Errors
    /// [`GitError::Index`].
    pub fn indexed_files(
        &self,
        subdirectory: Option<&RepoPath>,
    ) -> Result<Vec<RepoPath>, GitError> {
        self.indexed(subdirectory)
    }

    /// The id a file would have as a blob; `None` where it is no regular file, cannot be read or is
    /// too large.
    fn hash_file(&self, path: &Path) -> Option<GitOid> {
        // A FIFO must not make the open hang, nor a link lead elsewhere.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, rustix::fs::Mode::empty()).ok()?);
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > MAX_HASHED {
            return None;
        }
        let mut content = Vec::new();
        file.take(MAX_HASHED + 1).read_to_end(&mut content).ok()?;
        let id = gix::objs::compute_hash(self.inner.object_hash(), gix::objs::Kind::Blob, &content);
        oid_of(&id.ok()?).ok()
    }
}
