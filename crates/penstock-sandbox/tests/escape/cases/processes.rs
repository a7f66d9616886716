//! By other processes: `1` is the one of ours beside the step, `{pid}` one of the host.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{Call, CallWith, Credential},
    Scene,
};

cases![
    trace = Case::new("tracing a process of the host", &["process", "ptrace", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .recorded(&[Call("ptrace")]),
    trace_ours = Case::new("tracing ours beside the step", &["process", "ptrace", "1"])
        .recorded(&[Call("ptrace")]),
    memory = Case::new("memory of a process of the host", &["process", "read-memory", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .recorded(&[Call("process_vm_readv")]),
    memory_ours = Case::new("memory of ours", &["process", "read-memory", "1"])
        .recorded(&[Call("process_vm_readv")]),
    memory_by_file = Case::new(
        "the same by `/proc`",
        &["file", "read", "/proc/{pid}/mem", "/proc/{pid}/maps", "/proc/1/mem", "/proc/1/maps"],
    )
    .at(Scene::Victim)
    .open_to_everybody()
    .recorded(&[Credential("/proc/{pid}/mem"), Credential("/proc/1/mem")]),
    write_memory = Case::new("writing into another's memory", &["calls", "process_vm_writev"])
        .recorded(&[Call("process_vm_writev")]),
    compare = Case::new("comparing what processes share (kcmp)", &["calls", "kcmp"])
        .recorded(&[Call("kcmp")]),
    environment = Case::new(
        "environment of a process of the host",
        &["file", "read", "/proc/{pid}/environ", "/proc/1/environ"],
    )
    .at(Scene::Victim)
    .open_to_everybody()
    .recorded(&[Credential("/proc/{pid}/environ"), Credential("/proc/1/environ")]),
    every_environment =
        Case::new("every environment and command line there is", &["file", "other-environments"])
            .at(Scene::Victim)
            .open_to_everybody()
            .recorded(&[Credential("/proc/1/environ")]),
    root_of_another = Case::new(
        "the host's files through another's root and folder",
        &["file", "read", "/proc/{pid}/root{loot}", "/proc/1/root{loot}", "/proc/1/cwd{loot}"],
    )
    .at(Scene::Loot)
    .open_to_everybody()
    .unrecorded("a name beneath `/proc` that leads nowhere"),
    limit_ours = Case::new("limits of ours beside the step", &["process", "limit", "1"])
        .recorded(&[CallWith("prlimit64", "of another process")]),
    slow_another = Case::new("priority of a process of the host", &["process", "slow", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded("within, the number names nobody")
        .but_at_rung_2(Recorded(&[CallWith("setpriority", "of another process")])),
    slow_ours = Case::new("priority of ours beside the step", &["process", "slow", "1"])
        .residual("the same user may lower it: it slows the step's own end only", &[])
        .but_at_rung_2(Recorded(&[CallWith("setpriority", "of another process")])),
];
