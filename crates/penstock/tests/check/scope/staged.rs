use super::{Sandbox, places, secret};

#[test]
fn only_what_is_staged_and_new_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    // Not staged: not about to be committed.
    sandbox.write("later.ini", secret('B'));
    let answer = sandbox.check(&["--staged"]);
    assert_eq!((answer.code, answer.out.lines().count()), (0, 1), "{}", answer.out);

    sandbox.git(&["add", "later.ini"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report)), (1, vec!["later.ini:2".to_owned()]));
    assert_eq!(report.subject.scope, "staged");
    assert_eq!(report.coverage.files, 1);
    let change = report.change.unwrap();
    assert_eq!(change.base.unwrap().as_str(), sandbox.git(&["rev-parse", "HEAD"]));

    // What counts is the index: that the file is gone or clean by now changes nothing.
    sandbox.write("later.ini", "clean\n");
    assert_eq!(sandbox.check(&["--staged"]).code, 1);
    sandbox.git(&["add", "later.ini"]);
    assert_eq!(sandbox.check(&["--staged"]).code, 0);
}

#[test]
fn a_moved_or_edited_file_brings_nothing_new_and_a_copy_does() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    sandbox.git(&["mv", "old.ini", "new.ini"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report).len()), (0, 0));
    assert_eq!(report.change.unwrap().unchanged, 1);

    sandbox.write("new.ini", format!("# moved\n{}", secret('A')));
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.check(&["--staged"]).code, 0);

    // The second copy is in the line the change adds.
    sandbox.write(
        "new.ini",
        format!("{}\n{}# again", secret('A'), secret('A').replace("use", "with")),
    );
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report)), (1, vec!["new.ini:6".to_owned()]));
    assert_eq!(report.change.unwrap().unchanged, 1);
}

#[test]
fn a_second_secret_in_place_of_the_first_is_new() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ini", secret('A'));
    sandbox.commit("an old leak");
    sandbox.write("old.ini", secret('B'));
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.check(&["--staged"]).code, 1);
}

#[test]
fn what_the_change_wants_ignored_counts_all_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write("penstock.toml", "[project]\nname = \"sample\"\n");
    sandbox.commit("configure");
    let comment = "# penstock: ignore[secrets/gitlab-token] it is a test\n";
    sandbox.write("leak.ini", secret('A').replacen('\n', &format!("\n{comment}"), 1));
    let configuration = "[project]\nname = \"sample\"\n\n[check]\nexclude = [\"other.ini\"]\n\n\
        [[check.ignore]]\nrule = \"secrets/gitlab-token\"\nreason = \"no\"\nowner = \"ana\"\n";
    sandbox.write("penstock.toml", configuration);
    sandbox.write("other.ini", secret('B'));
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!(code, 1, "the configuration is that of the last commit");
    assert_eq!(places(&report).len(), 2, "{:?}", places(&report));

    // Once it is committed it is decided.
    sandbox.commit("decide");
    sandbox.write("third.ini", secret('C'));
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.check(&["--staged"]).code, 1, "a new one in a new place is only proposed");
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let sandbox = Sandbox::empty();
    assert_eq!(sandbox.check(&["--staged"]).code, 0, "nothing staged is nothing new");
    sandbox.write("leak.ini", secret('A'));
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report).len()), (1, 1));
    assert_eq!(report.change.unwrap().base, None);
}

#[test]
fn a_file_only_meant_to_be_added_is_in_no_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("leak.ini", secret('A'));
    sandbox.git(&["add", "-N", "leak.ini"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, report.coverage.files), (0, 0));
}

#[test]
fn a_conflict_is_said_and_no_check() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("readme.txt", "one\n");
    sandbox.commit("one");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("readme.txt", "two\n");
    sandbox.commit("two");
    let merge = sandbox.git_command(&sandbox.root(), &["merge", "-q", "side"]).output().unwrap();
    assert!(!merge.status.success());
    let answer = sandbox.check(&["--staged"]);
    assert_eq!(answer.code, 3);
    assert!(answer.err.contains("`readme.txt` has an unresolved conflict"), "{}", answer.err);
}

