//! Who the step is on the host.
//!
//! Started by an ordinary user, a step is that user with every privilege gone. Started by root it
//! must be somebody else: without capabilities, user 0 of the host still owns root's files, writes
//! root's sysctls and escapes `RLIMIT_NPROC`.

use std::{
    fs, io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Uid, openat},
    mount::{OpenTreeFlags, open_tree},
    pipe::{PipeFlags, pipe_with},
    process::Pid,
    thread::CapabilitySet,
};

use super::{
    mount::{self, Attributes},
    process::{Side, exit_now, fork_into},
};
use crate::{Identity, StepSpec};

/// The user and group a step sees itself as.
pub(super) const INSIDE: u32 = 1000;

/// The host user and group of steps started by root: in the range that systemd's table of user ids
/// keeps unused (65520–65533), and small enough to exist in the usual container's 65,536 ids.
/// <https://systemd.io/UIDS-GIDS/>
const SEPARATE: u32 = 65530;

/// What it takes to be another user and to give files to them.
const BECOMING_ANOTHER: CapabilitySet =
    CapabilitySet::SETUID.union(CapabilitySet::SETGID).union(CapabilitySet::CHOWN);

/// How the step's user is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// One user, the caller's.
    Caller { uid: u32, gid: u32 },
    /// Root's privileges build the file system; the step is [`SEPARATE`].
    Separate { gid: u32 },
}

impl Plan {
    /// The strongest this process can have for work on `in_place`, files of a person that must stay
    /// that person's.
    pub(super) fn choose_in_place(in_place: &Path) -> Self {
        match Self::choose() {
            Self::Separate { gid } if mapped_tree(in_place).is_err() => {
                Self::Caller { uid: rustix::process::geteuid().as_raw(), gid }
            }
            plan => plan,
        }
    }

    /// The strongest this process can have.
    pub(super) fn choose() -> Self {
        // Maps of users are written from outside of the namespace.
        Self::choose_with(BECOMING_ANOTHER | CapabilitySet::SYS_ADMIN)
    }

    /// The strongest this process can have without namespaces.
    pub(super) fn choose_alone() -> Self {
        Self::choose_with(BECOMING_ANOTHER)
    }

    fn choose_with(needed: CapabilitySet) -> Self {
        let uid = rustix::process::geteuid();
        let gid = rustix::process::getegid().as_raw();
        let able =
            rustix::thread::capabilities(None).is_ok_and(|sets| sets.effective.contains(needed));
        if uid.is_root() && able && maps("/proc/self/uid_map") && maps("/proc/self/gid_map") {
            Self::Separate { gid }
        } else {
            Self::Caller { uid: uid.as_raw(), gid }
        }
    }

    pub(super) fn identity(self) -> Identity {
        let (host_uid, host_gid) = match self {
            Self::Caller { uid, gid } => (uid, gid),
            Self::Separate { .. } => (SEPARATE, SEPARATE),
        };
        Identity { inside_uid: INSIDE, host_uid, host_gid }
    }

    /// The user and group of the host that a step becomes without namespaces.
    pub(super) fn separate_user(self) -> Option<(u32, u32)> {
        self.is_separate().then_some((SEPARATE, SEPARATE))
    }

    pub(super) fn is_separate(self) -> bool {
        matches!(self, Self::Separate { .. })
    }

    /// Writes the maps of the child's user namespace.
    pub(super) fn map(self, child: Pid) -> io::Result<()> {
        match self {
            Self::Caller { uid, gid } => {
                // An ordinary user may map a group only after giving up setgroups(2):
                // user_namespaces(7).
                write(child, "setgroups", "deny")?;
                write(child, "uid_map", &format!("{INSIDE} {uid} 1\n"))?;
                write(child, "gid_map", &format!("{INSIDE} {gid} 1\n"))
            }
            Self::Separate { gid } => {
                write(child, "uid_map", &format!("0 0 1\n{INSIDE} {SEPARATE} 1\n"))?;
                write(child, "gid_map", &format!("0 {gid} 1\n{INSIDE} {SEPARATE} 1\n"))
            }
        }
    }
}

/// Whether [`SEPARATE`] exists in the user namespace we are in.
fn maps(path: &str) -> bool {
    let Ok(map) = fs::read_to_string(path) else { return false };
    map.lines().any(|line| {
        let mut fields = line.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(first)), Some(_), Some(Ok(count))) =
            (fields.next(), fields.next(), fields.next())
        else {
            return false;
        };
        (first..first.saturating_add(count)).contains(&u64::from(SEPARATE))
    })
}

fn write(child: Pid, file: &str, text: &str) -> io::Result<()> {
    fs::write(format!("/proc/{}/{file}", child.as_raw_nonzero()), text)
}

/// How root's workspace became the separate user's.
pub(super) enum Handover {
    /// The mount maps owners; the files on disk stay root's.
    Mapped(OwnedFd),
    /// The files on disk were given away.
    Given,
}

