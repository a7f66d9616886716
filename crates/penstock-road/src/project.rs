//! The project: a directory with a `penstock.toml`, in a repository, at a commit.

use std::path::{Path, PathBuf};

use penstock_git::{Commit, GitError, Repository};
use penstock_model::{GitOid, ProjectId, RepoPath};

/// The name of the configuration file, which makes a directory a project (DECISIONS 8).
pub const CONFIGURATION: &str = "penstock.toml";

/// A project whose commit is checked out.
pub struct Project {
    /// The repository it lies in.
    pub repository: Repository,
    /// The directory that holds `penstock.toml`, absolute, without links.
    pub directory: PathBuf,
    /// The same, from the repository's top; `None` for the top itself.
    pub subdirectory: Option<RepoPath>,
    /// Its identity.
    pub id: ProjectId,
    /// The commit that is checked out.
    pub head: Commit,
    /// The tree of that commit at the project's directory.
    pub tree: GitOid,
}

impl Project {
    /// Opens the project in `directory`.
    ///
    /// # Errors
    /// No `penstock.toml`, no repository, no commit, a clone too shallow to tell the identity.
    pub fn open(directory: &Path) -> Result<Self, ProjectError> {
        let directory = directory.canonicalize().map_err(|error| ProjectError::Directory {
            path: directory.to_owned(),
            reason: error.to_string(),
        })?;
        let repository = Repository::discover(&directory)?;
        let subdirectory = repository.subdirectory(&directory)?;
        let head = repository.head()?;
        if !directory.join(CONFIGURATION).is_file() {
            return Err(ProjectError::NoConfiguration(directory));
        }
        let tree = match repository.tree_at(&head.id, subdirectory.as_ref()) {
            Err(GitError::PathNotFound { .. }) => {
                return Err(ProjectError::NotCommitted(directory));
            }
            other => other?,
        };
        let id = identity(&repository, subdirectory.as_ref())?;
        Ok(Self { repository, directory, subdirectory, id, head, tree })
    }

    /// Where its source is: the repository's identity, at the commit.
    pub fn source(&self) -> String {
        format!("{}@{}", self.id.repository(), self.head.id)
    }

    /// The text of `penstock.toml` as committed, which is the one that counts: the work tree's may
    /// say something else.
    ///
    /// # Errors
    /// It is not committed, is no file, or is not UTF-8.
    pub fn configuration(&self, commit: &GitOid) -> Result<String, ProjectError> {
        let not_committed = || ProjectError::NotCommitted(self.directory.clone());
        let tree = match self.repository.tree_at(commit, self.subdirectory.as_ref()) {
            Err(GitError::PathNotFound { .. }) => return Err(not_committed()),
            other => other?,
        };
        let entry = self
            .repository
            .files(&tree)?
            .into_iter()
            .find(|entry| entry.path.as_bytes() == CONFIGURATION.as_bytes())
            .ok_or_else(not_committed)?;
        if !matches!(entry.kind, penstock_git::EntryKind::File { .. }) {
            return Err(ProjectError::ConfigurationIsNoFile);
        }
        String::from_utf8(self.repository.blob(&entry.oid)?)
            .map_err(|_| ProjectError::ConfigurationIsNotUtf8)
    }
}

/// Refuses a project that has a file under `.penstock/` in its commit or index: whoever can commit
/// could then answer for a check. To be asked before anything is checked or run.
///
/// # Errors
/// [`ProjectError::TrackedCache`]; a repository that cannot be read.
pub fn refuse_tracked_cache(
    repository: &Repository,
    subdirectory: Option<&RepoPath>,
) -> Result<(), ProjectError> {
    let Ok(cache) = RepoPath::new(*b".penstock") else { return Ok(()) };
    let cache = subdirectory.map_or_else(|| cache.clone(), |directory| directory.join(&cache));
    match repository.tracked(&cache)?.into_iter().next() {
        Some(path) => Err(ProjectError::TrackedCache(path)),
        None => Ok(()),
    }
}

/// The project's identity: the address of `origin`, or the first commit of a repository without one.
///
/// # Errors
/// A clone too shallow to hold the first commit; a repository without any.
pub fn identity(
    repository: &Repository,
    subdirectory: Option<&RepoPath>,
) -> Result<ProjectId, GitError> {
    let remote = repository.remote_url("origin");
    match remote.and_then(|url| ProjectId::from_remote(&url, subdirectory)) {
        Some(id) => Ok(id),
        None => Ok(ProjectId::from_root_commit(&repository.root_commit()?, subdirectory)),
    }
}

/// Why a directory is not a project that can be run.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// `penstock.toml` is a link or a submodule in the commit.
    #[error("`penstock.toml` is committed as a link: commit the file itself")]
    ConfigurationIsNoFile,
    /// `penstock.toml` has bytes that are not UTF-8.
    #[error("`penstock.toml` is not UTF-8")]
    ConfigurationIsNotUtf8,
    /// The directory cannot be entered.
    #[error("cannot enter `{path}`: {reason}")]
    Directory {
        /// Which.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// What the repository says.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no `penstock.toml`.
    #[error(
        "`{0}` holds no penstock.toml: a project is the directory that holds one (copy examples/hello-service/penstock.toml, or name another directory with -C)"
    )]
    NoConfiguration(PathBuf),
    /// It is there, but not in the commit.
    #[error(
        "`{0}/penstock.toml` is not committed: what is built is the commit (git add it and commit, or run --worktree)"
    )]
    NotCommitted(PathBuf),
    /// Somebody committed the cache, which could then answer for the check.
    #[error(
        "`{0}` is tracked by git, but `.penstock/` is a cache: git rm -r --cached it and ignore it"
    )]
    TrackedCache(RepoPath),
}
