use penstock_model::{
    Finding, History, Report, Revision, SuppressionAuthority, report::NoteKind, report::Subject,
};

use super::*;
use crate::{
    Ignore, Options, SuppressionFiles, against_base, exit, fixture,
    fixture::{EVAL, TOKEN, ignore, now, options, path, token, tree},
};

const NAME: &str = Baseline::FILE_NAME;

fn update() -> BaselineUpdate {
    BaselineUpdate {
        reason: "was here before".to_owned(),
        owner: Some("ana".to_owned()),
        expires: None,
        prune: false,
        now: now(),
    }
}

/// The baseline of what these files hold.
fn of(files: &[(&str, &str)]) -> Baseline {
    Baseline::default().updated(&fixture::check(files, &options()).findings, &update()).0
}

fn strict() -> Options {
    Options { threshold: penstock_model::Severity::Low, ..options() }
}

/// Checks files beside a baseline.
fn check(files: &[(&str, &str)], baseline: &Baseline) -> Report {
    let text = baseline.to_string();
    let mut files = files.to_vec();
    files.push((NAME, &text));
    fixture::check(&files, &strict())
}

fn notes(report: &Report) -> Vec<(NoteKind, &str)> {
    report.notes.iter().map(|note| (note.kind, note.message.as_str())).collect()
}

fn until(baseline: &Baseline, end: &str) -> Baseline {
    let end = |entry: &BaselineEntry| BaselineEntry {
        expires: Some(end.parse().unwrap()),
        ..entry.clone()
    };
    Baseline::new(baseline.entries().iter().map(end).collect())
}

#[test]
fn what_is_written_is_read_back_and_quotes_nothing_that_was_found() {
    let value = token();
    let text = format!("{value}\neval(x)\npassword=hunter2\n");
    let baseline = of(&[("b", &text), ("a \u{e9}", &text)]);
    let written = baseline.to_string();
    assert_eq!(Baseline::parse(written.as_bytes()).as_ref(), Ok(&baseline));
    assert!(!written.contains(&value) && !written.contains("hunter2"), "{written}");
    let eval = baseline.entries()[0].fingerprint.as_str();
    let expected = format!(
        "version = 1\n\n[[finding]]\nrule = \"ci/eval\"\nfingerprint = \"{eval}\"\ncount = 2\n\
         paths = [\"a \u{e9}\", \"b\"]\nreason = \"was here before\"\nowner = \"ana\"\n\
         added = \"2026-11-23\"\n"
    );
    assert!(written.contains(&expected), "{written}");
    let rules: Vec<_> = baseline.entries().iter().map(|entry| entry.rule.as_str()).collect();
    assert_eq!(rules, ["ci/eval", "secrets/password", "secrets/token"]);
    let odd = BaselineEntry { reason: "a \"b\" \\ c".to_owned(), ..baseline.entries()[0].clone() };
    let odd = Baseline::new(vec![
        until(&Baseline::new(vec![odd]), "2027-01-01T10:00:00Z").entries[0].clone(),
    ]);
    assert_eq!(Baseline::parse(odd.to_string().as_bytes()), Ok(odd));
}

#[test]
fn what_is_in_it_does_not_block_and_everything_else_does() {
    let value = token();
    let files = [("a", value.as_str()), ("b.sh", "eval(x)\n")];
    let report = check(&files, &of(&files));
    assert_eq!((report.findings.len(), report.suppressed.len()), (0, 2));
    let suppression = &report.suppressed[0].suppression;
    assert_eq!(suppression.authority, SuppressionAuthority::Baseline);
    assert_eq!(suppression.owner.as_deref(), Some("ana"));
    assert_eq!((exit(&report, false, false), notes(&report)), (0, vec![]));
    let other = check(&[("a", &value), ("b.sh", "eval(x)\neval(y)\n")], &of(&files));
    assert_eq!(other.findings.len(), 1);
    assert_eq!(exit(&other, false, false), 1);
}

#[test]
fn it_survives_moves_and_renames_and_a_further_copy_is_open() {
    let value = token();
    let baseline = of(&[("z", &value)]);
    let moved = check(&[("a/b", &format!("\n\nx {value}\n"))], &baseline);
    assert_eq!((moved.findings.len(), moved.suppressed.len()), (0, 1));
    let copied = check(&[("a", &value), ("z", &value)], &baseline);
    let open: Vec<_> = copied.findings.iter().map(|f| f.location.path.clone()).collect();
    assert_eq!(open, [path("a")], "the place the entry names is not the further one");
    let twice = of(&[("a", &value), ("z", &value)]);
    assert_eq!(twice.entries()[0].count, 2);
    assert_eq!(check(&[("p", &value), ("q", &value)], &twice).findings.len(), 0);
    let third = check(&[("a", &value), ("b", &value), ("z", &value)], &twice);
    assert_eq!(third.findings[0].location.path, path("b"));
    assert_eq!(third.findings.len(), 1);
}

