use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    path::Path,
};

use penstock_model::RepoPath;

use crate::{
    error::GitError,
    repository::Repository,
    tree::{EntryKind, TreeEntry},
};

/// The project's cache, which is never part of what a project is.
const CACHE_DIRECTORY: &[u8] = b".penstock";

/// How a project's directory differs from the commit that is checked out. All paths are relative to
/// the project and sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// In the commit with other content, kind or executable bit.
    pub modified: Vec<RepoPath>,
    /// In the commit and not on disk.
    pub deleted: Vec<RepoPath>,
    /// On disk or in the index, not in the commit, and not ignored. A directory that is a repository
    /// of its own is listed once.
    pub untracked: Vec<RepoPath>,
}

impl Status {
    /// Whether the directory holds exactly what the commit holds, and ignored files.
    pub fn is_clean(&self) -> bool {
        self.modified.is_empty() && self.deleted.is_empty() && self.untracked.is_empty()
    }
}

impl Repository {
    /// Compares the project in `subdirectory` with the commit that is checked out, by content.
    ///
    /// `.gitignore` and `.git/info/exclude` are honoured; a user's own ignore file
    /// (`core.excludesFile`) is not read, so a file only that ignores is listed as untracked. Files
    /// that are converted on checkout (`autocrlf`, filters) are listed as modified. The content of
    /// submodules is not looked at.
    ///
    /// # Errors
    /// [`GitError::Empty`], [`GitError::PathNotFound`], unreadable files; what reading says.
    pub fn status(&self, subdirectory: Option<&RepoPath>) -> Result<Status, GitError> {
        let head = self.head()?;
        let tree = self.tree_at(&head.id, subdirectory)?;
        let project = subdirectory
            .map_or_else(|| self.root_dir().to_owned(), |p| self.root_dir().join(p.as_path()));
        let mut status = Status::default();
        let mut committed = BTreeSet::new();
        for entry in self.files(&tree)? {
            let path = project.join(entry.path.as_path());
            match fs::symlink_metadata(&path) {
                Err(error) if is_absent(&error) => status.deleted.push(entry.path.clone()),
                Err(error) => return Err(GitError::io("read", path, error)),
                Ok(found) if self.is_as_committed(&entry, &path, &found)? => {}
                Ok(_) => status.modified.push(entry.path.clone()),
            }
            committed.insert(entry.path);
        }
        let mut untracked = self.untracked(&project, &committed)?;
        for path in self.indexed(subdirectory)? {
            if !committed.contains(&path) {
                untracked.insert(path);
            }
        }
        status.untracked = untracked.into_iter().collect();
        Ok(status)
    }

    /// The tracked files at or beneath `prefix` (from the repository's top directory): what the
    /// checked-out commit or the index holds there, sorted.
    ///
    /// # Errors
    /// [`GitError::Index`]; what reading says.
    pub fn tracked(&self, prefix: &RepoPath) -> Result<Vec<RepoPath>, GitError> {
        let mut paths: BTreeSet<RepoPath> = self.indexed(None)?.into_iter().collect();
        match self.head() {
            Ok(head) => paths.extend(self.files(&head.tree)?.into_iter().map(|entry| entry.path)),
            Err(GitError::Empty) => {}
            Err(error) => return Err(error),
        }
        Ok(paths.into_iter().filter(|path| path.is_within(prefix)).collect())
    }

    fn is_as_committed(
        &self,
        entry: &TreeEntry,
        path: &Path,
        found: &fs::Metadata,
    ) -> Result<bool, GitError> {
        let content = match entry.kind {
            EntryKind::Submodule => return Ok(found.is_dir()),
            EntryKind::Link if found.is_symlink() => fs::read_link(path)
                .map(|target| target.as_os_str().as_bytes().to_vec())
                .map_err(|error| GitError::io("read link", path, error))?,
            EntryKind::File { executable } if found.is_file() => {
                let is_executable = found.permissions().mode() & 0o100 != 0;
                if is_executable != executable {
                    return Ok(false);
                }
                // Most changes change the size: no need to read the file then.
                let id = gix::ObjectId::from_hex(entry.oid.as_str().as_bytes())
                    .map_err(|_| GitError::Sha256Unsupported)?;
                let size =
                    self.inner.try_find_header(id).ok().flatten().map(|header| header.size());
                if size.is_some_and(|size| size != found.len()) {
                    return Ok(false);
                }
                fs::read(path).map_err(|error| GitError::io("read", path, error))?
            }
            EntryKind::File { .. } | EntryKind::Link => return Ok(false),
        };
        let id = gix::objs::compute_hash(self.inner.object_hash(), gix::objs::Kind::Blob, &content)
            .map_err(|_| GitError::CorruptObject(entry.oid.clone()))?;
        Ok(crate::repository::oid_of(&id)? == entry.oid)
    }

    /// The paths in the index, relative to the project.
    pub(crate) fn indexed(
        &self,
        subdirectory: Option<&RepoPath>,
    ) -> Result<Vec<RepoPath>, GitError> {
        let index = self.inner.index_or_empty().map_err(|_| GitError::Index)?;
        let prefix = subdirectory.map_or_else(Vec::new, |p| [p.as_bytes(), b"/"].concat());
        index
            .entries()
            .iter()
            .filter_map(|entry| entry.path(&index).strip_prefix(&*prefix))
            .map(|path| RepoPath::new(path).map_err(|_| GitError::Index))
            .collect()
    }

    fn untracked(
        &self,
        project: &Path,
        committed: &BTreeSet<RepoPath>,
    ) -> Result<BTreeSet<RepoPath>, GitError> {
        let cache = project.join(Path::new(std::ffi::OsStr::from_bytes(CACHE_DIRECTORY)));
        let top = project.to_owned();
        let walk = ignore::WalkBuilder::new(project)
            .standard_filters(false)
            .git_ignore(true)
            .git_exclude(true)
            .parents(true)
            .require_git(false)
            .follow_links(false)
            .filter_entry(move |entry| {
                let parent_is_repository = entry
                    .path()
                    .parent()
                    .is_some_and(|parent| parent != top && parent.join(".git").exists());
                entry.file_name() != ".git" && entry.path() != cache && !parent_is_repository
            })
            .build();
        let mut untracked = BTreeSet::new();
        for entry in walk {
            let entry = entry.map_err(|error| {
                let error = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                GitError::io("list", project, error)
            })?;
            let path = entry.path();
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            if is_directory && (path == project || !path.join(".git").exists()) {
                continue;
            }
            let Ok(relative) = path.strip_prefix(project) else { continue };
            let Ok(relative) = RepoPath::new(relative.as_os_str().as_bytes()) else { continue };
            if !committed.contains(&relative) {
                untracked.insert(relative);
            }
        }
        Ok(untracked)
    }
}

/// Whether the error says that nothing is there: also where a parent became a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
