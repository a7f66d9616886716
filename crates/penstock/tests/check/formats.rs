use std::{fs, path::Path};

use super::harness::{Answer, FORMATS, penstock, program};

/// A directory with something for every area, whose names and texts mean harm.
fn hostile(directory: &Path) {
    fs::create_dir_all(directory.join(".github/workflows")).unwrap();
    let workflow =
        "on: push\njobs:\n  a:\n    steps:\n      - uses: \"evil/a|b@`x` <b> @ana ::error::x\"\n";
    let name = ".github/workflows/a|b <i>@ana`\n::error::owned,y:%0A.yml";
    fs::write(directory.join(name), workflow).unwrap();
}

#[test]
fn every_format_says_the_same_findings_with_the_same_exit() {
    let directory = tempfile::tempdir().unwrap();
    hostile(directory.path());
    let human = penstock(directory.path(), &["check"]);
    for format in FORMATS {
        let output = penstock(directory.path(), &["check", "--format", format]);
        assert_eq!(output.code, human.code, "{format}: {}", output.said());
        let text = output.out;
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{format}: {text:?}");
        assert!(!text.contains("\n::error::owned"), "{format}: {text}");
        if format.starts_with("gitlab") || matches!(format, "json" | "sarif") {
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
        assert_eq!(
            text.contains("ci/unpinned-action") || text.contains("ci.unpinned-action"),
            format != "gitlab-secret-detection",
            "{format}: {text}"
        );
    }
}

#[test]
fn the_summary_of_a_step_is_added_to_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    hostile(directory.path());
    let summary = directory.path().join("summary.md");
    fs::write(&summary, "# Before\n").unwrap();
    let run = |format: &str| {
        let mut command = program(directory.path(), &["check", "--format", format]);
        Answer::of(command.env("GITHUB_STEP_SUMMARY", &summary), b"")
    };
    let quiet = run("sarif");
    assert_eq!(quiet.code, 0);
    assert_eq!(fs::read_to_string(&summary).unwrap(), "# Before\n");
    let output = run("github");
    assert_eq!(output.code, 0, "{}", output.said());
    let written = fs::read_to_string(&summary).unwrap();
    assert!(written.starts_with("# Before\n<!-- penstock check -->\n### Penstock: "), "{written}");
    assert!(written.contains("<code>ci/unpinned-action</code>"), "{written}");
    assert!(output.out.starts_with("::warning file="));
}

#[test]
fn a_summary_that_cannot_be_written_is_said_before_the_check() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["check", "--format", "github", "--summary", "no/such/directory/x"];
    let output = penstock(directory.path(), &arguments);
    assert_eq!(output.code, 2);
    let said = output.err;
    assert!(said.contains("cannot write the summary to `no/such/directory/x`"), "{said}");
}

#[test]
fn the_rules_are_listed_for_persons_and_programs() {
    let directory = tempfile::tempdir().unwrap();
    let human = penstock(directory.path(), &["rules"]);
    assert_eq!(human.code, 0);
    let page = human.out;
    assert!(page.contains("zizmor/unpinned-uses"), "{page}");
    let json = penstock(directory.path(), &["rules", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let rules = list["rules"].as_array().unwrap();
    assert!(rules.len() > 10);
    for rule in rules.iter().take(5) {
        let id = rule["id"].as_str().unwrap();
        assert!(page.contains(id));
        assert_eq!(penstock(directory.path(), &["explain", id]).code, 0);
    }
}
