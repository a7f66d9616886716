//! A report for a person at a terminal.

use std::{collections::BTreeMap, time::Duration};

use penstock_model::{Finding, Report, Severity, SkipReason, SuppressionAuthority, report::Note};

use super::{
    escape,
    terminal::{count, thousands},
};
use crate::{Rule, exit};

/// How many entries of a list are shown before it says how many more there are.
const SHOWN: usize = 5;

/// What the page depends on beside the report.
#[derive(Clone, Copy, Debug)]
pub struct Human<'a> {
    /// What the project is called.
    pub name: &'a str,
    /// Whether the terminal shows colours.
    pub colour: bool,
    /// Whether every finding is shown.
    pub all: bool,
    /// How many findings are shown otherwise.
    pub first: usize,
    /// Whether a part that did not happen fails the check.
    pub strict: bool,
    /// Whether findings let the check pass.
    pub advise: bool,
    /// How long it took, when that shall be printed.
    pub elapsed: Option<Duration>,
    /// The rules, for what to do about a finding.
    pub rules: &'a [&'static Rule],
}

impl<'a> Human<'a> {
    /// The usual page: three findings, no colour.
    pub fn new(name: &'a str, rules: &'a [&'static Rule]) -> Self {
        Self {
            name,
            colour: false,
            all: false,
            first: 3,
            strict: false,
            advise: false,
            elapsed: None,
            rules,
        }
    }

    /// The whole page. Its last line says the exit code and its reason. Text of the repository is
    /// escaped.
    pub fn page(&self, report: &Report) -> String {
        let mut page = self.head(report);
        self.findings(&mut page, report);
        self.unresolved(&mut page, report);
        self.not_checked(&mut page, report);
        self.suppressed(&mut page, report);
        self.notes(&mut page, &report.notes);
        line(&mut page, &self.outcome(report));
        page
    }

    /// `payments-api · 2,318 files · 0.8 s · network unused`
    fn head(&self, report: &Report) -> String {
        let mut parts = vec![escape(self.name), count_u64(report.coverage.files, "file")];
        if let Some(commit) = &report.subject.commit {
            parts.push(format!("commit {}", commit.short()));
        }
        if let Some(elapsed) = self.elapsed {
            parts.push(format!("{:.1} s", elapsed.as_secs_f64()));
        }
        parts.push("network unused".to_owned());
        format!("{}\n", parts.join(" · "))
    }

    fn findings(&self, page: &mut String, report: &Report) {
        let mut open: Vec<(&Finding, Option<&str>)> =
            report.findings.iter().map(|finding| (finding, None)).collect();
        open.extend(
            report
                .suppressed
                .iter()
                .filter(|s| s.suppression.authority == SuppressionAuthority::Proposed)
                .map(|s| (&s.finding, Some(s.suppression.reason.as_str()))),
        );
        // Stable: within a severity the report's own order holds.
        open.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
        if open.is_empty() {
            return;
        }
        let shown = if self.all { open.len() } else { self.first.min(open.len()) };
        let title = if shown == open.len() { "FINDINGS" } else { "FIX FIRST" };
        let total = thousands(open.len() as u64);
        let of = if shown == open.len() { total } else { format!("{shown} of {total}") };
        line(page, &format!("{}  {of}", self.bold(title)));
        for (index, (finding, proposed)) in open.iter().take(shown).enumerate() {
            self.finding(page, index + 1, finding, *proposed);
        }
        let rest: Vec<&Finding> = open.iter().skip(shown).map(|(finding, _)| *finding).collect();
        if !rest.is_empty() {
            let counts = by_severity(rest.iter().copied());
            line(page, &format!("{} more: {counts}      penstock check --all", rest.len()));
        }
    }

    fn finding(&self, page: &mut String, number: usize, finding: &Finding, proposed: Option<&str>) {
        let severity = self.severity(finding.severity, &format!("{:<8}", finding.severity));
        let location = escape(&finding.location.to_string());
        line(page, &format!("{number} {severity} {:<30} {location}", finding.rule.as_str()));
        line(page, &format!("   {}", escape(&finding.message)));
        let own = &finding.location.path;
        let mut places = vec![(&finding.location, finding.excerpt.as_deref(), None)];
        places.extend(
            finding
                .related
                .iter()
                .map(|r| (&r.location, r.excerpt.as_deref(), Some(r.message.as_str()))),
        );
        for (location, excerpt, message) in places {
            let place = match location.region {
                Some(region) if location.path == *own => region.start_line.to_string(),
                None if location.path == *own && message.is_none() => continue,
                _ => escape(&location.to_string()),
            };
            let excerpt = excerpt.map(escape).unwrap_or_default();
            let message = message.map(|m| format!("  ← {}", escape(m))).unwrap_or_default();
            line(page, format!("   {place:>4} │ {excerpt}{message}").trim_end());
        }
        if let Some(reason) = proposed {
            line(
                page,
                &format!(
                    "   proposed ignore, not yet in the base, so it counts: {}",
                    escape(reason)
                ),
            );
        }
        if let Some(fix) = &finding.fix {
            line(page, &format!("   fix  {}", escape(&fix.title)));
        }
        line(page, &format!("   do   {}", self.remedy(finding)));
    }

    /// The first sentence of what the rule's page says to do, and where the rest is.
    fn remedy(&self, finding: &Finding) -> String {
        let rule = self.rules.iter().find(|rule| rule.id == finding.rule.as_str());
        let first = rule.and_then(|rule| rule.section("How to fix")).and_then(first_sentence);
        let explain = format!("penstock explain {}", finding.rule);
        first.map_or(explain.clone(), |first| format!("{first}: {explain}"))
    }

    fn unresolved(&self, page: &mut String, report: &Report) {
        let lines = report.unresolved.iter().map(|unresolved| {
            format!(
                "{} {}: {} (missing: {})",
                unresolved.rule,
                escape(&unresolved.location.to_string()),
                escape(&unresolved.question),
                escape(&unresolved.fact)
            )
        });
        self.list(page, "CANNOT TELL", lines);
    }

    fn not_checked(&self, page: &mut String, report: &Report) {
        let parts = report.not_checked.iter().map(|part| {
            let required = if part.required { ", required" } else { "" };
            format!("{}{required}: {}", escape(&part.part), escape(&part.reason))
        });
        let files = report.coverage.incomplete.iter().map(|skipped| {
            let path = escape(&skipped.path.to_string());
            format!("{path}: {}: {}", reason(skipped.reason), escape(&skipped.detail))
        });
        let passed_over: Vec<String> = report
            .coverage
            .skipped
            .iter()
            .filter(|(why, _)| {
                !matches!(
                    why,
                    SkipReason::Malformed
                        | SkipReason::Missing
                        | SkipReason::OverLimit
                        | SkipReason::Unreadable
                )
            })
            .map(|(why, number)| format!("{} {}", thousands(*number), reason(*why)))
            .collect();
        let passed_over = (!passed_over.is_empty()).then(|| passed_over.join(", "));
        self.list(page, "NOT CHECKED", parts.chain(files).chain(passed_over));
    }

    fn suppressed(&self, page: &mut String, report: &Report) {
        let mut by: BTreeMap<SuppressionAuthority, usize> = BTreeMap::new();
        for suppressed in &report.suppressed {
            *by.entry(suppressed.suppression.authority).or_default() += 1;
        }
        let lines = by.iter().map(|(authority, number)| match authority {
            SuppressionAuthority::Base => format!("{} of the base", count(*number, "ignore")),
            SuppressionAuthority::Baseline => {
                format!("{} of the baseline", count(*number, "finding"))
            }
            SuppressionAuthority::Policy => {
                format!("{} of the policy", count(*number, "exception"))
            }
            SuppressionAuthority::Proposed => {
                let ignores = count(*number, "ignore");
                format!("{ignores} not yet in the base: proposed, counted as open")
            }
        });
        self.list(page, "IGNORED", lines);
    }

    fn notes(&self, page: &mut String, notes: &[Note]) {
        let lines = notes.iter().map(|note| match &note.location {
            Some(location) => {
                format!("{}: {}", escape(&location.to_string()), escape(&note.message))
            }
            None => escape(&note.message),
        });
        self.list(page, "NOTES", lines);
    }

    /// A heading with entries beneath each other; all of them with `all`.
    fn list(&self, page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
        let lines: Vec<String> = lines.collect();
        let shown = if self.all { lines.len() } else { SHOWN };
        for (index, entry) in lines.iter().take(shown).enumerate() {
            let title = if index == 0 { format!("{title:<12}") } else { " ".repeat(12) };
            line(page, &format!("{} {entry}", self.bold(&title)));
        }
        if lines.len() > shown {
            line(
                page,
                &format!("{:12} and {} more: penstock check --all", "", lines.len() - shown),
            );
        }
    }

    /// `exit 1: 1 critical, 11 high (threshold high). All required areas were complete.`
    fn outcome(&self, report: &Report) -> String {
        let code = exit(report, self.strict, self.advise);
        let over: Vec<&Finding> =
            report.open().filter(|finding| finding.severity >= report.threshold).collect();
        let below = report.open().count() - over.len();
        let threshold = report.threshold;
        let mut sentences = Vec::new();
        if !over.is_empty() {
            let advised = if self.advise { ", advice only" } else { "" };
            let counts = by_severity(over.iter().copied());
            sentences.push(format!("{counts} (threshold {threshold}{advised})"));
        } else if below > 0 {
            let findings = count(below, "finding");
            sentences.push(format!("{findings} below the threshold ({threshold})"));
        }
        let gaps = report.coverage.incomplete.len();
        let required = report.not_checked.iter().filter(|part| part.required).count();
        let optional = report.not_checked.len() - required;
        if gaps > 0 {
            sentences.push(format!("{} could not be looked at", count(gaps, "file")));
        }
        if required > 0 {
            sentences.push(format!("{} did not run", count(required, "required part")));
        }
        if optional > 0 {
            let strict = if self.strict { " (--strict)" } else { "" };
            sentences.push(format!("{} did not run{strict}", count(optional, "optional part")));
        }
        if report.coverage.files == 0 && code == 4 {
            sentences.push("there was nothing to check".to_owned());
        } else if gaps + required == 0 {
            let clean = report.open().next().is_none() && optional == 0;
            let clean = clean && report.unresolved.is_empty();
            let complete = if clean { "clean" } else { "All required areas were complete" };
            sentences.push(complete.to_owned());
        }
        let sentences = sentences.join(". ");
        format!("{}: {sentences}", self.bold(&format!("exit {code}")))
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical | Severity::High => "1;31",
            Severity::Medium => "33",
            Severity::Low => "36",
        };
        self.paint(code, text)
    }