#[test]
fn another_value_in_the_same_place_is_open() {
    let value = token();
    let other = crate::template::expand("TOKEN-{{upper:20}}", "other").unwrap();
    assert_ne!(value, other);
    let report = check(&[("a", &other)], &of(&[("a", &value)]));
    assert_eq!(report.findings.len(), 1);
    // A password is known by its shape: another length opens it again.
    let passwords = of(&[("p", "password=hunter2\n")]);
    assert_eq!(check(&[("p", "password=hunter22\n")], &passwords).findings.len(), 1);
    assert_eq!(check(&[("p", "password=hunter3\n")], &passwords).findings.len(), 0);
}

#[test]
fn what_is_suppressed_otherwise_uses_nothing_up() {
    let value = token();
    let files = [("a", value.as_str()), ("b", value.as_str())];
    let ignored = Ignore { path: Some("a".to_owned()), ..ignore(TOKEN) };
    let text = of(&[("z", &value)]).to_string();
    let mut with = files.to_vec();
    with.push((NAME, &text));
    let report = fixture::check(&with, &Options { ignores: vec![ignored], ..options() });
    assert_eq!((report.findings.len(), report.suppressed.len()), (0, 2));
}

#[test]
fn an_end_is_told_fourteen_days_before_and_then_counts_again() {
    let files = [("a.sh", "eval(x)\n"), ("b.sh", "eval(y)\n")];
    let baseline = of(&files);
    let at = |end| {
        let report = check(&files, &until(&baseline, end));
        let open = report.findings.len();
        (open, report.notes.iter().map(|n| (n.kind, n.message.clone())).collect::<Vec<_>>())
    };
    assert_eq!(now().to_string(), "2026-11-23T14:00:00Z");
    assert_eq!(at("2026-12-07T14:00:01Z"), (0, vec![]));
    let told = |end: &str| {
        (NoteKind::Expiring, format!("2 entries (ci/eval): ends on {end} (owner: ana)"))
    };
    for end in ["2026-12-07T14:00:00Z", "2026-11-23T14:00:01Z"] {
        assert_eq!(at(end), (0, vec![told(end)]));
    }
    for end in ["2026-11-23T14:00:00Z", "2020-01-01T00:00:00Z"] {
        let text = format!(
            "2 entries (ci/eval): ended on {end} (owner: ana), so it counts again; fix it or set a new end"
        );
        assert_eq!(at(end), (2, vec![(NoteKind::Expired, text)]));
    }
}

#[test]
fn an_entry_that_matches_nothing_is_said_where_everything_was_looked_at() {
    let baseline = of(&[("a.sh", "eval(x)\n"), ("b.sh", "eval(pedantic)\n")]);
    let gone = check(&[("a.sh", "")], &baseline);
    assert_eq!(
        notes(&gone),
        [(
            NoteKind::Unused,
            "1 entry (ci/eval): nothing is found any more; penstock init --baseline --prune removes it"
        )]
    );
    assert_eq!(gone.notes[0].location.as_ref().unwrap().path, path(NAME));
    let part = Subject { scope: "staged".to_owned(), ..fixture::subject() };
    let text = baseline.to_string();
    let files = tree(&[(NAME, &text)]);
    let staged = fixture::engine().check(&files, part, &options()).unwrap();
    assert_eq!(notes(&staged), []);
    let areas = Some(vec![penstock_model::Area::Secrets]);
    let other_area = Options { areas, ..options() };
    let report = fixture::engine().check(&files, fixture::subject(), &other_area).unwrap();
    assert_eq!(notes(&report), []);
}

#[test]
fn an_entry_for_a_wider_audience_is_not_called_unused() {
    let text = "eval(pedantic)\n";
    let wide = Options { audience: penstock_model::Audience::Pedantic, ..options() };
    let findings = fixture::check(&[("a.sh", text)], &wide).findings;
    let baseline = Baseline::default().updated(&findings, &update()).0;
    assert_eq!(baseline.entries().len(), 1);
    assert_eq!(notes(&check(&[("a.sh", text)], &baseline)), []);
}

#[test]
fn a_rule_of_another_version_is_said_and_covers_nothing() {
    let text = of(&[("a.sh", "eval(x)\n")]).to_string().replace("ci/eval", "ci/evil");
    let report = fixture::check(&[("a.sh", "eval(x)\n"), (NAME, &text)], &options());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        notes(&report),
        [(NoteKind::UnknownRule, "1 entry (ci/evil): no rule of this version; not applied")]
    );
}

