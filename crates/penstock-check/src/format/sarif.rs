//! SARIF 2.1.0 (OASIS Standard incorporating Approved Errata 01), within the limits GitHub sets for
//! code scanning: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

mod size;

use std::collections::BTreeMap;

use penstock_model::{
    Confidence, Edit, Finding, Fix, Location, Region, RepoPath, Report, Severity, Suppression,
    SuppressionAuthority, SuppressionPlace, Unresolved,
};
use serde_json::{Value, json};

use super::{
    Setting,
    setting::{by_rank, headline},
    terminal,
};
use crate::Rule;

/// The limits of one upload to GitHub code scanning. One file holds one run here, of at most 20.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Results of one run.
    results: usize,
    /// Rules of one run.
    rules: usize,
    /// Places of one result, related ones included.
    locations: usize,
    /// Tags of one rule.
    tags: usize,
    /// Bytes of the file when it is compressed with gzip.
    gzip: u64,
}

impl Limits {
    const GITHUB: Self =
        Self { results: 25_000, rules: 25_000, locations: 1_000, tags: 20, gzip: 10 << 20 };
}

/// The report as SARIF, indented, with a final line break. Rules of areas that did not run are left
/// out. Where a limit of GitHub leaves out results, the last in rank go, and a notification and the
/// property `resultsLeftOut` of the invocation say how many.
///
/// # Errors
/// None that a report made by this crate can cause.
pub fn sarif(report: &Report, setting: &Setting<'_>) -> Result<String, serde_json::Error> {
    let limits = Limits::GITHUB;
    let rules = setting.rules.iter().copied();
    let rules = rules.filter(|rule| report.areas.contains(&rule.area)).take(limits.rules);
    let rules: Vec<&Rule> = rules.collect();
    Writer { rules: &rules, setting, compared: setting.compared(report), limits }.text(report)
}

struct Writer<'a> {
    rules: &'a [&'a Rule],
    setting: &'a Setting<'a>,
    /// Whether it is known which results are new.
    compared: bool,
    limits: Limits,
}

