//! What is in an unpacked tree, in one digest: the same image gives the same on every machine.

use std::{
    collections::HashMap,
    fs::File,
    io::Read as _,
    os::fd::{AsFd as _, BorrowedFd},
};

use penstock_model::Sha256;
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, openat, readlinkat, statat},
    io::Errno,
};
use sha2::Digest as _;

use crate::tree::names;

/// A tree's digest and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) digest: Sha256,
    pub(crate) members: u64,
    pub(crate) bytes: u64,
}

struct Walk {
    hasher: sha2::Sha256,
    members: u64,
    bytes: u64,
    path: Vec<u8>,
    buffer: Vec<u8>,
    /// Digests and sizes of files that have several names, by device and inode.
    linked: HashMap<(u64, u64), (Sha256, u64)>,
}

/// Reads a whole tree, links not followed. Over all members, in the order of their names, directories
/// before what is in them: type, mode in octal, digest of the content or target, path from the root,
/// NUL.
///
/// # Errors
/// The system's, and `EXDEV` for what no unpacked tree has: devices, pipes, sockets, more than
/// `depth` directories above a member.
pub(crate) fn take(root: BorrowedFd<'_>, depth: u32) -> rustix::io::Result<Census> {
    let mut walk = Walk {
        hasher: sha2::Sha256::new(),
        members: 0,
        bytes: 0,
        path: Vec::new(),
        buffer: vec![0; 1 << 17],
        linked: HashMap::new(),
    };
    walk.directory(root, depth)?;
    let digest = Sha256::from_bytes(walk.hasher.finalize().into());
    Ok(Census { digest, members: walk.members, bytes: walk.bytes })
}

impl Walk {
    fn directory(&mut self, directory: BorrowedFd<'_>, depth: u32) -> rustix::io::Result<()> {
        let above = self.path.len();
        for name in names(directory)? {
            self.path.push(b'/');
            self.path.extend_from_slice(&name);
            self.member(directory, &name, depth)?;
            self.path.truncate(above);
        }
        Ok(())
    }

    fn member(&mut self, above: BorrowedFd<'_>, name: &[u8], depth: u32) -> rustix::io::Result<()> {
        let found = statat(above, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let mode = found.st_mode & 0o7777;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => {
                let key = (found.st_dev, found.st_ino);
                let (digest, bytes) = match self.linked.get(&key) {
                    Some(read) => *read,
                    None => self.content(File::from(openat(above, name, flags, Mode::empty())?))?,
                };
                if found.st_nlink > 1 {
                    self.linked.insert(key, (digest, bytes));
                }
                self.bytes += bytes;
                self.say(b'f', mode, &digest);
            }
            FileType::Symlink => {
                let target = readlinkat(above, name, Vec::new())?;
                self.say(b'l', 0, &Sha256::of(target.to_bytes()));
            }
            FileType::Directory => {
                self.say(b'd', mode, &Sha256::of(b""));
                let depth = depth.checked_sub(1).ok_or(Errno::XDEV)?;
                let inner = openat(above, name, flags | OFlags::DIRECTORY, Mode::empty())?;
                self.directory(inner.as_fd(), depth)?;
            }
            _ => return Err(Errno::XDEV),
        }
        Ok(())
    }

    fn say(&mut self, kind: u8, mode: u32, content: &Sha256) {
        self.members += 1;
        let line = format!("{} {mode:o} {content} ", char::from(kind));
        self.hasher.update(line.as_bytes());
        self.hasher.update(&self.path);
        self.hasher.update([0]);
    }

    /// A file's digest and size.
    fn content(&mut self, mut file: File) -> rustix::io::Result<(Sha256, u64)> {
        let mut hasher = sha2::Sha256::new();
        let mut bytes = 0;
        loop {
            let read = match file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
            };
            hasher.update(self.buffer.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        Ok((Sha256::from_bytes(hasher.finalize().into()), bytes))
    }
}
