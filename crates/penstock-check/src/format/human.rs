//! A report for a person at a terminal: facts first, the next command always there.

mod finding;

use std::{collections::BTreeMap, time::Duration};

use penstock_model::{
    Finding, Report, Severity, SkipReason, Suppression, SuppressionAuthority,
    report::{Note, NoteKind},
};

use super::{
    Baseline, Setting, escape,
    setting::{by_rank, by_severity, headline, is_change},
    terminal::{count, thousands, wrap},
};
use crate::Rule;

/// How many entries of a list are shown before it says how many more there are.
const SHOWN: usize = 5;
/// Where the entries under a heading begin.
const INDENT: usize = 13;

/// What the page depends on beside the report.
#[derive(Clone, Copy, Debug)]
pub struct Human<'a> {
    /// The project, its rules and how it is judged; the prefix is not used.
    pub setting: Setting<'a>,
    /// Whether the terminal shows colours.
    pub colour: bool,
    /// Whether every finding is shown.
    pub all: bool,
    /// How many findings are shown otherwise.
    pub first: usize,
    /// How long it took, when that shall be printed.
    pub elapsed: Option<Duration>,
}

impl<'a> Human<'a> {
    /// The usual page: three findings, no colour.
    pub fn new(name: &'a str, rules: &'a [&'static Rule]) -> Self {
        Self {
            setting: Setting::new(name, rules),
            colour: false,
            all: false,
            first: 3,
            elapsed: None,
        }
    }

    /// The whole page, on lines of 100 columns unless a path is longer. Its last sentence says the
    /// exit code and its reason. Text of the repository is escaped.
    ///
    /// A change that brings nothing new gets one line, unless everything was asked for.
    pub fn page(&self, report: &Report) -> String {
        if !self.all
            && let Some(line) = self.nothing_new(report)
        {
            return line;
        }
        let mut page = self.head(report);
        self.findings(&mut page, report);
        self.advising(&mut page, report);
        self.unresolved(&mut page, report);
        self.not_checked(&mut page, report);
        self.honoured(&mut page, report);
        self.notes(&mut page, report);
        self.adopt(&mut page, report);
        let (code, why) = self.setting.outcome(report);
        let exit = format!("exit {code}");
        let why = wrap(&format!(": {why}"), exit.len(), 8);
        line(&mut page, &format!("{}{why}", self.bold(&exit)));
        page
    }

    /// What no check of a change looks at is not repeated at every commit; `--all` has it.
    ///
    /// `ok: nothing new in 7 files, 0.09 s · 61 in baseline, 4 expire within 14 days (owner: ana)`
    fn nothing_new(&self, report: &Report) -> Option<String> {
        let (code, _) = self.setting.outcome(report);
        let nothing =
            is_change(report) && report.open().next().is_none() && report.advising.is_empty();
        if !nothing || !report.is_complete() || !matches!(code, 0 | 4) {
            return None;
        }
        let mut text = format!("ok: nothing new in {}", count_u64(report.coverage.files, "file"));
        if let Some(elapsed) = self.elapsed {
            text.push_str(&format!(", {:.2} s", elapsed.as_secs_f64()));
        }
        let met = Baseline::met(report);
        if let Some(baseline) = self.setting.baseline.or(met.as_ref()) {
            text.push_str(&format!(" · {} in baseline", thousands(baseline.findings)));
            if baseline.expiring > 0 {
                text.push_str(&format!(", {} within 14 days", expire(baseline.expiring)));
                if !baseline.owners.is_empty() {
                    let owners = escape(&baseline.owners.join(", "));
                    text.push_str(&format!(" (owner: {owners})"));
                }
            }
        }
        if let Some(known) = report.change.as_ref().map(|c| c.unchanged).filter(|n| *n > 0) {
            text.push_str(&format!(" · {} from before", count_u64(known, "finding")));
        }
        text.push('\n');
        Some(text)
    }

    /// `payments-api · 2,318 files · 0.8 s · network unused`
    fn head(&self, report: &Report) -> String {
        let coverage = &report.coverage;
        let mut parts = vec![escape(self.setting.name), count_u64(coverage.files, "file")];
        if coverage.blobs > 0 {
            parts.push(format!("{} of history", count_u64(coverage.blobs, "blob")));
        }
        if coverage.commits > 0 {
            parts.push(count_u64(coverage.commits, "commit"));
        }
        if let Some(commit) = &report.subject.commit {
            parts.push(format!("commit {}", commit.short()));
        }
        if let Some(elapsed) = self.elapsed {
            parts.push(format!("{:.1} s", elapsed.as_secs_f64()));
        }
        parts.push("network unused".to_owned());
        format!("{}\n", wrap(&parts.join(" · "), 0, 3))
    }

    fn findings(&self, page: &mut String, report: &Report) {
        let open = by_rank(report);
        if open.is_empty() {
            return;
        }
        let shown = if self.all { open.len() } else { self.first.min(open.len()) };
        let title = match (is_change(report), shown == open.len()) {
            (true, _) => "NEW",
            (false, true) => "FINDINGS",
            (false, false) => "FIX FIRST",
        };
        let total = thousands(open.len() as u64);
        let of = if shown == open.len() { total } else { format!("{shown} of {total}") };
        line(page, &format!("{}  {of}", self.bold(title)));
        for (index, (finding, proposed)) in open.iter().take(shown).enumerate() {
            self.finding(page, index + 1, finding, *proposed);
        }
        let rest: Vec<&Finding> = open.iter().skip(shown).map(|(finding, _)| *finding).collect();
        if !rest.is_empty() {
            let more = thousands(rest.len() as u64);
            let counts = by_severity(rest.iter().copied());
            line(page, &format!("{more} more: {counts}      penstock check --all"));
        }
    }

    /// What rules found that are newer than the pinned rule set.
    fn advising(&self, page: &mut String, report: &Report) {
        let lines = report.advising.iter().map(|finding| {
            format!(
                "{} {} {}: {}",
                finding.severity,
                finding.rule,
                escape(&finding.location.to_string()),
                escape(&headline(finding))
            )
        });
        self.list(page, "ADVISING", lines);
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
            .map(|(why, number)| match (why, number) {
                (SkipReason::NotRegular, 1) => "1 link or special file".to_owned(),
                _ => format!("{} {}", thousands(*number), reason(*why)),
            })
            .collect();
        let passed_over = (!passed_over.is_empty()).then(|| passed_over.join(", "));
        self.list(page, "NOT CHECKED", parts.chain(files).chain(passed_over));
    }

    /// Whose word was taken, and whose was not.
    fn honoured(&self, page: &mut String, report: &Report) {
        let mut by: BTreeMap<SuppressionAuthority, usize> = BTreeMap::new();
        let mut tools: BTreeMap<&str, usize> = BTreeMap::new();
        for Suppression { authority, tool, .. } in report.suppressed.iter().map(|s| &s.suppression)
        {
            match (authority, tool) {
                (SuppressionAuthority::Base, Some(tool)) => {
                    *tools.entry(tool).or_default() += 1;
                }
                _ => *by.entry(*authority).or_default() += 1,
            }
        }
        let mut lines = Vec::new();
        let mut bare = notes(report, &[NoteKind::Bare]).peekable();
        if !tools.is_empty() {
            let names: Vec<String> = tools.keys().map(|tool| escape(tool)).collect();
            let total = count(tools.values().sum(), "named ignore");
            let mut text = format!("{total} from {}", and(&names));
            // The two sides of one story stand on one line where they fit.
            if let Some(first) = bare.next() {
                text = format!("{text}; {first}");
            }
            lines.push(text);
        }
        let mut refused: Vec<String> = bare.collect();
        for (authority, number) in by {
            match authority {
                SuppressionAuthority::Base => {
                    lines.push(format!("{} of the base", count(number, "ignore")));
                }
                SuppressionAuthority::Baseline => {
                    lines.push(format!("{} of the baseline", count(number, "finding")));
                }
                SuppressionAuthority::Policy => {
                    lines.push(format!("{} of the policy", count(number, "exception")));
                }
                SuppressionAuthority::Proposed => {
                    let ignores = count(number, "ignore");
                    refused.push(format!(
                        "{ignores} only proposed, not yet in the base: counted as open"
                    ));
                }
            }
        }
        self.list(page, "HONOURED", lines.into_iter());
        self.list(page, "NOT HONOURED", refused.into_iter());
    }

    fn notes(&self, page: &mut String, report: &Report) {
        self.list(page, "EXPIRING", notes(report, &[NoteKind::Expiring]));
        let rest = [
            NoteKind::Expired,
            NoteKind::NoReason,
            NoteKind::Unreadable,
            NoteKind::UnknownRule,
            NoteKind::Unused,
        ];
        self.list(page, "NOTES", notes(report, &rest));
    }

    /// The way in for a repository that has findings and no baseline.
    fn adopt(&self, page: &mut String, report: &Report) {
        let (code, _) = self.setting.outcome(report);
        let whole = matches!(report.subject.scope.as_str(), "work-tree" | "commit");
        if code != 1 || !whole || self.setting.compared(report) {
            return;
        }
        let these = match report.open().count() {
            1 => "this 1 stops blocking; a new one still does".to_owned(),
            open => format!("these {} stop blocking; new ones still do", thousands(open as u64)),
        };
        self.entry(page, "ADOPT", &format!("penstock init --baseline   {these}"));
    }

    /// A heading with entries beneath each other; all of them with `all`.
    fn list(&self, page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
        let lines: Vec<String> = lines.collect();
        let shown = if self.all { lines.len() } else { SHOWN };
        for (index, entry) in lines.iter().take(shown).enumerate() {
            self.entry(page, if index == 0 { title } else { "" }, entry);
        }
        if lines.len() > shown {
            let more = thousands((lines.len() - shown) as u64);
            self.entry(page, "", &format!("and {more} more: penstock check --all"));
        }
    }

    fn entry(&self, page: &mut String, title: &str, entry: &str) {
        let title = format!("{title:<12}");
        let entry = wrap(entry, INDENT, INDENT);
        line(page, &format!("{} {entry}", self.bold(&title)));
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
        let blank = text.trim().is_empty();
        if self.colour && !blank { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The notes of these kinds, each with its place, escaped.
fn notes<'r>(report: &'r Report, kinds: &'r [NoteKind]) -> impl Iterator<Item = String> + 'r {
    let notes = report.notes.iter().filter(|note| kinds.contains(&note.kind));
    notes.map(|Note { location, message, .. }| match location {
        Some(location) => format!("{}: {}", escape(&location.to_string()), escape(message)),
        None => escape(message),
    })
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn count_u64(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `1 expires`, `4 expire`.
fn expire(number: u64) -> String {
    let verb = if number == 1 { "expires" } else { "expire" };
    format!("{} {verb}", thousands(number))
}

/// `gitleaks, trivy and zizmor`.
fn and(names: &[String]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
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

#[cfg(test)]
mod tests;
