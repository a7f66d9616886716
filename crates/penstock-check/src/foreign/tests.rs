use penstock_model::{Report, SuppressionAuthority};

use super::*;
use crate::{
    Options, against_base, exit, fixture,
    fixture::{options, path, token},
};

fn check(files: &[(&str, &str)]) -> Report {
    fixture::check(files, &options())
}

fn one(name: &str, text: &str) -> Report {
    check(&[(name, text)])
}

/// By which tool, and why.
fn suppressed(report: &Report) -> Vec<(&str, &str)> {
    let suppression = |s: &'_ penstock_model::SuppressedFinding| s.suppression.clone();
    report
        .suppressed
        .iter()
        .inspect(|s| assert_eq!(suppression(s).authority, SuppressionAuthority::Proposed))
        .map(|s| (s.suppression.tool.as_deref().unwrap(), s.suppression.reason.as_str()))
        .collect()
}

fn notes(report: &Report) -> Vec<(NoteKind, &str)> {
    report.notes.iter().map(|note| (note.kind, note.message.as_str())).collect()
}

#[test]
fn a_comment_that_names_a_rule_as_another_tool_does_is_honoured() {
    for (name, text, expected) in [
        ("a.yml", "x: eval(x) # zizmor: ignore[eval] trusted\n", ("zizmor", "trusted")),
        ("a.yml", "# zizmor: ignore[a, eval]\nx: eval(x)\n", ("zizmor", "ignored for zizmor")),
        ("a.tf", "#trivy:ignore:AVD-X-0001 old\nx = eval(x)\n", ("trivy", "old")),
        ("a.tf", "# checkov:skip=CKV_X_1:see #7\nx = eval(x)\n", ("checkov", "see #7")),
        ("a.tf", "x = eval(x) # checkov:skip=CKV_X_1\n", ("checkov", "ignored for checkov")),
        ("a.js", "eval(x) // nosemgrep: a.b, rules.eval\n", ("semgrep", "ignored for semgrep")),
        ("a.py", "eval(x)  # nosec B307\n", ("bandit", "ignored for bandit")),
        ("a.py", "eval(x)  # nosec: B101, B307 -- trusted\n", ("bandit", "trusted")),
        (
            "Dockerfile",
            "# hadolint ignore=DL3008,DL3009\n# zizmor: ignore[other]\nRUN eval(x)\n",
            ("hadolint", "ignored for hadolint"),
        ),
        (
            "Dockerfile",
            "# hadolint global ignore=DL3008\n\n\nRUN eval(x)\n",
            ("hadolint", "ignored for hadolint"),
        ),
    ] {
        let report = one(name, text);
        assert_eq!((report.findings.len(), notes(&report)), (0, vec![]), "{text}");
        assert_eq!(suppressed(&report), [expected], "{text}");
        assert_eq!(report.open().count(), 1, "proposed until a base has it");
    }
    let text = format!("x := \"{}\" // #nosec G101 -- a sample\n", token());
    assert_eq!(suppressed(&one("a.go", &text)), [("gosec", "a sample")]);
}

#[test]
fn near_misses_suppress_nothing() {
    for (name, text) in [
        ("a.yml", "x: eval(x) # zizmor: ignore[evil] other rule\n"),
        ("a.yml", "x: eval(x) # zizmor: ignore\n"),
        ("a.yml", "x: eval(x) # zizmor: ignore[]\n"),
        ("a.yml", "# zizmor: ignore[eval]\n\nx: eval(x)\n"),
        ("a.yml", "x: eval(x)\n# zizmor: ignore[eval]\n"),
        ("a.yml", "x: 'eval(x) # zizmor: ignore[eval]'\n"),
        ("a.tf", "#trivy:ignore:AVD-X-00011\nx = eval(x)\n"),
        ("a.tf", "# trivy:ignore:*\nx = eval(x)\n"),
        ("a.tf", "# checkov:skip=CKV_X_11:no\nx = eval(x)\n"),
        ("a.py", "eval(x)  # nosec B308\n"),
        ("a.py", "eval(x)  # nosecurity B307\n"),
        ("a.go", "eval(x)  // #nosec B307\n"),
        ("a.js", "log(\"// nosemgrep: rules.eval\", eval(x))\n"),
        ("a.txt", "eval(x): write nosemgrep: rules.eval\n"),
        ("Dockerfile", "# hadolint ignore=DL3009\nRUN eval(x)\n"),
    ] {
        let report = one(name, text);
        assert_eq!((report.findings.len(), report.suppressed.len()), (1, 0), "{text}");
        assert_eq!(notes(&report), [], "{text}");
    }
}

