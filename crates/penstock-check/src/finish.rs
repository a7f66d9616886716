//! From what checks wrote to findings: places become lines, secrets become masks, identities become
//! fingerprints.

use std::collections::{BTreeMap, BTreeSet};

use penstock_document::TextEdit;
use penstock_model::{
    Edit, Finding, Fingerprint, Fix, Location, Related, Route, RuleId, SkipReason, Skipped,
    Unresolved, fact::Fact, report::Note,
};
use serde::{Deserialize, Serialize};

use crate::{
    CheckError, Draft, File, Findings, Options, Place, Rule,
    findings::{Identity, MAX_PER_FILE, Proposal},
    foreign::{Foreign, Mark},
    mask::Masks,
    suppression::Inline,
};

/// The longest excerpt, in characters; a minified line of ten megabytes is no excerpt.
const MAX_EXCERPT: usize = 200;
/// How many bytes before the finding a long line's excerpt begins.
const EXCERPT_LEAD: usize = 60;

/// Everything one file, or one project-wide check, gave.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileResult {
    pub(crate) seen: Option<Seen>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) findings: Vec<Found>,
    pub(crate) inline: Vec<Inline>,
    pub(crate) notes: Vec<Note>,
    pub(crate) unresolved: Vec<Unresolved>,
    pub(crate) facts: Vec<Fact>,
}

impl FileResult {
    /// A file of so many bytes about which there is nothing to say.
    pub(crate) fn nothing(bytes: u64) -> Self {
        Self { seen: Some(Seen { files: 1, bytes }), ..Self::default() }
    }

    /// Whether it is just that.
    pub(crate) fn is_nothing(&self, bytes: u64) -> bool {
        *self == Self::nothing(bytes)
    }

    /// Takes in what a member of the same file gave.
    pub(crate) fn absorb(&mut self, mut member: Self) {
        let comments_before = self.inline.len();
        for found in &mut member.findings {
            found.inline = found.inline.map(|comment| comment + comments_before);
        }
        if let Some(seen) = member.seen {
            let own = self.seen.get_or_insert_default();
            own.files += seen.files;
            own.bytes += seen.bytes;
        }
        self.skipped.append(&mut member.skipped);
        self.findings.append(&mut member.findings);
        self.inline.append(&mut member.inline);
        self.notes.append(&mut member.notes);
        self.unresolved.append(&mut member.unresolved);
        self.facts.append(&mut member.facts);
    }
}

/// What was read to its end: a file, or an archive and its members.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// A finding, which of the file's [`Inline`] suppressions speaks of it, and what another tool's words
/// say of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    pub(crate) inline: Option<usize>,
    pub(crate) mark: Option<Mark>,
}

