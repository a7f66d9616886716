//! Results of all files into one report, in one thread and one order.

mod advise;
mod uses;
mod values;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use penstock_model::{
    Area, Coverage, Finding, Fingerprint, NotChecked, Report, RuleId, SkipReason, Skipped,
    SuppressedFinding, Suppression, SuppressionAuthority, SuppressionPlace, Unresolved,
    fact::Fact,
    report::{Note, NoteKind, Subject, Tool},
};

use crate::{
    CheckError, Facts, Ignore, Options, Rule,
    accepted::Accepted,
    baseline::{self, Applied},
    exclude::Patterns,
    finish::{FileResult, Found},
    suppression::Inline,
};

pub(crate) struct Merge<'a> {
    options: &'a Options,
    accepted: &'a Accepted,
    known: &'a [&'static Rule],
    ran: &'a [&'static Rule],
    policy: Vec<Standing<'a>>,
    configuration: Vec<Standing<'a>>,
    coverage: Coverage,
    findings: Vec<Finding>,
    suppressed: Vec<SuppressedFinding>,
    unresolved: Vec<Unresolved>,
    notes: Vec<Note>,
    /// Findings left out because they are for a wider audience.
    hidden: BTreeSet<(RuleId, Fingerprint)>,
    /// How many findings a tool's bare comments stand at.
    bare: BTreeMap<String, u64>,
}

