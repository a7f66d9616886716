//! Listing a directory and everything beneath it: one `getdents` per 32 KiB of names, one `fstatat`
//! per file that is not ignored, relative to its directory.

use std::{
    ffi::CStr,
    io,
    os::fd::{AsFd as _, BorrowedFd},
    path::Path,
};

use penstock_model::{RepoPath, SkipReason, Skipped};
use rustix::fs::{AtFlags, Dir, FileType};

use super::{ignores::Ignores, open};
use crate::{Entry, Listing, Stat};

/// Lists the tree beneath `root`, which is opened as `opened`. Files come in the order of their
/// paths' bytes, so that sorting them again costs nothing.
pub(super) fn walk(root: &Path, opened: BorrowedFd<'_>) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let ignores = Ignores::above(root, &mut listing.skipped);
    let mut walk = Walk { root: opened, ignores, listing, names: Names::default() };
    let mut open = vec![walk.directory(None)?];
    // A stack of our own: how deep directories are nested is up to whoever made them.
    while let Some(directory) = open.last_mut() {
        match directory.children.next() {
            None => {
                walk.ignores.leave(directory.depth);
                open.pop();
            }
            Some(Child::File(entry)) => walk.listing.files.push(entry),
            Some(Child::Directory(path)) => match walk.directory(Some(&path)) {
                Ok(directory) => open.push(directory),
                Err(error) => walk.unreadable(path, &error),
            },
        }
    }
    Ok(walk.listing)
}

struct Walk<'a> {
    root: BorrowedFd<'a>,
    ignores: Ignores<'a>,
    listing: Listing,
    names: Names,
}

/// A directory whose children are still to be visited.
struct Open {
    children: std::vec::IntoIter<Child>,
    /// How many ignore files hold outside of it.
    depth: usize,
}

enum Child {
    File(Entry),
    Directory(RepoPath),
}

impl Walk<'_> {
    /// Lists one directory; the root is `None`.
    fn directory(&mut self, path: Option<&RepoPath>) -> io::Result<Open> {
        let opened;
        let at = match path {
            Some(path) => {
                opened = open::directory_beneath(self.root, path.as_path())?;
                opened.as_fd()
            }
            None => self.root,
        };
        let mut names = std::mem::take(&mut self.names);
        names.read(at)?;
        let depth = self.ignores.depth();
        if names.has_ignore_file {
            self.ignores.enter(self.root, path, &mut self.listing.skipped);
        }
        let mut children = Vec::with_capacity(names.list.len());
        for (name, kind) in names.iter() {
            children.extend(self.child(at, path, name, kind));
        }
        self.names = names;
        Ok(Open { children: children.into_iter(), depth })
    }

    fn child(
        &mut self,
        at: BorrowedFd<'_>,
        parent: Option<&RepoPath>,
        name: &CStr,
        mut kind: FileType,
    ) -> Option<Child> {
        // A name with a slash in it cannot come from a sound file system.
        let path = join(parent, name.to_bytes())?;
        let mut stat = None;
        if kind == FileType::Unknown {
            match rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => kind = FileType::from_raw_mode(stat.insert(found).st_mode),
                Err(error) => return self.unreadable_child(path, &error.into()),
            }
        }
        if self.ignores.matches(&path, kind.is_dir()) {
            return self.skip(path, SkipReason::Ignored, "");
        }
        if kind.is_file() && stat.is_none() {
            match rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => kind = FileType::from_raw_mode(stat.insert(found).st_mode),
                Err(error) => return self.unreadable_child(path, &error.into()),
            }
        }
        match (kind, stat) {
            (FileType::Directory, _) => Some(Child::Directory(path)),
            (FileType::RegularFile, Some(stat)) => {
                let stat = Stat::of(&stat);
                let mut entry = Entry::new(path, stat.size);
                entry.stat = Some(stat);
                Some(Child::File(entry))
            }
            (FileType::Symlink, _) => self.skip(path, SkipReason::NotRegular, "a link"),
            _ => self.skip(path, SkipReason::NotRegular, "a device, socket or FIFO"),
        }
    }

    fn skip(&mut self, path: RepoPath, reason: SkipReason, detail: &str) -> Option<Child> {
        self.listing.skipped.push(Skipped { path, reason, detail: detail.to_owned() });
        None
    }

    fn unreadable_child(&mut self, path: RepoPath, error: &io::Error) -> Option<Child> {
        self.unreadable(path, error);
        None
    }

    fn unreadable(&mut self, path: RepoPath, error: &io::Error) {
        let (reason, detail) = (SkipReason::Unreadable, error.to_string());
        self.listing.skipped.push(Skipped { path, reason, detail });
    }
}

fn join(parent: Option<&RepoPath>, name: &[u8]) -> Option<RepoPath> {
    let parent = parent.map(RepoPath::as_bytes);
    let mut bytes = Vec::with_capacity(parent.map_or(0, |parent| parent.len() + 1) + name.len());
    if let Some(parent) = parent {
        bytes.extend_from_slice(parent);
        bytes.push(b'/');
    }
    bytes.extend_from_slice(name);
    RepoPath::new(bytes).ok()
}

/// The names in one directory, in memory that is used again for the next.
#[derive(Default)]
struct Names {
    /// Each with the NUL that ends it.
    bytes: Vec<u8>,
    list: Vec<(std::ops::Range<usize>, FileType)>,
    has_ignore_file: bool,
}

impl Names {
    fn read(&mut self, directory: BorrowedFd<'_>) -> io::Result<()> {
        self.bytes.clear();
        self.list.clear();
        self.has_ignore_file = false;
        for entry in Dir::read_from(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            match name.to_bytes() {
                b"." | b".." | b".git" | b".penstock" => continue,
                b".gitignore" => self.has_ignore_file = true,
                _ => {}
            }
            let start = self.bytes.len();
            self.bytes.extend_from_slice(name.to_bytes_with_nul());
            self.list.push((start..self.bytes.len(), entry.file_type()));
        }
        let bytes = &self.bytes;
        // As whole paths sort: what is in `a/` after `a.b`, since `/` comes after `.`.
        let key = |(range, kind): &(std::ops::Range<usize>, FileType)| {
            let name = bytes.get(range.start..range.end - 1).unwrap_or_default();
            name.iter().chain(if kind.is_dir() { b"/".as_slice() } else { b"" })
        };
        self.list.sort_unstable_by(|a, b| key(a).cmp(key(b)));
        Ok(())
    }

    fn iter(&self) -> impl Iterator<Item = (&CStr, FileType)> {
        self.list.iter().filter_map(|(range, kind)| {
            let name = CStr::from_bytes_with_nul(self.bytes.get(range.clone())?).ok()?;
            Some((name, *kind))
        })
    }
}
