//! What a step leaves behind: opened beneath the workspace without following a link, copied and
//! hashed through one descriptor. The copy is what gets signed; the workspace is never read again.
//!
//! To be called after [`crate::run_step`] returned a success: no process of the step is left then,
//! so nothing changes while it is read.

#[cfg(target_os = "linux")]
mod collect;
mod stored;
mod tree;

pub use stored::{StoredFile, stored_path, sync, verify_directory};

use std::path::{Path, PathBuf};

use penstock_model::{RepoPath, Sha256};
use serde::{Deserialize, Serialize};

/// Bytes in all outputs of one step together.
pub const MAX_TOTAL_BYTES: u64 = 32 << 30;
/// Files and directories in all outputs of one step together.
pub const MAX_ENTRIES: u64 = 1_000_000;
/// Directories one within another.
pub const MAX_DEPTH: usize = 128;

/// One declared output, taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// As declared, relative to the workspace.
    pub path: RepoPath,
    /// What identifies it.
    pub digest: OutputDigest,
    /// Bytes of content: of the file, or of all files of the directory.
    pub size: u64,
    /// The copy, in the store; named by its digest, its files read-only.
    #[serde(with = "crate::bytes")]
    pub stored: PathBuf,
    /// Whether it is a file its owner may execute.
    pub executable: bool,
}

/// The digest of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "digest", rename_all = "kebab-case")]
pub enum OutputDigest {
    /// SHA-256 of a file's content.
    File(Sha256),
    /// A directory: the id of the Git tree object in Git's SHA-256 object format, over exactly the
    /// files and directories copied. Empty directories are entries of their own.
    /// <https://git-scm.com/docs/hash-function-transition#_object_names>
    Directory(Sha256),
}

impl OutputDigest {
    /// The digest itself, of whichever kind.
    pub fn sha256(&self) -> Sha256 {
        match self {
            Self::File(digest) | Self::Directory(digest) => *digest,
        }
    }
}

/// Why an output was not taken over. Nothing of that call is signed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The step did not make it.
    #[error("output `{path}` was not made by the step; correct `outputs` or the command")]
    Missing {
        /// The declared path.
        path: RepoPath,
    },
    /// A symbolic link, at the end of the path or on the way.
    #[error("output `{path}` is or passes through a symbolic link; copy the file itself there")]
    Link {
        /// The link, or the path that passes through it.
        path: RepoPath,
    },
    /// A FIFO, socket or device.
    #[error("output `{path}` is neither a regular file nor a directory")]
    Special {
        /// Where it lies.
        path: RepoPath,
    },
    /// Its size changed between opening and end of reading.
    #[error("output `{path}` changed while it was read; something outside the step writes to it")]
    Changed {
        /// Where it lies.
        path: RepoPath,
    },
    /// More than [`MAX_TOTAL_BYTES`].
    #[error("outputs exceed {limit} bytes at `{path}`; declare less")]
    TooLarge {
        /// Where the limit was reached.
        path: RepoPath,
        /// The limit, in bytes.
        limit: u64,
    },
    /// More than [`MAX_ENTRIES`].
    #[error("outputs exceed {limit} files and directories at `{path}`; declare less")]
    TooMany {
        /// Where the limit was reached.
        path: RepoPath,
        /// The limit, in entries.
        limit: u64,
    },
    /// More than [`MAX_DEPTH`].
    #[error("output `{path}` is more than {limit} directories deep")]
    TooDeep {
        /// Where the limit was reached.
        path: RepoPath,
        /// The limit, in directories.
        limit: usize,
    },
    /// The system refused to read it.
    #[error("output `{path}` cannot be read: {reason}")]
    Unreadable {
        /// Where it lies.
        path: RepoPath,
        /// The system's answer.
        reason: String,
    },
    /// The system refused to write the copy.
    #[error("the copy of an output cannot be written to `{}`: {reason}", store.display())]
    Store {
        /// The store.
        store: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// Not Linux.
    #[error("outputs of steps are collected on Linux only")]
    Unsupported,
}

/// Bounds of one collection; [`Default`] is the module's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectLimits {
    /// See [`MAX_TOTAL_BYTES`].
    pub total_bytes: u64,
    /// See [`MAX_ENTRIES`].
    pub entries: u64,
    /// See [`MAX_DEPTH`].
    pub depth: usize,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self { total_bytes: MAX_TOTAL_BYTES, entries: MAX_ENTRIES, depth: MAX_DEPTH }
    }
}

/// Copies the declared outputs from `workspace` into `store`, in the order declared.
///
/// `store` is made when missing. A copy is named by its digest (`file-<hex>`, `file-<hex>.x` when
/// executable, `tree-<hex>`), so that equal outputs share one. Hard links within the workspace are
/// files like any other; none can lead out of it, since the step sees it as a mount of its own.
/// The copies are not flushed to disk here: who seals the run does that.
///
/// # Errors
/// See [`OutputError`]; what was already copied stays in the store and is harmless.
pub fn collect(
    workspace: &Path,
    declared: &[RepoPath],
    store: &Path,
) -> Result<Vec<Output>, OutputError> {
    collect_within(workspace, declared, store, CollectLimits::default())
}

/// [`collect()`] with other bounds.
///
/// # Errors
/// As [`collect()`].
pub fn collect_within(
    workspace: &Path,
    declared: &[RepoPath],
    store: &Path,
    limits: CollectLimits,
) -> Result<Vec<Output>, OutputError> {
    #[cfg(target_os = "linux")]
    {
        collect::Collector::new(workspace, store, limits)?.all(declared)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (workspace, declared, store, limits);
        Err(OutputError::Unsupported)
    }
}
