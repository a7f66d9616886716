//! Reads the memory of the process that holds every secret of the job, and prints it.

use super::case::{
    Case,
    Mark::{Call, Credential},
    Scene,
};

cases![
    read_runner = Case::new(
        "reads the runner's memory by `/proc`",
        &["file", "read", "/proc/{pid}/maps", "/proc/{pid}/mem",]
    )
    .at(Scene::Victim)
    .open_to_everybody()
    .recorded(&[Credential("/proc/{pid}/maps"), Credential("/proc/{pid}/mem")]),
    read_runner_by_call = Case::new("the same by a call", &["process", "read-memory", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .recorded(&[Call("process_vm_readv")]),
    read_parent = Case::new(
        "reads whoever started it",
        &["file", "read", "/proc/1/maps", "/proc/1/mem", "/proc/1/environ",]
    )
    .recorded(&[
        Credential("/proc/1/maps"),
        Credential("/proc/1/mem"),
        Credential("/proc/1/environ"),
    ]),
    print_it = Case::new(
        "prints, in a form that no mask knows, what it was given",
        &["say", "through: log: cGxhbnRlZC1sb290"],
    )
    .residual("what a step is given it can print; only forms that are known are masked", &[]),
];
