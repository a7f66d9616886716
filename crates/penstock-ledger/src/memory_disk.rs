//! A disk in memory that records what is done to it, fails when told to, and knows what is durable:
//! what a file held at its last sync, and which names a directory had at its last sync.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use crate::{
    IoFailure,
    disk::{Disk, DiskResult, Lock, NewFile},
};

/// One change, in the order of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    CreateDir(PathBuf),
    Write(PathBuf),
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    SyncDir(PathBuf),
}

/// What goes wrong at a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    /// It and everything after it does not happen.
    Crash,
    /// It, and every write after it, finds the disk full half way.
    Full,
    /// It alone fails; a failed sync makes nothing durable, and neither does repeating it.
    Broken,
}

/// What a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Only the process died: everything.
    Everything,
    /// Only what was synced.
    Synced,
    /// All names, but half of the content that was not synced.
    Torn,
}

#[derive(Clone, Default)]
pub(crate) struct State {
    contents: Vec<Content>,
    names: BTreeMap<PathBuf, Name>,
    durable_names: BTreeMap<PathBuf, Name>,
    pub(crate) changes: Vec<Change>,
    fails: Option<(usize, Failing)>,
    busy: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Directory,
    File(usize),
}

#[derive(Clone, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    lost: bool,
}

#[derive(Default)]
pub(crate) struct MemoryDisk(Mutex<State>);

impl MemoryDisk {
    /// A disk whose directory `/` is there.
    pub(crate) fn new() -> Self {
        let disk = Self::default();
        disk.state().names.insert("/".into(), Name::Directory);
        disk.state().durable_names.insert("/".into(), Name::Directory);
        disk
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The same disk, with no changes recorded yet, that fails at change number `at`.
    pub(crate) fn failing(&self, at: usize, failing: Failing) -> Self {
        let mut state = self.state().clone();
        state.changes.clear();
        state.fails = Some((at, failing));
        Self(Mutex::new(state))
    }

    /// As if another writer held the lock at every first try.
    pub(crate) fn busy(self, busy: bool) -> Self {
        self.state().busy = busy;
        self
    }

    /// Whether the failure happened.
    pub(crate) fn has_failed(&self) -> bool {
        let state = self.state();
        state.fails.is_some_and(|(at, _)| state.changes.len() > at)
    }

    /// No failures from here on.
    pub(crate) fn repaired(&self) -> Self {
        let mut state = self.state().clone();
        state.fails = None;
        Self(Mutex::new(state))
    }

    /// What is there when the machine comes back.
    pub(crate) fn after_crash(&self, leaves: Leaves) -> Self {
        let mut state = self.state().clone();
        state.fails = None;
        for content in &mut state.contents {
            if leaves != Leaves::Everything && content.now != content.durable {
                content.now = match leaves {
                    Leaves::Torn => content.now[..content.now.len() / 2].to_vec(),
                    _ => content.durable.clone(),
                };
            }
            content.durable = content.now.clone();
        }
        if leaves == Leaves::Synced {
            // A name is there when those of all directories above it are.
            let durable = state.durable_names.clone();
            state.names = durable
                .iter()
                .filter(|(path, _)| path.ancestors().all(|above| durable.contains_key(above)))
                .map(|(path, name)| (path.clone(), *name))
                .collect();
        }
        state.durable_names = state.names.clone();
        Self(Mutex::new(state))
    }
}

impl State {
    /// Records a change, unless it fails.
    fn change(&mut self, change: Change) -> Result<(), io::Error> {
        let number = self.changes.len();
        let is_write = matches!(change, Change::Write(_) | Change::CreateDir(_));
        self.changes.push(change);
        match self.fails {
            Some((at, Failing::Crash)) if number >= at => Err(io::ErrorKind::Other.into()),
            Some((at, Failing::Full)) if number >= at && is_write => {
                Err(io::ErrorKind::StorageFull.into())
            }
            Some((at, Failing::Broken)) if number == at => Err(io::ErrorKind::Other.into()),
            _ => Ok(()),
        }
    }

