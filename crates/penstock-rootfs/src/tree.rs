//! The tree that is being made. Every name is resolved beneath its root by the kernel (openat2(2),
//! `RESOLVE_IN_ROOT`), as a process in that root would see it: links of the image lead nowhere else.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read},
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, Timespec, Timestamps, chmodat,
        fchmod, fstat, futimens, linkat, mkdirat, openat, openat2, readlinkat, statat, symlinkat,
        unlinkat,
    },
    io::Errno,
};

use crate::{
    Limits, RootError,
    error::During as _,
    name::{Name, shown},
};

/// How many links to directories that are not there yet are followed to make them.
const MOST_LINKS: u32 = 8;

const PATH_ONLY: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A directory of the tree, and where it is.
pub(crate) struct Place {
    directory: OwnedFd,
    inode: u64,
    name: Vec<u8>,
}

/// A tree beneath one directory.
pub(crate) struct Tree {
    root: OwnedFd,
    limits: Limits,
    /// How deep each directory lies, by its inode.
    depths: HashMap<u64, u32>,
    /// What the present layer made: a directory's inode and a name in it. A whiteout is for what
    /// was there before its layer (OCI image layer specification, "Whiteouts").
    made: HashSet<(u64, Vec<u8>)>,
}

impl Tree {
    /// `root` is an empty directory of ours.
    pub(crate) fn new(root: OwnedFd, limits: Limits) -> Result<Self, RootError> {
        let inode = fstat(&root).during(|| "look at the new root".to_owned())?.st_ino;
        let depths = HashMap::from([(inode, 0)]);
        Ok(Self { root, limits, depths, made: HashSet::new() })
    }

    /// What comes now is of another layer.
    pub(crate) fn next_layer(&mut self) {
        self.made.clear();
    }

    /// Where a name is, its directories made; `None` is the root itself.
    pub(crate) fn place(&mut self, name: &Name) -> Result<Option<Place>, RootError> {
        let Some((above, last)) = name.split() else { return Ok(None) };
        let directory = self.directories(above, 0)?;
        let inode = fstat(&directory).during(|| about(last))?.st_ino;
        Ok(Some(Place { directory, inode, name: last.to_vec() }))
    }

    pub(crate) fn directory(&mut self, place: &Place) -> Result<(), RootError> {
        if place.kind()? != Some(FileType::Directory) {
            self.clear(place)?;
            self.make_directory(place.directory.as_fd(), place.inode, &place.name)?;
        }
        self.mark(place);
        Ok(())
    }