#[test]
fn a_bare_ignore_is_counted_once_for_each_tool_and_not_applied() {
    let value = token();
    let text = format!("x = \"{value}\" # gitleaks:allow\n");
    let again = format!("y = \"{value}\" # gitleaks:allow\nz = eval(x) # nosec\n");
    let files = [("a.py", text.as_str()), ("b.py", again.as_str())];
    let report = check(&files);
    assert_eq!((report.findings.len(), report.suppressed.len()), (2, 0));
    assert_eq!(
        notes(&report),
        [
            (
                NoteKind::Bare,
                "1 finding with a bare ignore for bandit, which names no rule: not applied; write `penstock: ignore[rule-id] reason`, or list `bandit` in `[check] bare-ignores`"
            ),
            (
                NoteKind::Bare,
                "2 findings with a bare ignore for gitleaks, which names no rule: not applied; write `penstock: ignore[rule-id] reason`, or list `gitleaks` in `[check] bare-ignores`"
            ),
        ]
    );
    let configured = Options { bare_ignores: vec!["gitleaks".to_owned()], ..options() };
    let report = fixture::check(&files, &configured);
    assert_eq!((report.findings.len(), notes(&report).len()), (1, 1));
    assert_eq!(suppressed(&report), [("gitleaks", "ignored for gitleaks"); 2]);
    let report = check(&[files[0], files[1], (".gitleaks.toml", "")]);
    assert_eq!((report.findings.len(), report.suppressed.len()), (1, 2));
}

#[test]
fn a_bare_ignore_of_a_tool_for_secrets_speaks_of_secrets_only() {
    let report = check(&[("a.py", "eval(x) # gitleaks:allow\n"), (".gitleaks.toml", "")]);
    assert_eq!((report.findings.len(), report.suppressed.len(), notes(&report)), (1, 0, vec![]));
}

#[test]
fn gitleaksignore_speaks_of_exactly_its_line() {
    let text = format!("\nx = {}\n", token());
    let with = |line: &str| {
        let report = check(&[("src/a.txt", &text), (".gitleaksignore", line)]);
        report.suppressed.len()
    };
    assert_eq!(with("# why\n\nsrc/a.txt:sample-token:2\n"), 1);
    assert_eq!(with("src\\a.txt:sample-token:2"), 1);
    for other in [
        "src/a.txt:sample-token:1",
        "src/a.txt:sample-token:3",
        "src/a.txt:other-token:2",
        "a.txt:sample-token:2",
        "src/a.txt:sample-token",
        "src/a.txt",
        ":::",
        &format!("{}:src/a.txt:sample-token:2", "a".repeat(40)),
    ] {
        assert_eq!(with(other), 0, "{other}");
    }
    let report = check(&[("src/a.txt", &text), (".gitleaksignore", "src/a.txt:sample-token:2\n")]);
    assert_eq!(suppressed(&report), [("gitleaks", "listed in .gitleaksignore")]);
}

#[test]
fn gitleaksignore_with_a_commit_speaks_of_what_history_finds_in_it() {
    let mut finding = one("a", &token()).findings.remove(0);
    let commit = "b".repeat(40);
    let positions = Positions::read(format!("{commit}:a:sample-token:1\n").as_bytes());
    assert_eq!(positions.mark(fixture::TOKEN, &finding), None);
    let revision = |digit: &str| penstock_model::Revision {
        commit: digit.repeat(40).parse().unwrap(),
        time: fixture::now(),
    };
    for (first, expected) in [("b", true), ("c", false)] {
        let (first, last) = (revision(first), revision("d"));
        finding.history = Some(penstock_model::History { first, last, at_head: true });
        assert_eq!(positions.mark(fixture::TOKEN, &finding).is_some(), expected);
    }
}

