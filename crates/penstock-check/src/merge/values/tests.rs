use penstock_model::{GitOid, Revision, Severity};

use super::*;
use crate::{
    Ignore, Options, fixture,
    fixture::{TOKEN, ignore, options, path, token},
};

fn open(files: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    places(&fixture::check(files, &options()).findings)
}

fn places(findings: &[Finding]) -> Vec<(String, Vec<String>)> {
    let place = |finding: &Finding| {
        let also = finding.also.iter().map(ToString::to_string).collect();
        (finding.location.to_string(), also)
    };
    findings.iter().map(place).collect()
}

#[test]
fn a_value_is_found_once_with_all_its_places() {
    let (one, other) = (token(), token().replace("TOKEN-", "TOKEN-Q"));
    let other = &other[..other.len() - 1];
    let twice = format!("{one}\n{one}\n");
    let found = open(&[("z", &one), ("b/c", &twice), ("b/d", other)]);
    assert_eq!(
        found,
        [
            ("b/c:1".to_owned(), vec!["b/c:2".to_owned(), "z:1".to_owned()]),
            ("b/d:1".to_owned(), vec![]),
        ]
    );
    let report = fixture::check(&[("z", &one), ("b/c", &twice)], &options());
    assert_eq!(report.counts()[&Severity::High], 1);
    assert_eq!(report.findings[0].occurrences(), 3);
}

#[test]
fn what_is_no_secret_is_found_in_each_place() {
    let found = open(&[("a.sh", "eval(x)\n"), ("b.sh", "eval(x)\n")]);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|(_, also)| also.is_empty()));
}

#[test]
fn an_ignored_place_hides_no_other() {
    let ignored = Ignore { path: Some("a".to_owned()), ..ignore(TOKEN) };
    let options = Options { ignores: vec![ignored], ..options() };
    let value = token();
    let report = fixture::check(&[("a", &value), ("b", &value), ("c", &value)], &options);
    assert_eq!(places(&report.findings), [("b:1".to_owned(), vec!["c:1".to_owned()])]);
    assert_eq!(report.suppressed.len(), 1);
    assert_eq!(report.suppressed[0].finding.location.path, path("a"));
    assert_eq!(report.suppressed[0].finding.also, []);
}

/// A finding of one value at a path, in the commits of these times.
fn once(place: &str, severity: Severity, times: (i64, i64), at_head: bool) -> Finding {
    let value = token();
    let mut finding = fixture::check(&[(place, &value)], &options()).findings.remove(0);
    let revision = |time: i64| Revision {
        commit: format!("{time:040x}").parse::<GitOid>().unwrap(),
        time: penstock_model::Timestamp::from_unix(time).unwrap(),
    };
    finding.severity = severity;
    finding.history = Some(History { first: revision(times.0), last: revision(times.1), at_head });
    finding
}

#[test]
fn the_gravest_leads_then_what_is_still_there_and_the_commits_span_all() {
    let joined = one_per_value(vec![
        once("a", Severity::High, (20, 30), false),
        once("b", Severity::High, (10, 25), true),
        once("b", Severity::High, (11, 90), false),
        once("c", Severity::Critical, (50, 60), false),
    ]);
    assert_eq!(
        places(&joined),
        [("c:1".to_owned(), vec!["a:1".to_owned(), "b:1".to_owned()])],
        "versions of one file are one place"
    );
    let history = joined[0].history.as_ref().unwrap();
    assert_eq!((history.first.time.unix(), history.last.time.unix()), (10, 90));
    assert!(history.at_head);
    let lead = one_per_value(vec![
        once("a", Severity::High, (20, 30), false),
        once("b", Severity::High, (10, 25), true),
    ]);
    assert_eq!(lead[0].location.path, path("b"));
}