    pub(crate) fn file(
        &mut self,
        place: &Place,
        executable: bool,
        modified: i64,
        content: &mut impl Read,
    ) -> Result<u64, RootError> {
        let what = || about(&place.name);
        self.clear(place)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o600);
        let file = openat(&place.directory, &*place.name, flags, mode).during(what)?;
        let mut file = File::from(file);
        let written = copy(content, &mut file, &what)?;
        // Nobody writes to it any more, and who the step is does not matter.
        let mode = if executable { 0o555 } else { 0o444 };
        fchmod(&file, Mode::from_raw_mode(mode)).during(what)?;
        let time = Timespec { tv_sec: modified, tv_nsec: 0 };
        futimens(&file, &Timestamps { last_access: time, last_modification: time }).during(what)?;
        self.mark(place);
        Ok(written)
    }

    pub(crate) fn symlink(&mut self, place: &Place, target: &[u8]) -> Result<(), RootError> {
        if target.is_empty() || target.contains(&0) || target.len() >= self.limits.name_bytes {
            return Err(refused(&place.name, "its link names nothing that can be"));
        }
        self.clear(place)?;
        symlinkat(target, &place.directory, &*place.name).during(|| about(&place.name))?;
        self.mark(place);
        Ok(())
    }

    /// `target` is a name in the same tree; nothing is made on the way to it.
    pub(crate) fn hard_link(&mut self, place: &Place, target: &Name) -> Result<(), RootError> {
        let nothing = || refused(&place.name, "it is a hard link to what is not there");
        let (above, last) = target.split().ok_or_else(nothing)?;
        let directory = match self.open(&above.join(&b'/')) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Err(nothing()),
            opened => opened.during(|| about(last))?,
        };
        let inode = fstat(&directory).during(|| about(last))?.st_ino;
        let from = Place { directory, inode, name: last.to_vec() };
        match from.kind()? {
            Some(FileType::RegularFile | FileType::Symlink) => {}
            Some(_) => return Err(refused(&place.name, "it is a hard link to a directory")),
            None => return Err(nothing()),
        }
        if (from.inode, &from.name) == (place.inode, &place.name) {
            return Ok(());
        }
        self.clear(place)?;
        let to = (&place.directory, &*place.name);
        match linkat(&from.directory, &*from.name, to.0, to.1, AtFlags::empty()) {
            // It was in the directory that stood in its place.
            Err(Errno::NOENT) => return Err(nothing()),
            linked => linked.during(|| about(&place.name))?,
        }
        self.mark(place);
        Ok(())
    }

    /// Removes what is there, of whatever layer.
    pub(crate) fn clear(&mut self, place: &Place) -> Result<(), RootError> {
        self.remove(place.directory.as_fd(), place.inode, &place.name, false)
    }

    /// Removes what lower layers put there.
    pub(crate) fn white_out(&mut self, place: &Place, name: &[u8]) -> Result<(), RootError> {
        self.remove(place.directory.as_fd(), place.inode, name, true)
    }

    /// Removes what lower layers put into the directory.
    pub(crate) fn make_opaque(&mut self, place: &Place) -> Result<(), RootError> {
        let directory = reopened(place.directory.as_fd()).during(|| about(&place.name))?;
        self.empty(directory.as_fd(), place.inode, true).map(drop)
    }

    /// Whether there is something of this name at the top.
    pub(crate) fn has(&self, name: &str) -> bool {
        matches!(stat(self.root.as_fd(), name.as_bytes()), Ok(Some(_)))
    }

    fn mark(&mut self, place: &Place) {
        self.made.insert((place.inode, place.name.clone()));
    }

    fn open(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        let path: &[u8] = if path.is_empty() { b"." } else { path };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
        loop {
            // Anybody's rename on the machine can make the kernel unsure about `..`; openat2(2).
            match openat2(&self.root, path, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                opened => return opened,
            }
        }
    }

    /// Opens a directory, and makes it and those above it where they are not.
    fn directories(&mut self, parts: &[Vec<u8>], links: u32) -> Result<OwnedFd, RootError> {
        let what = || about(&parts.join(&b'/'));
        let mut path = Vec::new();
        let mut directory = self.open(b"").during(what)?;
        for part in parts {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(part);
            directory = match self.open(&path) {
                Ok(opened) => opened,
                Err(Errno::NOENT) => {
                    self.make_missing(&directory, &path, part, links)?;
                    self.open(&path).during(what)?
                }
                // A file where a directory has to be gives way, as it does to a directory itself.
                Err(Errno::NOTDIR) => {
                    let inode = fstat(&directory).during(what)?.st_ino;
                    self.remove(directory.as_fd(), inode, part, false)?;
                    self.make_directory(directory.as_fd(), inode, part)?;
                    self.open(&path).during(what)?
                }
                Err(errno) => return Err(errno).during(what),
            };
        }
        Ok(directory)
    }

    /// Makes a directory that is not there, or the one that a link in its place leads to.
    fn make_missing(
        &mut self,
        above: &OwnedFd,
        path: &[u8],
        name: &[u8],
        links: u32,
    ) -> Result<(), RootError> {
        let inode = fstat(above).during(|| about(name))?.st_ino;
        let target = match readlinkat(above, name, Vec::new()) {
            Err(Errno::NOENT) => return self.make_directory(above.as_fd(), inode, name),
            target => target.during(|| about(name))?.into_bytes(),
        };
        if links == MOST_LINKS {
            return Err(refused(path, "links on its way lead to links"));
        }
        let full = if target.starts_with(b"/") {
            target
        } else {
            let above = path.len() - name.len();
            [path.get(..above).unwrap_or_default(), &target].concat()
        };
        // `..` stays: it is resolved where it stands, and above the root it is the root.
        let parts: Vec<Vec<u8>> = full
            .split(|byte| *byte == b'/')
            .filter(|part| !matches!(*part, b"" | b"."))
            .map(<[u8]>::to_vec)
            .collect();
        if parts.len() > self.limits.depth as usize {
            return Err(refused(path, "it lies too deep"));
        }
        self.directories(&parts, links + 1).map(drop)
    }

    fn make_directory(
        &mut self,
        above: BorrowedFd<'_>,
        inode: u64,
        name: &[u8],
    ) -> Result<(), RootError> {
        let what = || about(name);
        let depth = self.depths.get(&inode).copied().unwrap_or(0) + 1;
        if depth > self.limits.depth {
            return Err(refused(name, "it lies too deep"));
        }
        mkdirat(above, name, Mode::from_raw_mode(0o700)).during(what)?;
        // Whatever the umask is.
        chmodat(above, name, Mode::from_raw_mode(0o755), AtFlags::empty()).during(what)?;
        let made = statat(above, name, AtFlags::SYMLINK_NOFOLLOW).during(what)?;
        self.depths.insert(made.st_ino, depth);
        self.made.insert((inode, name.to_vec()));
        Ok(())
    }

    /// Removes a name and all beneath it; with `lower` only what the present layer did not make. It
    /// goes no deeper than directories were allowed to be made.
    fn remove(
        &mut self,
        above: BorrowedFd<'_>,
        inode: u64,
        name: &[u8],
        lower: bool,
    ) -> Result<(), RootError> {
        let what = || about(name);
        let Some(found) = stat(above, name).during(what)? else { return Ok(()) };
        let key = (inode, name.to_vec());
        let keep = lower && self.made.contains(&key);
        if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let directory = openat(above, name, flags, Mode::empty()).during(what)?;
            let emptied = self.empty(directory.as_fd(), found.st_ino, lower)?;
            if keep || !emptied {
                return Ok(());
            }
            unlinkat(above, name, AtFlags::REMOVEDIR).during(what)?;
            self.depths.remove(&found.st_ino);
        } else if keep {
            return Ok(());
        } else {
            unlinkat(above, name, AtFlags::empty()).during(what)?;
        }
        self.made.remove(&key);
        Ok(())
    }

    /// Whether nothing is left in it.
    fn empty(
        &mut self,
        directory: BorrowedFd<'_>,
        inode: u64,
        lower: bool,
    ) -> Result<bool, RootError> {
        let what = || "empty a directory of the new root".to_owned();
        for name in names(directory).during(what)? {
            self.remove(directory, inode, &name, lower)?;
        }
        Ok(!lower || names(directory).during(what)?.is_empty())
    }
}