/// How many of two findings, a token and a call, an allowlist takes out.
fn allowed(toml: &str) -> (usize, Vec<String>) {
    let text = format!("key = \"{}\" # demo\neval(x)\n", token());
    let report = check(&[("tests/data/a.txt", &text), (".gitleaks.toml", toml)]);
    assert!(report.suppressed.iter().all(|s| s.finding.rule.as_str() == "secrets/token"));
    (report.suppressed.len(), report.notes.into_iter().map(|note| note.message).collect())
}

#[test]
fn allowlists_of_gitleaks_speak_of_paths_values_and_lines() {
    let ends = &token()[20..];
    for (toml, expected) in [
        ("[allowlist]\npaths = ['''(^|/)tests/''']\n".to_owned(), 1),
        ("[allowlist]\npaths = ['''^data/''']\n".to_owned(), 0),
        ("[[allowlists]]\ndescription = \"d\"\npaths = ['''\\.txt$''']\n".to_owned(), 1),
        (format!("[[allowlists]]\nregexes = ['''{ends}$''']\n"), 1),
        ("[[allowlists]]\nregexes = ['''demo''']\n".to_owned(), 0),
        ("[[allowlists]]\nregexes = ['''demo''']\nregexTarget = \"line\"\n".to_owned(), 1),
        ("[[allowlists]]\nregexes = ['''key = .*demo''']\nregexTarget = \"match\"\n".to_owned(), 1),
        (format!("[allowlist]\nstopwords = [\"{}\"]\n", ends.to_lowercase()), 1),
        ("[allowlist]\nstopwords = [\"\", \"nowhere\"]\n".to_owned(), 0),
        (
            "[[rules]]\nid = \"sample-token\"\n[rules.allowlist]\npaths = ['''tests''']\n"
                .to_owned(),
            1,
        ),
        (
            "[[rules]]\nid = \"sample-token\"\n[[rules.allowlists]]\npaths = ['''tests''']\n"
                .to_owned(),
            1,
        ),
        ("[[rules]]\nid = \"other\"\n[[rules.allowlists]]\npaths = ['''tests''']\n".to_owned(), 0),
        ("[[allowlists]]\ntargetRules = [\"sample-token\"]\npaths = ['''tests''']\n".to_owned(), 1),
        ("[[allowlists]]\ntargetRules = [\"other\"]\npaths = ['''tests''']\n".to_owned(), 0),
        ("[extend]\nuseDefault = true\ndisabledRules = [\"sample-token\"]\n".to_owned(), 1),
        ("[extend]\ndisabledRules = [\"other\"]\n".to_owned(), 0),
        ("[allowlist]\ncommits = [\"abc\"]\n".to_owned(), 0),
        ("[allowlist]\n".to_owned(), 0),
    ] {
        assert_eq!(allowed(&toml), (expected, vec![]), "{toml}");
    }
}

#[test]
fn criteria_joined_by_and_must_all_hold() {
    for (criteria, expected) in [
        ("paths = ['''tests''']\nregexes = ['''^TOKEN''']\n", 1),
        ("paths = ['''tests''']\nregexes = ['''^OTHER''']\n", 0),
        ("paths = ['''src''']\nregexes = ['''^TOKEN''']\n", 0),
        ("paths = ['''tests''']\nstopwords = [\"token\"]\n", 1),
        ("paths = ['''tests''']\nstopwords = [\"other\"]\n", 0),
        // A commit is not known here, so it cannot hold.
        ("paths = ['''tests''']\ncommits = [\"abc\"]\n", 0),
        ("", 0),
    ] {
        for list in ["[allowlist]", "[[allowlists]]"] {
            let toml = format!("{list}\ncondition = \"AND\"\n{criteria}");
            assert_eq!(allowed(&toml).0, expected, "{toml}");
        }
    }
    // One that cannot be compiled does not drop out of the conjunction.
    let (count, notes) = allowed(
        "[allowlist]\ncondition = \"and\"\npaths = ['''tests''']\nregexes = ['''(?=x)''']\n",
    );
    assert_eq!(count, 0);
    assert_eq!(notes, ["line 4: the pattern `(?=x)` is not applied: it cannot be compiled here"]);
}

