//! Protected places as they were before a step, to be put back after it.
//!
//! Without mounts, no part of a directory that a step may write to can be taken from it. What it may
//! not change is copied into the step-host's memory, where no step reaches, and set right when its
//! last process is gone. Until then the change is there for everybody to act on, and a step-host that
//! is killed puts nothing back.
//!
//! What a step left in such a place is moved aside, never deleted: it may be a person's work of the
//! same minutes, which nothing tells from the step's. Moving follows no link and opens nothing, so that
//! it does not matter what was planted.

mod restore;
mod take;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::fs::{ResolveFlags, Stat};

use crate::{Protected, StandIn};

/// The most names that are kept, and bytes of contents. What is over is said, place by place.
const MOST_ENTRIES: usize = 4096;
const MOST_BYTES: u64 = 64 << 20;
/// Deeper than anybody's configuration.
const MOST_DEPTH: usize = 32;

/// On the way to a kept place, nothing leads out of the workspace.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

/// Protected places as they were.
pub(super) struct Kept {
    root: OwnedFd,
    root_mode: u32,
    workspace: PathBuf,
    /// By their paths in the workspace. What is above stands before what is in it.
    items: BTreeMap<PathBuf, Item>,
    bytes: u64,
    /// Parts that are not kept, and why.
    left: BTreeMap<PathBuf, &'static str>,
}

enum Item {
    /// Nothing was there, and nothing may be.
    Absent,
    File(File),
    /// A symbolic link, with what it leads to.
    Link(OsString),
    Directory(Directory),
    /// Something that is not kept, and is left as it is.
    Left,
}

struct File {
    was: Metadata,
    /// `None` where it was over a bound.
    content: Option<Vec<u8>>,
}

struct Directory {
    was: Metadata,
    /// Finds it again wherever it is moved to. Of the places themselves and what is above them.
    handle: Option<OwnedFd>,
    /// Whether nothing may be in it but what is kept.
    whole: bool,
    /// Whether it must be there: something kept is in it.
    fixed: bool,
}

/// What the file system said.
#[derive(Clone, Copy)]
struct Metadata {
    device: u64,
    inode: u64,
    mode: u32,
    owner: (u32, u32),
    links: u64,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

impl From<&Stat> for Metadata {
    #[expect(clippy::unnecessary_cast, reason = "the widths differ between architectures")]
    fn from(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            mode: stat.st_mode & 0o7777,
            owner: (stat.st_uid, stat.st_gid),
            links: stat.st_nlink as u64,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        }
    }
}

impl Metadata {
    fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// Which places are put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Those for which nothing stands in, where there is nothing: all others are mounted read-only.
    Unmounted,
}

impl Which {
    fn takes(self, protected: &Protected) -> bool {
        self == Self::All || protected.stand_in == StandIn::PutBack
    }
}

impl Kept {
    /// Whether there is nothing to be put back.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.left.is_empty()
    }

    /// How much is kept, for the record.
    pub(super) fn detail(&self) -> String {
        format!("{} names, {} bytes", self.items.len(), self.bytes)
    }

    /// What of the protected places is not put back, in words for a person.
    pub(super) fn notes(&self) -> Vec<String> {
        const MOST: usize = 16;
        let mut notes: Vec<String> = self
            .left
            .iter()
            .take(MOST)
            .map(|(path, why)| format!("`{}` is not put back: {why}", shown(path)))
            .collect();
        if self.left.len() > MOST {
            notes.push(format!("{} more places are not put back", self.left.len() - MOST));
        }
        notes
    }
}

/// A path on one line.
fn shown(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    crate::printable(path.as_os_str().as_bytes()).replace('\n', "?")
}

/// The names above a path, the workspace left out, from the top down.
fn above(path: &Path) -> Vec<&Path> {
    let mut all: Vec<&Path> =
        path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()).collect();
    all.reverse();
    all
}

/// The names in an open directory, at most `most` and one more.
fn names(directory: &OwnedFd, most: usize) -> rustix::io::Result<BTreeSet<OsString>> {
    use std::os::unix::ffi::OsStringExt as _;
    let mut names = BTreeSet::new();
    for entry in rustix::fs::Dir::read_from(directory)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.insert(OsString::from_vec(name));
        }
        if names.len() > most {
            break;
        }
    }
    Ok(names)
}
