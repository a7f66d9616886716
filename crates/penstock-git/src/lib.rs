//! Commits, trees and blobs of a Git repository, read in process.
//!
//! `gix` is wrapped here and nowhere else, and `git` is never run. Only the repository's own
//! configuration is read: no environment variable, no user or system configuration. Every object is
//! hashed again when it is read and refused where it is not what its id says; replacement objects
//! (`refs/replace`) are ignored. What a commit id names is therefore what is used.
//!
//! Not handled, said aloud: clean and smudge filters, `core.autocrlf` and `working-tree-encoding`
//! (a materialised tree holds the raw blobs; [`Repository::status`] may call a converted file
//! modified), sparse checkouts, repositories with SHA-256 object
//! ids.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod commit;
mod error;
mod handles;
mod history;
mod link;
mod materialise;
mod past;
mod repository;
mod ssh;
mod staged;
mod status;
mod tree;
mod walk;
mod work_tree;

pub use commit::{CoAuthor, Commit, CommitSignature, Identity, RawSignature, SignatureKind};
pub use error::{GitError, ObjectKind};
pub use handles::Handles;
pub use materialise::Materialised;
pub use past::{Backwards, Gap, Past, PastBlob};
pub use repository::Repository;
pub use ssh::{SshKey, SshSignatureError};
pub use staged::{Staged, StagedFile};
pub use status::Status;
pub use tree::{EntryKind, TreeEntry};

#[cfg(test)]
extern crate self as penstock_git;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
