use std::fs;

use super::{Sandbox, places, secret};

#[test]
fn only_what_the_revision_does_not_have_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    assert_eq!(sandbox.check(&["--diff", "main"]).code, 0);
    let answer = sandbox.check(&["--diff", "main"]);
    assert_eq!(
        answer.out.lines().next().unwrap_or_default().split(',').next(),
        Some("ok: nothing new in 0 files")
    );

    // Untracked files would be part of the change.
    sandbox.write("new.ini", secret('B'));
    let (code, report) = sandbox.report(&["--diff", "main"]);
    assert_eq!((code, places(&report)), (1, vec!["new.ini:2".to_owned()]));
    assert_eq!((report.subject.scope.as_str(), report.coverage.files), ("diff", 1));
    // Against an older revision both are.
    assert_eq!(sandbox.report(&["--diff", "main~1"]).1.findings.len(), 2);
}

#[test]
fn a_renamed_file_brings_nothing_new_and_a_second_copy_does() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    fs::rename(sandbox.root().join("old.ini"), sandbox.root().join("new.ini")).unwrap();
    let (code, report) = sandbox.report(&["--diff", "main"]);
    assert_eq!((code, report.change.unwrap().unchanged), (0, 1));
    sandbox.write("old.ini", secret('A'));
    let (code, report) = sandbox.report(&["--diff", "main"]);
    assert_eq!((code, places(&report)), (1, vec!["new.ini:2".to_owned()]));
}

#[test]
fn a_change_of_the_same_size_and_time_is_seen() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    let path = sandbox.root().join("old.ini");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    sandbox.write("old.ini", secret('B'));
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(sandbox.check(&["--diff", "main"]).code, 1);
}

#[test]
fn what_the_change_wants_ignored_counts_all_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write("penstock.toml", "[project]\nname = \"sample\"\n");
    sandbox.commit("configure");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write(
        "penstock.toml",
        "[project]\nname = \"sample\"\n[check]\nthreshold = \"critical\"\nexclude = [\"*.ini\"]\n",
    );
    sandbox.write("leak.ini", secret('A'));
    // A file nobody would see: ignored, and added all the same.
    sandbox.write(".gitignore", "hidden.ini\n");
    sandbox.write("hidden.ini", secret('B'));
    sandbox.git(&["add", "-f", "-A"]);
    sandbox.git(&["add", "-f", "hidden.ini"]);
    sandbox.git(&["commit", "-q", "-m", "hide"]);
    let (code, report) = sandbox.report(&["--diff", "main"]);
    assert_eq!(
        (code, places(&report)),
        (1, vec!["hidden.ini:2".to_owned(), "leak.ini:2".to_owned()])
    );
}

#[test]
fn a_link_to_elsewhere_is_not_followed_to_a_tracked_file() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "kept/\n");
    sandbox.write("kept/leak.ini", "a\n");
    sandbox.git(&["add", "-f", "-A"]);
    sandbox.git(&["add", "-f", "kept/leak.ini"]);
    sandbox.git(&["commit", "-q", "-m", "kept"]);
    let outside = sandbox.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("leak.ini"), secret('A')).unwrap();
    fs::remove_dir_all(sandbox.root().join("kept")).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.root().join("kept")).unwrap();
    let (code, report) = sandbox.report(&["--diff", "main"]);
    assert_eq!((code, places(&report).len()), (0, 0));
}

#[test]
fn a_revision_that_is_none_is_a_usage_error() {
    let sandbox = Sandbox::new();
    let answer = sandbox.check(&["--diff", "no/such"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("`no/such` names no commit"), "{}", answer.err);
    assert_eq!(sandbox.check(&["--diff", "main", "--staged"]).code, 2);
    assert_eq!(sandbox.check(&["--unreachable"]).code, 2);
}

#[test]
fn a_project_new_to_the_revision_is_all_new() {
    let sandbox = Sandbox::new();
    sandbox.write("inner/leak.ini", secret('A'));
    let (code, report) = sandbox.report_in(&sandbox.root().join("inner"), &["--diff", "main"]);
    assert_eq!((code, places(&report)), (1, vec!["leak.ini:2".to_owned()]));
}
