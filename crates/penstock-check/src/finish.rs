//! From what checks wrote to findings: places become lines, secrets become masks, identities become
//! fingerprints.

use std::ops::Range;

use penstock_model::{
    Finding, Fingerprint, Location, Related, Route, RuleId, SkipReason, Skipped, Unresolved,
    fact::Fact, report::Note,
};

use crate::{
    CheckError, Draft, File, Findings, Options, Place, Rule,
    findings::{Identity, Mask},
    suppression::Inline,
};

/// The longest excerpt, in characters; a minified line of ten megabytes is no excerpt.
const MAX_EXCERPT: usize = 200;
/// How many bytes before the finding a long line's excerpt begins.
const EXCERPT_LEAD: usize = 60;

/// Everything one file, or one project-wide check, gave.
#[derive(Debug, Default)]
pub(crate) struct FileResult {
    pub(crate) seen: Option<Seen>,
    pub(crate) skipped: Option<Skipped>,
    pub(crate) findings: Vec<Found>,
    pub(crate) inline: Vec<Inline>,
    pub(crate) notes: Vec<Note>,
    pub(crate) unresolved: Vec<Unresolved>,
    pub(crate) facts: Vec<Fact>,
}

/// A file that was read to its end.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) bytes: u64,
}

/// A finding and which of the file's [`Inline`] suppressions speaks of it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    pub(crate) inline: Option<usize>,
}

/// Finishes what was found in one file.
pub(crate) fn file(
    file: &File<'_>,
    findings: Findings<'_>,
    (mut inline, notes): (Vec<Inline>, Vec<Note>),
    options: &Options,
    rules: &[&'static Rule],
) -> Result<FileResult, CheckError> {
    let masks: Vec<Mask> =
        findings.drafts.iter().flat_map(|draft| draft.masks.iter().cloned()).collect();
    let place = Finisher { file: Some(file), masks: &masks, options, rules };
    let mut result = place.finish(findings)?;
    for found in &mut result.findings {
        let line = found.finding.location.region.map_or(1, |region| region.start_line);
        found.inline = inline.iter_mut().position(|s| s.covers(&found.finding.rule, line));
        if let Some(used) = found.inline.and_then(|index| inline.get_mut(index)) {
            used.used = true;
        }
    }
    result.inline = inline;
    for suppression in &mut result.inline {
        suppression.reason = place.without_secrets(&suppression.reason);
    }
    result.notes = notes;
    if let Some(error) = file.document_error() {
        let line = error.region().map(|region| format!("line {}: ", region.start_line));
        result.skipped = Some(Skipped {
            path: file.path().clone(),
            reason: SkipReason::Malformed,
            detail: place.without_secrets(&format!("{}{error}", line.unwrap_or_default())),
        });
    }
    Ok(result)
}

/// Finishes what a check found over the facts of all files.
pub(crate) fn project(
    findings: Findings<'_>,
    options: &Options,
    rules: &[&'static Rule],
) -> Result<FileResult, CheckError> {
    Finisher { file: None, masks: &[], options, rules }.finish(findings)
}

struct Finisher<'a, 'f> {
    file: Option<&'a File<'f>>,
    masks: &'a [Mask],
    options: &'a Options,
    rules: &'a [&'static Rule],
}

impl Finisher<'_, '_> {
    fn finish(&self, findings: Findings<'_>) -> Result<FileResult, CheckError> {
        let mut result = FileResult::default();
        for draft in findings.drafts {
            result.findings.push(Found { finding: self.finding(draft)?, inline: None });
        }
        for question in findings.questions {
            result.unresolved.push(Unresolved {
                rule: self.rule_id(question.rule)?,
                location: self.location(question.rule, &question.place)?,
                question: self.without_secrets(&question.question),
                fact: self.without_secrets(&question.fact),
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
            let message = self.without_secrets(message);
            Ok(Related { location, message, excerpt: self.excerpt(place) })
        });
        Ok(Finding {
            severity: draft.severity,
            confidence: draft.confidence,
            audience: draft.audience,
            message: self.without_secrets(&draft.message),
            related: related.collect::<Result<_, CheckError>>()?,
            excerpt: self.excerpt(&draft.place),
            fingerprint: self.fingerprint(&draft, &rule, &location.route),
            fix: draft.fix,
            rule,
            location,
        })
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
                        masked(file.bytes(), range.clone(), &draft.masks)
                    }
                    (Place::Elsewhere(location), _) => location.to_string(),
                    _ => String::new(),
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
        let text = masked(file.bytes(), begin..end, self.masks);
        let mut excerpt = String::from(if begin > line.start { "…" } else { "" });
        excerpt.extend(text.trim().chars().take(MAX_EXCERPT));
        if end < line.end || text.trim().chars().count() > MAX_EXCERPT {
            excerpt.push('…');
        }
        Some(excerpt)
    }

    /// A last guard: a message that quotes a value some check of this file reported as secret.
    fn without_secrets(&self, text: &str) -> String {
        /// Shorter values would tear ordinary words apart.
        const SHORTEST: usize = 6;
        let mut text = text.to_owned();
        for mask in self.masks {
            let value = self.file.and_then(|file| file.bytes().get(mask.range.clone()));
            let value = value.and_then(|bytes| std::str::from_utf8(bytes).ok());
            if let Some(value) = value.filter(|value| value.len() >= SHORTEST) {
                text = text.replace(value, &mask.masked);
            }
        }
        text
    }
}

/// The text of a range with every mask that touches it in place of what it hides. A mask that
/// reaches beyond the range shows only that something is there.
fn masked(bytes: &[u8], range: Range<usize>, masks: &[Mask]) -> String {
    let mut touching: Vec<&Mask> = masks
        .iter()
        .filter(|mask| mask.range.start < range.end && range.start < mask.range.end)
        .collect();
    touching.sort_by_key(|mask| (mask.range.start, std::cmp::Reverse(mask.range.end)));
    let mut text = String::new();
    let mut at = range.start;
    for mask in touching {
        if mask.range.end <= at {
            continue;
        }
        let before = bytes.get(at..mask.range.start).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(before));
        let whole = mask.range.start >= at && mask.range.end <= range.end;
        text.push_str(if whole { &mask.masked } else { "***" });
        at = mask.range.end;
    }
    text.push_str(&String::from_utf8_lossy(bytes.get(at..range.end).unwrap_or_default()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(range: Range<usize>) -> Mask {
        Mask { range, masked: "X".to_owned() }
    }

    #[test]
    fn masks_hide_what_they_touch_even_in_part() {
        let bytes = b"0123456789";
        assert_eq!(masked(bytes, 0..10, &[mask(2..4)]), "01X456789");
        assert_eq!(masked(bytes, 3..8, &[mask(2..4), mask(7..9)]), "***456***");
        assert_eq!(masked(bytes, 0..10, &[mask(2..6), mask(3..5), mask(5..8)]), "01X***89");
        assert_eq!(masked(bytes, 4..6, &[mask(0..10)]), "***");
        assert_eq!(masked(bytes, 4..6, &[mask(0..4), mask(6..10)]), "45");
    }
}
