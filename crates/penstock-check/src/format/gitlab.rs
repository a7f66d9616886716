//! The reports GitLab reads from a job's artifacts: `secret_detection` and `codequality`.
//!
//! A finding with several places is one entry for each, since GitLab shows entries by their file.
//! What somebody decided not to act on is left out. No excerpt and no secret is in either.

use std::collections::BTreeMap;

use penstock_model::{Area, Finding, Location, Report, Severity, report::Tool};
use serde_json::{Value, json};

use super::{
    Setting, escape,
    setting::{by_rank, headline, places},
    terminal,
};

/// The version of GitLab's schema that is declared: the newest patch of the oldest minor version
/// that GitLab still takes, so that old and new installations both do.
/// <https://gitlab.com/gitlab-org/security-products/security-report-schemas>
const SCHEMA: &str = "15.0.7";
/// The most characters of a vulnerability's name (schema 15.0.7).
const MAX_NAME: usize = 255;
/// The most characters of a solution (schema 15.0.7).
const MAX_SOLUTION: usize = 7_000;
/// What stands for the commit where the work tree itself was checked; the schema wants some.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// The findings of area `secrets` as a `secret_detection` report, for
/// `artifacts:reports:secret_detection`.
///
/// # Errors
/// None that a report made by this crate can cause.
pub fn secret_detection(
    report: &Report,
    setting: &Setting<'_>,
) -> Result<String, serde_json::Error> {
    let mut ids = Ids::default();
    let mut vulnerabilities = Vec::new();
    for (finding, _) in by_rank(report) {
        if finding.rule.area() == Some(Area::Secrets) {
            for place in places(finding) {
                let id = ids.next(finding);
                vulnerabilities.push(vulnerability(report, finding, place, &id, setting));
            }
        }
    }
    // The schema's times have no zone; they mean UTC.
    let now = report.now.to_string();
    let now = now.trim_end_matches('Z');
    terminal::json(&json!({
        "version": SCHEMA,
        "schema": format!(
            "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{SCHEMA}/dist/secret-detection-report-format.json"
        ),
        "scan": {
            "analyzer": tool(&report.tool),
            "scanner": tool(&report.tool),
            "start_time": now,
            "end_time": now,
            "status": if report.is_complete() { "success" } else { "failure" },
            "type": "secret_detection",
            "messages": messages(report, setting),
        },
        "vulnerabilities": vulnerabilities,
    }))
}

/// All findings as a code quality report, for `artifacts:reports:codequality`:
/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
///
/// # Errors
/// None that a report made by this crate can cause.
pub fn code_quality(report: &Report, setting: &Setting<'_>) -> Result<String, serde_json::Error> {
    let mut ids = Ids::default();
    let mut issues = Vec::new();
    for (finding, _) in by_rank(report) {
        for place in places(finding) {
            let region = place.region;
            let begin = region.map_or(1, |region| region.start_line.max(1));
            let end = region.map_or(1, |region| region.end_line.max(begin));
            issues.push(json!({
                "type": "issue",
                "check_name": finding.rule,
                "description": escape(&headline(finding)),
                "categories": ["Security"],
                "severity": match finding.severity {
                    Severity::Critical => "blocker",
                    Severity::High => "critical",
                    Severity::Medium => "major",
                    Severity::Low => "minor",
                },
                "fingerprint": ids.next(finding),
                "location": {
                    "path": path(place, setting),
                    "lines": { "begin": begin, "end": end },
                },
            }));
        }
    }
    terminal::json(&Value::Array(issues))
}

/// Gives every place an identity of its own that lasts: the fingerprint's digits, and a number from
/// the second place on. GitLab shows only the first of two entries with one.
#[derive(Default)]
struct Ids<'r>(BTreeMap<&'r str, u64>);

impl<'r> Ids<'r> {
    fn next(&mut self, finding: &'r Finding) -> String {
        let fingerprint = finding.fingerprint.as_str();
        let number = self.0.entry(fingerprint).or_default();
        *number += 1;
        let digits = fingerprint.strip_prefix("penstock/v1:").unwrap_or(fingerprint);
        if *number == 1 { digits.to_owned() } else { format!("{digits}-{number}") }
    }
}

fn vulnerability(
    report: &Report,
    finding: &Finding,
    place: &Location,
    id: &str,
    setting: &Setting<'_>,
) -> Value {
    let rule = setting.rule(&finding.rule);
    let mut identifiers = vec![json!({
        "type": "penstock_rule",
        "name": format!("Penstock {}", finding.rule),
        "value": finding.rule,
    })];
    for cwe in rule.map(|rule| rule.cwe).unwrap_or_default() {
        identifiers.push(json!({
            "type": "cwe",
            "name": format!("CWE-{cwe}"),
            "value": cwe.to_string(),
            "url": format!("https://cwe.mitre.org/data/definitions/{cwe}.html"),
        }));
    }
    let in_history = finding.history.as_ref().map(|history| &history.first.commit);
    let commit = in_history.or(report.subject.commit.as_ref());
    let mut location = json!({
        "file": path(place, setting),
        "commit": { "sha": commit.map_or(NO_COMMIT, |commit| commit.as_str()) },
    });
    if let (Some(region), Some(location)) = (place.region, location.as_object_mut()) {
        let start = region.start_line.max(1);
        location.insert("start_line".to_owned(), json!(start));
        location.insert("end_line".to_owned(), json!(region.end_line.max(start)));
    }
    let solution = rule.and_then(|rule| rule.section("How to fix")).unwrap_or("Rotate it first.");
    json!({
        "id": id,
        "name": short(setting.title(&finding.rule), MAX_NAME),
        "description": literal(&headline(finding)),
        "severity": match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
        },
        "solution": short(solution, MAX_SOLUTION),
        "identifiers": identifiers,
        "location": location,
    })
}

fn tool(tool: &Tool) -> Value {
    json!({
        "id": tool.name,
        "name": "Penstock",
        "version": tool.version,
        "vendor": { "name": "Penstock" },
    })
}

/// What was not looked at, and what could not be told.
fn messages(report: &Report, setting: &Setting<'_>) -> Vec<Value> {
    let message = |level: &str, value: String| json!({ "level": level, "value": escape(&value) });
    let mut messages = Vec::new();
    for skipped in &report.coverage.incomplete {
        let path = setting.repository_path(&skipped.path);
        messages.push(message("warn", format!("not checked: {path}: {}", skipped.detail)));
    }
    for part in &report.not_checked {
        let level = if part.required { "fatal" } else { "warn" };
        messages.push(message(level, format!("not checked: {}: {}", part.part, part.reason)));
    }
    let secrets = |id: &penstock_model::RuleId| id.area() == Some(Area::Secrets);
    for open in report.unresolved.iter().filter(|open| secrets(&open.rule)) {
        let value = format!("cannot tell: {} {}: {}", open.rule, open.location, open.question);
        messages.push(message("info", value));
    }
    messages
}

fn path(place: &Location, setting: &Setting<'_>) -> String {
    escape(&setting.repository_path(&place.path).to_string())
}

/// Text that GitLab's Markdown shows as it is, mentions and references included.
fn literal(message: &str) -> String {
    super::markdown::text(message)
}

fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests;