    /// Select Graphic Rendition of ECMA-48.
    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn count_u64(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `1 critical, 11 high`, gravest first.
fn by_severity<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().rev().map(|(severity, n)| format!("{} {severity}", thousands(*n))).collect();
    counts.join(", ")
}

fn reason(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Binary => "binary",
        SkipReason::Encrypted => "encrypted",
        SkipReason::Excluded => "excluded by configuration",
        SkipReason::Ignored => "ignored by Git",
        SkipReason::Malformed => "malformed",
        SkipReason::Missing => "missing from the repository",
        SkipReason::NotRegular => "links or special files",
        SkipReason::OverLimit => "over the size limit",
        SkipReason::Unreadable => "unreadable",
    }
}

/// The first sentence of Markdown prose on one line, list markers dropped, if it is short.
fn first_sentence(markdown: &str) -> Option<String> {
    const LONGEST: usize = 110;
    let paragraph = markdown.split("\n\n").next()?;
    let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.strip_prefix("1. ").or(words.strip_prefix("- ")).unwrap_or(&words);
    let sentence = words.split_inclusive(". ").next()?.trim_end().trim_end_matches(['.', ':']);
    (sentence.chars().count() <= LONGEST && !sentence.starts_with("```"))
        .then(|| sentence.to_owned())
}

#[cfg(test)]
mod tests;