#[test]
fn a_hook_of_commit_all_sees_the_index_that_will_be_committed() {
    let sandbox = Sandbox::new();
    sandbox.write("readme.txt", secret('A'));
    // `git commit -a` gives its hooks an index of its own.
    let hook = sandbox.root().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let program = env!("CARGO_BIN_EXE_penstock");
    std::fs::write(&hook, format!("#!/bin/sh\nexec {program} check --staged\n")).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).unwrap();
    let mut commit = sandbox.git_command(&sandbox.root(), &["commit", "-a", "-m", "leak"]);
    let output = commit.output().unwrap();
    assert!(!output.status.success(), "the commit goes through");
    assert!(String::from_utf8_lossy(&output.stderr).contains("readme.txt:2"));
    // Without the hook's variable nothing is staged.
    assert_eq!(sandbox.check(&["--staged"]).code, 0);
}

#[test]
fn sparse_and_split_indexes_are_read_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("far/away/a.txt", "far\n");
    sandbox.write("near/b.txt", "near\n");
    sandbox.commit("two directories");
    sandbox.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    sandbox.git(&["sparse-checkout", "set", "near"]);
    assert_eq!(sandbox.report(&["--staged"]).1.coverage.files, 0, "nothing is removed");
    sandbox.write("near/leak.ini", secret('A'));
    sandbox.git(&["add", "near/leak.ini"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, report.coverage.files), (1, 1));

    let sandbox = Sandbox::new();
    sandbox.git(&["update-index", "--split-index"]);
    sandbox.write("leak.ini", secret('A'));
    sandbox.git(&["add", "leak.ini"]);
    assert_eq!(sandbox.check(&["--staged"]).code, 1);
}

#[test]
fn a_project_in_a_subdirectory_is_judged_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("inner/a.txt", "a\n");
    sandbox.write("innermost/a.txt", "a\n");
    sandbox.commit("inner");
    sandbox.write("inner/leak.ini", secret('A'));
    sandbox.write("innermost/leak.ini", secret('B'));
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report_in(&sandbox.root().join("inner"), &["--staged"]);
    assert_eq!((code, places(&report)), (1, vec!["leak.ini:2".to_owned()]));
    assert_eq!(sandbox.report(&["--staged"]).1.findings.len(), 2);
}

#[test]
fn a_tracked_cache_is_refused_before_it_is_committed() {
    let sandbox = Sandbox::new();
    sandbox.write(".penstock/answers", "clean\n");
    sandbox.git(&["add", "-f", "-A"]);
    let answer = sandbox.check(&["--staged"]);
    assert_eq!(answer.code, 2, "{}", answer.out);
    assert!(answer.err.contains(".penstock"), "{}", answer.err);
}

#[test]
fn outside_of_a_repository_nothing_is_staged() {
    let sandbox = Sandbox::new();
    let elsewhere = sandbox.beside("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    for arguments in [&["--staged"][..], &["--diff", "HEAD"], &["--history"]] {
        let answer = sandbox.check_in(&elsewhere, arguments, &[]);
        assert_eq!(answer.code, 2, "{}", answer.err);
        assert!(answer.err.contains("not in a Git repository"), "{}", answer.err);
    }
}

#[test]
fn a_baseline_counts_only_as_the_last_commit_has_it() {
    let sandbox = Sandbox::new();
    sandbox.write("leak.ini", secret('A'));
    let finding = sandbox.report(&[]).1.findings.remove(0);
    let baseline = format!(
        "version = 1\n\n[[finding]]\nrule = \"{}\"\nfingerprint = \"{}\"\nreason = \"known\"\n",
        finding.rule, finding.fingerprint
    );
    sandbox.write("penstock.baseline.toml", baseline);
    assert_eq!(sandbox.report(&["--diff", "main"]).0, 1);
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report).len()), (1, 1), "a change does not accept its own finding");
    assert_eq!(sandbox.report(&["--diff", "main"]).0, 1);
    sandbox.commit("accept");
    // The committed one stands, also for history.
    assert_eq!(sandbox.report(&["--history"]).0, 0);
    sandbox.write("leak.ini", format!("# edited\n{}", secret('A')));
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.report(&["--staged"]).0, 0);
    // Another copy is not what was accepted.
    sandbox.write("copy.ini", secret('A'));
    sandbox.git(&["add", "-A"]);
    let (code, report) = sandbox.report(&["--staged"]);
    assert_eq!((code, places(&report).len()), (1, 1));
}