#[test]
fn in_history_an_entry_covers_its_value_wherever_it_stood() {
    let value = token();
    let baseline = of(&[("a", &value)]);
    let found = fixture::check(&[("a", &value)], &options()).findings.remove(0);
    let revision = Revision { commit: "a".repeat(40).parse().unwrap(), time: now() };
    let once = |place: &str| Finding {
        location: penstock_model::Location::file(path(place)),
        history: Some(History { first: revision.clone(), last: revision.clone(), at_head: false }),
        ..found.clone()
    };
    let with = Applied {
        now: now(),
        known: &|_| true,
        ran: &|_| false,
        hidden: &std::collections::BTreeSet::new(),
    };
    let (open, covered, _) = apply(&baseline, vec![once("x"), once("y")], &with);
    assert_eq!((open.len(), covered.len()), (0, 2));
}

/// The check of a change by the base it wants to enter.
fn judged(base: (&[(&str, &str)], &Baseline), change: (&[(&str, &str)], &Baseline)) -> Report {
    let mut report = check(change.0, change.1);
    against_base(&mut report, &check(base.0, base.1));
    report
}

#[test]
fn a_baseline_edited_by_the_change_counts_as_far_as_the_base_had_it() {
    let old = [("a.sh", "eval(x)\n")];
    let new = [("a.sh", "eval(x)\n"), ("b.sh", "eval(y)\n")];
    let same = judged((&old, &of(&old)), (&old, &of(&old)));
    assert_eq!((same.open().count(), exit(&same, false, false)), (0, 0));
    let moved = judged((&old, &of(&old)), (&[("b/c.sh", "eval(x)\n")], &of(&old)));
    assert_eq!(moved.suppressed[0].suppression.authority, SuppressionAuthority::Baseline);

    let added = judged((&old, &of(&old)), (&new, &of(&new)));
    assert_eq!((added.open().count(), exit(&added, false, false)), (1, 1));
    let first = judged((&old, &Baseline::default()), (&old, &of(&old)));
    assert_eq!(first.open().count(), 1, "a first baseline is proposed like any other");
    // A second copy, and the count raised for it.
    let copied = [("a.sh", "eval(x)\n"), ("b.sh", "eval(x)\n")];
    let raised = judged((&old, &of(&old)), (&copied, &of(&copied)));
    assert_eq!(raised.open().count(), 1);
    // An end moved by the change does not renew what has ended.
    let ended = until(&of(&old), "2026-11-01T00:00:00Z");
    let renewed = judged((&old, &ended), (&old, &until(&ended, "2027-01-01T00:00:00Z")));
    assert_eq!(renewed.open().count(), 1);
    // What the base accepts and no longer has may not come back unseen.
    let back = judged((&[("a.sh", "\n")], &of(&old)), (&old, &of(&old)));
    assert_eq!(back.open().count(), 1);
}

#[test]
fn files_of_another_tree_judge_when_they_are_given() {
    let files = [("a.sh", "eval(x)\n")];
    let text = of(&files).to_string();
    let own = tree(&[files[0], (NAME, &text)]);
    assert_eq!(SuppressionFiles::of(&own).baseline().map(|b| b.entries().len()), Ok(1));
    let none = SuppressionFiles::of(&own).without_baseline();
    assert_ne!(none.digest(), SuppressionFiles::of(&own).digest());
    let options = Options { suppression_files: Some(none), ..options() };
    let report = fixture::engine().check(&own, fixture::subject(), &options).unwrap();
    assert_eq!(report.findings.len(), 1);
}

#[test]
fn bringing_it_up_to_date_keeps_what_people_wrote() {
    let files = [("a.sh", "eval(x)\n"), ("b.sh", "eval(y)\n")];
    let mut entries = of(&files).entries().to_vec();
    for entry in &mut entries {
        entry.reason = "argued in #7".to_owned();
        entry.owner = None;
    }
    let old = until(&Baseline::new(entries), "2026-11-01T00:00:00Z");
    let today = [("c.sh", "eval(x)\neval(x)\neval(z)\n")];
    let findings = fixture::check(&today, &options()).findings;
    let (new, changes) = old.updated(&findings, &update());
    let expected =
        BaselineChanges { added: 1, raised: 1, stale: 1, ended: 2, ..BaselineChanges::default() };
    assert_eq!(changes, expected);
    assert_eq!(new.entries().len(), 3);
    let kept = new.entries().iter().filter(|entry| entry.reason == "argued in #7");
    assert_eq!(kept.map(|entry| entry.count).sum::<u64>(), 3);
    let end = Some("2027-05-01T00:00:00Z".parse().unwrap());
    let prune = BaselineUpdate { expires: end, prune: true, ..update() };
    let (pruned, changes) = old.updated(&findings, &prune);
    let expected = BaselineChanges {
        added: 1,
        raised: 1,
        renewed: 1,
        pruned: 1,
        ..BaselineChanges::default()
    };
    assert_eq!(changes, expected);
    assert!(pruned.entries().iter().all(|entry| entry.expires == end));
    let report = check(&today, &pruned);
    assert_eq!((report.findings.len(), notes(&report)), (0, vec![]));
    let (same, changes) = pruned.updated(&findings, &prune);
    assert_eq!((same, changes.kept), (pruned, 2));
}

