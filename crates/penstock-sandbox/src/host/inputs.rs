//! Places in the workspace on which inputs are mounted.

use std::{
    io,
    os::fd::{AsFd as _, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2},
    io::Errno,
};

use crate::ReadOnlyInput;

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

/// Makes the missing directories and an empty file or directory for each input. The workspace comes
/// from the candidate: a link on the way is refused, never followed.
pub(super) fn prepare(workspace: &Path, inputs: &[ReadOnlyInput]) -> Result<(), String> {
    for input in inputs {
        prepare_one(workspace, input).map_err(|error| {
            let inside = &input.inside;
            match error.raw_os_error() {
                Some(libc::ELOOP) => {
                    format!("input `{inside}` would pass through a symbolic link of the project")
                }
                _ => format!("input `{inside}` has no place in the workspace: {error}"),
            }
        })?;
    }
    Ok(())
}

fn prepare_one(workspace: &Path, input: &ReadOnlyInput) -> io::Result<()> {
    let directory = std::fs::metadata(&input.host)?.is_dir();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = openat(CWD, workspace, flags, Mode::empty())?;
    let mut components = input.inside.as_bytes().split(|byte| *byte == b'/').peekable();
    while let Some(name) = components.next() {
        let last = components.peek().is_none();
        if last && !directory {
            return file(&at, name);
        }
        match mkdirat(&at, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        at = openat2(at.as_fd(), name, flags, Mode::empty(), BENEATH)?;
    }
    Ok(())
}

fn file(at: &OwnedFd, name: &[u8]) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let made = openat2(at, name, flags, Mode::from_raw_mode(0o644), BENEATH)?;
    let stat = rustix::fs::fstat(&made)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        Ok(())
    } else {
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }
}
