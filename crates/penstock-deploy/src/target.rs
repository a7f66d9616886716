use std::path::PathBuf;

use penstock_model::{RepoPath, Sha256};

use crate::{DeployError, Release};

/// A place releases are deployed to.
pub trait Target {
    /// Puts a release in place and makes it the current one. `source` says where each of its files
    /// can be read; every byte is hashed as it is copied.
    ///
    /// # Errors
    /// Whatever the error, the release that was current before is current still, unless it is
    /// [`DeployError::NotDurable`].
    fn deploy(
        &self,
        release: &Release,
        source: &dyn Fn(&RepoPath) -> PathBuf,
    ) -> Result<Deployment, DeployError>;

    /// The release that is current; `None` before the first.
    ///
    /// # Errors
    /// A target that cannot be read, or was changed by something else.
    fn current(&self) -> Result<Option<Sha256>, DeployError>;

    /// The releases that are in place and can be gone back to, the most recently current first.
    ///
    /// # Errors
    /// As [`Target::current`].
    fn releases(&self) -> Result<Vec<Sha256>, DeployError>;

    /// Makes a release current that is already in place, after verifying every byte of it.
    ///
    /// # Errors
    /// [`DeployError::Tampered`] and nothing is switched; as [`Target::deploy`].
    fn rollback(&self, to: &Release) -> Result<Deployment, DeployError>;

    /// How what is in place differs from the release that should be current.
    ///
    /// # Errors
    /// As [`Target::current`].
    fn drift(&self, expected: &Release) -> Result<Vec<Drift>, DeployError>;
}

/// A switch that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// What is current now.
    pub release: Sha256,
    /// What was current before.
    pub previous: Option<Sha256>,
    /// Whether the release was already in place, so that its bytes were verified and not copied.
    pub was_in_place: bool,
    /// Older releases that were removed.
    pub removed: Vec<Sha256>,
    /// Older releases that should have been removed and could not be; the next deployment tries
    /// again.
    pub not_removed: Vec<Sha256>,
}

/// One way in which what is in place is not the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drift {
    /// Another release is current, or none.
    NotCurrent(Option<Sha256>),
    /// A file has other bytes, or is no regular file.
    Changed(RepoPath),
    /// Something is there that the release does not name.
    Extra(RepoPath),
    /// A file is not there.
    Missing(RepoPath),
    /// A file's permissions differ: the executable bit, or a set-user-id, set-group-id or sticky bit.
    Permissions(RepoPath),
}
