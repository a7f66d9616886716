//! Lock-file readers, package URLs and the CycloneDX document. Pure: text in, values out.
//!
//! Read are `Cargo.lock`, `package-lock.json` and `npm-shrinkwrap.json` (versions 2 and 3),
//! `go.mod` with `go.sum`, `uv.lock` and `poetry.lock`. A lock file says which packages a build may
//! use, not which it did use, and nothing of their licences.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

pub mod cyclonedx;
mod inventory;
mod lock;
mod package;
mod purl;

pub use inventory::Inventory;
pub use lock::{LockError, LockFile, MAX_LOCK_BYTES, MAX_PACKAGES, Unresolved, is_lock_file, read};
pub use package::{Checksum, ChecksumError, HashAlgorithm, Package, Source};
pub use purl::{Purl, PurlError};
