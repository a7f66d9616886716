//! To become somebody else, now or by whoever comes later.

use super::case::{
    Case,
    Mark::{Call, CallWith, Killed, Write},
    Scene,
};

cases![
    set_user_id = Case::new("running a set-user-id program", &["file", "same-user", "{program}"],)
        .at(Scene::SetUserId)
        .open_to_root()
        .unrecorded("it runs, as the step's user"),
    making_set_user_id = Case::new(
        "making a set-user-id file, six ways",
        &[
            "calls",
            "fchmod-setuid",
            "fchmod-setgid",
            "fchmodat-setuid",
            "fchmodat2-setuid",
            "open-setuid",
            "open-tmpfile-setuid",
        ],
    )
    .open_to_everybody()
    .recorded(&[
        CallWith("fchmod", "set-user-id or set-group-id"),
        CallWith("fchmodat", "set-user-id or set-group-id"),
        CallWith("fchmodat2", "set-user-id or set-group-id"),
        CallWith("openat", "set-user-id or set-group-id"),
    ]),
    file_capability = Case::new("a capability on a file", &["file", "capability", "mine"])
        .open_to_root()
        .unrecorded("refused by the kernel, which asks nobody"),
    becoming_root = Case::new("user 0, group 0", &["process", "become", "0"])
        .open_to_root()
        .unrecorded("refused by the kernel, which asks nobody"),
    preload = Case::new(
        "a library for every program of ours",
        &["file", "write", "/etc/ld.so.preload", "/etc/ld.so.cache", "/usr/lib/penstock-escape.so"],
    )
    .recorded(&[Write("/etc/ld.so.preload"), Write("/etc/ld.so.cache")]),
    address_layout =
        Case::new("programs without random addresses", &["calls", "personality-norandom"])
            .open_to_everybody()
            .recorded(&[CallWith("personality", "0x40000")]),
    another_architecture =
        Case::new("calls of 32-bit x86", &["foreign"]).at(Scene::X86).recorded(&[Killed(31)]),
    x32 = Case::new("calls of x32", &["calls", "x32-getpid", "x32-ptrace"])
        .at(Scene::X86)
        .unrecorded("answered as not there"),
    unknown_calls = Case::new("calls that this program does not know", &["calls", "future-call"])
        .unrecorded("answered as not there"),
    keyrings = Case::new("keys of the kernel", &["calls", "keyctl", "add_key", "request_key"])
        .open_to_everybody()
        .recorded(&[Call("keyctl"), Call("add_key"), Call("request_key")]),
];