#[test]
fn hostile_configurations_of_gitleaks_cost_little_and_allow_nothing() {
    for toml in [
        // Catastrophic for engines that go back; this one does not, whatever the pattern.
        "[allowlist]\nregexes = ['''(a*)*(b+)+$''']\nregexTarget = \"line\"\n".to_owned(),
        // Explodes when it is compiled: refused by size.
        "[allowlist]\nregexes = ['''(((x{1000}){1000}){1000}){1000}''']\n".to_owned(),
        format!("[allowlist]\nregexes = ['''{}''']\n", "(".repeat(10_000)),
        format!("[allowlist]\npaths = ['''{}z''']\n", "a?".repeat(50_000)),
        "[allowlist]\npaths = [''''''] \n".to_owned(),
        format!("x = {}", "[".repeat(100_000)),
        format!("[allowlist]\npaths = [{}]\n", "'nowhere', ".repeat(5_000)),
    ] {
        assert_eq!(allowed(&toml).0, 0);
    }
    let large = vec![b'#'; (1 << 20) + 1];
    for content in [large, b"[allowlist]\n# \xff\npaths = ['.']\n".to_vec()] {
        let tree = crate::MemoryTree::new([
            (path("a"), token().into_bytes()),
            (path(".gitleaks.toml"), content),
        ]);
        let report = fixture::engine().check(&tree, fixture::subject(), &options()).unwrap();
        assert_eq!((report.findings.len(), report.suppressed.len()), (1, 0));
        assert_eq!(report.notes[0].kind, NoteKind::Unreadable);
        assert_eq!(report.notes[0].location.as_ref().unwrap().path, path(".gitleaks.toml"));
    }
}

#[test]
fn a_description_that_quotes_the_secret_is_masked() {
    let value = token();
    let toml = format!("[allowlist]\ndescription = \"{value} is fine\"\npaths = ['''a''']\n");
    let report = check(&[("a", &value), (".gitleaks.toml", &toml)]);
    assert!(suppressed(&report)[0].1.ends_with(" is fine"));
    assert!(!crate::format::json::json(&report).unwrap().contains(&value));
}

#[test]
fn trivyignore_names_ids_until_their_end() {
    let text = format!("eval(x) {}\n", token());
    let with = |ignore: &str| check(&[("a.txt", &text), (".trivyignore", ignore)]);
    let report = with("# accepted\nAVD-X-0001\nsample-token # a sample\n");
    assert_eq!(
        suppressed(&report),
        [("trivy", "`sample-token` in .trivyignore"), ("trivy", "`AVD-X-0001` in .trivyignore")]
    );
    assert_eq!(with("AVD-X-0001 exp:2026-11-24\n").suppressed.len(), 1);
    let ended = with("AVD-X-0001 exp:2026-11-23\n");
    assert_eq!(ended.suppressed.len(), 0);
    assert_eq!(notes(&ended), [(NoteKind::Expired, "`AVD-X-0001` ended on 2026-11-23T00:00:00Z")]);
    for other in ["AVD-X-000", "*", "# AVD-X-0001", "AVD-X-0001 exp:soon"] {
        assert_eq!(with(other).suppressed.len(), 0, "{other}");
    }
}

#[test]
fn zizmor_configuration_names_rules_files_and_places() {
    let text = "a: 1\nx: eval(x)\n";
    let with = |name: &str, ignore: &str| {
        let config = format!("rules:\n  eval:\n{ignore}");
        check(&[(".github/workflows/ci.yml", text), (name, &config)])
    };
    let evals = |report: &Report| {
        report.suppressed.iter().filter(|s| s.finding.rule.as_str() == "ci/eval").count()
    };
    for (ignore, expected) in [
        ("    ignore: [ci.yml]\n", 1),
        ("    ignore:\n      - other.yml\n      - ci.yml:2\n", 1),
        ("    ignore: ['ci.yml:2:4']\n", 1),
        ("    disable: true\n", 1),
        ("    disable: false\n", 0),
        ("    ignore: ['ci.yml:2:9']\n", 0),
        ("    ignore: ['ci.yml:1']\n", 0),
        ("    ignore: ['ci.yml:2:4:1', 'ci.yml:x']\n", 0),
        ("    ignore: [workflows/ci.yml, '*']\n", 0),
        ("    ignore: ci.yml\n", 0),
    ] {
        for name in ["zizmor.yml", ".github/zizmor.yml"] {
            assert_eq!(evals(&with(name, ignore)), expected, "{ignore}");
        }
        assert_eq!(evals(&with("sub/zizmor.yml", ignore)), 0);
    }
    assert_eq!(notes(&with("zizmor.yaml", "  : [\n"))[0].0, NoteKind::Unreadable);
}

