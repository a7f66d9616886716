//! A directory or a file of a project is judged by the rules of the whole, wherever one stands.

use std::{fs, process::Command};

use super::harness::{Sandbox, places, secret};

const CONFIGURATION: &str = "[project]\nname = \"whole\"\n\n[check]\nexclude = [\"vendor/\"]\n";

/// A repository with a secret in the baseline in each of two directories, and one more at its top.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("penstock.toml", CONFIGURATION);
    sandbox.write("src/deep/old.txt", secret('a'));
    sandbox.write("other/old.txt", secret('b'));
    let answer = sandbox.penstock(&["init", "--baseline"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    sandbox.commit("baseline");
    sandbox.write("top.txt", secret('c'));
    sandbox
}

/// What is open, from where it is asked and how.
fn open(sandbox: &Sandbox, from: &str, arguments: &[&str]) -> (i32, Vec<String>) {
    let (code, report) = sandbox.report_in(&sandbox.root().join(from), arguments);
    assert_eq!(report.subject.scope, "work-tree");
    (code, places(&report))
}

#[test]
fn the_baseline_above_counts_for_a_directory_and_a_file() {
    let sandbox = project();
    assert_eq!(open(&sandbox, "", &[]), (1, vec!["top.txt:2".to_owned()]));
    sandbox.write("src/new.txt", secret('d'));
    let new = (1, vec!["src/new.txt:2".to_owned()]);
    for (from, what) in [
        ("", "src"),
        ("", "./src/"),
        ("", "src/new.txt"),
        ("src", "."),
        ("src", "new.txt"),
        ("src/deep", ".."),
        ("other", "../src/new.txt"),
    ] {
        assert_eq!(open(&sandbox, from, &[what]), new, "{from} {what}");
    }
    assert_eq!(open(&sandbox, "src", &[]), new, "without a path");
    for (from, what) in [("", "other"), ("", "src/deep/old.txt"), ("src", "deep")] {
        assert_eq!(open(&sandbox, from, &[what]), (0, vec![]), "{from} {what}");
    }
    let page = sandbox.check_in(&sandbox.root(), &["src"], &[]).out;
    assert!(page.starts_with("whole · "), "{page}");
}

/// A baseline that only the work tree has is a proposal for a part as well.
#[test]
fn what_the_change_itself_accepts_does_not_count_for_a_part() {
    let sandbox = project();
    sandbox.write("src/new.txt", secret('d'));
    assert_eq!(sandbox.penstock(&["init", "--baseline"]).code, 0);
    for what in ["src", "src/new.txt"] {
        assert_eq!(open(&sandbox, "", &[what]), (1, vec!["src/new.txt:2".to_owned()]));
    }
    let given = sandbox.check_with(&["-", "--stdin-name", "src/new.txt"], secret('d').as_bytes());
    assert_eq!(given.code, 1, "{}", given.out);
    sandbox.commit("accepted");
    for what in ["src", "src/new.txt"] {
        assert_eq!(open(&sandbox, "", &[what]), (0, vec![]));
    }
    let given = sandbox.check_with(&["-", "--stdin-name", "src/new.txt"], secret('d').as_bytes());
    assert_eq!(given.code, 0, "{}", given.out);
}

#[test]
fn standard_input_has_its_place_where_one_stands() {
    let sandbox = project();
    for (from, name) in [("", "src/deep/old.txt"), ("src", "deep/old.txt"), ("src/deep", "old.txt")]
    {
        let directory = sandbox.root().join(from);
        let given = sandbox.check_with_in(
            &directory,
            &["-", "--stdin-name", name, "--format", "json"],
            secret('e').as_bytes(),
        );
        assert_eq!(given.code, 1, "{}", given.err);
        let report: penstock_model::Report = serde_json::from_str(&given.out).unwrap();
        assert_eq!(places(&report), ["src/deep/old.txt:2"]);
        assert_eq!(report.subject.scope, "stdin");
    }
}

#[test]
fn what_is_excluded_is_not_looked_at_by_name_either_and_what_is_ignored_is() {
    let sandbox = project();
    sandbox.write("vendor/a.txt", secret('d'));
    for what in ["vendor", "vendor/a.txt"] {
        assert_eq!(sandbox.check(&[what]).code, 4, "{what}");
    }
    sandbox.write(".gitignore", "*.local\n");
    sandbox.write("src/a.local", secret('d'));
    assert_eq!(open(&sandbox, "", &["src"]), (0, vec![]));
    assert_eq!(open(&sandbox, "", &["src/a.local"]), (1, vec!["src/a.local:2".to_owned()]));
}

/// The nearest configuration is the project's; outside of a repository only what was named is.
#[test]
fn a_project_within_is_its_own_and_nothing_above_a_repository_is_believed() {
    let sandbox = project();
    sandbox.write("src/penstock.toml", "[project]\nname = \"inner\"\n");
    let answer = sandbox.check(&["src/deep"]);
    assert_eq!(answer.code, 1, "its own baseline is none: {}", answer.out);
    assert!(answer.out.starts_with("inner · "), "{}", answer.out);

    let plain = Sandbox::plain();
    plain.write("penstock.toml", "[project]\nname = \"x\"\n\n[check]\nexclude = [\"**\"]\n");
    plain.write("unpacked/a.txt", secret('a'));
    assert_eq!(plain.check(&["unpacked"]).code, 1, "a stranger's configuration hides nothing");
    assert_eq!(plain.check(&["unpacked/a.txt"]).code, 1);
    assert_eq!(plain.check(&[]).code, 4);
}

#[test]
fn a_link_leads_to_its_file_and_a_pipe_is_refused() {
    let sandbox = project();
    std::os::unix::fs::symlink("src/deep/old.txt", sandbox.root().join("link")).unwrap();
    assert_eq!(open(&sandbox, "", &["link"]), (0, vec![]), "the baseline knows it");
    let pipe = sandbox.root().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let answer = sandbox.check(&["pipe"]);
    assert_eq!(answer.code, 2, "{}", answer.err);
    assert!(answer.err.contains("neither a directory nor a regular file"), "{}", answer.err);
    assert_eq!(sandbox.check(&["nowhere"]).code, 2);
    assert_eq!(sandbox.check(&["top.txt", "--staged"]).code, 2);
    fs::remove_file(pipe).unwrap();
}

#[test]
fn a_part_is_the_same_with_and_without_cache() {
    let sandbox = project();
    sandbox.write("src/new.txt", secret('d'));
    let check = |arguments: &[&str]| {
        sandbox
            .check(&[&["--format", "json", "--now", "2026-11-30T12:00:00Z"], arguments].concat())
            .out
    };
    let without = check(&["src", "--no-cache"]);
    for _ in 0..2 {
        assert_eq!(check(&["src"]), without);
        check(&[]);
    }
}
