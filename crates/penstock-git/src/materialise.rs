use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use penstock_model::{GitOid, RepoPath, Timestamp};
use rustix::{
    fs::{AtFlags, Mode, OFlags, Timespec, Timestamps},
    io::Errno,
};

use crate::{
    error::{GitError, ObjectKind, printable},
    link,
    repository::Repository,
    tree::{EntryKind, MAX_ENTRIES, TreeEntry},
};

/// The most a materialised tree may hold, in bytes.
const MAX_TOTAL_BYTES: u64 = 32 << 30;
/// The longest link target, in bytes; the kernel's own limit (`PATH_MAX`).
const MAX_TARGET_BYTES: usize = 4095;
/// A Git LFS pointer is smaller than this
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const MAX_LFS_POINTER_BYTES: usize = 1024;
/// How directories are opened: never through a link.
const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Materialised {
    /// Files and links.
    pub files: u64,
    /// Bytes of file content.
    pub bytes: u64,
}

impl Repository {
    /// Writes the selected entries of a tree into `into`, an existing empty directory of the
    /// caller's own: raw blobs without any filter, mode 0644 or 0755, every time set to `mtime`.
    ///
    /// Nothing is ever written outside `into`: names are checked, files are created exclusively
    /// through descriptors of directories made here, links come last and only where they stay
    /// inside. After an error `into` holds a part; the caller deletes it.
    ///
    /// # Errors
    /// [`GitError::LfsPointer`], [`GitError::Submodule`], [`GitError::LinkLeavesTree`] for selected
    /// entries; [`GitError::NotEmpty`]; [`GitError::TooLarge`]; as [`Repository::files`]; failed
    /// writes.
    pub fn materialise(
        &self,
        tree: &GitOid,
        into: &Path,
        mtime: Timestamp,
        select: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Materialised, GitError> {
        self.materialise_within(tree, into, mtime, select, MAX_TOTAL_BYTES)
    }

    fn materialise_within(
        &self,
        tree: &GitOid,
        into: &Path,
        mtime: Timestamp,
        select: &dyn Fn(&RepoPath) -> bool,
        max_bytes: u64,
    ) -> Result<Materialised, GitError> {
        let mut entries = self.files_within(tree, MAX_ENTRIES)?;
        entries.retain(|entry| select(&entry.path));
        let links = self.links(&entries)?;
        let mut writer = Writer::open(into, mtime)?;
        let mut done = Materialised::default();
        for entry in &entries {
            let executable = match entry.kind {
                EntryKind::Link => continue,
                EntryKind::Submodule => return Err(GitError::Submodule(entry.path.clone())),
                EntryKind::File { executable } => executable,
            };
            let content = self.read(&entry.oid, ObjectKind::Blob)?;
            if is_lfs_pointer(&content) {
                return Err(GitError::LfsPointer(entry.path.clone()));
            }
            done.files += 1;
            done.bytes = done.bytes.saturating_add(content.len() as u64);
            if done.bytes > max_bytes {
                let what = format!("tree `{tree}` (bytes)");
                return Err(GitError::TooLarge { what, limit: max_bytes });
            }
            writer.file(&entry.path, &content, executable)?;
        }
        for (path, target) in &links {
            writer.link(path, target)?;
            done.files += 1;
        }
        writer.finish()?;
        Ok(done)
    }

    /// The links among `entries` with their targets, all of which stay inside.
    fn links(&self, entries: &[TreeEntry]) -> Result<BTreeMap<RepoPath, Vec<u8>>, GitError> {
        let mut links = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Link) {
            let target = self.read(&entry.oid, ObjectKind::Blob)?;
            if target.len() > MAX_TARGET_BYTES {
                let what = format!("the target of link `{}` (bytes)", entry.path);
                return Err(GitError::TooLarge { what, limit: MAX_TARGET_BYTES as u64 });
            }
            links.insert(entry.path.clone(), target);
        }
        let targets: BTreeMap<&[u8], &[u8]> =
            links.iter().map(|(path, target)| (path.as_bytes(), &**target)).collect();
        for (path, target) in &links {
            // An empty target or one with a NUL cannot be created at all.
            let impossible = target.is_empty() || target.contains(&0);
            if impossible || link::leaves(path.as_bytes(), target, &targets) {
                let target = printable(target);
                return Err(GitError::LinkLeavesTree { path: path.clone(), target });
            }
        }
        Ok(links)
    }
}

/// Creates files beneath one directory, through descriptors only.
struct Writer<'a> {
    into: &'a Path,
    top: OwnedFd,
    times: Timestamps,
    /// Every directory made, so that each is made once and gets its times at the end.
    directories: BTreeSet<RepoPath>,
    /// The directory files are created in now; `None` is the top.
    here: Option<(RepoPath, OwnedFd)>,
}

impl<'a> Writer<'a> {
    fn open(into: &'a Path, mtime: Timestamp) -> Result<Self, GitError> {
        let top = rustix::fs::open(into, DIRECTORY, Mode::empty())
            .map_err(|error| GitError::io("open directory", into, error))?;
        let mut listing =
            std::fs::read_dir(into).map_err(|error| GitError::io("list directory", into, error))?;
        if listing.next().is_some() {
            return Err(GitError::NotEmpty(into.to_owned()));
        }
        let time = Timespec { tv_sec: mtime.unix(), tv_nsec: 0 };
        let times = Timestamps { last_access: time, last_modification: time };
        Ok(Self { into, top, times, directories: BTreeSet::new(), here: None })
    }

