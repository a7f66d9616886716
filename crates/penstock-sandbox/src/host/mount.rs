//! Mounts by descriptor: a tree is copied, given its attributes, and only then put in its place.

use std::{
    io,
    mem::size_of,
    os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::CWD,
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
        fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
    },
};

/// Attributes of a mount and of all that is mounted beneath it. They are only ever added.
#[derive(Clone, Copy, Default)]
pub(super) struct Attributes<'a> {
    pub(super) read_only: bool,
    pub(super) no_devices: bool,
    pub(super) no_exec: bool,
    /// A user namespace that maps owners.
    pub(super) owners: Option<BorrowedFd<'a>>,
}

impl Attributes<'_> {
    /// The system and toolchains.
    pub(super) const READ_ONLY: Self =
        Self { read_only: true, no_devices: true, no_exec: false, owners: None };
    /// The workspace.
    pub(super) const WORKSPACE: Self =
        Self { read_only: false, no_devices: true, no_exec: false, owners: None };
    /// One device node. It can be written to all the same; its mode and owner, which are the host's,
    /// cannot be changed.
    pub(super) const DEVICE: Self =
        Self { read_only: true, no_devices: false, no_exec: true, owners: None };
}

/// A detached copy of what is mounted at `path`, with everything beneath it.
pub(super) fn copy(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

/// A detached copy of what is mounted at an open file or directory, with its attributes.
pub(super) fn copy_at(at: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_EMPTY_PATH;
    Ok(open_tree(at, c"", flags)?)
}

/// Adds attributes; set-user-id bits never count on any mount of a step.
pub(super) fn set(tree: BorrowedFd<'_>, attributes: Attributes<'_>) -> io::Result<()> {
    change(tree, attributes, libc::AT_EMPTY_PATH | libc::AT_RECURSIVE)
}

/// Adds attributes to one mount and to none beneath it.
pub(super) fn seal(mount: BorrowedFd<'_>, attributes: Attributes<'_>) -> io::Result<()> {
    change(mount, attributes, libc::AT_EMPTY_PATH)
}

fn change(tree: BorrowedFd<'_>, attributes: Attributes<'_>, how: libc::c_int) -> io::Result<()> {
    let mut flags = libc::MOUNT_ATTR_NOSUID;
    for (wanted, flag) in [
        (attributes.read_only, libc::MOUNT_ATTR_RDONLY),
        (attributes.no_devices, libc::MOUNT_ATTR_NODEV),
        (attributes.no_exec, libc::MOUNT_ATTR_NOEXEC),
        (attributes.owners.is_some(), libc::MOUNT_ATTR_IDMAP),
    ] {
        if wanted {
            flags |= flag;
        }
    }
    let request = MountAttr {
        attr_set: flags,
        attr_clr: 0,
        propagation: 0,
        userns_fd: attributes
            .owners
            .map_or(0, |owners| u64::try_from(owners.as_raw_fd()).unwrap_or(u64::MAX)),
    };
    // SAFETY: the path is an empty C string, as AT_EMPTY_PATH asks for; the structure is the
    // kernel's and lives through the call, which only reads it; its true size is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            how,
            &raw const request,
            size_of::<MountAttr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// `struct mount_attr` of linux/mount.h, first published size (32 bytes).
#[repr(C)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Puts a detached tree on `target`, an open directory or file.
pub(super) fn attach(tree: &OwnedFd, target: BorrowedFd<'_>) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(tree, c"", target, c"", flags)?)
}

/// A new file system that is nowhere yet.
pub(super) fn new(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        fsconfig_set_string(context.as_fd(), *key, *value)?;
    }
    fsconfig_create(context.as_fd())?;
    Ok(fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}
