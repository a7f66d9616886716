//! The directory a cache lies in, and the one file in it.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::fs::DirBuilderExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, FlockOperation, Mode, OFlags},
    io::Errno,
};

use super::CacheError;

const FILE: &str = "results";
const UNFINISHED: &str = "results.new";
/// A larger file is none of ours.
const MAX_FILE: u64 = 64 << 20;

#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    directory: OwnedFd,
}

impl Store {
    /// Opens a directory that nobody else can write to; makes it first if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, CacheError> {
        let failed = |source| CacheError::Io { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(directory) => directory,
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(CacheError::NotOurs(path.to_owned())),
            Err(error) => return Err(failed(error.into())),
        };
        let stat = rustix::fs::fstat(&directory).map_err(|error| failed(error.into()))?;
        if !is_ours(&stat) {
            return Err(CacheError::NotOurs(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), directory })
    }

    /// What is kept; nothing when that cannot be read or could have been written by others.
    pub(super) fn read(&self) -> Vec<u8> {
        self.try_read().unwrap_or_default()
    }

    fn try_read(&self) -> io::Result<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory, FILE, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if !is_ours(&stat) || !FileType::from_raw_mode(stat.st_mode).is_file() || size > MAX_FILE {
            return Ok(Vec::new());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        File::from(file).take(MAX_FILE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Puts new bytes in the place of the old at once; whether it did. While another process does,
    /// this one does not: both know much the same.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<bool, CacheError> {
        match rustix::fs::flock(&self.directory, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(false),
            // A file system without locks. Whoever reads half a file sees that it is one.
            Err(_) => {}
        }
        let written = self.replace(bytes);
        // It ends with the descriptor at the latest.
        let _unlocked = rustix::fs::flock(&self.directory, FlockOperation::Unlock);
        let path = || self.path.clone();
        written.map(|()| true).map_err(|source| CacheError::Io { path: path(), source })
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let directory = self.directory.as_fd();
        // What a killed process left.
        match rustix::fs::unlinkat(directory, UNFINISHED, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = rustix::fs::openat(directory, UNFINISHED, flags, Mode::RUSR | Mode::WUSR)?;
        // Not synchronised to the disk: what a crash cuts off has not the digest it says.
        File::from(file).write_all(bytes)?;
        Ok(rustix::fs::renameat(directory, UNFINISHED, directory, FILE)?)
    }
}

/// Owned by this user, and writable by nobody else.
fn is_ours(stat: &rustix::fs::Stat) -> bool {
    let others = Mode::WGRP | Mode::WOTH;
    stat.st_uid == rustix::process::geteuid().as_raw()
        && !Mode::from_raw_mode(stat.st_mode).intersects(others)
}
