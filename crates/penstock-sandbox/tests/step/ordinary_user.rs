//! The whole of a suite once more, as somebody without privileges.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    process::Command,
};

use crate::support::{STEP_HOST_VARIABLE, exe};

/// Belongs to nobody on an ordinary system.
const ORDINARY: u32 = 54_321;

#[test]
fn all_of_it_holds_for_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: this already is an ordinary user");
        return;
    }
    // The folder for builds may be closed to others.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let tests = folder.path().join("tests");
    let step_host = folder.path().join("step-host");
    fs::copy(std::env::current_exe().unwrap(), &tests).unwrap();
    fs::copy(exe(), &step_host).unwrap();
    for program in [&tests, &step_host] {
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    std::os::unix::fs::chown(&own, Some(ORDINARY), Some(ORDINARY)).unwrap();
    // The standard library gives up supplementary groups with the user id.
    let output = Command::new(&tests)
        .env("TMPDIR", &own)
        .env("HOME", &own)
        .env(STEP_HOST_VARIABLE, &step_host)
        .current_dir(&own)
        .uid(ORDINARY)
        .gid(ORDINARY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "as an ordinary user:\n{said}");
    assert!(said.contains(&format!("test {} ... ok", crate::SIGN)), "{said}");
}