/// An ignore or exception that applies, and whether it did.
struct Standing<'a> {
    ignore: &'a Ignore,
    patterns: Option<Patterns>,
    used: bool,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(
        known: &'a [&'static Rule],
        ran: &'a [&'static Rule],
        options: &'a Options,
        accepted: &'a Accepted,
    ) -> Result<Self, CheckError> {
        let mut merge = Self {
            options,
            accepted,
            known,
            ran,
            policy: Vec::new(),
            configuration: Vec::new(),
            coverage: Coverage::default(),
            findings: Vec::new(),
            suppressed: Vec::new(),
            unresolved: Vec::new(),
            notes: accepted.foreign.notes().to_vec(),
            hidden: BTreeSet::new(),
            bare: BTreeMap::new(),
        };
        merge.policy = merge.standing(&options.exceptions, "the policy's exception for")?;
        merge.configuration = merge.standing(&options.ignores, "the configuration's ignore of")?;
        Ok(merge)
    }

    /// Those that apply now; the others become notes.
    fn standing(
        &mut self,
        ignores: &'a [Ignore],
        what: &str,
    ) -> Result<Vec<Standing<'a>>, CheckError> {
        let mut standing = Vec::new();
        for ignore in ignores {
            let patterns = ignore.path.as_deref().map(|path| Patterns::new([path])).transpose()?;
            let name = format!("{what} {}", describe(ignore));
            if !self.known.iter().any(|rule| rule.id == ignore.rule.as_str()) {
                let message = self.unknown_rule(ignore.rule.as_str());
                self.note(NoteKind::UnknownRule, format!("{name} is not applied: {message}"));
            } else if ignore.reason.trim().is_empty() {
                self.note(NoteKind::NoReason, format!("{name} is not applied: it gives no reason"));
            } else if let Some(end) = ignore.expires.filter(|end| *end <= self.options.now) {
                self.note(NoteKind::Expired, format!("{name} ended on {end}"));
            } else {
                if let Some(end) = ignore.expires
                    && baseline::is_near(end, self.options.now)
                {
                    let owner = ignore.owner.as_deref().unwrap_or("nobody");
                    let text = format!("{name} ends on {end} (owner: {owner})");
                    self.note(NoteKind::Expiring, text);
                }
                standing.push(Standing { ignore, patterns, used: false });
            }
        }
        Ok(standing)
    }

    fn note(&mut self, kind: NoteKind, message: String) {
        self.notes.push(Note { location: None, kind, message });
    }

    fn unknown_rule(&self, name: &str) -> String {
        match self.known.iter().find(|rule| rule.is_named(name)) {
            Some(rule) => format!("`{name}` is called `{}` here", rule.id),
            None => format!("no rule is called `{name}`"),
        }
    }

    pub(crate) fn skip(&mut self, skipped: Skipped) {
        *self.coverage.skipped.entry(skipped.reason).or_default() += 1;
        match skipped.reason {
            SkipReason::Malformed
            | SkipReason::Missing
            | SkipReason::OverLimit
            | SkipReason::Unreadable => {
                self.coverage.incomplete.push(skipped);
            }
            SkipReason::Binary
            | SkipReason::Encrypted
            | SkipReason::Excluded
            | SkipReason::Ignored
            | SkipReason::NotRegular => {}
        }
    }

    /// Takes one file's result in and hands its facts on.
    pub(crate) fn file(&mut self, result: FileResult) -> Vec<Fact> {
        if let Some(seen) = result.seen {
            self.coverage.files += seen.files;
            self.coverage.bytes += seen.bytes;
        }
        for skipped in result.skipped {
            self.skip(skipped);
        }
        let mut inline = result.inline;
        inline.iter_mut().for_each(|suppression| self.judge_inline(suppression));
        for found in result.findings {
            self.place(found, &inline);
        }
        self.notes.extend(result.notes);
        self.unresolved.extend(result.unresolved);
        result.facts
    }

    /// Notes what is wrong with an inline suppression.
    fn judge_inline(&mut self, suppression: &Inline) {
        if suppression.in_prose && !suppression.used {
            return;
        }
        let known = self.known.iter().any(|rule| rule.id == suppression.rule);
        let ran = self.ran.iter().any(|rule| rule.id == suppression.rule);
        let note = if !known {
            let unknown = self.unknown_rule(&suppression.rule);
            (NoteKind::UnknownRule, format!("not applied: {unknown}"))
        } else if suppression.reason.is_empty() {
            let message = "not applied: it gives no reason; write one after the bracket".to_owned();
            (NoteKind::NoReason, message)
        } else if ran && !suppression.used {
            let message = format!("`{}` finds nothing here; remove the comment", suppression.rule);
            (NoteKind::Unused, message)
        } else {
            return;
        };
        let location = Some(suppression.location.clone());
        self.notes.push(Note { location, kind: note.0, message: note.1 });
    }

    /// Policy before comment before configuration before other tools' words: the strongest that
    /// speaks is recorded.
    fn place(&mut self, found: Found, inline: &[Inline]) {
        let Found { finding, inline: comment, mark } = found;
        let rule = self.known.iter().find(|rule| rule.id == finding.rule.as_str());
        let comment = comment.and_then(|index| inline.get(index));
        let suppression = matching(&mut self.policy, &finding, SuppressionAuthority::Policy)
            .or_else(|| {
                comment.filter(|comment| !comment.reason.is_empty()).map(|comment| Suppression {
                    authority: SuppressionAuthority::Proposed,
                    reason: comment.reason.clone(),
                    owner: None,
                    expires: None,
                    tool: None,
                    place: Some(SuppressionPlace::Comment),
                })
            })
            .or_else(|| matching(&mut self.configuration, &finding, SuppressionAuthority::Proposed))
            .or_else(|| {
                let mark = mark.as_ref()?;
                let applies = !mark.bare || self.accepted.foreign.applies_bare(&mark.tool);
                applies.then(|| mark.clone().suppression())
            })
            .or_else(|| self.accepted.foreign.of_place(rule?, &finding));
        if finding.audience > self.options.audience {
            self.hidden.insert((finding.rule, finding.fingerprint));
            return;
        }
        match suppression {
            Some(suppression) => self.suppressed.push(SuppressedFinding { finding, suppression }),
            None => {
                if let Some(mark) = mark {
                    *self.bare.entry(mark.tool).or_default() += 1;
                }
                self.findings.push(finding);
            }
        }
    }

    pub(crate) fn report(
        mut self,
        tool: Tool,
        subject: Subject,
        areas: Vec<Area>,
        not_checked: Vec<NotChecked>,
        facts: &Facts,
    ) -> Report {
        for (standing, what) in [
            (&self.policy, "the policy's exception for"),
            (&self.configuration, "the configuration's ignore of"),
        ] {
            for unused in standing.iter().filter(|s| !s.used) {
                if self.ran.iter().any(|rule| rule.id == unused.ignore.rule.as_str()) {
                    let message = format!("{what} {} matches nothing", describe(unused.ignore));
                    self.notes.push(Note { location: None, kind: NoteKind::Unused, message });
                }
            }
        }
        self.apply_baseline(&subject);
        self.note_bare();
        self.findings = values::one_per_value(self.findings);
        uses::tell(facts, &mut self.findings, &mut self.suppressed);
        self.findings.sort_by_cached_key(rank);
        let advising =
            advise::split_off(self.known, self.options, &mut self.findings, &mut self.suppressed);
        self.suppressed.sort_by_cached_key(|suppressed| rank(&suppressed.finding));
        self.unresolved.sort_by(|a, b| {
            (&a.location, &a.rule, &a.question).cmp(&(&b.location, &b.rule, &b.question))
        });
        self.coverage.incomplete.sort();
        self.notes.sort();
        Report {
            version: Report::VERSION,
            tool,
            subject,
            now: self.options.now,
            areas,
            change: None,
            findings: self.findings,
            advising,
            suppressed: self.suppressed,
            unresolved: self.unresolved,
            coverage: self.coverage,
            not_checked,
            notes: self.notes,
            threshold: self.options.threshold,
        }
    }
}

