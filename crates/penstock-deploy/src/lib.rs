//! Targets: where a release goes and how it comes back.
//!
//! A target knows nothing of gates: it is called with a decision already taken. What it promises is
//! that the bytes it puts in place are the ones the release names, that users see the old release or
//! the new one and never a mixture, and that going back is only to bytes verified again.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod contents;
mod directory;
mod error;
mod release;
mod target;

pub use directory::DirectoryTarget;
pub use error::DeployError;
pub use release::{Release, ReleaseError, ReleaseFile};
pub use target::{Deployment, Drift, Target};
