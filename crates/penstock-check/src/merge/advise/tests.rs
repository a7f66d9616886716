use penstock_model::{Report, RuleSet, Severity, SuppressionAuthority};

use crate::{
    Check, CheckError, Engine, File, FileInfo, Findings, Options, Rule, against_base, exit,
    fixture::{EVAL, Secrets, options, subject, tree},
    format::{Setting, human::Human, json::json, markdown::markdown, sarif::sarif},
};

const NEW: &Rule = &Rule {
    id: "ci/new-thing",
    title: "New thing",
    severity: Severity::Critical,
    markdown: "+++\nset = \"2026.12\"\n+++\n",
    ..*EVAL
};

struct New;

impl Check for New {
    fn rules(&self) -> &'static [&'static Rule] {
        &[NEW]
    }

    fn wants(&self, _: &FileInfo<'_>) -> bool {
        true
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        if let Some(at) = file.bytes().windows(3).position(|window| window == b"new") {
            findings.report(NEW, at..at + 3, "a new thing");
        }
    }
}

fn engine() -> Engine {
    Engine::new(vec![Box::new(Secrets), Box::new(New)]).unwrap()
}

fn at(pin: Option<&str>, now: &str) -> Options {
    let rule_set = pin.map(|pin| pin.parse::<RuleSet>().unwrap());
    Options { rule_set, now: now.parse().unwrap(), ..options() }
}

fn check(text: &str, options: &Options) -> Report {
    engine().check(&tree(&[("a.txt", text)]), subject(), options).unwrap()
}

/// Findings that count, findings that advise, and the exit code.
fn outcome(pin: Option<&str>, now: &str) -> (usize, usize, u8) {
    let report = check("new", &at(pin, now));
    (report.findings.len(), report.advising.len(), exit(&report, true, false))
}

#[test]
fn a_newer_rule_advises_for_thirty_days_from_the_first_of_its_month() {
    let pin = Some("2026.11");
    for now in ["2026-11-23T00:00:00Z", "2026-12-01T00:00:00Z", "2026-12-29T00:00:00Z"] {
        assert_eq!(outcome(pin, now), (0, 1, 0), "{now}");
    }
    assert_eq!(outcome(pin, "2026-12-30T23:59:59Z"), (0, 1, 0), "the last second of day 30");
    for now in ["2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"] {
        assert_eq!(outcome(pin, now), (1, 0, 1), "{now}");
    }
}

#[test]
fn without_a_pin_or_with_that_of_its_set_a_rule_counts() {
    for pin in [None, Some("2026.12")] {
        assert_eq!(outcome(pin, "2026-12-01T00:00:00Z"), (1, 0, 1), "{pin:?}");
    }
}

#[test]
fn a_pin_changes_nothing_about_older_rules() {
    let report = check("password=hunter2", &at(Some("2026.11"), "2026-12-01T00:00:00Z"));
    assert_eq!((report.findings.len(), report.advising.len()), (1, 0));
}

#[test]
fn a_pin_newer_than_the_program_is_refused_with_the_newest() {
    let options = at(Some("2027.01"), "2026-12-01T00:00:00Z");
    let refused = engine().check(&tree(&[("a", "")]), subject(), &options).unwrap_err();
    assert!(matches!(refused, CheckError::NewerRuleSet { .. }));
    assert_eq!(
        refused.to_string(),
        "rule set `2027.01` is newer than the newest of this program, `2026.12`: \
         write `rules = \"2026.12\"` in `[check]`, or update penstock"
    );
}

/// Who writes an ignore for what only advises must not fail for it, although nobody agreed yet.
#[test]
fn a_proposed_ignore_does_not_make_advice_count() {
    let text = "new # penstock: ignore[ci/new-thing] known\n";
    let options = at(Some("2026.11"), "2026-12-01T00:00:00Z");
    let mut report = check(text, &options);
    against_base(&mut report, &check("", &options));
    assert_eq!(report.suppressed[0].suppression.authority, SuppressionAuthority::Proposed);
    assert_eq!((report.open().count(), exit(&report, true, false)), (0, 0));
    // And once it counts, the ignore is one like any other.
    let later = at(Some("2026.11"), "2026-12-31T00:00:00Z");
    let mut report = check(text, &later);
    against_base(&mut report, &check("", &later));
    assert_eq!((report.open().count(), exit(&report, true, false)), (1, 1));
}

#[test]
fn advice_is_shown_apart_and_counted_apart() {
    let report = check("new", &at(Some("2026.11"), "2026-12-01T00:00:00Z"));
    let said = "a new thing, advises until 2026-12-31, then counts";
    let counts = report.counts();
    assert!(counts.values().all(|count| *count == 0), "{counts:?}");
    let engine = engine();
    let setting = Setting::new("app", engine.rules());
    let page = Human::new("app", engine.rules()).page(&report);
    assert!(page.contains("ADVISING     critical ci/new-thing a.txt:1: a new thing,"), "{page}");
    assert!(page.contains("until 2026-12-31"), "{page}");
    assert!(page.contains("exit 0: 1 more finding advised"), "{page}");
    assert!(!page.contains("clean"), "{page}");
    assert!(markdown(&report, &setting).contains("1 finding of new rules, not counted yet"));

    let written: serde_json::Value =
        serde_json::from_str(&sarif(&report, &setting).unwrap()).unwrap();
    let result = &written["runs"][0]["results"][0];
    assert_eq!(result["level"], "note");
    assert_eq!(result["message"]["text"], said);
    assert_eq!(result["properties"]["advisesUntil"], "2026-12-31T00:00:00Z");

    let written: Report = serde_json::from_str(&json(&report).unwrap()).unwrap();
    assert_eq!(written, report);
    assert_eq!(written.findings, []);
}