impl Merge<'_> {
    /// The baseline comes last: what somebody decided about one finding does not use it up.
    fn apply_baseline(&mut self, subject: &Subject) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.sort_by_cached_key(rank);
        // Only where everything is looked at does nothing found mean nothing there.
        let whole =
            !self.options.partial && matches!(subject.scope.as_str(), "work-tree" | "commit");
        let named =
            |rules: &[&'static Rule], id: &RuleId| rules.iter().any(|r| r.id == id.as_str());
        let (known, ran) = (self.known, self.ran);
        let with = Applied {
            now: self.options.now,
            known: &|id| named(known, id),
            ran: &|id| whole && named(ran, id),
            hidden: &self.hidden,
        };
        let (open, suppressed, notes) = baseline::apply(&self.accepted.baseline, findings, &with);
        self.findings = open;
        self.suppressed.extend(suppressed);
        self.notes.extend(notes);
    }

    fn note_bare(&mut self) {
        for (tool, count) in std::mem::take(&mut self.bare) {
            let findings = if count == 1 { "1 finding" } else { &format!("{count} findings") };
            let text = format!(
                "{findings} with a bare ignore for {tool}, which names no rule: not applied; write `penstock: ignore[rule-id] reason`, or list `{tool}` in `[check] bare-ignores`"
            );
            self.note(NoteKind::Bare, text);
        }
    }
}

fn matching(
    standing: &mut [Standing<'_>],
    finding: &Finding,
    authority: SuppressionAuthority,
) -> Option<Suppression> {
    let covers = |s: &Standing<'_>| {
        s.ignore.rule == finding.rule
            && s.patterns.as_ref().is_none_or(|p| p.matches(&finding.location.path))
            && s.ignore.fingerprint.as_ref().is_none_or(|f| *f == finding.fingerprint)
    };
    let found = standing.iter_mut().find(|s| covers(s))?;
    found.used = true;
    Some(Suppression {
        authority,
        reason: found.ignore.reason.clone(),
        owner: found.ignore.owner.clone(),
        expires: found.ignore.expires,
        tool: None,
        place: (authority == SuppressionAuthority::Proposed)
            .then_some(SuppressionPlace::Configuration),
    })
}

/// `ci/unpinned-action` (path `x`).
fn describe(ignore: &Ignore) -> String {
    let path = ignore.path.as_ref().map(|path| format!("path `{path}`"));
    let fingerprint = ignore.fingerprint.as_ref().map(|f| format!("fingerprint `{f}`"));
    let limits: Vec<_> = path.into_iter().chain(fingerprint).collect();
    if limits.is_empty() {
        format!("`{}`", ignore.rule)
    } else {
        format!("`{}` ({})", ignore.rule, limits.join(", "))
    }
}

/// Severity and confidence falling, then path, line and rule; the rest only makes the order total.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let region = finding.location.region;
    (
        (Reverse(finding.severity), Reverse(finding.confidence)),
        finding.location.path.clone(),
        region.map(|region| region.start_line),
        finding.rule.clone(),
        (region, finding.location.route.clone()),
        (finding.fingerprint.clone(), finding.message.clone()),
    )
}
