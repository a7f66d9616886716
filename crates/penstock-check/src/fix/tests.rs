use penstock_model::{Applicability, Region};

use super::*;
use crate::fixture::{check, options, path, token};

fn edit(file: &str, span: std::ops::Range<u64>, replacement: &str) -> Edit {
    let region = Region {
        start_byte: span.start,
        end_byte: span.end,
        start_line: 1,
        start_column: 1,
        end_line: 1,
        end_column: 1,
    };
    Edit { path: path(file), region, replacement: replacement.to_owned() }
}

fn fix(edits: Vec<Edit>) -> Fix {
    Fix { title: "change it".to_owned(), applicability: Applicability::Safe, edits }
}

fn content(path: &RepoPath) -> Option<Vec<u8>> {
    (path.as_bytes() != b"gone").then(|| b"0123456789".to_vec())
}

#[test]
fn fixes_are_made_whole_or_not_at_all() {
    let fixes = [
        fix(vec![edit("a", 7..8, "seven"), edit("b", 0..0, "new ")]),
        fix(vec![edit("a", 2..4, "")]),
        fix(vec![edit("b", 5..6, "x"), edit("a", 3..5, "y")]),
        fix(vec![edit("a", 9..11, "z")]),
        fix(vec![edit("gone", 0..1, "z")]),
        fix(vec![edit("c", 1..3, "z"), edit("c", 2..4, "z")]),
        fix(vec![edit("d", 1..2, "1")]),
    ];
    let plan = plan(&fixes.iter().collect::<Vec<_>>(), content);
    let changed: Vec<_> = plan
        .changes
        .iter()
        .map(|c| (c.path.to_string(), String::from_utf8(c.after.clone()).unwrap()))
        .collect();
    assert_eq!(
        changed,
        [
            ("a".to_owned(), "01456seven89".to_owned()),
            ("b".to_owned(), "new 0123456789".to_owned())
        ]
    );
    assert_eq!(plan.made, [0, 1, 6]);
    assert_eq!(
        plan.refused,
        [
            (2, Refusal::Overlaps),
            (3, Refusal::Changed),
            (4, Refusal::Changed),
            (5, Refusal::Overlaps)
        ]
    );
}

#[test]
fn two_insertions_at_one_place_are_two_rounds() {
    let fixes = [fix(vec![edit("a", 3..3, "x")]), fix(vec![edit("a", 3..3, "y")])];
    let plan = plan(&fixes.iter().collect::<Vec<_>>(), content);
    assert_eq!((plan.made, plan.refused), (vec![0], vec![(1, Refusal::Overlaps)]));
}

#[test]
fn a_diff_shows_no_secret_and_no_escape_sequence() {
    let secret = token();
    let text = format!("one\ntoken = {secret}\n\x1b[2Jtwo\nthree\n");
    let report = check(&[("f.txt", &text)], &options());
    assert_eq!(report.findings.len(), 1, "{report:?}");
    let after = text.replace("three", "3").into_bytes();
    let change = Change { path: path("f.txt"), before: text.into_bytes(), after };
    let diff = diff(&change, &report);
    assert!(diff.contains("-three\n+3\n") && diff.contains("token = ***"), "{diff}");
    assert!(!diff.contains(&secret) && !diff.contains('\x1b'), "{diff}");
}
