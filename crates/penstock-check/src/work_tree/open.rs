//! Opening and reading what lies beneath a directory and nothing else.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    buffer::spare_capacity,
    fs::{FileType, Mode, OFlags},
};

/// Opens a directory by a name that its owner gave; links in it are followed.
pub(super) fn directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Opens a directory beneath `root`, through no link.
pub(super) fn directory_beneath(root: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    beneath(root, path, OFlags::RDONLY | OFlags::DIRECTORY)
}

/// Opens anything beneath `root` for reading, through no link, and does not wait for the other end
/// of a FIFO.
pub(super) fn file_beneath(root: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    beneath(root, path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
}

fn beneath(root: impl AsFd, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    #[cfg(target_os = "linux")]
    {
        use rustix::{fs::ResolveFlags, io::Errno};

        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(root.as_fd(), path, flags, Mode::empty(), resolve) {
            // Linux before 5.6, or a container that does not know the call. What follows still
            // refuses a link at the end of the path, though not one put in the middle meanwhile.
            Err(Errno::NOSYS | Errno::PERM) => {}
            answer => return Ok(answer?),
        }
    }
    Ok(rustix::fs::openat(root, path, flags, Mode::empty())?)
}

/// The size of a regular file in bytes; `None` for anything else.
pub(super) fn regular_size(file: &OwnedFd) -> io::Result<Option<u64>> {
    let stat = rustix::fs::fstat(file)?;
    let is_file = FileType::from_raw_mode(stat.st_mode).is_file();
    Ok(is_file.then(|| u64::try_from(stat.st_size).unwrap_or(0)))
}

/// Appends a file to `content`, but at most `most` bytes. `size` is what the system says it has;
/// some files (`/proc`) have more.
pub(super) fn read_to_end(
    file: &OwnedFd,
    size: u64,
    most: u64,
    content: &mut Vec<u8>,
) -> io::Result<()> {
    /// Read at once where the size is not known.
    const CHUNK: u64 = 64 << 10;
    let file: BorrowedFd<'_> = file.as_fd();
    loop {
        let read = content.len() as u64;
        if read >= most {
            content.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            return Ok(());
        }
        // One byte more than there should be, so that one call tells the end.
        let wanted = if read < size { size - read + 1 } else { CHUNK };
        content.reserve(usize::try_from(wanted.min(most - read)).unwrap_or(usize::MAX));
        let room = content.capacity() - content.len();
        let count = rustix::io::retry_on_intr(|| rustix::io::read(file, spare_capacity(content)))?;
        let at_its_size = content.len() as u64 == size && count < room;
        if count == 0 || at_its_size {
            return Ok(());
        }
    }
}
