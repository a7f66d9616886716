use std::fs;

use penstock_document::{Document, Format, Limits};

use super::harness::{git, penstock};

/// What pre-commit would run, as the file at the repository's top says it.
fn entry() -> Vec<String> {
    let text = include_str!("../../../../.pre-commit-hooks.yaml");
    let hooks = Document::parse(Format::Yaml, text, &Limits::default()).unwrap();
    let hooks: Vec<_> = hooks.root().items().collect();
    assert_eq!(hooks.len(), 1);
    for required in ["id", "name", "entry", "language"] {
        assert!(hooks[0].get(required).as_str().is_some(), "{required}");
    }
    // The program finds out itself what is staged, and a second one beside it would do it again.
    assert_eq!(hooks[0].get("pass_filenames").as_bool(), Some(false));
    assert_eq!(hooks[0].get("require_serial").as_bool(), Some(true));
    let entry = hooks[0].get("entry").as_str().unwrap();
    entry.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_hook_runs_and_stops_what_must_not_be_committed() {
    let entry = entry();
    assert_eq!(entry[0], "penstock");
    let directory = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = entry[1..].iter().map(String::as_str).collect();
    let hook = || {
        let answer = penstock(directory.path(), &arguments);
        (answer.code, answer.out)
    };
    git(directory.path(), &["init", "-q"]);
    fs::write(directory.path().join("a.txt"), "nothing\n").unwrap();
    git(directory.path(), &["add", "a.txt"]);
    let (code, said) = hook();
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("ok: nothing new in 1 file, "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");

    let key = penstock_check::template::expand("ghp_{{alnum:36|crc}}", "hooks").unwrap();
    fs::write(directory.path().join("notes.txt"), format!("the key is {key}\n")).unwrap();
    git(directory.path(), &["add", "notes.txt"]);
    let (code, said) = hook();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("notes.txt:1") && !said.contains(&key), "{said}");
}
