//! Using up what others need.

use super::case::{
    Bound, Case,
    Expect::Residual,
    Mark::{Killed, OutputDropped, TimedOut, WorkspaceFull},
};

/// A bound that the kernel holds by itself.
const KERNEL: &str = "the kernel's bound answers, and nobody is asked";

cases![
    fork_bomb = Case::new("a fork bomb", &["resource", "processes", "400"])
        .within(Bound::Processes(40))
        .open_to_everybody()
        .unrecorded(KERNEL),
    memory =
        Case::new("memory of one process, where a bound is set", &["resource", "memory", "512"])
            .within(Bound::AddressSpace(256))
            .open_to_everybody()
            .unrecorded(KERNEL),
    memory_without_a_bound =
        Case::new("memory, as steps run by default", &["resource", "memory", "256"])
            .open_to_everybody()
            .residual("no control groups: processes together may use all of the machine's", &[]),
    disk = Case::new("the disk under the workspace", &["resource", "disk", "128"])
        .within(Bound::Workspace(32))
        .recorded(&[WorkspaceFull]),
    temporary_files = Case::new("temporary files", &["resource", "temporary", "16"])
        .within(Bound::Temporary(4))
        .unrecorded(KERNEL)
        .but_at_rung_2(Residual("they are on the disk, and nobody measures them", &[])),
    inodes = Case::new("files without content", &["resource", "inodes", "5000"])
        .residual("the workspace's number of files has no bound", &[]),
    one_file = Case::new("one file", &["resource", "file", "16", "large"])
        .within(Bound::File(4))
        .open_to_everybody()
        .recorded(&[Killed(25)]),
    open_files = Case::new("open files", &["resource", "descriptors", "900"])
        .within(Bound::OpenFiles(100))
        .open_to_everybody()
        .unrecorded(KERNEL),
    output = Case::new("endless output", &["resource", "output", "8"])
        .within(Bound::Output(1 << 20))
        .recorded(&[OutputDropped]),
    time = Case::new("a step that never ends", &["resource", "time"])
        .within(Bound::Time(1))
        .recorded(&[TimedOut]),
];
