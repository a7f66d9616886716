//! Places in the workspace on which inputs are mounted.

use std::{
    io,
    os::fd::{AsFd as _, OwnedFd},
    path::{Path, PathBuf},
};

use penstock_model::RepoPath;
use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, unlinkat},
    io::Errno,
};

use crate::ReadOnlyInput;

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The empty files and directories that were made to mount inputs on. They go away again with this
/// value, after the step: an output that holds such a place must not be taken for an empty file that
/// the step made.
pub(super) struct Places {
    workspace: PathBuf,
    made: Vec<(RepoPath, AtFlags)>,
}

/// Makes the missing directories and an empty file or directory for each input. The workspace comes
/// from the candidate: a link on the way is refused, never followed.
pub(super) fn prepare(workspace: &Path, inputs: &[ReadOnlyInput]) -> Result<Places, String> {
    let mut places = Places { workspace: workspace.to_owned(), made: Vec::new() };
    for input in inputs {
        places.make(input).map_err(|error| {
            let inside = &input.inside;
            match error.raw_os_error() {
                Some(libc::ELOOP) => {
                    format!("input `{inside}` would pass through a symbolic link of the project")
                }
                _ => format!("input `{inside}` has no place in the workspace: {error}"),
            }
        })?;
    }
    Ok(places)
}

impl Places {
    fn make(&mut self, input: &ReadOnlyInput) -> io::Result<()> {
        let directory = std::fs::metadata(&input.host)?.is_dir();
        let mut at = openat(CWD, &self.workspace, DIRECTORY, Mode::empty())?;
        let mut components = input.inside.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(name) = components.next() {
            let last = components.peek().is_none();
            if last && !directory {
                return self.make_file(&at, name, input);
            }
            match mkdirat(&at, name, Mode::from_raw_mode(0o755)) {
                Ok(()) if last => self.made.push((input.inside.clone(), AtFlags::REMOVEDIR)),
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            at = openat2(at.as_fd(), name, DIRECTORY, Mode::empty(), BENEATH)?;
        }
        Ok(())
    }

    fn make_file(&mut self, at: &OwnedFd, name: &[u8], input: &ReadOnlyInput) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let exclusive = flags | OFlags::CREATE | OFlags::EXCL;
        match openat2(at, name, exclusive, Mode::from_raw_mode(0o644), BENEATH) {
            Ok(_) => {
                self.made.push((input.inside.clone(), AtFlags::empty()));
                return Ok(());
            }
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        let there = openat2(at, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), BENEATH)?;
        let stat = rustix::fs::fstat(&there)?;
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            Ok(())
        } else {
            Err(io::Error::from(io::ErrorKind::AlreadyExists))
        }
    }

    fn remove(&self, place: &RepoPath, how: AtFlags) -> io::Result<()> {
        let mut at = openat(CWD, &self.workspace, DIRECTORY, Mode::empty())?;
        if let Some(above) = place.as_path().parent().filter(|above| *above != Path::new("")) {
            at = openat2(at.as_fd(), above, DIRECTORY, Mode::empty(), BENEATH)?;
        }
        Ok(unlinkat(&at, place.name(), how)?)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for (place, how) in self.made.iter().rev() {
            // The step may have moved a directory above it; it is then the step's own doing.
            let _ = self.remove(place, *how);
        }
    }
}
