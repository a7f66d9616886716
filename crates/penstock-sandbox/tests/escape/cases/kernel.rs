//! Wide doors into the kernel, and the machine's own state.

use super::case::{
    Case,
    Mark::{Call, CallWith},
};

cases![
    programs_in_the_kernel = Case::new("programs in the kernel (bpf)", &["calls", "bpf"])
        .open_to_root()
        .recorded(&[Call("bpf")]),
    counters = Case::new("performance counters", &["calls", "perf_event_open"])
        .open_to_everybody()
        .recorded(&[Call("perf_event_open")]),
    page_faults = Case::new("handling page faults (userfaultfd)", &["calls", "userfaultfd"])
        .open_to_everybody()
        .recorded(&[Call("userfaultfd")]),
    modules =
        Case::new("kernel modules", &["calls", "init_module", "finit_module", "delete_module"])
            .recorded(&[Call("init_module"), Call("finit_module"), Call("delete_module")]),
    another_kernel = Case::new("another kernel, a restart", &["calls", "kexec_load", "reboot"])
        .recorded(&[Call("kexec_load"), Call("reboot")]),
    clock = Case::new("the clock", &["calls", "clock_settime", "settimeofday"])
        .open_to_everybody()
        .recorded(&[Call("clock_settime"), Call("settimeofday")]),
    host_name = Case::new("the host's name", &["calls", "sethostname", "setdomainname"])
        .open_to_root()
        .recorded(&[Call("sethostname"), Call("setdomainname")]),
    kernel_log = Case::new("the kernel's log", &["calls", "syslog"])
        .open_to_root()
        .recorded(&[Call("syslog")]),
    accounting = Case::new(
        "accounting, swap, watching all files",
        &["calls", "acct", "swapon", "fanotify_init"]
    )
    .open_to_root()
    .recorded(&[Call("acct"), Call("swapon"), Call("fanotify_init")]),
    terminal_input = Case::new(
        "typing into the caller's terminal",
        &["calls", "tiocsti", "tiocsti-high-bits", "tioclinux"],
    )
    .recorded(&[CallWith("ioctl", "input to a terminal")]),
];