/// Finishes what was found in one file.
pub(crate) fn file(
    file: &File<'_>,
    findings: Findings<'_>,
    (mut inline, notes): (Vec<Inline>, Vec<Note>),
    options: &Options,
    rules: &[&'static Rule],
    foreign: &Foreign,
) -> Result<FileResult, CheckError> {
    let masks = Masks::new(file.bytes(), findings.masks().cloned());
    let left_out = findings.left_out;
    let marks = foreign.marks(file, &findings, &masks);
    let finisher = Finisher { file: Some(file), masks, options, rules };
    let mut result = finisher.finish(findings)?;
    for (found, mark) in result.findings.iter_mut().zip(marks) {
        found.mark = mark;
    }
    match_inline(&mut result.findings, &mut inline);
    result.inline = inline;
    for suppression in &mut result.inline {
        suppression.reason = finisher.masks.without_values(&suppression.reason);
        suppression.rule = finisher.masks.without_values(&suppression.rule);
    }
    result.notes = notes;
    if let Some(error) = file.document_error() {
        let line = error.region().map(|region| format!("line {}: ", region.start_line));
        let limit = error.is_limit();
        result.skipped.push(Skipped {
            path: file.path().clone(),
            reason: if limit { SkipReason::OverLimit } else { SkipReason::Malformed },
            detail: finisher.masks.without_values(&format!("{}{error}", line.unwrap_or_default())),
        });
    }
    if left_out > 0 {
        result.skipped.push(Skipped {
            path: file.path().clone(),
            reason: SkipReason::OverLimit,
            detail: format!("{left_out} findings beyond the first {MAX_PER_FILE} are left out"),
        });
    }
    Ok(result)
}

/// Tells each finding which comment speaks of it, and each comment whether it speaks of anything.
fn match_inline(findings: &mut [Found], inline: &mut [Inline]) {
    let mut by_line: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    for (index, suppression) in inline.iter().enumerate() {
        for line in suppression.lines() {
            let first = by_line.entry((&suppression.rule, line)).or_insert(index);
            // One that gives a reason goes before one that gives none.
            if inline.get(*first).is_some_and(|first| first.reason.is_empty()) {
                *first = index;
            }
        }
    }
    let mut used = BTreeSet::new();
    for found in findings.iter_mut() {
        let line = found.finding.location.region.map_or(1, |region| region.start_line);
        found.inline = by_line.get(&(found.finding.rule.as_str(), line)).copied();
        used.extend(found.inline);
    }
    for (index, suppression) in inline.iter_mut().enumerate() {
        suppression.used = used.contains(&index);
    }
}

/// Finishes what a check found over the facts of all files.
pub(crate) fn project(
    findings: Findings<'_>,
    options: &Options,
    rules: &[&'static Rule],
) -> Result<FileResult, CheckError> {
    Finisher { file: None, masks: Masks::new(&[], []), options, rules }.finish(findings)
}

struct Finisher<'a, 'f> {
    file: Option<&'a File<'f>>,
    masks: Masks<'f>,
    options: &'a Options,
    rules: &'a [&'static Rule],
}

impl Finisher<'_, '_> {
    fn finish(&self, findings: Findings<'_>) -> Result<FileResult, CheckError> {
        let mut result = FileResult::default();
        for draft in findings.drafts {
            let finding = self.finding(draft)?;
            result.findings.push(Found { finding, inline: None, mark: None });
        }
        for question in findings.questions {
            result.unresolved.push(Unresolved {
                rule: self.rule_id(question.rule)?,
                location: self.location(question.rule, &question.place)?,
                question: self.masks.without_values(&question.question),
                fact: self.masks.without_values(&question.fact),
            });
        }
        result.facts = findings.facts;
        Ok(result)
    }

    fn finding(&self, draft: Draft) -> Result<Finding, CheckError> {
        let rule = self.rule_id(draft.rule)?;
        let location = self.location(draft.rule, &draft.place)?;
        let related = draft.related.iter().map(|(place, message)| {
            let location = self.location(draft.rule, place)?;
            let message = self.masks.without_values(message);
            Ok(Related { location, message, excerpt: self.excerpt(place) })
        });
        Ok(Finding {
            severity: draft.severity,
            confidence: draft.confidence,
            audience: draft.audience,
            message: self.masks.without_values(&draft.message),
            related: related.collect::<Result<_, CheckError>>()?,
            excerpt: self.excerpt(&draft.place),
            fingerprint: self.fingerprint(&draft, &rule, &location.route),
            fix: draft.fix.and_then(|proposal| self.fix(proposal)),
            also: Vec::new(),
            used: Vec::new(),
            history: None,
            advises_until: None,
            rule,
            location,
        })
    }

    fn fix(&self, proposal: Proposal) -> Option<Fix> {
        let file = self.file?;
        let edit = |edit: TextEdit| Edit {
            path: file.path().clone(),
            region: file.region(&edit.span),
            replacement: edit.replacement,
        };
        let Proposal { applicability, title, edits } = proposal;
        let fix = Fix { title, applicability, edits: edits.into_iter().map(edit).collect() };
        Some(fix).filter(|fix| self.quotes_no_secret(fix))
    }

    fn rule_id(&self, rule: &'static Rule) -> Result<RuleId, CheckError> {
        let undeclared = || CheckError::UndeclaredRule { rule: rule.id.to_owned() };
        if !self.rules.iter().any(|declared| declared.id == rule.id) {
            return Err(undeclared());
        }
        rule.rule_id().map_err(|_| undeclared())
    }

    fn location(&self, rule: &Rule, place: &Place) -> Result<Location, CheckError> {
        let file = || self.file.ok_or_else(|| CheckError::Placeless { rule: rule.id.to_owned() });
        Ok(match place {
            Place::Elsewhere(location) => location.clone(),
            Place::File => Location::file(file()?.path().clone()),
            Place::Span(range, route) => {
                let file = file()?;
                let region = Some(file.region(range));
                Location { path: file.path().clone(), region, route: route.clone() }
            }
        })
    }

    /// A fix that would repeat a secret is not shown: written as masked, it would destroy the file.
    fn quotes_no_secret(&self, fix: &Fix) -> bool {
        let mut texts = fix.edits.iter().map(|edit| &edit.replacement).chain([&fix.title]);
        texts.all(|text| self.masks.without_values(text) == *text)
    }

    fn fingerprint(&self, draft: &Draft, rule: &RuleId, route: &Route) -> Fingerprint {
        match &draft.identity {
            Identity::Secret(value) => Fingerprint::of_secret(&self.options.salt, rule, value),
            Identity::Password { context, class } => {
                Fingerprint::of_password(rule, route, context, class)
            }
            Identity::Text(text) => Fingerprint::of_match(rule, route, text),
            Identity::Place => {
                // The finding's own masks only: other checks must not change its identity.
                let text = match (&draft.place, self.file) {
                    (Place::Span(range, _), Some(file)) => {
                        Masks::new(file.bytes(), draft.masks.iter().cloned()).text(range.clone())
                    }
                    // Nothing but the path tells one whole file from another. Without it, a
                    // suppression of one would vouch for any other.
                    (Place::Elsewhere(location), _) => location.path.to_string(),
                    (_, Some(file)) => file.path().to_string(),
                    (_, None) => String::new(),
                };
                Fingerprint::of_match(rule, route, &text)
            }
        }
    }

    /// The line a place begins on, every secret of the file masked, cut to a readable length.
    fn excerpt(&self, place: &Place) -> Option<String> {
        let (file, Place::Span(range, _)) = (self.file?, place) else { return None };
        let lines = file.lines();
        let line = lines.range(lines.line_at(range.start.min(file.bytes().len())));
        let lead = range.start.saturating_sub(EXCERPT_LEAD);
        let begin =
            if line.len() > MAX_EXCERPT { lead.clamp(line.start, line.end) } else { line.start };
        let end = line.end.min(begin + MAX_EXCERPT * 4);
        let text = self.masks.text(begin..end);
        let mut excerpt = String::from(if begin > line.start { "…" } else { "" });
        excerpt.extend(text.trim().chars().take(MAX_EXCERPT));
        if end < line.end || text.trim().chars().count() > MAX_EXCERPT {
            excerpt.push('…');
        }
        Some(excerpt)
    }
}