impl Writer<'_> {
    fn text(&self, report: &Report) -> Result<String, serde_json::Error> {
        let all = self.results(report);
        let mut kept = all.len().min(self.limits.results);
        loop {
            let results = all.get(..kept).unwrap_or_default();
            let text = terminal::json(&self.log(report, results, all.len()))?;
            let size = size::gzip(text.as_bytes(), self.limits.gzip);
            if size <= self.limits.gzip || kept == 0 {
                return Ok(text);
            }
            // In proportion, and a little less, since what is not results stays.
            let share = kept as u64 * self.limits.gzip / size;
            kept = usize::try_from(share * 19 / 20).unwrap_or(0).min(kept - 1);
        }
    }

    /// All results by rank: what counts, gravest first, then what only advises, then questions, then
    /// what was decided.
    fn results(&self, report: &Report) -> Vec<Value> {
        let mut occurrences = BTreeMap::new();
        let mut results = Vec::new();
        for (finding, suppression) in by_rank(report) {
            results.push(self.result(finding, suppression, &mut occurrences));
        }
        for finding in &report.advising {
            results.push(self.result(finding, None, &mut occurrences));
        }
        results.extend(report.unresolved.iter().map(|unresolved| self.open(unresolved)));
        for suppressed in &report.suppressed {
            if !suppressed.is_open() {
                let suppression = Some(&suppressed.suppression);
                results.push(self.result(&suppressed.finding, suppression, &mut occurrences));
            }
        }
        results
    }

    fn log(&self, report: &Report, results: &[Value], all: usize) -> Value {
        let mut notifications = self.notifications(report);
        let left_out = all - results.len();
        let mut invocation = json!({ "executionSuccessful": report.is_complete() });
        if left_out > 0 {
            let text = format!(
                "{left_out} results beyond the first {} are left out, the last in rank: GitHub takes no more; use the JSON format",
                results.len(),
            );
            notifications.push(json!({ "level": "error", "message": { "text": text } }));
            set(&mut invocation, "properties", json!({ "resultsLeftOut": left_out }));
        }
        set(&mut invocation, "toolExecutionNotifications", notifications.into());
        let mut run = json!({
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": self.rules.iter().map(|rule| self.descriptor(rule)).collect::<Vec<_>>(),
                "properties": { "ruleSet": report.tool.rule_set },
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": {
                "description": { "text": "the top directory of the repository" }
            }},
            "invocations": [invocation],
            "results": results,
        });
        if let Some(source) = provenance(report) {
            set(&mut run, "versionControlProvenance", json!([source]));
        }
        json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [run],
        })
    }

    fn result<'r>(
        &self,
        finding: &'r Finding,
        suppression: Option<&Suppression>,
        occurrences: &mut BTreeMap<&'r str, u64>,
    ) -> Value {
        let fingerprint = finding.fingerprint.as_str();
        let occurrence = occurrences.entry(fingerprint).or_default();
        *occurrence += 1;
        let digits = fingerprint.strip_prefix("penstock/v1:").unwrap_or(fingerprint);
        let further = self.limits.locations.saturating_sub(1);
        let also: Vec<&Location> = finding.also.iter().take(further).collect();
        let further = further - also.len();
        let places = std::iter::once(&finding.location).chain(also);
        let mut result = json!({
            "ruleId": finding.rule,
            "kind": "fail",
            "level": if finding.advises_until.is_some() { "note" } else { level(finding.severity) },
            "message": { "text": headline(finding) },
            "locations": places.map(|place| self.location(place)).collect::<Vec<_>>(),
            "occurrenceCount": finding.occurrences(),
            // GitHub follows an alert by `primaryLocationLineHash`, and takes two results with one
            // for one alert, so the second copy gets its number.
            "partialFingerprints": {
                "penstock/v1": digits,
                "primaryLocationLineHash": format!("{digits}:{occurrence}"),
            },
            "properties": {
                "severity": finding.severity,
                "confidence": finding.confidence,
                "audience": finding.audience,
                "security-severity": security_severity(finding.severity),
            },
        });
        if let Some(index) = self.rules.iter().position(|rule| rule.id == finding.rule.as_str()) {
            set(&mut result, "ruleIndex", json!(index));
        }
        if let Some(history) = &finding.history
            && let Some(properties) = result.get_mut("properties")
        {
            set(properties, "history", json!(history));
        }
        if let Some(until) = finding.advises_until
            && let Some(properties) = result.get_mut("properties")
        {
            set(properties, "advisesUntil", json!(until));
        }
        if self.compared {
            let unchanged = suppression.is_some_and(|suppression| {
                use SuppressionAuthority::{Base, Baseline};
                matches!(suppression.authority, Base | Baseline)
            });
            let state = if unchanged { "unchanged" } else { "new" };
            set(&mut result, "baselineState", json!(state));
        }
        let related = finding.related.iter().chain(&finding.used);
        let related = related.take(further).enumerate().map(|(id, related)| {
            let mut location = self.location(&related.location);
            set(&mut location, "id", json!(id + 1));
            set(&mut location, "message", json!({ "text": related.message }));
            location
        });
        let related: Vec<Value> = related.collect();
        if !related.is_empty() {
            set(&mut result, "relatedLocations", related.into());
        }
        if let Some(suppression) = suppression {
            set(&mut result, "suppressions", json!([suppressed(suppression)]));
        }
        if let Some(fix) = &finding.fix {
            set(&mut result, "fixes", json!([self.fix(fix)]));
        }
        result
    }

    /// What could not be told: kind `open`, which by the standard has level `none`.
    fn open(&self, unresolved: &Unresolved) -> Value {
        let mut result = json!({
            "ruleId": unresolved.rule,
            "kind": "open",
            "level": "none",
            "message": { "text": format!("{} (missing: {})", unresolved.question, unresolved.fact) },
            "locations": [self.location(&unresolved.location)],
        });
        if let Some(index) = self.rules.iter().position(|rule| rule.id == unresolved.rule.as_str())
        {
            set(&mut result, "ruleIndex", json!(index));
        }
        if self.compared {
            set(&mut result, "baselineState", json!("new"));
        }
        result
    }

    fn location(&self, location: &Location) -> Value {
        let mut physical = json!({ "artifactLocation": self.artifact(&location.path) });
        if let Some(at) = location.region {
            set(&mut physical, "region", region(at));
        }
        let mut value = json!({ "physicalLocation": physical });
        if !location.route.is_empty() {
            let name = location.route.to_string();
            set(&mut value, "logicalLocations", json!([{ "fullyQualifiedName": name }]));
        }
        value
    }

    fn artifact(&self, path: &RepoPath) -> Value {
        let uri = percent_encode(&self.setting.repository_path(path));
        json!({ "uri": uri, "uriBaseId": "SRCROOT" })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut by_path: BTreeMap<&RepoPath, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            by_path.entry(&edit.path).or_default().push(edit);
        }
        let changes = by_path.into_iter().map(|(path, edits)| {
            let replacements = edits.iter().map(|edit| {
                json!({
                    "deletedRegion": region(edit.region),
                    "insertedContent": { "text": edit.replacement },
                })
            });
            json!({
                "artifactLocation": self.artifact(path),
                "replacements": replacements.collect::<Vec<_>>(),
            })
        });
        json!({
            "description": { "text": fix.title },
            "artifactChanges": changes.collect::<Vec<_>>(),
        })
    }

    /// Everything that was not looked at: silence would read as "nothing there".
    fn notifications(&self, report: &Report) -> Vec<Value> {
        let files = report.coverage.incomplete.iter().map(|skipped| {
            json!({
                "level": "error",
                "message": { "text": format!("not checked: {}", skipped.detail) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": self.artifact(&skipped.path)
                }}],
            })
        });
        let parts = report.not_checked.iter().map(|part| {
            json!({
                "level": if part.required { "error" } else { "warning" },
                "message": { "text": format!("not checked: {}: {}", part.part, part.reason) },
            })
        });
        let notes = report.notes.iter().map(|note| {
            let mut value = json!({ "level": "note", "message": { "text": note.message } });
            if let Some(location) = &note.location {
                set(&mut value, "locations", json!([self.location(location)]));
            }
            value
        });
        files.chain(parts).chain(notes).collect()
    }

    fn descriptor(&self, rule: &Rule) -> Value {
        let mut tags = vec!["security".to_owned(), rule.area.name().to_owned()];
        tags.extend(rule.cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
        tags.extend(rule.controls.iter().map(|control| format!("nist-800-53/{control}")));
        tags.truncate(self.limits.tags);
        let what = rule.section("What it does").unwrap_or(rule.title);
        let fix = rule.section("How to fix").unwrap_or(rule.title);
        let why = rule.section("Why it matters").unwrap_or_default();
        json!({
            "id": rule.id,
            "name": rule.id,
            "shortDescription": { "text": rule.title },
            "fullDescription": { "text": what },
            "help": {
                "text": fix,
                "markdown": format!(
                    "{what}\n\n## Why it matters\n\n{why}\n\n## How to fix\n\n{fix}\n"
                ),
            },
            "defaultConfiguration": { "level": level(rule.severity) },
            "properties": {
                "tags": tags,
                "precision": match rule.confidence {
                    Confidence::High => "high",
                    Confidence::Medium => "medium",
                    Confidence::Low => "low",
                },
                "security-severity": security_severity(rule.severity),
            },
        })
    }
}

