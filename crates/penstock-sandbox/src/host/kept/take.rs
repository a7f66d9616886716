//! Copying what is there.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    ffi::OsString,
    fs,
    io::{self, Read as _},
    os::{fd::OwnedFd, unix::ffi::OsStringExt as _},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, openat2, readlinkat, statat},
    io::Errno,
};

use super::{
    BENEATH, Directory, File, Item, Kept, MOST_BYTES, MOST_DEPTH, MOST_ENTRIES, Metadata, Which,
    above, names,
};
use crate::{Protected, StandIn};

const TOO_MUCH: &str = "it is more than 4,096 names or 64 MiB together with the others";
const UNREADABLE: &str = "it cannot be read";
const NO_FILE: &str = "it is neither a file, a directory nor a link";
const LEADS_ON: &str = "it is a symbolic link, which is kept, and what it leads to is not";

/// A directory of which everything is to be kept, smallest first, so that what does not fit is the
/// mass of files and not what stands beside it.
type Waiting = BinaryHeap<Reverse<(usize, PathBuf, BTreeSet<OsString>)>>;

impl Kept {
    /// Copies every protected place of a workspace.
    ///
    /// # Errors
    /// The workspace cannot be opened. What cannot be copied is no error: see [`Kept::notes`].
    pub(in crate::host) fn of(
        workspace: &Path,
        protected: &[Protected],
        which: Which,
    ) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, workspace, flags, Mode::empty())?;
        let root_mode = Metadata::from(&fstat(&root)?).mode;
        let mut kept = Self {
            root,
            root_mode,
            workspace: workspace.to_owned(),
            items: BTreeMap::new(),
            bytes: 0,
            left: BTreeMap::new(),
        };
        let mut waiting = Waiting::new();
        for one in protected.iter().filter(|one| which.takes(one)) {
            kept.place(one, which, &mut waiting);
        }
        while let Some(Reverse((_, path, names))) = waiting.pop() {
            kept.directory(&path, &names, &mut waiting);
        }
        kept.contents();
        kept.fix();
        Ok(kept)
    }

    /// One place, with what is above it.
    fn place(&mut self, one: &Protected, which: Which, waiting: &mut Waiting) {
        let inside = one.inside.as_path();
        for directory in above(inside) {
            match self.items.get(directory) {
                Some(Item::Directory(_)) => continue,
                Some(_) => return,
                None => {}
            }
            match self.stat(directory) {
                Ok((FileType::Directory, was)) => self.hold(directory, was),
                // What stands where a directory would be is kept in its place.
                Ok((kind, was)) if which == Which::All => return self.add(directory, kind, was),
                Ok(_) | Err(_) => return,
            }
        }
        match (self.stat(inside), which) {
            (Err(Errno::NOENT), _) if one.stand_in != StandIn::Nothing => {
                self.items.insert(inside.to_owned(), Item::Absent);
            }
            // It is mounted read-only.
            (_, Which::Unmounted) | (Err(Errno::NOENT), _) => {}
            (Err(_), Which::All) => self.leave(inside, UNREADABLE),
            (Ok((FileType::Directory, was)), Which::All) => {
                self.hold(inside, was);
                self.list(inside, waiting);
            }
            (Ok((kind, was)), Which::All) => self.add(inside, kind, was),
        }
    }

    fn stat(&self, path: &Path) -> rustix::io::Result<(FileType, Metadata)> {
        let stat = statat(&self.root, path, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok((FileType::from_raw_mode(stat.st_mode), Metadata::from(&stat)))
    }

    fn open(&self, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        openat2(&self.root, path, flags, Mode::empty(), BENEATH)
    }

    /// A directory that is found again wherever it is moved to.
    fn hold(&mut self, path: &Path, was: Metadata) {
        let handle = self.open(path, OFlags::PATH | OFlags::DIRECTORY).ok();
        let directory = Directory { was, handle, whole: false, fixed: false };
        self.items.entry(path.to_owned()).or_insert(Item::Directory(directory));
    }

    /// Anything but a directory.
    fn add(&mut self, path: &Path, kind: FileType, was: Metadata) {
        let item = match kind {
            FileType::RegularFile => Item::File(File { was, content: None }),
            FileType::Symlink => match readlinkat(&self.root, path, Vec::new()) {
                Ok(target) => {
                    self.left.insert(path.to_owned(), LEADS_ON);
                    Item::Link(OsString::from_vec(target.into_bytes()))
                }
                Err(_) => {
                    self.leave(path, UNREADABLE);
                    Item::Left
                }
            },
            _ => {
                self.leave(path, NO_FILE);
                Item::Left
            }
        };
        self.items.insert(path.to_owned(), item);
    }

    fn list(&mut self, path: &Path, waiting: &mut Waiting) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        match self.open(path, flags).and_then(|open| names(&open, MOST_ENTRIES)) {
            Ok(_) if path.components().count() >= MOST_DEPTH => self.leave(path, TOO_MUCH),
            Ok(names) => waiting.push(Reverse((names.len(), path.to_owned(), names))),
            Err(_) => self.leave(path, UNREADABLE),
        }
    }

    /// Everything in a directory.
    fn directory(&mut self, path: &Path, names: &BTreeSet<OsString>, waiting: &mut Waiting) {
        if self.items.len() + names.len() > MOST_ENTRIES {
            return self.leave(path, TOO_MUCH);
        }
        if let Some(Item::Directory(directory)) = self.items.get_mut(path) {
            directory.whole = true;
        }
        for name in names {
            let path = path.join(name);
            match self.stat(&path) {
                Ok((FileType::Directory, was)) => {
                    let directory = Directory { was, handle: None, whole: false, fixed: false };
                    self.items.insert(path.clone(), Item::Directory(directory));
                    self.list(&path, waiting);
                }
                Ok((kind, was)) => self.add(&path, kind, was),
                // It went away just now.
                Err(_) => {}
            }
        }
    }

    /// Reads files, the small ones first.
    fn contents(&mut self) {
        let mut files: Vec<(u64, PathBuf)> = self
            .items
            .iter()
            .filter_map(|(path, item)| match item {
                Item::File(file) => Some((file.was.size, path.clone())),
                _ => None,
            })
            .collect();
        files.sort_unstable();
        for (size, path) in files {
            if self.bytes + size > MOST_BYTES {
                self.leave(&path, TOO_MUCH);
                continue;
            }
            match self.content(&path, size) {
                Ok((was, content)) => {
                    self.bytes += content.len() as u64;
                    let content = Some(content);
                    self.items.insert(path, Item::File(File { was, content }));
                }
                Err(_) => self.leave(&path, UNREADABLE),
            }
        }
    }

    fn content(&self, path: &Path, size: u64) -> io::Result<(Metadata, Vec<u8>)> {
        let file = self.open(path, OFlags::RDONLY | OFlags::NONBLOCK)?;
        let stat = fstat(&file)?;
        let mut content = Vec::new();
        fs::File::from(file).take(size + 1).read_to_end(&mut content)?;
        let whole = content.len() as u64 == size;
        if whole && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            Ok((Metadata::from(&stat), content))
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    /// Says which directories must be there.
    fn fix(&mut self) {
        let there = |item: &Item| match item {
            Item::Absent | Item::Left => false,
            Item::File(_) | Item::Link(_) => true,
            Item::Directory(directory) => directory.whole,
        };
        let needed: BTreeSet<PathBuf> = self
            .items
            .iter()
            .filter(|(_, item)| there(item))
            .flat_map(|(path, _)| path.ancestors().map(Path::to_owned))
            .chain(self.left.keys().flat_map(|path| path.ancestors().map(Path::to_owned)))
            .collect();
        for (path, item) in &mut self.items {
            if let Item::Directory(directory) = item {
                directory.fixed = needed.contains(path);
            }
        }
    }

    /// What is not kept is said by the name of the place, or of the part of it that is next.
    fn leave(&mut self, path: &Path, why: &'static str) {
        let part: PathBuf = path.components().take(3).collect();
        self.left.insert(part, why);
    }
}
