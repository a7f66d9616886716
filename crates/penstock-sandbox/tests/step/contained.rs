//! The second rung once more, as it is in a container of Docker's defaults: without the capability to
//! look into processes of others, and under a filter that bars what would take sockets and memory
//! from them.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use crate::{
    CONTAINED,
    support::{CONTAINER_VARIABLE, exe},
};

#[test]
fn the_second_rung_holds_in_a_container_as_well() {
    let (tests, one) = CONTAINED;
    let folder = tempfile::tempdir().unwrap();
    let container = folder.path().join("container");
    let script = format!("#!/bin/sh\nexec {} contained \"$@\"\n", exe().display());
    fs::write(&container, script).unwrap();
    fs::set_permissions(&container, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .env(CONTAINER_VARIABLE, &container)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "in a container:\n{said}");
    assert!(said.contains(&format!("{one} ... ok")), "{said}");
}

#[test]
fn the_container_is_one() {
    let output = Command::new(exe()).args(["contained", "probe"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("rung: 2"), "{said}");
    assert!(said.contains("creating namespaces was denied"), "{said}");
}