impl Place {
    /// What is there, links not followed.
    fn kind(&self) -> Result<Option<FileType>, RootError> {
        let found = stat(self.directory.as_fd(), &self.name).during(|| about(&self.name))?;
        Ok(found.map(|found| FileType::from_raw_mode(found.st_mode)))
    }
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: BorrowedFd<'_>) -> rustix::io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if !matches!(&*name, b"." | b"..") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// A directory that can be listed, from one that only says where it is.
pub(crate) fn reopened(directory: BorrowedFd<'_>) -> rustix::io::Result<OwnedFd> {
    openat(directory, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn stat(above: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<Option<Stat>> {
    match statat(above, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(None),
        found => found.map(Some),
    }
}

/// Tells what cannot be read from what cannot be written: one is the image's fault.
fn copy(
    content: &mut impl Read,
    file: &mut File,
    what: &impl Fn() -> String,
) -> Result<u64, RootError> {
    let mut buffer = vec![0; 1 << 16];
    let mut written = 0;
    loop {
        let read = match content.read(&mut buffer) {
            Ok(0) => return Ok(written),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(RootError::lift(&error)),
        };
        io::Write::write_all(file, buffer.get(..read).unwrap_or_default()).during(what)?;
        written += read as u64;
    }
}

fn about(name: &[u8]) -> String {
    format!("unpack `{}`", shown(name))
}

fn refused(name: &[u8], why: &'static str) -> RootError {
    RootError::Name { name: shown(name), why }
}

/// Opens a directory that is ours, by its name.
pub(crate) fn opened(path: &std::path::Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(path, PATH_ONLY, Mode::empty())
}
