//! Places in the workspace on which inputs are mounted.

use std::{
    io,
    os::fd::{AsFd as _, OwnedFd},
    path::{Path, PathBuf},
};

use penstock_model::RepoPath;
use rustix::{
    fs::{
        AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, statat,
        unlinkat,
    },
    io::Errno,
};

use crate::{Protected, ReadOnlyInput, StandIn};

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

/// Makes what stands for protected paths that are not there. A link on the way is left alone: what it
/// leads to is not protected, and that is said when the mounts are made.
pub(super) fn stand_in(workspace: &Path, protected: &[Protected]) -> Result<Places, String> {
    let mut places = Places { workspace: workspace.to_owned(), made: Vec::new() };
    places.stand_in(protected)?;
    Ok(places)
}

impl Places {
    fn stand_in(&mut self, protected: &[Protected]) -> Result<(), String> {
        for one in protected
            .iter()
            .filter(|one| matches!(one.stand_in, StandIn::File | StandIn::Directory))
        {
            self.stand_in_one(one)
                .map_err(|error| format!("`{}` cannot be protected: {error}", one.inside))?;
        }
        Ok(())
    }

    fn stand_in_one(&mut self, one: &Protected) -> io::Result<()> {
        let root = openat(CWD, &self.workspace, DIRECTORY, Mode::empty())?;
        let there = OFlags::PATH | OFlags::CLOEXEC;
        match openat2(&root, one.inside.as_bytes(), there, Mode::empty(), BENEATH) {
            Err(Errno::NOENT) => {}
            Ok(_) | Err(Errno::LOOP | Errno::NOTDIR) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
        let mut at = root;
        let mut components = one.inside.as_bytes().split(|byte| *byte == b'/').peekable();
        let mut above = Vec::new();
        while let Some(name) = components.next() {
            above.extend_from_slice(name);
            let last = components.peek().is_none();
            if last && one.stand_in == StandIn::File {
                let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::CREATE | OFlags::EXCL;
                openat2(&at, name, flags, Mode::from_raw_mode(0o644), BENEATH)?;
                self.made.push((one.inside.clone(), AtFlags::empty()));
                return Ok(());
            }
            match mkdirat(&at, name, Mode::from_raw_mode(0o755)) {
                Ok(()) => {
                    let made = RepoPath::new(above.as_slice()).map_err(io::Error::other)?;
                    self.made.push((made, AtFlags::REMOVEDIR));
                }
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            above.push(b'/');
            at = openat2(at.as_fd(), name, DIRECTORY, Mode::empty(), BENEATH)?;
        }
        Ok(())
    }

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
        let empty = how == AtFlags::REMOVEDIR
            || statat(&at, place.name(), AtFlags::SYMLINK_NOFOLLOW)?.st_size == 0;
        // Somebody beside the step may have written there in the meantime.
        if empty { Ok(unlinkat(&at, place.name(), how)?) } else { Ok(()) }
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
