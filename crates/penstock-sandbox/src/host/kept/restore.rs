//! Setting right what is otherwise than it was.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs,
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, RenameFlags, Timespec, Timestamps, Uid,
        chmodat, chownat, fchmod, fchown, fstat, futimens, mkdirat, openat, openat2, readlinkat,
        renameat_with, statat, symlinkat, unlinkat,
    },
    io::Errno,
    rand::{GetRandomFlags, getrandom},
};

use super::{BENEATH, Directory, File, Item, Kept, MOST_ENTRIES, Metadata, names, shown};
use crate::{Attempt, Denial, StepRecord};

/// What its owner may do with a directory. Without it, even its owner moves nothing.
const OWNERS: u32 = 0o700;
/// Faults that are told one by one.
const MOST_FAULTS: usize = 16;
/// Places that are told one by one.
const MOST_TOLD: usize = 2000;

/// What was set right.
#[derive(Default)]
pub(in crate::host) struct PutBack {
    /// Where something was not as it had been.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Places beyond those that are told one by one.
    more_paths: u64,
    /// What could not be set right, and why.
    faults: Vec<String>,
    more_faults: u64,
    /// Where that lies now which was found.
    pub(super) aside: Vec<PathBuf>,
}

impl PutBack {
    /// Whether everything is as it was.
    pub(in crate::host) fn is_complete(&self) -> bool {
        self.faults.is_empty()
    }

    /// Together with what an earlier round had done; what that could not, this one has tried again.
    pub(in crate::host) fn after(mut self, earlier: Self) -> Self {
        self.paths.extend(earlier.paths);
        self.more_paths += earlier.more_paths;
        self.aside.extend(earlier.aside);
        self
    }

    /// Writes it into the record of the step.
    pub(in crate::host) fn tell(self, record: &mut StepRecord) {
        record.trace.lost.over_limit += self.more_paths;
        record.trace.denied.extend(self.paths.iter().map(|path| {
            let path = path.to_string_lossy().into_owned();
            Denial { attempt: Attempt::PutBack { path }, program: None, count: 1 }
        }));
        record.trace.denied.sort();
        let notes = &mut record.isolation.degradations;
        for aside in &self.aside {
            notes.push(format!(
                "what stood in protected places lies in `{}` now: look at it, then remove it",
                shown(aside)
            ));
        }
        notes.extend(self.faults);
        if self.more_faults > 0 {
            notes.push(format!("{} more protected places could not be put back", self.more_faults));
        }
    }
}

impl Kept {
    /// Sets everything right. To be called when no process of the step is left; doing it again does no
    /// harm.
    pub(in crate::host) fn put_back(&self) -> PutBack {
        let mut round = Round { kept: self, aside: None, moved: 0, done: PutBack::default() };
        if let Err(error) = round.workspace() {
            round.fault(Path::new("."), &error);
        }
        for (path, item) in &self.items {
            if let Err(error) = round.set_right(path, item) {
                round.fault(path, &error);
            }
        }
        round.close();
        round.done
    }
}

struct Round<'a> {
    kept: &'a Kept,
    /// A directory of ours in the workspace, for what is moved aside.
    aside: Option<(OsString, OwnedFd)>,
    moved: u64,
    done: PutBack,
}

/// Something in a directory.
struct There {
    kind: FileType,
    now: Metadata,
}

