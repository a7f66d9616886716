use penstock_model::{
    Finding, Location, RepoPath, Report, RuleId, Severity, Suppression, SuppressionAuthority,
    Timestamp,
};

use super::terminal::{count, thousands};
use crate::{Rule, baseline::is_near, exit};

/// What a form depends on beside the report.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// What the project is called.
    pub name: &'a str,
    /// The engine's rules; those of areas that did not run are left out where rules are listed.
    pub rules: &'a [&'static Rule],
    /// The project's directory in its repository: readers other than a terminal expect paths from
    /// the repository's top.
    pub prefix: Option<&'a RepoPath>,
    /// The baseline, where there is one.
    pub baseline: Option<&'a Baseline>,
    /// Whether a part that did not happen fails the check.
    pub strict: bool,
    /// Whether findings let the check pass.
    pub advise: bool,
}

/// What a baseline holds, for the line that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// How many findings it holds, each as often as it occurs.
    pub findings: u64,
    /// How many of them end within 14 days.
    pub expiring: u64,
    /// Who answers for those that end, sorted.
    pub owners: Vec<String>,
}

impl Baseline {
    /// What a baseline holds of what still applies; `None` if there is none.
    pub fn of(baseline: &crate::Baseline, now: Timestamp) -> Option<Self> {
        let mut held = Self::default();
        for entry in baseline.entries() {
            if entry.expires.is_some_and(|end| end <= now) {
                continue;
            }
            held.add(entry.count, entry.expires, entry.owner.as_ref(), now);
        }
        held.sort_owners();
        (!baseline.entries().is_empty()).then_some(held)
    }

    fn add(
        &mut self,
        findings: u64,
        expires: Option<Timestamp>,
        owner: Option<&String>,
        now: Timestamp,
    ) {
        self.findings = self.findings.saturating_add(findings);
        if expires.is_some_and(|end| is_near(end, now)) {
            self.expiring = self.expiring.saturating_add(findings);
            self.owners.extend(owner.cloned());
        }
    }

    fn sort_owners(&mut self) {
        self.owners.sort();
        self.owners.dedup();
    }

    /// The part of the baseline a report met; `None` if it met none.
    pub fn met(report: &Report) -> Option<Self> {
        let mut baseline = Self::default();
        for suppressed in &report.suppressed {
            let suppression = &suppressed.suppression;
            if suppression.authority != SuppressionAuthority::Baseline {
                continue;
            }
            let occurrences = suppressed.finding.occurrences();
            baseline.add(occurrences, suppression.expires, suppression.owner.as_ref(), report.now);
        }
        baseline.sort_owners();
        (baseline.findings > 0).then_some(baseline)
    }
}

impl<'a> Setting<'a> {
    /// The usual setting: no prefix, no baseline, findings fail the check and optional parts do not.
    pub fn new(name: &'a str, rules: &'a [&'static Rule]) -> Self {
        Self { name, rules, prefix: None, baseline: None, strict: false, advise: false }
    }

    pub(super) fn rule(&self, id: &RuleId) -> Option<&'static Rule> {
        self.rules.iter().find(|rule| rule.id == id.as_str()).copied()
    }

    /// What the rule says is wrong, or its id if nobody has it.
    pub(super) fn title<'r>(&self, id: &'r RuleId) -> &'r str {
        self.rule(id).map_or(id.as_str(), |rule| rule.title)
    }

    /// A path of the project as seen from the repository's top.
    pub(super) fn repository_path(&self, path: &RepoPath) -> RepoPath {
        self.prefix.map_or_else(|| path.clone(), |prefix| prefix.join(path))
    }

    /// Whether the open findings are known to be new.
    pub(super) fn compared(&self, report: &Report) -> bool {
        is_change(report) || self.baseline.is_some() || Baseline::met(report).is_some()
    }

    /// `exit 1: 1 critical, 11 high (threshold high). All required areas were complete`: nothing of
    /// the repository is in it.
    pub(super) fn outcome(&self, report: &Report) -> (u8, String) {
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
        if !report.advising.is_empty() {
            sentences.push(format!("{} advised", count(report.advising.len(), "more finding")));
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
            let clean = clean && report.advising.is_empty() && report.unresolved.is_empty();
            let complete = if clean { "clean" } else { "All required areas were complete" };
            sentences.push(complete.to_owned());
        }
        (code, sentences.join(". "))
    }
}

/// Whether the report is about a change, so that its open findings are those the change brings.
pub(super) fn is_change(report: &Report) -> bool {
    report.change.is_some()
}

/// Every finding that counts, gravest first, with the suppression only the change itself proposes.
/// Within a severity the report's own order holds.
pub fn by_rank(report: &Report) -> Vec<(&Finding, Option<&Suppression>)> {
    let mut open: Vec<(&Finding, Option<&Suppression>)> =
        report.findings.iter().map(|finding| (finding, None)).collect();
    open.extend(
        report
            .suppressed
            .iter()
            .filter(|s| s.is_open())
            .map(|s| (&s.finding, Some(&s.suppression))),
    );
    open.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    open
}

/// The finding's own place and every further one.
pub(super) fn places(finding: &Finding) -> impl Iterator<Item = &Location> {
    std::iter::once(&finding.location).chain(&finding.also)
}

/// `1 critical, 11 high`, gravest first.
pub(super) fn by_severity<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let mut counts = std::collections::BTreeMap::<Severity, u64>::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().rev().map(|(severity, n)| format!("{} {severity}", thousands(*n))).collect();
    counts.join(", ")
}

/// Where a finding stands in history: `since 2024-03-11, still in HEAD`.
pub(super) fn standing(finding: &Finding) -> Option<String> {
    let history = finding.history.as_ref()?;
    let day = |time: Timestamp| time.to_string().chars().take(10).collect::<String>();
    let since = format!("since {}", day(history.first.time));
    Some(if history.at_head {
        format!("{since}, still in HEAD")
    } else {
        let last = &history.last;
        format!("{since}, not in HEAD, last in {} of {}", last.commit.short(), day(last.time))
    })
}

/// What was found and how far it reaches: `AKIA…VQ3F, 4 places, since 2024-03-11, still in HEAD`.
pub(super) fn headline(finding: &Finding) -> String {
    let places = finding.occurrences();
    let places = (places > 1).then(|| format!("{} places", thousands(places)));
    let parts = [Some(finding.message.clone()), places, standing(finding), advice(finding)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Where its name or its file is used: `Dockerfile:3 (a container build names this file) and 2 more`.
/// `show` writes a place.
pub(super) fn used(finding: &Finding, show: impl Fn(&Location) -> String) -> Option<String> {
    const SHOWN: usize = 3;
    let first = finding.used.iter().take(SHOWN);
    let first: Vec<String> =
        first.map(|used| format!("{} ({})", show(&used.location), used.message)).collect();
    let rest = finding.used.len() - first.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    (!first.is_empty()).then(|| first.join(", ") + &more)
}

/// Until when a finding does not count: `advises until 2027-01-01, then counts`.
fn advice(finding: &Finding) -> Option<String> {
    let until: String = finding.advises_until?.to_string().chars().take(10).collect();
    Some(format!("advises until {until}, then counts"))
}