fn suppressed(suppression: &Suppression) -> Value {
    let mut justification = suppression.reason.clone();
    if let Some(owner) = &suppression.owner {
        justification.push_str(&format!(" (owner: {owner})"));
    }
    if let Some(end) = suppression.expires {
        justification.push_str(&format!(" (until {end})"));
    }
    let kind = match suppression.place {
        Some(SuppressionPlace::Comment) => "inSource",
        Some(SuppressionPlace::Configuration) | None => "external",
    };
    let status = match suppression.authority {
        SuppressionAuthority::Base
        | SuppressionAuthority::Baseline
        | SuppressionAuthority::Policy => "accepted",
        SuppressionAuthority::Proposed => "underReview",
    };
    json!({ "kind": kind, "status": status, "justification": justification })
}

/// The commit, where the repository has an address.
fn provenance(report: &Report) -> Option<Value> {
    let repository = report.subject.project.as_ref()?.repository().strip_prefix("git+")?;
    let commit = report.subject.commit.as_ref()?;
    Some(json!({ "repositoryUri": repository, "revisionId": commit.as_str() }))
}

fn region(region: Region) -> Value {
    json!({
        // The standard counts from 1, and GitHub refuses the whole file over one 0.
        "startLine": region.start_line.max(1),
        "startColumn": region.start_column.max(1),
        "endLine": region.end_line.max(region.start_line).max(1),
        "endColumn": region.end_column.max(1),
        "byteOffset": region.start_byte,
        "byteLength": region.end_byte.saturating_sub(region.start_byte),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub's scale: over 9.0 critical, 7.0 high, 4.0 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// A path as a relative URI reference (RFC 3986): every byte but unreserved ones and `/` encoded.
fn percent_encode(path: &RepoPath) -> String {
    let mut uri = String::new();
    for byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
