//! Files of the machine and of people.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{Credential, Read, Write},
    Scene,
};

cases![
    a_secret_outside = Case::new(
        "a file beside the workspace, by five names",
        &[
            "file",
            "read",
            "{loot}",
            "../loot",
            "/proc/self/root{loot}",
            "/proc/self/cwd/../loot",
            "/proc/thread-self/cwd/../loot",
        ],
    )
    .at(Scene::Loot)
    .open_to_everybody()
    .unrecorded("what is not there was not read")
    .but_at_rung_2(Recorded(&[Read("{loot}")])),
    credentials = Case::new(
        "credentials where people keep them",
        &[
            "file",
            "read",
            "/root/.ssh/id_ed25519",
            "/home/ana/.aws/credentials",
            "/home/build/.docker/config.json",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
        ],
    )
    .recorded(&[
        Credential("/root/.ssh/id_ed25519"),
        Credential("/home/ana/.aws/credentials"),
        Credential("/home/build/.docker/config.json"),
        Credential("/var/run/secrets/kubernetes.io/serviceaccount/token"),
    ]),
    accounts =
        Case::new("the machine's passwords", &["file", "read", "/etc/shadow", "/etc/gshadow"])
            .open_to_root()
            .recorded(&[Credential("/etc/shadow"), Credential("/etc/gshadow")]),
    system_files = Case::new(
        "writing to the system's files",
        &["file", "write", "/etc/passwd", "/usr/bin/env", "/bin/sh", "/etc/hosts"],
    )
    .open_to_root()
    .recorded(&[Write("/etc/passwd"), Write("/usr/bin/env"), Write("/etc/hosts")]),
    system_folders = Case::new(
        "new files in the system's folders",
        &["file", "make-in", "/usr/bin", "/usr/lib", "/etc", "/", "/home", "/var", "/dev"],
    )
    .open_to_root()
    .recorded(&[Write("/usr/bin/penstock-escape"), Write("/etc/penstock-escape")]),
    kernel_settings = Case::new(
        "the kernel's settings",
        &[
            "file",
            "write",
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/kernel/modprobe",
            "/proc/sys/vm/overcommit_memory",
            "/proc/sysrq-trigger",
            "/proc/sys/fs/binfmt_misc/register",
        ],
    )
    .open_to_root()
    .recorded(&[Write("/proc/sys/kernel/core_pattern"), Write("/proc/sysrq-trigger")]),
    own_process_settings = Case::new(
        "who is killed first, and its own maps of users",
        &[
            "file",
            "write",
            "/proc/self/oom_score_adj",
            "/proc/self/uid_map",
            "/proc/1/oom_score_adj"
        ],
    )
    .open_to_root()
    .unrecorded("its own process's settings"),
    control_groups = Case::new(
        "control groups and devices",
        &[
            "file",
            "write",
            "/sys/fs/cgroup/cgroup.procs",
            "/sys/fs/cgroup/release_agent",
            "/sys/kernel/uevent_helper",
        ],
    )
    .recorded(&[Write("/sys/fs/cgroup/cgroup.procs"), Write("/sys/fs/cgroup/release_agent")]),
    devices = Case::new(
        "memory of the machine",
        &["file", "read", "/dev/mem", "/dev/kmsg", "/dev/port", "/proc/kcore"],
    )
    .recorded(&[Credential("/dev/mem"), Credential("/dev/kmsg"), Credential("/proc/kcore")]),
    host_link =
        Case::new("a hard link to a file outside", &["file", "link", "/etc/passwd", "mine"],)
            .recorded(&[Write("/etc/passwd")]),
];