fn problems(text: &str) -> Vec<String> {
    let errors = Baseline::parse(text.as_bytes()).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_that_is_wrong_with_it_is_said_with_its_line() {
    let print = "penstock/v1:00000000000000000000000000000000";
    let text = format!(
        "version = 1\nvesion = 2\n\n[[finding]]\nrule = \"eval\"\nfingerprint = \"x\"\nreason = \"\"\n\
         path = \"a\"\n\n[[finding]]\nrule = \"ci/eval\"\nfingerprint = \"{print}\"\ncount = 0\n\n\
         [[finding]]\nrule = \"ci/eval\"\nfingerprint = \"{print}\"\nreason = \"a\\u202Eb\"\n\
         expires = \"soon\"\npaths = [\"../x\"]\n"
    );
    assert_eq!(
        problems(&text),
        [
            "penstock.baseline.toml:2:1: unknown key `vesion`",
            "penstock.baseline.toml:5:8: `eval` is not a rule id: `area/kebab-name`",
            "penstock.baseline.toml:6:15: `x` is not a fingerprint: `penstock/v1:` and 32 hexadecimal digits",
            "penstock.baseline.toml:7:10: `reason` must be a few words on one line",
            "penstock.baseline.toml:8:1: unknown key `path`",
            "penstock.baseline.toml:10:1: the entry has no `reason`",
            "penstock.baseline.toml:13:9: `count` must be a whole number of at least 1",
            "penstock.baseline.toml:18:10: `reason` must be a few words on one line",
            "penstock.baseline.toml:19:11: `expires` must be a day as \"2027-01-01\" or a time as \"2027-01-01T00:00:00Z\"",
            "penstock.baseline.toml:20:10: `../x` is not a path inside the project",
        ]
    );
    let entry =
        format!("[[finding]]\nrule = \"ci/eval\"\nfingerprint = \"{print}\"\nreason = \"r\"\n");
    assert_eq!(
        problems(&format!("version = 1\n{entry}{entry}")),
        [format!(
            "penstock.baseline.toml:8:15: `ci/eval` {print} is entered twice, first in line 4"
        )]
    );
    assert_eq!(
        problems("version = 2\nnew = 1\n"),
        ["penstock.baseline.toml:1:11: version 2 is not 1"]
    );
    assert_eq!(problems(""), ["penstock.baseline.toml:1:1: the entry has no `version`"]);
    assert!(problems("version = ")[0].starts_with("penstock.baseline.toml:1:"));
    let shown = Baseline::parse(b"version = 1\nx = 1\n").unwrap_err().to_string();
    assert!(shown.contains("\n  help: at the top `version`"), "{shown}");
}

#[test]
fn hostile_baselines_are_errors_and_no_more() {
    assert!(Baseline::parse(b"version = 1\n# \xff\n").is_err());
    assert!(Baseline::parse(format!("version = {}", "[".repeat(100_000)).as_bytes()).is_err());
    let many = format!("version = 1\n{}", "[[finding]]\nx = 1\n".repeat(200));
    assert_eq!(problems(&many).len(), BaselineErrors::MOST);
    let entry = |n: usize| {
        format!(
            "[[finding]]\nrule = \"ci/eval\"\nfingerprint = \"penstock/v1:{n:032x}\"\nreason = \"r\"\n"
        )
    };
    let text: String = (0..=Baseline::MAX_ENTRIES).map(entry).collect();
    let errors = problems(&format!("version = 1\n{text}"));
    assert!(errors[0].ends_with("more than 20000 entries"), "{errors:?}");
    // Too large a file is an error, never taken for none.
    let large = vec![b'#'; Baseline::MAX_BYTES + 1];
    let tree = crate::MemoryTree::new([(path(NAME), large)]);
    let error = fixture::engine().check(&tree, fixture::subject(), &options()).unwrap_err();
    assert!(error.to_string().contains("let it be a regular file"), "{error}");
    assert!(of(&[("x", "eval(x)")]).entries()[0].rule.as_str() == EVAL.id);
}