/// The check of a change by the base it wants to enter.
fn judged(base: &[(&str, &str)], change: &[(&str, &str)]) -> Report {
    let options = Options { threshold: penstock_model::Severity::Low, ..options() };
    let mut report = fixture::check(change, &options);
    against_base(&mut report, &fixture::check(base, &options));
    report
}

#[test]
fn what_a_change_adds_for_another_tool_counts_for_nothing() {
    let value = token();
    let plain = format!("x = \"{value}\"\n");
    let comment = format!("x = \"{value}\" # gitleaks:allow\n");
    let file = ("a.txt", plain.as_str());
    for added in [
        (".gitleaks.toml", "[allowlist]\npaths = ['''.*''']\n"),
        (".gitleaksignore", "a.txt:sample-token:1\n"),
        (".trivyignore", "sample-token\n"),
    ] {
        let report = judged(&[file], &[file, added]);
        assert_eq!(report.suppressed.len(), 1);
        assert_eq!((report.open().count(), exit(&report, false, false)), (1, 1), "{}", added.0);
        let held = judged(&[file, added], &[("b.txt", &plain), added, ("a.txt", "\n")]);
        let moved_position = added.0 == ".gitleaksignore";
        assert_eq!(held.open().count(), usize::from(moved_position), "{}", added.0);
    }
    let config = (".gitleaks.toml", "");
    let report = judged(&[file, config], &[("a.txt", &comment), config]);
    assert_eq!((report.suppressed.len(), report.open().count()), (1, 1));
    let report = judged(&[("a.txt", &comment)], &[("a.txt", &comment), config]);
    assert_eq!((report.suppressed.len(), report.open().count()), (1, 1));
}

#[test]
fn our_own_comment_goes_before_another_tools() {
    let ours = ["# penstock", ": ignore[ci/eval] ours\n"].concat();
    let report = one("a.yml", &format!("{ours}x: eval(x) # zizmor: ignore[eval] theirs\n"));
    assert_eq!(report.suppressed[0].suppression.reason, "ours");
    assert_eq!(report.suppressed[0].suppression.tool, None);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_sequence_of_bytes_makes_it_panic(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..40),
        name in 0..NAMES.len(),
    ) {
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| PIECES[*piece]).copied().collect();
        let tree = crate::MemoryTree::new([
            (path(NAMES[name]), bytes),
            (path("a.txt"), format!("eval(x) {} # nosec", token()).into_bytes()),
        ]);
        let report = fixture::engine().check(&tree, fixture::subject(), &options());
        proptest::prop_assert!(report.is_ok());
    }
}

const NAMES: [&str; 6] =
    ["a.py", "b.yml", ".gitleaks.toml", ".gitleaksignore", ".trivyignore", "zizmor.yml"];
const PIECES: [&[u8]; 22] = [
    b"# zizmor: ignore[",
    b"]",
    b"# trivy:ignore:",
    b"# checkov:skip=",
    b":",
    b"# nosemgrep",
    b"# nosec ",
    b"# hadolint ignore=",
    b"gitleaks:allow",
    b"eval(x)",
    b"\n",
    b"B307",
    b"\xff",
    b"[allowlist]\n",
    b"paths = ['",
    b"']\n",
    b"rules:\n  eval:\n    ignore:\n      - ",
    b"a.txt:1",
    b"exp:2026",
    b"\"",
    b"*/",
    b"/* ",
];
