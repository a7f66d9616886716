//! The places of its own that a step has without namespaces: a home and a folder for temporary files,
//! made on the disk of the host and taken away again.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt as _, chown, symlink},
    path::{Path, PathBuf},
};

use rustix::rand::{GetRandomFlags, getrandom};

use crate::{ReadOnlyInput, StepSpec};

pub(in crate::host) struct Scratch {
    folder: PathBuf,
    home: PathBuf,
    temporary: PathBuf,
    /// What was put into the workspace for the step and is none of its outputs.
    placed: Vec<PathBuf>,
}

impl Scratch {
    /// Makes the places, and in them and in the workspace what the step is shown; everything belongs
    /// to `owner`, if that is another one than we are.
    pub(in crate::host) fn make(spec: &StepSpec, owner: Option<(u32, u32)>) -> io::Result<Self> {
        let mut name = [0_u8; 8];
        getrandom(&mut name, GetRandomFlags::empty())?;
        let folder = Path::new("/tmp").join(format!("penstock-{}", hex::encode(name)));
        let (home, temporary) = (folder.join("home"), folder.join("tmp"));
        let mut scratch = Self { folder, home, temporary, placed: Vec::new() };
        scratch.fill(spec, owner)?;
        Ok(scratch)
    }

    fn fill(&mut self, spec: &StepSpec, owner: Option<(u32, u32)>) -> io::Result<()> {
        for folder in [&self.folder, &self.home, &self.temporary] {
            fs::DirBuilder::new().mode(0o700).create(folder)?;
        }
        for shown in &spec.home {
            let at = self.home(spec).join(shown.inside.as_path());
            if let Some(above) = at.parent() {
                fs::create_dir_all(above)?;
            }
            match symlink(&shown.host, &at) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        for input in &spec.inputs {
            let at = spec.workspace.join(input.inside.as_path());
            copy(&input.host, &at)?;
            self.placed.push(at);
        }
        if let Some((uid, gid)) = owner {
            give_away(&self.folder, uid, gid)?;
        }
        Ok(())
    }

    /// The home of the step.
    pub(in crate::host) fn home<'a>(&'a self, spec: &'a StepSpec) -> &'a Path {
        spec.kept_home.as_ref().map_or(&self.home, |kept| &kept.0)
    }

    pub(in crate::host) fn temporary(&self) -> &Path {
        &self.temporary
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}

impl Scratch {
    /// Takes all of it away again. Another time there is nothing left to take.
    pub(in crate::host) fn remove(&self) {
        // Nothing of the step runs any more.
        for placed in &self.placed {
            let _ = match fs::symlink_metadata(placed) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(placed),
                _ => fs::remove_file(placed),
            };
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A copy that can be read: without mounts, what is shown must lie in the workspace itself.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(above) = to.parent() {
        fs::create_dir_all(above)?;
    }
    if fs::metadata(from)?.is_dir() {
        // The place of an input is there already.
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        Ok(())
    } else {
        fs::copy(from, to).map(drop)
    }
}

/// Follows no link.
fn give_away(path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return std::os::unix::fs::lchown(path, Some(uid), Some(gid));
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give_away(&entry?.path(), uid, gid)?;
        }
    }
    chown(path, Some(uid), Some(gid))
}

/// Files of the host that the step may read although they lie in nobody's list.
pub(super) fn shown(spec: &StepSpec) -> impl Iterator<Item = &Path> {
    spec.home.iter().map(|ReadOnlyInput { host, .. }| host.as_path())
}
