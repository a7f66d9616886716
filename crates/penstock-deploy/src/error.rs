use std::{io, path::PathBuf};

use penstock_model::{RepoPath, Sha256};

use crate::Drift;

/// Why a deployment did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// Another deployment is under way.
    #[error("another deployment to `{}` is under way: wait for it", .0.display())]
    Busy(PathBuf),
    /// Something that is not ours stands where the link to the current release belongs.
    #[error(
        "`{}` is not a link to a release: something else changed it; move it away and deploy again", .0.display()
    )]
    ForeignCurrent(PathBuf),
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
    /// The switch was made, but that it survives a power failure was not confirmed.
    #[error(
        "release `{release}` is current, but writing that to the disk of `{}` failed: {kind}; check the disk and deploy again", .path.display()
    )]
    NotDurable {
        /// What is current now.
        release: Sha256,
        /// The target.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The release to go back to is not there.
    #[error("release `{0}` is not in place any more: deploy it again from its evidence")]
    NotInPlace(Sha256),
    /// A file to deploy is not what the release says.
    #[error(
        "`{path}` has digest {found}, the release says {expected}: nothing was switched; run the pipeline again"
    )]
    SourceChanged {
        /// The file.
        path: RepoPath,
        /// What the release says.
        expected: Sha256,
        /// What was read.
        found: Sha256,
    },
    /// A release in place is not what it was.
    #[error("{}", tampered(.release, .directory, .drift))]
    Tampered {
        /// The release.
        release: Sha256,
        /// Where it lies.
        directory: PathBuf,
        /// The first difference.
        drift: Drift,
    },
}

impl DeployError {
    /// Wraps a failed file operation.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        error: impl Into<io::Error>,
    ) -> Self {
        Self::Io { action, path: path.into(), kind: error.into().kind() }
    }
}

fn tampered(release: &Sha256, directory: &std::path::Path, drift: &Drift) -> String {
    let difference = match drift {
        Drift::NotCurrent(_) => "it is not current".to_owned(),
        Drift::Changed(path) => format!("`{path}` was changed"),
        Drift::Extra(path) => format!("`{path}` was added"),
        Drift::Missing(path) => format!("`{path}` is gone"),
        Drift::Permissions(path) => format!("the permissions of `{path}` were changed"),
    };
    format!(
        "release `{release}` in place is not what was deployed: {difference}; nothing was switched; remove `{}` and deploy it again",
        directory.display()
    )
}
