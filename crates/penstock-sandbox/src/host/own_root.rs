//! A root file system of the step's own, instead of the host's: its top-level directories, each a
//! mount of its own that is read-only and has no devices, and everything that is ours on top.
//!
//! The tree is a stranger's. Its names are looked up without following links, its links are made
//! again in the private root, where they lead nowhere else, and no name of ours is taken from it.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    os::{
        fd::{AsFd as _, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, openat2, readlinkat, statat, symlinkat,
    },
    io::Errno,
};

use super::{
    mount::{self, Attributes},
    report::{During as _, SetupFailure},
    root::{Tree, directories, place},
};

/// Made for each step, never the tree's.
const OURS: &[&str] = &["dev", "proc", "sys", "tmp"];

/// Directories that are made anew from what is in the tree's, without these names: what is in them is
/// partly ours.
const OPENED: &[(&str, &[&str])] = &[
    ("etc", &["group", "hostname", "hosts", "nsswitch.conf", "passwd", "resolv.conf"]),
    ("home", &["build"]),
    ("var", &["tmp"]),
];

/// The most names looked at in one directory: each becomes a mount.
const MOST_NAMES: usize = 4096;
/// The most bytes of a table of users that are taken over.
const MOST_USERS: u64 = 256 << 10;

/// What is shown of a tree, copied and not yet in its place.
pub(super) struct OwnRoot {
    parts: Vec<Part>,
    /// `/etc/passwd` and `/etc/group` of the tree.
    pub(super) users: Option<String>,
    pub(super) groups: Option<String>,
}

enum Part {
    Mount(Tree),
    Link { place: PathBuf, target: Vec<u8> },
}

impl OwnRoot {
    /// `workspace` is where the step sees its workspace.
    pub(super) fn gather(tree: &Path, workspace: &Path) -> Result<Self, SetupFailure> {
        let what = || format!("showing the root `{}`", tree.display());
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let top = rustix::fs::open(tree, flags, Mode::empty()).during(what)?;
        let mut own = Self { parts: Vec::new(), users: None, groups: None };
        let of_workspace = workspace.iter().nth(1).unwrap_or_default();
        for name in names(top.as_fd()).during(what)? {
            let text = name.to_str().unwrap_or_default();
            if OURS.contains(&text) || name == of_workspace {
                continue;
            }
            let opened = OPENED.iter().find(|(opened, _)| *opened == text);
            let Some((_, ours)) = opened else {
                own.add(top.as_fd(), &name, Path::new("/")).during(what)?;
                continue;
            };
            // A link in its place leads where it likes in the tree; what is ours does not.
            let Ok(inner) = beneath(top.as_fd(), &name, flags) else { continue };
            let place = Path::new("/").join(&name);
            for inner_name in names(inner.as_fd()).during(what)? {
                if !ours.iter().any(|ours| inner_name == *ours) {
                    own.add(inner.as_fd(), &inner_name, &place).during(what)?;
                }
            }
            if text == "etc" {
                own.users = table(inner.as_fd(), "passwd");
                own.groups = table(inner.as_fd(), "group");
            }
        }
        Ok(own)
    }

    fn add(&mut self, directory: BorrowedFd<'_>, name: &OsStr, above: &Path) -> io::Result<()> {
        let place = above.join(name);
        let found = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = FileType::from_raw_mode(found.st_mode);
        match kind {
            FileType::Symlink => {
                let target = readlinkat(directory, name, Vec::new())?.into_bytes();
                self.parts.push(Part::Link { place, target });
            }
            FileType::Directory | FileType::RegularFile => {
                let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let tree = mount::copy_at(beneath(directory, name, flags)?.as_fd())?;
                mount::set(tree.as_fd(), Attributes::READ_ONLY)?;
                let directory = kind == FileType::Directory;
                self.parts.push(Part::Mount(Tree { tree, place, directory }));
            }
            // No unpacked tree has any.
            _ => {}
        }
        Ok(())
    }

    /// Puts everything into the private root, which is empty.
    pub(super) fn place(&self, root: BorrowedFd<'_>) -> Result<(), SetupFailure> {
        for (opened, _) in OPENED {
            directories(root, Path::new(opened))?;
        }
        for part in &self.parts {
            match part {
                Part::Mount(tree) => place(root, tree)?,
                Part::Link { place, target } => {
                    let name = place.strip_prefix("/").unwrap_or(place);
                    symlinkat(OsStr::from_bytes(target), root, name)
                        .during(|| format!("linking `{}`", place.display()))?;
                }
            }
        }
        Ok(())
    }
}

/// A table of users or groups of the tree without who the step is, after whom it comes.
pub(super) fn others(table: &str) -> String {
    let plain = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.is_empty() && name != "build" && !name.starts_with(['+', '-', '#'])
    };
    table.lines().filter(plain).flat_map(|line| [line, "\n"]).collect()
}

fn table(etc: BorrowedFd<'_>, name: &str) -> Option<String> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(beneath(etc, OsStr::new(name), flags).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(MOST_USERS).read_to_string(&mut text).ok()?;
    Some(text)
}

fn beneath(directory: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    openat2(directory, name, flags, Mode::empty(), resolve)
}

/// The names in a directory, in a fixed order.
fn names(directory: BorrowedFd<'_>) -> rustix::io::Result<Vec<std::ffi::OsString>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let listed = rustix::fs::openat(directory, c".", flags, Mode::empty())?;
    let mut names = Vec::new();
    for entry in Dir::read_from(&listed)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
        if names.len() > MOST_NAMES {
            return Err(Errno::TOOBIG);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_the_steps_user() {
        let table = "root:x:0:0::/root:/bin/sh\nbuild:x:0:0::/evil:/bin/sh\n+::::::\n\n#x\nnode:x:1000:1000::/:";
        assert_eq!(others(table), "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/:\n");
    }
}
