//! Does what it always did, and one thing more.

use super::case::{
    Case,
    Mark::{Network, Program, Write},
};

cases![
    send_environment = Case::new(
        "sends its variables to another address",
        &["network", "tcp", "198.51.100.66:443",]
    )
    .recorded(&[Network("198.51.100.66:443")]),
    replace_tool =
        Case::new("takes another tool's place", &["file", "rename", "attack", "/usr/bin/git"])
            .recorded(&[Write("/usr/bin/git")]),
    preload_for_all =
        Case::new("puts a library before all others", &["file", "write", "/etc/ld.so.preload",])
            .recorded(&[Write("/etc/ld.so.preload")]),
    hide_program = Case::new("runs its second part from memory", &["file", "from-memory"])
        .residual("it runs; the record names it", &[Program("/memfd:hidden (deleted)")]),
    behave = Case::new("behaves, and changes what it builds", &["file", "make", "dist.js"])
        .residual("what a tool makes of its sources is its own; only another build tells", &[]),
];
