//! Machines that do not let a step be confined: refused with the reason, never run all the same.

use std::process::Command;

use crate::support::{Place, exe};

/// Runs the test program where no user namespace may be made: in one that allows none.
fn where_barred(arguments: &[&str]) -> Option<String> {
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script])
        .arg(exe())
        .args(arguments)
        .output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        _ => {
            println!("SKIPPED: no `unshare` here, or user namespaces are barred already");
            None
        }
    }
}

#[test]
fn a_step_is_refused_where_namespaces_are_barred() {
    let place = Place::new();
    let workspace = place.workspace();
    let said = where_barred(&["run", workspace.to_str().unwrap(), "touch", "/workspace/ran"]);
    let Some(said) = said else { return };
    assert_eq!(said, "Err(Barred { barrier: NamespaceLimit })\n");
    assert!(!place.workspace().join("ran").exists(), "it ran unconfined");
}

#[test]
fn a_step_is_refused_where_its_own_proc_is_barred() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: only root can cover a part of `/proc`, as containers do");
        return;
    }
    let place = Place::new();
    let script = "mount -t tmpfs none /proc/sys && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .arg(exe())
        .args(["run", place.workspace().to_str().unwrap(), "touch", "/workspace/ran"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("Err(Barred { barrier: Denied { call: \"mounting a private"),
        "{said}"
    );
    assert!(!place.workspace().join("ran").exists(), "it ran unconfined");
}

#[test]
fn a_probe_says_why_nothing_may_run() {
    let Some(said) = where_barred(&["probe"]) else { return };
    assert!(said.contains("rung: 0"), "{said}");
    assert!(said.contains("user.max_user_namespaces"), "{said}");
    assert!(!said.contains("applied: true"), "{said}");
}