    fn write(&mut self, file: &NewFile<'_>) -> DiskResult<()> {
        let failed = |error| IoFailure::new("write", &file.path, &error);
        let above = file.path.parent().unwrap();
        if self.names.get(above) != Some(&Name::Directory) {
            return Err(failed(io::ErrorKind::NotFound.into()));
        }
        let result = self.change(Change::Write(file.path.clone()));
        let number = match self.names.get(&file.path) {
            Some(Name::File(number)) => *number,
            _ => {
                self.contents.push(Content::default());
                self.contents.len() - 1
            }
        };
        let content = &mut self.contents[number];
        let written = if result.is_ok() { file.bytes.len() } else { file.bytes.len() / 2 };
        content.now = file.bytes[..written].to_vec();
        content.lost = false;
        self.names.insert(file.path.clone(), Name::File(number));
        result.map_err(failed)
    }

    fn sync(&mut self, path: &Path) -> DiskResult<()> {
        let result = self.change(Change::Sync(path.to_owned()));
        let Some(Name::File(number)) = self.names.get(path) else { panic!("{path:?} is no file") };
        let content = &mut self.contents[*number];
        match &result {
            Ok(()) if !content.lost => content.durable = content.now.clone(),
            Ok(()) => {}
            Err(_) => content.lost = true,
        }
        result.map_err(|error| IoFailure::new("sync", path, &error))
    }
}

struct NoLock;

impl Lock for NoLock {}

impl Disk for MemoryDisk {
    fn read(&self, path: &Path) -> DiskResult<Vec<u8>> {
        let state = self.state();
        match state.names.get(path) {
            Some(Name::File(number)) => Ok(state.contents[*number].now.clone()),
            _ => Err(IoFailure::new("read", path, &io::ErrorKind::NotFound.into())),
        }
    }

    fn exists(&self, path: &Path) -> DiskResult<bool> {
        Ok(self.state().names.contains_key(path))
    }

    fn list(&self, directory: &Path) -> DiskResult<Vec<String>> {
        let state = self.state();
        let inside = state.names.keys().filter(|path| path.parent() == Some(directory));
        Ok(inside.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn create_dir(&self, directory: &Path) -> DiskResult<bool> {
        let mut state = self.state();
        if state.names.contains_key(directory) {
            return Ok(false);
        }
        let failed = |error| IoFailure::new("make the directory", directory, &error);
        assert!(state.names.contains_key(directory.parent().unwrap()), "{directory:?}");
        state.change(Change::CreateDir(directory.to_owned())).map_err(failed)?;
        state.names.insert(directory.to_owned(), Name::Directory);
        Ok(true)
    }

    fn write_synced(&self, files: &[NewFile<'_>]) -> DiskResult<()> {
        let mut state = self.state();
        files.iter().try_for_each(|file| state.write(file))?;
        files.iter().try_for_each(|file| state.sync(&file.path))
    }

    fn write(&self, file: &NewFile<'_>) -> DiskResult<()> {
        self.state().write(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> DiskResult<()> {
        let mut state = self.state();
        let failed = |error| IoFailure::new("put in place", to, &error);
        state.change(Change::Rename(from.to_owned(), to.to_owned())).map_err(failed)?;
        let name = state.names.remove(from).unwrap();
        state.names.insert(to.to_owned(), name);
        Ok(())
    }

    fn remove(&self, path: &Path) -> DiskResult<()> {
        let mut state = self.state();
        let failed = |error: io::Error| IoFailure::new("remove", path, &error);
        state.change(Change::Remove(path.to_owned())).map_err(failed)?;
        let removed = state.names.remove(path);
        removed.map(drop).ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }

    fn sync_dir(&self, directory: &Path) -> DiskResult<()> {
        let mut state = self.state();
        state
            .change(Change::SyncDir(directory.to_owned()))
            .map_err(|error| IoFailure::new("sync", directory, &error))?;
        let inside = |path: &Path| path.parent() == Some(directory);
        state.durable_names.retain(|path, _| !inside(path));
        let names: Vec<_> = state.names.iter().filter(|(path, _)| inside(path)).collect();
        let names: Vec<_> = names.into_iter().map(|(path, name)| (path.clone(), *name)).collect();
        state.durable_names.extend(names);
        Ok(())
    }

    fn lock(&self, _: &Path, wait: bool) -> DiskResult<Option<Box<dyn Lock>>> {
        Ok((wait || !self.state().busy).then(|| Box::new(NoLock) as Box<dyn Lock>))
    }

    fn network_file_system(&self, directory: &Path) -> DiskResult<Option<&'static str>> {
        Ok(directory.starts_with("/net").then_some("NFS"))
    }
}
