//! The few operations on files a ledger needs, each of which can fail, and whose order is what makes
//! an acknowledged entry durable. Tests put a recording disk with faults in this place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::IoFailure;

/// A file to be written.
pub(crate) struct NewFile<'b> {
    pub(crate) path: PathBuf,
    pub(crate) bytes: &'b [u8],
}

/// Held until dropped.
pub(crate) trait Lock {}

/// What became of an operation on the disk.
pub(crate) type DiskResult<T> = Result<T, IoFailure>;

pub(crate) trait Disk: Send + Sync {
    /// The whole file.
    fn read(&self, path: &Path) -> DiskResult<Vec<u8>>;

    /// Whether there is such a file.
    fn exists(&self, path: &Path) -> DiskResult<bool>;

    /// The names in a directory, sorted; none when there is no directory.
    fn list(&self, directory: &Path) -> DiskResult<Vec<String>>;

    /// Makes one directory; `false` when it was there.
    fn create_dir(&self, directory: &Path) -> DiskResult<bool>;

    /// Writes each file, replacing what is there, and then syncs each.
    fn write_synced(&self, files: &[NewFile<'_>]) -> DiskResult<()>;

    /// Writes one file, replacing what is there, without syncing it.
    fn write(&self, file: &NewFile<'_>) -> DiskResult<()>;

    /// Renames, replacing what is there.
    fn rename(&self, from: &Path, to: &Path) -> DiskResult<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> DiskResult<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, directory: &Path) -> DiskResult<()>;

    /// Takes the exclusive lock on a file, making the file when needed; `None` when `wait` is false
    /// and somebody else has it.
    fn lock(&self, path: &Path, wait: bool) -> DiskResult<Option<Box<dyn Lock>>>;

    /// The network file system this directory is on, if it is on one.
    fn network_file_system(&self, directory: &Path) -> DiskResult<Option<&'static str>>;
}

/// The disk of this machine.
pub(crate) struct LocalDisk;

/// How many files are open at once while a batch is written.
const OPEN_FILES: usize = 128;

impl Disk for LocalDisk {
    fn read(&self, path: &Path) -> DiskResult<Vec<u8>> {
        fs::read(path).map_err(|e| IoFailure::new("read", path, &e))
    }

    fn exists(&self, path: &Path) -> DiskResult<bool> {
        fs::exists(path).map_err(|e| IoFailure::new("read", path, &e))
    }

    fn list(&self, directory: &Path) -> DiskResult<Vec<String>> {
        let failed = |e: io::Error| IoFailure::new("list", directory, &e);
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn create_dir(&self, directory: &Path) -> DiskResult<bool> {
        match fs::create_dir(directory) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(IoFailure::new("make the directory", directory, &error)),
        }
    }

    fn write_synced(&self, files: &[NewFile<'_>]) -> DiskResult<()> {
        for batch in files.chunks(OPEN_FILES) {
            // All writes before the first sync: one commit of the file system then covers them all.
            let mut open = Vec::with_capacity(batch.len());
            for new in batch {
                open.push((new, write_file(new)?));
            }
            for (new, file) in open {
                file.sync_all().map_err(|e| IoFailure::new("sync", &new.path, &e))?;
            }
        }
        Ok(())
    }

    fn write(&self, file: &NewFile<'_>) -> DiskResult<()> {
        write_file(file).map(drop)
    }

    fn rename(&self, from: &Path, to: &Path) -> DiskResult<()> {
        fs::rename(from, to).map_err(|e| IoFailure::new("put in place", to, &e))
    }

    fn remove(&self, path: &Path) -> DiskResult<()> {
        fs::remove_file(path).map_err(|e| IoFailure::new("remove", path, &e))
    }

    fn sync_dir(&self, directory: &Path) -> DiskResult<()> {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|e| IoFailure::new("sync", directory, &e))
    }

    fn lock(&self, path: &Path, wait: bool) -> DiskResult<Option<Box<dyn Lock>>> {
        let failed = |e: io::Error| IoFailure::new("lock", path, &e);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(failed)?;
        if wait {
            file.lock().map_err(failed)?;
            return Ok(Some(Box::new(FileLock(file))));
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(FileLock(file)))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn network_file_system(&self, directory: &Path) -> DiskResult<Option<&'static str>> {
        let found = rustix::fs::statfs(directory)
            .map_err(|e| IoFailure::new("ask for the file system of", directory, &e.into()))?;
        // The type differs between platforms; all magic numbers fit 32 bits.
        Ok(network_file_system(found.f_type as u32))
    }
}

fn write_file(new: &NewFile<'_>) -> DiskResult<File> {
    File::create(&new.path)
        .and_then(|mut file| file.write_all(new.bytes).map(|()| file))
        .map_err(|e| IoFailure::new("write", &new.path, &e))
}

/// `flock(2)` on an open file: the system lets go of it when the process ends, however it ends.
struct FileLock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Lock for FileLock {}

/// The name of a file system on which `flock` and `fsync` may not mean what they mean on a disk
/// (`statfs(2)`, and the kernel's `linux/magic.h`). FUSE is among them because what stands behind
/// it cannot be told.
fn network_file_system(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x0000_6969 => "NFS",
        0x0000_517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x00c3_6400 => "Ceph",
        0x0102_1997 => "9P",
        0x0116_1970 => "GFS2",
        0x0bd0_0bd0 => "Lustre",
        0x1983_0326 => "BeeGFS",
        0x4750_4653 => "GPFS",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x6573_5546 => "FUSE",
        0x7375_7245 => "Coda",
        0x7461_636f => "OCFS2",
        0x564c => "NCP",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_disks() {
        for (magic, name) in [(0x6969, "NFS"), (0xfe53_4d42, "SMB"), (0x6573_5546, "FUSE")] {
            assert_eq!(network_file_system(magic), Some(name));
        }
        // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS
        for disk in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1] {
            assert_eq!(network_file_system(disk), None, "{disk:x}");
        }
        let here = tempfile::tempdir().unwrap();
        assert_eq!(LocalDisk.network_file_system(here.path()).unwrap(), None);
    }

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("lock");
        let held = LocalDisk.lock(&path, false).unwrap();
        assert!(held.is_some());
        assert!(LocalDisk.lock(&path, false).unwrap().is_none());
        drop(held);
        assert!(LocalDisk.lock(&path, true).unwrap().is_some());
    }
}
