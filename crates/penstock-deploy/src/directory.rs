use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use penstock_model::{RepoPath, Sha256};
use rustix::{fs::FlockOperation, io::Errno};

use crate::{DeployError, Deployment, Drift, Release, Target, contents};

/// The fewest releases kept: the current one and the one before it.
const MIN_KEEP: usize = 2;

/// A directory as a target.
///
/// ```text
/// root/current -> releases/<id>      switched by renaming a new link over it
/// root/releases/<id>/…               complete, or not there: written elsewhere and renamed
/// root/history                       ids, one a line, the most recently current last
/// root/lock                          held by the one deployer
/// ```
///
/// A deployer that is killed leaves the old or the new release current; what it left half-written
/// has another name (`releases/.incoming`, `releases/.outgoing`, `.current`, `.history`) and the
/// next one removes it.
#[derive(Clone, Debug)]
pub struct DirectoryTarget {
    root: PathBuf,
    keep: usize,
}

/// How far a deployment has come; tests end one at each stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Locked,
    FilesWritten,
    ReleaseInPlace,
    HistoryWritten,
    LinkMade,
    Switched,
    Pruning,
}

type Observer<'a> = &'a mut dyn FnMut(Stage) -> Result<(), DeployError>;

impl DirectoryTarget {
    /// The target in `root`, made on the first deployment, that keeps the last `keep` releases; the
    /// current one and the one before are kept in any case.
    pub fn new(root: impl Into<PathBuf>, keep: usize) -> Self {
        Self { root: root.into(), keep: keep.max(MIN_KEEP) }
    }

    /// The directory of the target.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the files of a release lie.
    pub fn release_dir(&self, id: &Sha256) -> PathBuf {
        self.releases_dir().join(id.to_string())
    }

    pub(crate) fn deploy_observed(
        &self,
        release: &Release,
        source: &dyn Fn(&RepoPath) -> PathBuf,
        at: Observer<'_>,
    ) -> Result<Deployment, DeployError> {
        let _lock = self.lock()?;
        self.sweep()?;
        at(Stage::Locked)?;
        self.current()?;
        let directory = self.release_dir(&release.id());
        let was_in_place = exists(&directory)?;
        if was_in_place {
            self.verify(release)?;
        } else {
            let incoming = self.releases_dir().join(".incoming");
            fs::create_dir(&incoming)
                .map_err(|error| DeployError::io("create directory", &incoming, error))?;
            if let Err(error) = contents::write(release, &incoming, source) {
                // Best effort: what remains is swept away by the next deployment.
                let _ = fs::remove_dir_all(&incoming);
                return Err(error);
            }
            at(Stage::FilesWritten)?;
            fs::rename(&incoming, &directory)
                .map_err(|error| DeployError::io("rename to", &directory, error))?;
            contents::sync_directory(&self.releases_dir())?;
            at(Stage::ReleaseInPlace)?;
        }
        self.switch(release.id(), was_in_place, Some(self.keep), at)
    }

    fn rollback_observed(&self, to: &Release, at: Observer<'_>) -> Result<Deployment, DeployError> {
        let _lock = self.lock()?;
        self.sweep()?;
        at(Stage::Locked)?;
        if !exists(&self.release_dir(&to.id()))? {
            return Err(DeployError::NotInPlace(to.id()));
        }
        self.verify(to)?;
        // Who goes back may want to go elsewhere next: nothing is removed now.
        self.switch(to.id(), true, None, at)
    }

    /// Makes a complete release current and removes what is too old.
    fn switch(
        &self,
        release: Sha256,
        was_in_place: bool,
        keep: Option<usize>,
        at: Observer<'_>,
    ) -> Result<Deployment, DeployError> {
        let previous = self.current()?;
        let mut history = self.history()?;
        history.retain(|id| *id != release);
        history.push(release);
        self.write_history(&history)?;
        // From the switch on, nothing may fail but the confirmation that it is on the disk.
        let superfluous = match keep {
            Some(keep) => self.superfluous(&history, keep, release, previous)?,
            None => Vec::new(),
        };
        at(Stage::HistoryWritten)?;
        let (link, current) = (self.root.join(".current"), self.root.join("current"));
        std::os::unix::fs::symlink(format!("releases/{release}"), &link)
            .map_err(|error| DeployError::io("create link", &link, error))?;
        at(Stage::LinkMade)?;
        fs::rename(&link, &current).map_err(|error| DeployError::io("switch", &current, error))?;
        contents::sync_directory(&self.root).map_err(|error| match error {
            DeployError::Io { kind, path, .. } => DeployError::NotDurable { release, path, kind },
            error => error,
        })?;
        at(Stage::Switched)?;
        let (mut removed, mut not_removed) = (Vec::new(), Vec::new());
        for id in superfluous {
            at(Stage::Pruning)?;
            match self.remove(&id) {
                Ok(()) => removed.push(id),
                // The release is deployed; a leftover must not make that look like a failure.
                Err(_) => not_removed.push(id),
            }
        }
        Ok(Deployment { release, previous, was_in_place, removed, not_removed })
    }

    /// What is in place beyond the last `keep`; never the current release nor the one before it.
    fn superfluous(
        &self,
        history: &[Sha256],
        keep: usize,
        current: Sha256,
        previous: Option<Sha256>,
    ) -> Result<Vec<Sha256>, DeployError> {
        let kept: BTreeSet<&Sha256> = history.iter().rev().take(keep).collect();
        let mut superfluous = self.in_place()?;
        superfluous.retain(|id| !kept.contains(id) && *id != current && Some(*id) != previous);
        Ok(superfluous.into_iter().collect())
    }

