use std::{fmt, io, path::PathBuf};

use penstock_model::{GitOid, RepoPath};

/// Why a repository, or something in it, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// The repository has no work tree.
    #[error("`{}` is a bare repository: use a clone that has its files checked out", .0.display())]
    Bare(PathBuf),
    /// The bytes stored under an id are not what the id says, or cannot be unpacked.
    #[error("object `{0}` is corrupt: run `git fsck`, then fetch it again or clone anew")]
    CorruptObject(GitOid),
    /// Two entries of one tree would be the same file here.
    #[error(
        "`{0}` is in the tree twice, or this file system cannot tell it from another: rename it"
    )]
    DuplicateEntry(RepoPath),
    /// No commit yet.
    #[error("the repository has no commit yet: commit something first")]
    Empty,
    /// The index (staging area) cannot be read.
    #[error("the index cannot be read: run `git status`; `rm .git/index && git reset` rebuilds it")]
    Index,
    /// A file operation failed.
    #[error("cannot {action} `{}`: {kind}", .path.display())]
    Io {
        /// What was tried: a verb phrase.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// A Git LFS pointer stands where the content should be.
    #[error(
        "`{0}` is a Git LFS pointer, not the content: what is built is the commit; commit the file itself, or leave it out with `inputs`"
    )]
    LfsPointer(RepoPath),
    /// A link points out of the tree.
    #[error(
        "link `{path}` points outside the tree, to `{target}`: make it relative and inside, or leave it out with `inputs`"
    )]
    LinkLeavesTree {
        /// The link.
        path: RepoPath,
        /// Its target; bytes that are no printable UTF-8 are replaced.
        target: String,
    },
    /// A commit object without a required field.
    #[error("commit `{commit}` has no readable `{field}`: run `git fsck`")]
    MalformedCommit {
        /// The commit.
        commit: GitOid,
        /// The header.
        field: &'static str,
    },
    /// A tree object that is not one.
    #[error("tree `{0}` is malformed: run `git fsck`")]
    MalformedTree(GitOid),
    /// An object that is not there.
    #[error(
        "object `{0}` is missing: fetch it (`git fetch --refetch` in a partial clone), or clone anew"
    )]
    MissingObject(GitOid),
    /// The place to write a tree to already holds something.
    #[error("`{}` is not an empty directory", .0.display())]
    NotEmpty(PathBuf),
    /// No repository here or above.
    #[error(
        "`{}` is not in a Git repository: run `git init` and commit, or name the project with `-C DIR`", .0.display()
    )]
    NotARepository(PathBuf),
    /// The repository is there but cannot be opened.
    #[error("the repository at `{}` cannot be opened: {reason}", .path.display())]
    Open {
        /// The repository.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A directory that is not in the work tree.
    #[error("`{}` is not inside the work tree `{}`", .path.display(), .root.display())]
    OutsideWorkTree {
        /// The directory.
        path: PathBuf,
        /// The work tree.
        root: PathBuf,
    },
    /// A path the commit does not have, or has as something else.
    #[error("commit `{commit}` has no directory `{path}`: commit it first")]
    PathNotFound {
        /// The commit.
        commit: GitOid,
        /// The path.
        path: RepoPath,
    },
    /// Object ids of the kind this build does not read.
    #[error(
        "the repository uses SHA-256 object ids, which are not supported yet: use a SHA-1 repository"
    )]
    Sha256Unsupported,
    /// History ends here because the clone is shallow.
    #[error(
        "the history before commit `{0}` is not in this shallow clone: run `git fetch --unshallow`"
    )]
    Shallow(GitOid),
    /// Another repository stands in the tree.
    #[error(
        "`{0}` is a submodule, whose content is not part of the commit: add its files, or leave it out with `inputs`"
    )]
    Submodule(RepoPath),
    /// More than a reader here takes in.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What is too large; names the object or tree.
        what: String,
        /// The most that is allowed, in the unit `what` names.
        limit: u64,
    },
    /// Conflicts that are not resolved: there is nothing that could be committed.
    #[error("`{0}` has an unresolved conflict: resolve it, then `git add` it")]
    Unmerged(RepoPath),
    /// A name no file may have in a tree.
    #[error("tree `{tree}` has an entry named `{name}`, which could be used to write elsewhere")]
    UnsafeName {
        /// The tree object.
        tree: GitOid,
        /// The name; bytes that are no printable UTF-8 are replaced.
        name: String,
    },
    /// A revision that names nothing.
    #[error("`{0}` names no commit in this repository")]
    UnknownRevision(String),
    /// An object of another kind than what its place needs.
    #[error("object `{oid}` is not a {expected}")]
    WrongKind {
        /// The object.
        oid: GitOid,
        /// What it should be.
        expected: ObjectKind,
    },
}

impl GitError {
    /// Wraps a failed file operation.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        error: impl Into<io::Error>,
    ) -> Self {
        Self::Io { action, path: path.into(), kind: error.into().kind() }
    }
}

/// The kinds of objects that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// File content or link target.
    Blob,
    /// A commit.
    Commit,
    /// A directory.
    Tree,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tree => "tree",
        })
    }
}

/// Bytes as one printable line: what is not UTF-8 and every control character become U+FFFD.
pub(crate) fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .take(200)
        .collect()
}
