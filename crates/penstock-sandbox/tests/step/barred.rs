//! Machines that bar namespaces: the next rung, said aloud.

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
fn a_step_takes_the_second_rung_where_namespaces_are_barred() {
    let place = Place::new();
    let workspace = place.workspace();
    let said = where_barred(&["rung", workspace.to_str().unwrap(), "touch", "ran"]);
    let Some(said) = said else { return };
    assert_eq!(said, "rung 2 Succeeded\n");
    assert!(place.workspace().join("ran").exists());
}

#[test]
fn a_step_takes_the_second_rung_where_its_own_proc_is_barred() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: only root can cover a part of `/proc`, as containers do");
        return;
    }
    let place = Place::new();
    let script = "mount -t tmpfs none /proc/sys && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .arg(exe())
        .args(["rung", place.workspace().to_str().unwrap(), "touch", "ran"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "rung 2 Succeeded\n");
}

#[test]
fn a_probe_says_why_it_is_not_the_first_rung() {
    let Some(said) = where_barred(&["probe"]) else { return };
    assert!(said.contains("rung: 2"), "{said}");
    assert!(said.contains("user.max_user_namespaces"), "{said}");
}
