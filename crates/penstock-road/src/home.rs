//! `$PENSTOCK_HOME`: where a project's state lives, outside its tree.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use penstock_model::ProjectId;
use serde::{Deserialize, Serialize};

/// The state directory of one project.
///
/// ```text
/// project.json          which project this is, and the layout's version
/// keys/                 demo keys, where no others are configured
/// ledger/               checkpoint, tiles, inbox, lock
/// evidence/sha256/      bundles by digest, proofs beside them
/// reports/              full check reports by digest
/// index.sqlite          deletable
/// seen-checkpoint       the last checkpoint seen, outside the ledger it checks
/// artifacts/            what steps left behind, by digest
/// roots/                root file systems of steps, by digest
/// runs/<invocation>/    work space and logs of one run
/// environments/<name>/  default place of directory targets
/// first-use.lock        held by whoever makes the keys, the ledger and the first policy
/// deploy.lock           held by whoever deploys, until it is logged
/// ```
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
}

/// The marker that ties a state directory to its project.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    version: u32,
    project: ProjectId,
}

impl Home {
    /// The version of the layout above.
    const VERSION: u32 = 1;

    /// The default place: `$XDG_STATE_HOME/penstock/<hash>` or `~/.local/state/penstock/<hash>`
    /// (XDG Base Directory Specification 0.8; relative values are ignored as it demands).
    pub fn default_root(
        project: &ProjectId,
        xdg_state_home: Option<PathBuf>,
        home: Option<PathBuf>,
    ) -> Option<PathBuf> {
        let state = xdg_state_home
            .filter(|path| path.is_absolute())
            .or_else(|| Some(home.filter(|path| path.is_absolute())?.join(".local/state")))?;
        Some(state.join("penstock").join(project.hash()))
    }

    /// Opens the state directory at `root`, making it (mode 0700) if it is not there.
    ///
    /// # Errors
    /// It belongs to another project, was written by a newer version, others may write to it, or
    /// the system refuses.
    pub fn open(root: &Path, project: &ProjectId) -> Result<Self, HomeError> {
        let failed =
            |source: io::Error| HomeError::Io { path: root.to_owned(), reason: source.to_string() };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        if fs::metadata(&root).map_err(failed)?.permissions().mode() & 0o022 != 0 {
            return Err(HomeError::WritableByOthers(root));
        }
        let home = Self { root };
        let marker = home.root.join("project.json");
        match fs::read(&marker) {
            Ok(bytes) => home.matches(&bytes, project)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = serde_json::to_vec(&Marker {
                    version: Self::VERSION,
                    project: project.clone(),
                })
                .map_err(|e| failed(e.into()))?;
                // Written whole under another name first: a marker is there or it is not.
                let partial = home.root.join(format!("project.json.{}", std::process::id()));
                fs::write(&partial, text)
                    .and_then(|()| fs::rename(&partial, &marker))
                    .map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(home)
    }

    fn matches(&self, marker: &[u8], project: &ProjectId) -> Result<(), HomeError> {
        let marker: Marker =
            serde_json::from_slice(marker).map_err(|_| HomeError::BadMarker(self.root.clone()))?;
        if marker.version > Self::VERSION {
            return Err(HomeError::Newer { path: self.root.clone(), version: marker.version });
        }
        if marker.project != *project {
            return Err(HomeError::OtherProject {
                path: self.root.clone(),
                found: marker.project,
                expected: project.clone(),
            });
        }
        Ok(())
    }

    /// Waits until no other process does what this name stands for, and keeps others waiting until the
    /// returned file is dropped.
    ///
    /// # Errors
    /// The system refuses.
    pub fn turn(&self, what: &str) -> Result<File, HomeError> {
        let path = self.root.join(format!("{what}.lock"));
        let failed =
            |source: io::Error| HomeError::Io { path: path.clone(), reason: source.to_string() };
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| failed(error.into()))?;
        Ok(file)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a ledger was made here, or there is a sign that one was.
    pub fn has_ledger(&self) -> bool {
        self.root.join("ledger").join("checkpoint").exists()
            || self.root.join("seen-checkpoint").exists()
    }

    /// Where keys are when none are configured.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Where artifacts are kept, by digest.
    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    /// Where root file systems of steps are kept, by digest.
    pub fn roots(&self) -> PathBuf {
        self.root.join("roots")
    }

    /// The directory of one run.
    pub fn run(&self, invocation: &str) -> PathBuf {
        self.root.join("runs").join(invocation)
    }

    /// The default place of an environment's directory target.
    pub fn environment(&self, name: &str) -> PathBuf {
        self.root.join("environments").join(name)
    }
}

/// Why a state directory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// Its marker cannot be read.
    #[error(
        "`{0}/project.json` is damaged: restore it from a backup, or choose another PENSTOCK_HOME"
    )]
    BadMarker(PathBuf),
    /// The system refuses.
    #[error("cannot use the state directory `{path}`: {reason}")]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A newer version wrote it.
    #[error("`{path}` has layout version {version}, newer than this penstock: update penstock")]
    Newer {
        /// Where.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// It holds the state of another project.
    #[error(
        "`{path}` holds the state of `{found}`, not of `{expected}`: give each project its own PENSTOCK_HOME"
    )]
    OtherProject {
        /// Where.
        path: PathBuf,
        /// Whose it is.
        found: ProjectId,
        /// Who asked.
        expected: ProjectId,
    },
    /// Other users could replace what is in it.
    #[error("others may write to `{0}`: chmod go-w it")]
    WritableByOthers(PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(path: &str) -> ProjectId {
        format!("git+https://example.org/{path}").parse().unwrap()
    }

    #[test]
    fn a_home_belongs_to_one_project() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("state");
        Home::open(&root, &project("a")).unwrap();
        Home::open(&root, &project("a")).unwrap();
        let error = Home::open(&root, &project("b")).unwrap_err();
        assert!(matches!(error, HomeError::OtherProject { .. }), "{error}");
    }

    #[test]
    fn a_home_others_can_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("state");
        Home::open(&root, &project("a")).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Home::open(&root, &project("a")), Err(HomeError::WritableByOthers(_))));
    }

    #[test]
    fn damaged_and_newer_markers_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("state");
        Home::open(&root, &project("a")).unwrap();
        fs::write(root.join("project.json"), "{").unwrap();
        assert!(matches!(Home::open(&root, &project("a")), Err(HomeError::BadMarker(_))));
        fs::write(
            root.join("project.json"),
            r#"{"version":2,"project":"git+https://example.org/a"}"#,
        )
        .unwrap();
        assert!(matches!(
            Home::open(&root, &project("a")),
            Err(HomeError::Newer { version: 2, .. })
        ));
    }

    #[test]
    fn only_one_has_the_turn() {
        use rustix::fs::{FlockOperation, flock};
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path(), &project("a")).unwrap();
        let turn = home.turn("deploy").unwrap();
        let other = File::open(dir.path().join("deploy.lock")).unwrap();
        let attempt = || flock(&other, FlockOperation::NonBlockingLockExclusive);
        assert!(attempt().is_err());
        let _another_thing = home.turn("first-use").unwrap();
        drop(turn);
        assert!(attempt().is_ok());
    }

    #[test]
    fn relative_state_directories_are_ignored() {
        let home =
            Home::default_root(&project("a"), Some("state".into()), Some("/home/ana".into()))
                .unwrap();
        assert!(home.starts_with("/home/ana/.local/state/penstock"));
        assert_eq!(Home::default_root(&project("a"), None, None), None);
    }
}