    fn remove(&self, id: &Sha256) -> Result<(), DeployError> {
        // Under its own name a release is always complete.
        let (from, to) = (self.release_dir(id), self.releases_dir().join(".outgoing"));
        fs::rename(&from, &to).map_err(|error| DeployError::io("rename", &from, error))?;
        fs::remove_dir_all(&to).map_err(|error| DeployError::io("remove", &to, error))
    }

    fn verify(&self, release: &Release) -> Result<(), DeployError> {
        let directory = self.release_dir(&release.id());
        match contents::differences(release, &directory)?.into_iter().next() {
            None => Ok(()),
            Some(drift) => Err(DeployError::Tampered { release: release.id(), directory, drift }),
        }
    }

    /// Makes the target's directories and becomes its only deployer until the file is dropped.
    fn lock(&self) -> Result<File, DeployError> {
        let releases = self.releases_dir();
        let made: Vec<&Path> = releases
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .collect();
        fs::create_dir_all(&releases)
            .map_err(|error| DeployError::io("create directory", &releases, error))?;
        // A new directory is on the disk when the one it lies in is.
        for parent in made.into_iter().filter_map(Path::parent) {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            contents::sync_directory(parent)?;
        }
        let path = self.root.join("lock");
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| DeployError::io("open", &path, error))?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(lock),
            Err(Errno::WOULDBLOCK) => Err(DeployError::Busy(self.root.clone())),
            Err(error) => Err(DeployError::io("lock", path, error)),
        }
    }

    /// Removes what a killed deployer left. Only under the lock.
    fn sweep(&self) -> Result<(), DeployError> {
        for name in ["releases/.incoming", "releases/.outgoing"] {
            let path = self.root.join(name);
            absent_is_fine(fs::remove_dir_all(&path))
                .map_err(|error| DeployError::io("remove", path, error))?;
        }
        for name in [".current", ".history"] {
            let path = self.root.join(name);
            absent_is_fine(fs::remove_file(&path))
                .map_err(|error| DeployError::io("remove", path, error))?;
        }
        Ok(())
    }

    /// The order in which releases were made current. It decides only what is removed, so a line
    /// that is no digest is passed over.
    fn history(&self) -> Result<Vec<Sha256>, DeployError> {
        let path = self.root.join("history");
        match fs::read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(DeployError::io("read", path, error)),
        }
    }

    fn write_history(&self, history: &[Sha256]) -> Result<(), DeployError> {
        let in_place = self.in_place()?;
        let (new, path) = (self.root.join(".history"), self.root.join("history"));
        let text: String =
            history.iter().filter(|id| in_place.contains(id)).map(|id| format!("{id}\n")).collect();
        File::create_new(&new)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| DeployError::io("write", path, error))
    }

    /// Every complete release.
    fn in_place(&self) -> Result<BTreeSet<Sha256>, DeployError> {
        let path = self.releases_dir();
        let failed = |error| DeployError::io("list directory", &path, error);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries.map_err(failed)?,
        };
        let mut ids = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            ids.extend(name.to_str().and_then(release_id));
        }
        Ok(ids)
    }

    fn releases_dir(&self) -> PathBuf {
        self.root.join("releases")
    }
}

impl Target for DirectoryTarget {
    fn deploy(
        &self,
        release: &Release,
        source: &dyn Fn(&RepoPath) -> PathBuf,
    ) -> Result<Deployment, DeployError> {
        self.deploy_observed(release, source, &mut |_| Ok(()))
    }

    fn current(&self) -> Result<Option<Sha256>, DeployError> {
        let path = self.root.join("current");
        let target = match fs::read_link(&path) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // EINVAL: there is something, and it is no link.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(DeployError::ForeignCurrent(path));
            }
            Err(error) => return Err(DeployError::io("read link", path, error)),
        };
        let id = target.to_str().and_then(|target| target.strip_prefix("releases/"));
        match id.and_then(release_id) {
            Some(id) => Ok(Some(id)),
            None => Err(DeployError::ForeignCurrent(path)),
        }
    }

    fn releases(&self) -> Result<Vec<Sha256>, DeployError> {
        let mut rest = self.in_place()?;
        let mut history = self.history()?;
        history.retain(|id| rest.remove(id));
        history.reverse();
        history.extend(rest);
        Ok(history)
    }

    fn rollback(&self, to: &Release) -> Result<Deployment, DeployError> {
        self.rollback_observed(to, &mut |_| Ok(()))
    }

    fn drift(&self, expected: &Release) -> Result<Vec<Drift>, DeployError> {
        let current = self.current()?;
        let directory = self.release_dir(&expected.id());
        let mut drift = Vec::new();
        if current != Some(expected.id()) {
            drift.push(Drift::NotCurrent(current));
        }
        if exists(&directory)? {
            drift.extend(contents::differences(expected, &directory)?);
        } else {
            drift.extend(expected.files().iter().map(|file| Drift::Missing(file.path.clone())));
        }
        Ok(drift)
    }
}

fn exists(path: &Path) -> Result<bool, DeployError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(DeployError::io("read", path, error)),
    }
}

/// A directory's name as a release id: exactly as we write it.
fn release_id(name: &str) -> Option<Sha256> {
    name.parse().ok().filter(|id: &Sha256| id.to_string() == name)
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests;