    fn file(&mut self, path: &RepoPath, content: &[u8], executable: bool) -> Result<(), GitError> {
        self.enter_parent_of(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(if executable { 0o755 } else { 0o644 });
        let file = rustix::fs::openat(self.here(), path.name(), flags | OFlags::CLOEXEC, mode)
            .map_err(|error| self.failed("create", path, error))?;
        let mut file = std::fs::File::from(file);
        file.write_all(content)
            .map_err(|error| GitError::io("write", self.into.join(path.as_path()), error))?;
        // The process's umask must not decide what is built.
        rustix::fs::fchmod(&file, mode)
            .and_then(|()| rustix::fs::futimens(&file, &self.times))
            .map_err(|error| self.failed("set mode and time of", path, error))
    }

    fn link(&mut self, path: &RepoPath, target: &[u8]) -> Result<(), GitError> {
        self.enter_parent_of(path)?;
        let here = self.here();
        rustix::fs::symlinkat(target, here, path.name())
            .and_then(|()| {
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                rustix::fs::utimensat(here, path.name(), &self.times, flags)
            })
            .map_err(|error| self.failed("create link", path, error))
    }

    /// Makes the directories above `path` and opens the last, never through a link.
    fn enter_parent_of(&mut self, path: &RepoPath) -> Result<(), GitError> {
        let Some(parent) = parent_of(path) else {
            self.here = None;
            return Ok(());
        };
        if self.here.as_ref().is_some_and(|(here, _)| *here == parent) {
            return Ok(());
        }
        let above = parent.as_bytes().iter().enumerate();
        let ends = above.filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let mut directory: Option<OwnedFd> = None;
        for end in ends.chain([parent.as_bytes().len()]) {
            let Some(Ok(step)) = parent.as_bytes().get(..end).map(RepoPath::new) else { continue };
            let within = directory.as_ref().map_or(self.top.as_fd(), |fd| fd.as_fd());
            if !self.directories.contains(&step) {
                let mode = Mode::from_raw_mode(0o755);
                let made = rustix::fs::mkdirat(within, step.name(), mode);
                made.map_err(|error| self.failed("create directory", &step, error))?;
            }
            let opened = rustix::fs::openat(within, step.name(), DIRECTORY, Mode::empty());
            let opened = opened.map_err(|error| self.failed("open directory", &step, error))?;
            if self.directories.insert(step.clone()) {
                rustix::fs::fchmod(&opened, Mode::from_raw_mode(0o755))
                    .map_err(|error| self.failed("set the mode of", &step, error))?;
            }
            directory = Some(opened);
        }
        self.here = directory.map(|fd| (parent, fd));
        Ok(())
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.here.as_ref().map_or(self.top.as_fd(), |(_, fd)| fd.as_fd())
    }

    /// Sets the times of the directories, which every file in them changed.
    fn finish(self) -> Result<(), GitError> {
        for path in self.directories.iter().rev() {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::utimensat(&self.top, path.as_path(), &self.times, flags)
                .map_err(|error| self.failed("set the time of", path, error))?;
        }
        rustix::fs::futimens(&self.top, &self.times)
            .map_err(|error| GitError::io("set the time of", self.into, error))
    }

    fn failed(&self, action: &'static str, path: &RepoPath, error: Errno) -> GitError {
        match error {
            // Nobody else writes here, so what is in the way is another entry of the same tree,
            // which a file system that folds case or normalises Unicode cannot tell from this one.
            Errno::EXIST => GitError::DuplicateEntry(path.clone()),
            error => GitError::io(action, self.into.join(path.as_path()), error),
        }
    }
}

/// The directory a path lies in; `None` for the top.
fn parent_of(path: &RepoPath) -> Option<RepoPath> {
    let slash = path.as_bytes().iter().rposition(|byte| *byte == b'/')?;
    RepoPath::new(path.as_bytes().get(..slash)?).ok()
}

/// Whether a blob is a Git LFS pointer: its first line names a version of the specification, and an
/// object id follows.
fn is_lfs_pointer(content: &[u8]) -> bool {
    let mut lines = content.split(|byte| *byte == b'\n');
    content.len() <= MAX_LFS_POINTER_BYTES
        && matches!(
            lines.next(),
            Some(
                b"version https://git-lfs.github.com/spec/v1"
                    | b"version https://hawser.github.com/spec/v1"
            )
        )
        && lines.any(|line| line.starts_with(b"oid "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{Sandbox, time};

    #[test]
    fn a_tree_that_would_fill_the_disk_ends_at_the_limit() {
        let sandbox = Sandbox::new();
        let blob = sandbox.blob(&[7; 600]);
        let tree = sandbox.tree(&[("100644", b"a", &blob), ("100644", b"b", &blob)]);
        let into = sandbox.dir.path().join("out");
        std::fs::create_dir(&into).unwrap();
        let repository = sandbox.repository();
        let result = repository.materialise_within(&tree, &into, time(), &|_| true, 1000);
        let too_large = GitError::TooLarge { what: format!("tree `{tree}` (bytes)"), limit: 1000 };
        assert_eq!(result, Err(too_large));
    }
}
