//! Keeps one step from filling the disk under its workspace.

use std::{
    io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstatvfs, openat, statat};

/// The file system's free space is asked often, since that costs nothing; only when it fell by as
/// much as the step has left is the workspace itself measured, so that no step is ended for what
/// another one wrote.
pub(super) struct Watch {
    workspace: OwnedFd,
    limit: u64,
    free: u64,
    /// How far the free space may fall before the next measurement.
    slack: u64,
}

impl Watch {
    /// `None` when the workspace cannot be watched.
    pub(super) fn new(workspace: &Path, limit: u64) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let workspace = openat(CWD, workspace, flags, Mode::empty())?;
        let free = free(workspace.as_fd())?;
        Ok(Self { workspace, limit, free, slack: limit })
    }

    /// Whether the workspace holds more than its limit.
    pub(super) fn exceeded(&mut self) -> bool {
        let Ok(now) = free(self.workspace.as_fd()) else { return false };
        if self.free.saturating_sub(now) < self.slack {
            return false;
        }
        let held = measure(self.workspace.as_fd(), self.limit, 0);
        self.free = now;
        self.slack = self.limit.saturating_sub(held).max(SMALLEST_SLACK);
        held > self.limit
    }
}

/// Measurements do not follow each other more often than this many bytes are written.
const SMALLEST_SLACK: u64 = 16 << 20;

fn free(at: BorrowedFd<'_>) -> io::Result<u64> {
    let stat = fstatvfs(at)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Bytes allocated beneath a directory; stops once over `enough`. The step writes while we read, so
/// nothing is followed and whatever vanished counts as nothing.
fn measure(directory: BorrowedFd<'_>, enough: u64, depth: usize) -> u64 {
    const MAX_DEPTH: usize = 256;
    let mut held = 0_u64;
    let Ok(entries) = Dir::read_from(directory) else { return 0 };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        if let Ok(stat) = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            held = held.saturating_add(u64::try_from(stat.st_blocks).unwrap_or(0) * 512);
            let inner = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
            if inner && depth < MAX_DEPTH {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                if let Ok(inner) = openat(directory, name, flags, Mode::empty()) {
                    let left = enough.saturating_sub(held);
                    held = held.saturating_add(measure(inner.as_fd(), left, depth + 1));
                }
            }
        }
        if held > enough {
            break;
        }
    }
    held
}
