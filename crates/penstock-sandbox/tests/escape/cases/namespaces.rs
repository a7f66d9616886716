//! By namespaces, mounts and roots.

use super::case::{
    Case,
    Mark::{Call, CallWith},
};

cases![
    new_user = Case::new("a new user namespace", &["calls", "unshare-newuser", "clone-newuser"])
        .open_to_everybody()
        .recorded(&[CallWith("unshare", "new namespaces"), CallWith("clone", "new namespaces")]),
    new_others = Case::new(
        "new network, mount, PID, cgroup and time namespaces",
        &[
            "calls",
            "unshare-newnet",
            "unshare-newns",
            "unshare-newpid",
            "unshare-newcgroup",
            "unshare-newtime",
            "clone-newnet",
            "clone-newpid",
        ],
    )
    .open_to_root()
    .recorded(&[CallWith("unshare", "new namespaces"), CallWith("clone", "new namespaces")]),
    arguments_in_memory = Case::new(
        "clone3 and openat2, whose arguments no filter can judge",
        &["calls", "clone3", "openat2"],
    )
    .open_to_everybody()
    .unrecorded("answered as not there, as programs expect of older kernels"),
    others = Case::new("another's namespaces (setns)", &["calls", "setns"])
        .open_to_everybody()
        .recorded(&[Call("setns")]),
    mount = Case::new("mount, umount", &["calls", "mount", "umount2", "mount_setattr"])
        .open_to_root()
        .recorded(&[Call("mount"), Call("umount2"), Call("mount_setattr")]),
    mount_by_descriptor = Case::new(
        "mounting by descriptor",
        &["calls", "fsopen", "open_tree", "open_tree_attr", "move_mount"],
    )
    .open_to_root()
    .recorded(&[Call("fsopen"), Call("open_tree"), Call("open_tree_attr"), Call("move_mount"),]),
    root = Case::new("another root", &["calls", "chroot", "pivot_root"])
        .open_to_root()
        .recorded(&[Call("chroot"), Call("pivot_root")]),
    files_by_handle = Case::new("a file by its handle", &["calls", "open_by_handle_at"])
        .open_to_root()
        .recorded(&[Call("open_by_handle_at")]),
];
