//! SARIF 2.1.0 (OASIS Standard incorporating Approved Errata 01), within the limits GitHub sets for
//! code scanning: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;

use penstock_model::{
    Confidence, Edit, Finding, Fix, Location, Region, RepoPath, Report, Severity, Suppression,
    SuppressionAuthority, Unresolved,
};
use serde_json::{Value, json};

use crate::Rule;

/// The most results GitHub takes in one run; what is beyond is announced in a notification.
const MAX_RESULTS: usize = 25_000;
/// The most tags of a rule GitHub takes.
const MAX_TAGS: usize = 20;
/// The most related places GitHub takes for one result.
const MAX_RELATED: usize = 1_000;

/// The report as SARIF, indented, with a final line break. `rules` are the engine's; those of areas
/// that did not run are left out. `prefix` is the project's directory in its repository, since
/// readers expect paths from the repository's top.
///
/// # Errors
/// None that a report made by this crate can cause.
pub fn sarif(
    report: &Report,
    rules: &[&'static Rule],
    prefix: Option<&RepoPath>,
) -> Result<String, serde_json::Error> {
    let rules: Vec<&Rule> =
        rules.iter().copied().filter(|rule| report.areas.contains(&rule.area)).collect();
    let writer = Writer { rules: &rules, prefix, max_results: MAX_RESULTS };
    let mut text = serde_json::to_string_pretty(&writer.log(report))?;
    text.push('\n');
    Ok(text)
}

struct Writer<'a> {
    rules: &'a [&'a Rule],
    prefix: Option<&'a RepoPath>,
    max_results: usize,
}

impl Writer<'_> {
    fn log(&self, report: &Report) -> Value {
        let mut occurrences = BTreeMap::new();
        let mut results = Vec::new();
        for finding in &report.findings {
            results.push(self.result(finding, None, &mut occurrences));
        }
        for suppressed in &report.suppressed {
            let suppression = Some(&suppressed.suppression);
            results.push(self.result(&suppressed.finding, suppression, &mut occurrences));
        }
        results.extend(report.unresolved.iter().map(|unresolved| self.open(unresolved)));
        let mut notifications = self.notifications(report);
        if results.len() > self.max_results {
            let text = format!(
                "{} results beyond the first {} are left out; use the JSON format",
                results.len() - self.max_results,
                self.max_results
            );
            notifications.push(json!({ "level": "error", "message": { "text": text } }));
            results.truncate(self.max_results);
        }
        let mut run = json!({
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": self.rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
                "properties": { "ruleSet": report.tool.rule_set },
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": {
                "description": { "text": "the top directory of the repository" }
            }},
            "invocations": [{
                "executionSuccessful": report.is_complete(),
                "toolExecutionNotifications": notifications,
            }],
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
        let mut result = json!({
            "ruleId": finding.rule,
            "kind": "fail",
            "level": level(finding.severity),
            "message": { "text": finding.message },
            "locations": [self.location(&finding.location)],
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
        let related = finding.related.iter().take(MAX_RELATED).enumerate().map(|(id, related)| {
            let mut location = self.location(&related.location);
            set(&mut location, "id", json!(id + 1));
            set(&mut location, "message", json!({ "text": related.message }));
            location
        });
        if !finding.related.is_empty() {
            set(&mut result, "relatedLocations", related.collect());
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
        let mut uri = self.prefix.map_or_else(String::new, |prefix| percent_encode(prefix) + "/");
        uri.push_str(&percent_encode(path));
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
}

fn descriptor(rule: &Rule) -> Value {
    let mut tags = vec!["security".to_owned(), rule.area.name().to_owned()];
    tags.extend(rule.cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    tags.extend(rule.controls.iter().map(|control| format!("nist-800-53/{control}")));
    tags.truncate(MAX_TAGS);
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

fn suppressed(suppression: &Suppression) -> Value {
    let mut justification = suppression.reason.clone();
    if let Some(owner) = &suppression.owner {
        justification.push_str(&format!(" (owner: {owner})"));
    }
    if let Some(end) = suppression.expires {
        justification.push_str(&format!(" (until {end})"));
    }
    let (kind, status) = match suppression.authority {
        SuppressionAuthority::Base => ("inSource", "accepted"),
        SuppressionAuthority::Baseline | SuppressionAuthority::Policy => ("external", "accepted"),
        SuppressionAuthority::Proposed => ("inSource", "underReview"),
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
        "startLine": region.start_line,
        "startColumn": region.start_column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
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