impl Round<'_> {
    fn told(&mut self, path: &Path) {
        let path = match path.as_os_str().is_empty() {
            true => self.kept.workspace.clone(),
            false => self.kept.workspace.join(path),
        };
        if self.done.paths.len() < MOST_TOLD {
            self.done.paths.insert(path);
        } else if !self.done.paths.contains(&path) {
            self.done.more_paths += 1;
        }
    }

    fn fault(&mut self, path: &Path, error: &io::Error) {
        if self.done.faults.len() < MOST_FAULTS {
            self.done.faults.push(format!("`{}` could not be put back: {error}", shown(path)));
        } else {
            self.done.more_faults += 1;
        }
    }

    /// Nothing is found, made or moved in a directory that its owner may not use.
    fn workspace(&mut self) -> io::Result<()> {
        let was = self.kept.root_mode;
        let now = Metadata::from(&fstat(&self.kept.root)?).mode;
        if now & OWNERS != was & OWNERS {
            self.told(Path::new(""));
            fchmod(&self.kept.root, Mode::from_raw_mode(was))?;
        }
        open_up(&self.kept.root)
    }

    /// What was opened up for a while is closed again, from below, and what was moved is told of.
    fn close(&mut self) {
        if let Some((name, _)) = &self.aside {
            // Nothing may have needed to be moved.
            let empty = unlinkat(&self.kept.root, &**name, AtFlags::REMOVEDIR).is_ok();
            self.done.aside.extend((!empty).then(|| self.kept.workspace.join(name)));
        }
        let closed = |mode: u32| mode & OWNERS != OWNERS;
        for (path, item) in self.kept.items.iter().rev() {
            if let Item::Directory(Directory { was, fixed: true, .. }) = item
                && closed(was.mode)
                && let Err(error) = self.close_one(path, was.mode)
            {
                self.fault(path, &error);
            }
        }
        if closed(self.kept.root_mode) {
            let _ = fchmod(&self.kept.root, Mode::from_raw_mode(self.kept.root_mode));
        }
    }

    fn close_one(&self, path: &Path, mode: u32) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = openat2(&self.kept.root, path, flags, Mode::empty(), BENEATH)?;
        change_mode(&open, mode)
    }

    fn set_right(&mut self, path: &Path, item: &Item) -> io::Result<()> {
        let Some(name) = path.file_name() else { return Ok(()) };
        let above = path.parent().unwrap_or(Path::new(""));
        let parent = match self.parent(above) {
            Ok(parent) => parent,
            // Where nothing must be, a missing directory above is as good.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) if !must_be(item) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        let parent = parent.as_fd();
        let there = there(parent, name)?;
        match item {
            Item::Left => Ok(()),
            Item::Absent => match there {
                None => Ok(()),
                Some(_) => self.move_aside(parent, path, name),
            },
            Item::Link(target) => self.link(parent, path, target, there),
            Item::File(file) => self.file(parent, path, file, there),
            Item::Directory(directory) => self.directory(parent, path, directory, there),
        }
    }

    fn parent(&self, above: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match above.as_os_str().is_empty() {
            true => rustix::io::fcntl_dupfd_cloexec(&self.kept.root, 0),
            false => openat2(&self.kept.root, above, flags, Mode::empty(), BENEATH),
        }
    }

    fn link(
        &mut self,
        parent: BorrowedFd<'_>,
        path: &Path,
        target: &OsStr,
        there: Option<There>,
    ) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        if there.is_some() {
            let now = readlinkat(parent, name, Vec::new());
            if now.is_ok_and(|now| now.to_bytes() == target.as_bytes()) {
                return Ok(());
            }
            self.move_aside(parent, path, name)?;
        }
        self.told(path);
        Ok(symlinkat(target, parent, name)?)
    }

    /// A file is written anew and takes the other's place, so that another name of the other gets
    /// nothing of it and gives nothing to it.
    fn file(
        &mut self,
        parent: BorrowedFd<'_>,
        path: &Path,
        file: &File,
        there: Option<There>,
    ) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        let Some(content) = &file.content else {
            // It was said beforehand that it is not kept.
            return Ok(());
        };
        if there.as_ref().is_some_and(|there| is_as_it_was(parent, name, file, content, there)) {
            return Ok(());
        }
        self.told(path);
        let (aside, new) = self.new_name(OsStr::new("new"))?;
        // Written first: on a full disk, what is there goes all the same.
        let written = write_new(aside, &new, &file.was, content);
        if written.is_err() {
            let _ = unlinkat(aside, &*new, AtFlags::empty());
        }
        if there.is_some() {
            self.move_aside(parent, path, name)?;
        }
        written?;
        let (aside, _) = self.aside()?;
        Ok(renameat_with(aside, &*new, parent, name, RenameFlags::NOREPLACE)?)
    }

    fn directory(
        &mut self,
        parent: BorrowedFd<'_>,
        path: &Path,
        directory: &Directory,
        there: Option<There>,
    ) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        let is_directory = there.as_ref().is_some_and(|there| there.kind == FileType::Directory);
        let same = there.as_ref().is_some_and(|there| there.now.is_same_file(&directory.was));
        if !same {
            if !directory.fixed {
                return Ok(());
            }
            if let Some((from, moved)) = directory.handle.as_ref().and_then(find) {
                self.told(path);
                if there.is_some() {
                    self.move_aside(parent, path, name)?;
                }
                renameat_with(&from, &*moved, parent, name, RenameFlags::NOREPLACE)?;
            } else if !is_directory {
                self.told(path);
                if there.is_some() {
                    self.move_aside(parent, path, name)?;
                }
                mkdirat(parent, name, Mode::from_raw_mode(OWNERS))?;
                let (user, group) = owner(&directory.was);
                let _ = chownat(parent, name, user, group, AtFlags::SYMLINK_NOFOLLOW);
            }
        }
        if !directory.fixed {
            return Ok(());
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let here = openat(parent, name, flags, Mode::empty())?;
        let now = Metadata::from(&fstat(&here)?).mode;
        if now != directory.was.mode {
            self.told(path);
            change_mode(&here, directory.was.mode)?;
        }
        // Until everything in it is as it was.
        open_up(&here)?;
        if !directory.whole {
            return Ok(());
        }
        self.clear(&here, path)
    }

    /// Moves aside what was not in a directory. There may be any number of it.
    fn clear(&mut self, directory: &OwnedFd, path: &Path) -> io::Result<()> {
        loop {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let here = openat(directory, ".", flags, Mode::empty())?;
            // More than there are kept: something else is among them, if there is something else.
            let mut moved = false;
            for name in names(&here, 2 * MOST_ENTRIES)? {
                let path = path.join(&name);
                if self.kept.items.contains_key(&path) {
                    continue;
                }
                match self.move_aside(here.as_fd(), &path, &name) {
                    Ok(()) => moved = true,
                    Err(error) => self.fault(&path, &error),
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Takes something out of a protected place, whatever it is.
    fn move_aside(&mut self, parent: BorrowedFd<'_>, path: &Path, name: &OsStr) -> io::Result<()> {
        self.told(path);
        if there(parent, name)?.is_some_and(|there| there.kind == FileType::Directory) {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            open_up(&openat(parent, name, flags, Mode::empty())?)?;
        }
        let (aside, new) = self.new_name(name)?;
        Ok(renameat_with(parent, name, aside, &*new, RenameFlags::NOREPLACE)?)
    }

    /// A name that is not taken yet, which tells whose place it had.
    fn new_name(&mut self, name: &OsStr) -> io::Result<(BorrowedFd<'_>, OsString)> {
        self.moved += 1;
        let mut new = OsString::from(format!("{}-", self.moved));
        // With the number before it, a name of the longest kind would be too long.
        let name = name.as_bytes();
        new.push(OsStr::from_bytes(name.get(..200).unwrap_or(name)));
        let (aside, _) = self.aside()?;
        Ok((aside, new))
    }

    fn aside(&mut self) -> io::Result<(BorrowedFd<'_>, &OsStr)> {
        if self.aside.is_none() {
            let mut random = [0_u8; 8];
            getrandom(&mut random, GetRandomFlags::empty())?;
            let name = OsString::from(format!(".penstock-aside-{}", hex::encode(random)));
            let root = &self.kept.root;
            mkdirat(root, &*name, Mode::from_raw_mode(OWNERS))?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let open = openat(root, &*name, flags, Mode::empty())?;
            // A person's files stay theirs, whoever runs this.
            if let Ok(root) = fstat(root) {
                let (user, group) = owner(&Metadata::from(&root));
                let _ = fchown(&open, user, group);
            }
            self.aside = Some((name, open));
        }
        let aside = self.aside.as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok((aside.1.as_fd(), &aside.0))
    }
}

fn must_be(item: &Item) -> bool {
    match item {
        Item::Absent | Item::Left => false,
        Item::File(_) | Item::Link(_) => true,
        Item::Directory(directory) => directory.fixed,
    }
}

fn owner(was: &Metadata) -> (Option<Uid>, Option<Gid>) {
    (Some(Uid::from_raw(was.owner.0)), Some(Gid::from_raw(was.owner.1)))
}

fn there(parent: BorrowedFd<'_>, name: &OsStr) -> io::Result<Option<There>> {
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(There {
            kind: FileType::from_raw_mode(stat.st_mode),
            now: Metadata::from(&stat),
        })),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether a file has its content, its rights, and no name that it had not.
fn is_as_it_was(
    parent: BorrowedFd<'_>,
    name: &OsStr,
    file: &File,
    content: &[u8],
    there: &There,
) -> bool {
    let now = &there.now;
    let names = if now.is_same_file(&file.was) { file.was.links } else { 1 };
    if there.kind != FileType::RegularFile
        || now.links > names
        || (now.mode, now.owner, now.size) != (file.was.mode, file.was.owner, file.was.size)
    {
        return false;
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(open) = openat(parent, name, flags, Mode::empty()) else { return false };
    let mut rest = content;
    let mut chunk = [0; 16 << 10];
    let mut open = fs::File::from(open);
    loop {
        match open.read(&mut chunk) {
            Ok(0) => return rest.is_empty(),
            Ok(count) => match rest.strip_prefix(chunk.get(..count).unwrap_or_default()) {
                Some(left) => rest = left,
                None => return false,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

/// A file of ours with somebody's content, owner, rights and time.
fn write_new(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    was: &Metadata,
    content: &[u8],
) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut file = fs::File::from(openat(directory, name, flags, Mode::from_raw_mode(0o600))?);
    file.write_all(content)?;
    let (user, group) = owner(was);
    // Somebody else's file that the step's user could replace becomes that user's.
    let given = fchown(&file, user, group).is_ok();
    let mode = if given { was.mode } else { was.mode & 0o777 };
    fchmod(&file, Mode::from_raw_mode(mode))?;
    let (tv_sec, tv_nsec) = was.modified;
    let time = Timespec { tv_sec, tv_nsec };
    Ok(futimens(&file, &Timestamps { last_access: time, last_modification: time })?)
}

/// Where a directory is now: the one above it, and its name there. `None` when it is no more.
fn find(handle: &OwnedFd) -> Option<(OwnedFd, OsString)> {
    open_up(handle).ok()?;
    let wanted = Metadata::from(&fstat(handle).ok()?);
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let above = openat(handle, "..", flags | OFlags::PATH, Mode::empty()).ok()?;
    open_up(&above).ok()?;
    let above = openat(&above, ".", flags | OFlags::RDONLY, Mode::empty()).ok()?;
    let name = Dir::read_from(&above).ok()?.flatten().find_map(|entry| {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let there = there(above.as_fd(), name).ok()??;
        let is_it = name != "." && name != ".." && there.now.is_same_file(&wanted);
        is_it.then(|| name.to_owned())
    })?;
    Some((above, name))
}

/// Gives a directory's owner the rights on it, where they are missing.
fn open_up(directory: &OwnedFd) -> io::Result<()> {
    let now = Metadata::from(&fstat(directory)?);
    let own = now.owner.0 == rustix::process::geteuid().as_raw();
    if own && now.mode & OWNERS != OWNERS {
        return change_mode(directory, now.mode | OWNERS);
    }
    Ok(())
}

/// Of a directory that was opened by its name alone.
fn change_mode(directory: &OwnedFd, mode: u32) -> io::Result<()> {
    let name = format!("/proc/self/fd/{}", directory.as_raw_fd());
    Ok(chmodat(CWD, name, Mode::from_raw_mode(mode), AtFlags::empty())?)
}
