//! `penstock init`, and what its baseline does and does not do.

use std::{fs, path::Path};

use super::harness::{commit_all, git, penstock};

/// A repository with one finding of high severity, committed.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    workflow(root, "a");
    commit_all(root);
    directory
}

fn workflow(root: &Path, name: &str) {
    fs::create_dir_all(root.join(".github/workflows")).unwrap();
    let text = "on: push\npermissions: write-all\njobs: {}\n";
    fs::write(root.join(format!(".github/workflows/{name}.yml")), text).unwrap();
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "x"]);
}

#[track_caller]
fn exits(root: &Path, arguments: &[&str], code: i32) -> String {
    exits_at(root, "2026-11-23T14:00:00Z", arguments, code)
}

#[track_caller]
fn exits_at(root: &Path, now: &str, arguments: &[&str], code: i32) -> String {
    let answer = penstock(root, &[&["--now", now], arguments].concat());
    assert_eq!(answer.code, code, "{arguments:?}: {}", answer.said());
    answer.said()
}

const FILE: &str = "penstock.baseline.toml";

#[test]
fn one_step_keeps_todays_findings_from_blocking_and_no_others() {
    let directory = project();
    let root = directory.path();
    exits(root, &["check"], 1);
    let said = exits(root, &["init", "--baseline", "--owner", "ana", "--expires", "2027-02-01"], 0);
    assert!(said.contains("new") && said.contains("commit it"), "{said}");
    let text = fs::read_to_string(root.join(FILE)).unwrap();
    assert!(text.contains("owner = \"ana\"\nadded = \"2026-11-23\"\nexpires = \"2027-02-01\"\n"));
    // Not committed it is only proposed: a change does not accept its own findings.
    exits(root, &["check"], 1);
    commit(root);
    exits(root, &["check"], 0);
    // Another finding is new, and the file moved is not.
    git(root, &["mv", ".github/workflows/a.yml", ".github/workflows/moved.yml"]);
    exits(root, &["check"], 0);
    workflow(root, "b");
    exits(root, &["check"], 1);
    // After its end it counts in a full check, and in none of a change that has nothing to do with it.
    fs::remove_file(root.join(".github/workflows/b.yml")).unwrap();
    commit(root);
    fs::write(root.join("note.txt"), "unrelated\n").unwrap();
    exits_at(root, "2027-02-01T00:00:00Z", &["check"], 1);
    exits_at(root, "2027-02-01T00:00:00Z", &["check", "--diff", "HEAD"], 0);
}

#[test]
fn a_change_that_edits_the_baseline_is_judged_by_the_one_before() {
    let directory = project();
    let root = directory.path();
    exits(root, &["init", "--baseline"], 0);
    commit(root);
    workflow(root, "b");
    exits(root, &["init", "--baseline"], 0);
    for arguments in [&["check", "--diff", "HEAD"][..], &["check"]] {
        exits(root, arguments, 1);
    }
    git(root, &["add", "-A"]);
    exits(root, &["check", "--staged"], 1);
    // Ignores of other tools that the change brings along do not help it either.
    fs::write(root.join("zizmor.yml"), "rules:\n  excessive-permissions:\n    disable: true\n")
        .unwrap();
    git(root, &["add", "-A"]);
    for arguments in [&["check", "--diff", "HEAD"][..], &["check"], &["check", "--staged"]] {
        exits(root, arguments, 1);
    }
}

/// What it holds is told by a look at a change as well, which meets nothing of it.
#[test]
fn a_change_is_told_what_the_baseline_holds() {
    let directory = project();
    let root = directory.path();
    exits(root, &["init", "--baseline", "--owner", "ana", "--expires", "2026-12-01"], 0);
    commit(root);
    fs::write(root.join("note.txt"), "unrelated\n").unwrap();
    git(root, &["add", "-A"]);
    for arguments in [&["check", "--staged"][..], &["check", "--diff", "HEAD"]] {
        let said = exits(root, arguments, 0);
        assert!(said.contains("· 1 in baseline, 1 expires within 14 days (owner: ana)"), "{said}");
    }
    // A baseline there is, although it covers nothing any more.
    let said = exits_at(root, "2026-12-01T00:00:00Z", &["check"], 1);
    assert!(!said.contains("ADOPT"), "{said}");
    fs::remove_file(root.join(FILE)).unwrap();
    assert!(exits(root, &["check"], 1).contains("ADOPT"));
}

#[test]
fn what_people_wrote_is_kept_and_a_malformed_file_is_not_overwritten() {
    let directory = project();
    let root = directory.path();
    exits(root, &["init", "--baseline", "--reason", "argued in #7"], 0);
    let first = fs::read_to_string(root.join(FILE)).unwrap();
    let said = exits(root, &["init", "--baseline", "--reason", "other"], 0);
    assert!(said.contains("nothing to change"), "{said}");
    assert_eq!(fs::read_to_string(root.join(FILE)).unwrap(), first);
    fs::remove_file(root.join(".github/workflows/a.yml")).unwrap();
    let said = exits(root, &["init", "--baseline", "--prune"], 0);
    assert!(said.contains("0 entries") && said.contains("dropped"), "{said}");
    fs::write(root.join(FILE), "version = 1\nentries = 3\n").unwrap();
    for arguments in [&["init", "--baseline"][..], &["check"]] {
        let said = exits(root, arguments, 2);
        assert!(said.contains("penstock.baseline.toml:2:1: unknown key `entries`"), "{said}");
    }
    assert_eq!(fs::read_to_string(root.join(FILE)).unwrap(), "version = 1\nentries = 3\n");
    fs::remove_file(root.join(FILE)).unwrap();
    for wrong in [
        &["--expires", "2026-11-23"][..],
        &["--expires", "soon"],
        &["--reason", " "],
        &["--owner", "a\nb"],
    ] {
        exits(root, &[&["init", "--baseline"], wrong].concat(), 2);
    }
    assert!(!root.join(FILE).exists());
}

#[test]
fn a_starter_is_written_once_and_nothing_is_installed() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("my shop");
    fs::create_dir(&root).unwrap();
    exits(&root, &["init"], 0);
    let text = fs::read_to_string(root.join("penstock.toml")).unwrap();
    assert!(text.contains("name = \"my-shop\""), "{text}");
    fs::write(root.join("penstock.toml"), format!("{text}# mine\n")).unwrap();
    let said = exits(&root, &["init"], 0);
    assert!(said.contains("left as it is"), "{said}");
    assert!(fs::read_to_string(root.join("penstock.toml")).unwrap().ends_with("# mine\n"));
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
}
