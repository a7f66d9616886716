use std::path::Path;

use gix::index::entry::{Flags, Mode, Stage};
use penstock_model::{GitOid, RepoPath};

use crate::{
    error::GitError,
    repository::{Repository, oid_of},
    tree::{EntryKind, TreeEntry},
};

/// What `git commit` would record: the index against the commit that is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// The commit that is checked out; absent before the first.
    pub head: Option<GitOid>,
    /// Its tree at the project's directory; absent where the commit does not have that.
    pub tree: Option<GitOid>,
    /// Every regular file that would be added, changed or removed, sorted by path.
    pub files: Vec<StagedFile>,
    /// Links and submodules that would be added or changed: their content is not looked at.
    pub not_regular: Vec<RepoPath>,
    /// The regular files of the index, by path.
    index: Vec<(RepoPath, GitOid)>,
}

/// A regular file that is not the same in the commit and in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// Its path from the project's directory.
    pub path: RepoPath,
    /// Its content in the commit; absent where it is added.
    pub before: Option<GitOid>,
    /// Its content in the index; absent where it is removed.
    pub after: Option<GitOid>,
}

impl Staged {
    /// A file of the index at or beneath a directory, if there is one.
    pub fn indexed_within(&self, directory: &RepoPath) -> Option<&RepoPath> {
        self.index.iter().map(|(path, _)| path).find(|path| path.is_within(directory))
    }

    /// A regular file's content in the index.
    pub fn indexed(&self, path: &RepoPath) -> Option<&GitOid> {
        let found = self.index.binary_search_by(|(known, _)| known.cmp(path)).ok()?;
        self.index.get(found).map(|(_, oid)| oid)
    }
}

impl Repository {
    /// Compares the index with the commit that is checked out, beneath `subdirectory`.
    ///
    /// `index` is another index than the repository's own, as `GIT_INDEX_FILE` names one to hooks
    /// (of `git commit -a`, or of a commit of some paths only). Entries `git add -N` made are in no
    /// commit and left out. Directories a sparse index keeps as trees are read from those.
    ///
    /// # Errors
    /// [`GitError::Unmerged`] while a merge has conflicts, [`GitError::Index`]; what reading says.
    pub fn staged(
        &self,
        subdirectory: Option<&RepoPath>,
        index: Option<&Path>,
    ) -> Result<Staged, GitError> {
        let head = match self.head() {
            Ok(head) => Some(head),
            Err(GitError::Empty) => None,
            Err(error) => return Err(error),
        };
        let mut staged = Staged { head: head.map(|head| head.id), ..Staged::default() };
        if let Some(head) = &staged.head {
            staged.tree = match self.tree_at(head, subdirectory) {
                Ok(tree) => Some(tree),
                Err(GitError::PathNotFound { .. }) => None,
                Err(error) => return Err(error),
            };
        }
        let before =
            staged.tree.as_ref().map_or_else(|| Ok(Vec::new()), |tree| self.files(tree))?;
        let after = self.index_entries(subdirectory, index)?;
        staged.compare(before, &after);
        staged.index = after
            .into_iter()
            .filter(|entry| matches!(entry.kind, EntryKind::File { .. }))
            .map(|entry| (entry.path, entry.oid))
            .collect();
        Ok(staged)
    }

    /// The entries of an index as those of a tree, sorted by path.
    fn index_entries(
        &self,
        subdirectory: Option<&RepoPath>,
        path: Option<&Path>,
    ) -> Result<Vec<TreeEntry>, GitError> {
        let index = match path {
            // A relative path is one from the top: hooks run there.
            Some(path) => gix::index::File::at(
                self.root_dir().join(path),
                self.inner.object_hash(),
                false,
                gix::index::decode::Options::default(),
            ),
            None => self.inner.index_or_empty().map(|index| (**index).clone()),
        };
        let index = index.map_err(|_| GitError::Index)?;
        let prefix = subdirectory.map_or_else(Vec::new, |p| [p.as_bytes(), b"/"].concat());
        let mut entries = Vec::new();
        let mut unmerged = None;
        for entry in index.entries() {
            let full: &[u8] = entry.path(&index);
            if entry.stage() != Stage::Unconflicted {
                unmerged = unmerged.or_else(|| RepoPath::new(full).ok());
                continue;
            }
            if entry.mode == Mode::DIR {
                self.sparse_directory(full, &entry.id, &prefix, &mut entries)?;
                continue;
            }
            let Some(path) = full.strip_prefix(&*prefix) else { continue };
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            let kind = match entry.mode {
                Mode::FILE => EntryKind::File { executable: false },
                Mode::FILE_EXECUTABLE => EntryKind::File { executable: true },
                Mode::SYMLINK => EntryKind::Link,
                Mode::COMMIT => EntryKind::Submodule,
                _ => return Err(GitError::Index),
            };
            let path = RepoPath::new(path).map_err(|_| GitError::Index)?;
            entries.push(TreeEntry { path, kind, oid: oid_of(&entry.id)? });
        }
        if let Some(path) = unmerged {
            return Err(GitError::Unmerged(path));
        }
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// A directory outside of a sparse checkout, of which the index keeps only the tree.
    fn sparse_directory(
        &self,
        path: &[u8],
        tree: &gix::oid,
        prefix: &[u8],
        entries: &mut Vec<TreeEntry>,
    ) -> Result<(), GitError> {
        let directory = RepoPath::new(path.strip_suffix(b"/").unwrap_or(path));
        let directory = directory.map_err(|_| GitError::Index)?;
        for entry in self.files(&oid_of(tree)?)? {
            let full = directory.join(&entry.path);
            let Some(path) = full.as_bytes().strip_prefix(prefix) else { continue };
            let path = RepoPath::new(path).map_err(|_| GitError::Index)?;
            entries.push(TreeEntry { path, ..entry });
        }
        Ok(())
    }
}

impl Staged {
    /// Walks both sorted lists side by side.
    fn compare(&mut self, before: Vec<TreeEntry>, after: &[TreeEntry]) {
        let file = |entry: &TreeEntry| match entry.kind {
            EntryKind::File { .. } => Some(entry.oid.clone()),
            EntryKind::Link | EntryKind::Submodule => None,
        };
        let mut before = before.into_iter().peekable();
        let removed = |files: &mut Vec<StagedFile>, entry: TreeEntry| {
            if let Some(oid) = file(&entry) {
                files.push(StagedFile { path: entry.path, before: Some(oid), after: None });
            }
        };
        for entry in after {
            while let Some(old) = before.next_if(|old| old.path < entry.path) {
                removed(&mut self.files, old);
            }
            let old = before.next_if(|old| old.path == entry.path);
            let (old_file, new_file) = (old.as_ref().and_then(file), file(entry));
            if new_file.is_none() && old.as_ref().is_none_or(|old| old.oid != entry.oid) {
                self.not_regular.push(entry.path.clone());
            }
            if old_file != new_file {
                let path = entry.path.clone();
                self.files.push(StagedFile { path, before: old_file, after: new_file });
            }
        }
        for old in before {
            removed(&mut self.files, old);
        }
    }
}
