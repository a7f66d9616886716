//! History with a hole in it is never said to be clean.

use std::fs;

use penstock_model::SkipReason;

use super::{Sandbox, secret};

/// A line of commits, each of one more file; the leak is in the tenth.
fn line_of_commits() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::empty();
    let commits = (0..30).map(|number| {
        sandbox.write(&format!("{number}.txt"), format!("{number}\n"));
        if number == 10 {
            sandbox.write("leak.ini", secret('A'));
        } else if number == 11 {
            fs::remove_file(sandbox.root().join("leak.ini")).unwrap();
        }
        sandbox.commit(&number.to_string())
    });
    let commits = commits.collect();
    (sandbox, commits)
}

#[test]
fn a_missing_commit_hides_neither_itself_nor_what_is_behind_it() {
    let (sandbox, commits) = line_of_commits();
    sandbox.lose(&commits[20]);
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!(code, 1, "the leak is behind the missing commit");
    assert_eq!((report.coverage.commits, report.coverage.incomplete.len()), (29, 1));
    assert_eq!(report.coverage.incomplete[0].reason, SkipReason::Missing);
    assert!(report.coverage.incomplete[0].detail.contains("20 commits to which nothing leads"));

    // Without a finding it is incomplete, and says so.
    let (sandbox, commits) = line_of_commits();
    sandbox.lose(&commits[10]);
    let answer = sandbox.check(&["--history"]);
    assert_eq!(answer.code, 3, "{}", answer.out);
    assert!(answer.out.contains("29 commits") && answer.out.contains("missing"), "{}", answer.out);
    assert!(!answer.out.contains("clean"), "{}", answer.out);
}

#[test]
fn a_missing_tree_or_blob_is_named() {
    let (sandbox, commits) = line_of_commits();
    let tree = sandbox.git(&["rev-parse", &format!("{}^{{tree}}", commits[10])]);
    let blob = sandbox.git(&["rev-parse", &format!("{}:5.txt", commits[10])]);
    sandbox.lose(&tree);
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, report.coverage.incomplete.len()), (3, 1));
    sandbox.lose(&blob);
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, report.coverage.skipped.get(&SkipReason::Missing)), (3, Some(&2)));
    assert!(report.coverage.incomplete.iter().any(|skipped| skipped.path.name() == b"5.txt"));
    assert_eq!(report.coverage.blobs, 29);
}

#[test]
fn a_missing_blob_of_a_change_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("new.txt", "new\n");
    sandbox.git(&["add", "-A"]);
    sandbox.lose(&sandbox.git(&["hash-object", "new.txt"]));
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!(code, 3);
    assert_eq!(report.coverage.incomplete[0].reason, SkipReason::Missing);
}

#[test]
fn a_corrupt_object_is_not_believed() {
    let (sandbox, commits) = line_of_commits();
    let blob = sandbox.git(&["rev-parse", &format!("{}:leak.ini", commits[10])]);
    let other = sandbox.git(&["rev-parse", &format!("{}:5.txt", commits[10])]);
    // Other content under the id, as somebody who hides something would put it.
    fs::remove_file(sandbox.loose(&blob)).unwrap();
    fs::copy(sandbox.loose(&other), sandbox.loose(&blob)).unwrap();
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!(code, 3);
    assert_eq!(report.coverage.incomplete[0].path.name(), b"leak.ini");
}

#[test]
fn a_corrupt_pack_is_no_reason_to_be_content() {
    let (sandbox, _) = line_of_commits();
    sandbox.git(&["repack", "-adq"]);
    let packs = sandbox.root().join(".git/objects/pack");
    let mut files = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
    let pack = files.find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    let whole = fs::read(&pack).unwrap();
    fs::remove_file(&pack).unwrap();
    for at in (100..whole.len() - 20).step_by(whole.len() / 12) {
        let mut bytes = whole.clone();
        bytes[at..at + 10].fill(0x5a);
        fs::write(&pack, bytes).unwrap();
        let answer = sandbox.check(&["--history"]);
        assert!(matches!(answer.code, 1 | 3), "at {at}: {} {}", answer.out, answer.err);
        assert!(!answer.err.contains("panicked"), "{}", answer.err);
    }
    fs::write(&pack, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(sandbox.check(&["--history"]).code, 3);
}

#[test]
fn a_shallow_clone_is_incomplete() {
    let (sandbox, _) = line_of_commits();
    let clone = sandbox.beside("shallow");
    let from = format!("file://{}", sandbox.root().display());
    sandbox.git(&["clone", "-q", "--depth", "5", &from, clone.to_str().unwrap()]);
    let (code, report) = sandbox.report_in(&clone, &["--history"]);
    assert_eq!((code, report.coverage.commits), (3, 5));
    assert_eq!(report.coverage.incomplete[0].path.as_bytes(), b".git/shallow");
    assert!(report.coverage.incomplete[0].detail.contains("the parents of 1 commit are missing"));
    // What is about to be committed needs no history.
    fs::write(clone.join("new.txt"), "new\n").unwrap();
    sandbox.git_in(&clone, &["add", "-A"]);
    assert_eq!(sandbox.report_in(&clone, &["--staged"]).0, 0);
}

#[test]
fn a_partial_clone_is_incomplete_and_fetches_nothing() {
    let (sandbox, _) = line_of_commits();
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = sandbox.beside("partial");
    let from = format!("file://{}", sandbox.root().display());
    let filter = ["clone", "-q", "--filter=blob:none", &from, clone.to_str().unwrap()];
    sandbox.git(&filter);
    let (code, report) = sandbox.report_in(&clone, &["--history"]);
    assert_eq!((code, report.coverage.skipped.get(&SkipReason::Missing)), (3, Some(&1)));
    assert_eq!(report.coverage.incomplete[0].path.name(), b"leak.ini");
    assert!(report.coverage.incomplete[0].detail.contains("partial clone"));
    assert_eq!(sandbox.report_in(&clone, &["--history"]).0, 3, "it was not fetched");
}

#[test]
fn object_ids_of_sha_256_are_refused_by_name() {
    let sandbox = Sandbox::new();
    let other = sandbox.beside("other");
    sandbox.git(&["init", "-q", "--object-format=sha256", other.to_str().unwrap()]);
    fs::write(other.join("a.txt"), "a\n").unwrap();
    sandbox.git_in(&other, &["add", "-A"]);
    sandbox.git_in(&other, &["commit", "-q", "-m", "a"]);
    for arguments in [&["--staged"][..], &["--diff", "HEAD"], &["--history"]] {
        let answer = sandbox.check_in(&other, arguments, &[]);
        assert_eq!(answer.code, 3);
        assert!(answer.err.contains("SHA-256"), "{}", answer.err);
    }
}
