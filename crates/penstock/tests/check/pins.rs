//! `[check] rules`: rules that are newer than the pinned set advise at first.

use std::{fs, path::Path};

use super::harness::{commit_all, git, penstock};

fn project(check: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir_all(root.join(".github/workflows")).unwrap();
    let workflow = "on: push\npermissions: write-all\njobs: {}\n";
    fs::write(root.join(".github/workflows/a.yml"), workflow).unwrap();
    let toml = format!("[project]\nname = \"app\"\n\n[check]\n{check}\n");
    fs::write(root.join("penstock.toml"), toml).unwrap();
    directory
}

fn check(root: &Path, now: &str, arguments: &[&str]) -> (i32, String) {
    let answer = penstock(root, &[&["--now", now], arguments].concat());
    (answer.code, answer.flat())
}

#[test]
fn what_is_newer_than_the_pin_advises_and_then_counts() {
    let directory = project("rules = \"2026.10\"");
    let root = directory.path();
    let (code, said) = check(root, "2026-11-30T23:59:59Z", &["check"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("ADVISING") && said.contains("until 2026-12-01, then counts"), "{said}");
    // The baseline takes it in before it counts.
    let (code, said) = check(root, "2026-11-30T23:59:59Z", &["init", "--baseline"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 new"), "{said}");
    fs::remove_file(root.join("penstock.baseline.toml")).unwrap();
    let (code, said) = check(root, "2026-12-01T00:00:00Z", &["check"]);
    assert_eq!(code, 1, "{said}");
    assert!(!said.contains("ADVISING"), "{said}");
    for settings in ["", "rules = \"2026.11\""] {
        let directory = project(settings);
        let (code, said) = check(directory.path(), "2026-11-23T00:00:00Z", &["check"]);
        assert_eq!(code, 1, "{settings}: {said}");
    }
}

#[test]
fn a_pin_is_a_month_this_program_knows() {
    for wrong in ["\"2026\"", "\"latest\"", "\"2026.13\"", "\"2026-11\"", "2026.11"] {
        let directory = project(&format!("rules = {wrong}"));
        let (code, said) = check(directory.path(), "2026-11-23T00:00:00Z", &["check"]);
        assert_eq!(code, 2, "{wrong}: {said}");
        assert!(said.contains("penstock.toml:5:9: "), "{wrong}: {said}");
    }
    let directory = project("rules = \"9999.12\"");
    let (code, said) = check(directory.path(), "2026-11-23T00:00:00Z", &["check"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("is newer than the newest of this program, `20"), "{said}");
}

#[test]
fn the_rules_are_listed_with_their_set() {
    let (code, said) = check(Path::new("/"), "2026-11-23T00:00:00Z", &["rules"]);
    assert_eq!(code, 0);
    assert!(said.contains(" regular 2026.11 secrets/"), "{said}");
    assert!(said.contains("the newest of set 20"), "{said}");
}

#[test]
fn of_a_change_only_new_advice_is_shown_and_its_own_pin_does_not_help_it() {
    let now = "2026-11-23T00:00:00Z";
    let changes = [&["check", "--staged"][..], &["check", "--diff", "HEAD"]];
    let workflow = "on: push\npermissions: write-all\njobs: {b: {}}\n";
    for (before, after, code) in [
        ("rules = \"2026.10\"", "rules = \"2026.10\"", 0),
        // Not yet in the base.
        ("", "rules = \"2026.10\"", 1),
        ("rules = \"2026.11\"", "rules = \"2026.10\"", 1),
    ] {
        let directory = project(before);
        let root = directory.path();
        commit_all(root);
        let text = format!("[project]\nname = \"app\"\n\n[check]\n{after}\n# changed\n");
        fs::write(root.join("penstock.toml"), text).unwrap();
        git(root, &["add", "-A"]);
        for arguments in changes {
            let (code, said) = check(root, now, arguments);
            assert_eq!(code, 0, "{arguments:?}: {said}");
            assert!(said.starts_with("ok: nothing new"), "{said}");
        }
        fs::write(root.join(".github/workflows/b.yml"), workflow).unwrap();
        git(root, &["add", "-A"]);
        for arguments in changes {
            let (got, said) = check(root, now, arguments);
            assert_eq!(got, code, "{before} {after} {arguments:?}: {said}");
            assert_eq!(said.contains("ADVISING"), code == 0, "{said}");
            assert!(!said.contains("a.yml"), "{said}");
        }
    }
}