impl Handover {
    /// The mount that maps owners, if that is how it was done.
    pub(super) fn mapped(self) -> Option<OwnedFd> {
        match self {
            Self::Mapped(tree) => Some(tree),
            Self::Given => None,
        }
    }
}

/// Makes the workspace, or a home that is kept, the separate user's: by a mount that maps owners where the file system can,
/// else by giving the files away.
pub(super) fn hand_over(workspace: &Path) -> io::Result<Handover> {
    match mapped_tree(workspace) {
        Ok(tree) => Ok(Handover::Mapped(tree)),
        Err(_) => give(workspace).map(|()| Handover::Given),
    }
}

/// Gives the files away.
pub(super) fn give(workspace: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = openat(CWD, workspace, flags, Mode::empty())?;
    give_away(root.as_fd(), 0)
}

/// A detached copy of the mount in which the directory's owner and group are [`SEPARATE`], both ways.
/// mount_setattr(2), "ID-mapped mounts".
fn mapped_tree(workspace: &Path) -> io::Result<OwnedFd> {
    let owner = rustix::fs::stat(workspace)?;
    let map = owner_map(owner.st_uid, owner.st_gid)?;
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let tree = open_tree(CWD, workspace, flags)?;
    mount::set(tree.as_fd(), Attributes { owners: Some(map.as_fd()), ..Attributes::WORKSPACE })?;
    Ok(tree)
}

/// A user namespace that serves as a map of owners; nothing runs in it.
fn owner_map(uid: u32, gid: u32) -> io::Result<OwnedFd> {
    let (wait, release) = pipe_with(PipeFlags::CLOEXEC)?;
    match fork_into(libc::CLONE_NEWUSER)? {
        Side::Child => {
            drop(release);
            let _ = rustix::io::read(&wait, &mut [0_u8; 1]);
            exit_now(0)
        }
        Side::Parent(child) => {
            let opened = write(child, "uid_map", &format!("{uid} {SEPARATE} 1\n"))
                .and_then(|()| write(child, "gid_map", &format!("{gid} {SEPARATE} 1\n")))
                .and_then(|()| fs::File::open(format!("/proc/{}/ns/user", child.as_raw_nonzero())));
            drop((release, wait));
            rustix::process::waitpid(Some(child), rustix::process::WaitOptions::empty())?;
            opened.map(OwnedFd::from)
        }
    }
}

/// No link is followed; directories nested deeper than any real project are refused.
fn give_away(directory: BorrowedFd<'_>, depth: usize) -> io::Result<()> {
    const MAX_DEPTH: usize = 512;
    if depth > MAX_DEPTH {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    let (uid, gid) = (Some(Uid::from_raw(SEPARATE)), Some(Gid::from_raw(SEPARATE)));
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let inner = openat(directory, name, flags, Mode::empty())?;
            give_away(inner.as_fd(), depth + 1)?;
        } else {
            rustix::fs::chownat(directory, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)?;
        }
    }
    Ok(rustix::fs::fchown(directory, uid, gid)?)
}

/// Whether processes of other users can be looked into; ptrace(2), "Ptrace access mode checking".
pub(super) fn may_look_into_others() -> bool {
    rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_PTRACE))
}

/// Lets the step open `/dev/stdin`, `/dev/stdout` and `/dev/stderr` by name: pipes belong to who made
/// them.
pub(super) fn give_streams(spec: &StepSpec) {
    let (uid, gid) = (Some(Uid::from_raw(SEPARATE)), Some(Gid::from_raw(SEPARATE)));
    let _ = rustix::fs::fchown(rustix::stdio::stdout(), uid, gid);
    let _ = rustix::fs::fchown(rustix::stdio::stderr(), uid, gid);
    if spec.input {
        let _ = rustix::fs::fchown(rustix::stdio::stdin(), uid, gid);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn giving_away_follows_no_link() {
        if !rustix::process::geteuid().is_root() {
            println!("SKIPPED: only root can give files away");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (workspace, outside) = (folder.path().join("w"), folder.path().join("outside"));
        fs::create_dir_all(workspace.join("a/b")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("key"), "").unwrap();
        fs::write(workspace.join("a/b/file"), "").unwrap();
        symlink(&outside, workspace.join("a/link")).unwrap();
        symlink(outside.join("key"), workspace.join("key")).unwrap();
        let root = openat(CWD, &workspace, OFlags::RDONLY, Mode::empty()).unwrap();
        give_away(root.as_fd(), 0).unwrap();
        let owner = |path: &Path| fs::symlink_metadata(path).unwrap().uid();
        for given in ["", "a", "a/b", "a/b/file", "a/link", "key"] {
            assert_eq!(owner(&workspace.join(given)), SEPARATE, "{given}");
        }
        assert_eq!((owner(&outside), owner(&outside.join("key"))), (0, 0));
    }
}
