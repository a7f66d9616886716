//! Fixes: from what findings propose to changed files, shown before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{Area, Edit, Fix, RepoPath, Report};
use similar::TextDiff;

use crate::{format::escape, mask::HIDDEN};

/// One file as it is and as it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: RepoPath,
    /// What it holds now.
    pub before: Vec<u8>,
    /// What it would hold.
    pub after: Vec<u8>,
}

/// Why a fix is not made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another fix changes the same bytes.
    #[error("another fix changes the same place: run this again once that is made")]
    Overlaps,
    /// The file is not what was checked, or cannot be read.
    #[error("the file is not what was checked")]
    Changed,
}

/// What would be done, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files that change, sorted by path.
    pub changes: Vec<Change>,
    /// Which fixes, by their index, are part of it.
    pub made: Vec<usize>,
    /// Which are not.
    pub refused: Vec<(usize, Refusal)>,
}

/// Puts fixes together. Each is made whole or not at all; where two touch, the earlier wins.
/// `read` gives a file's content, if it can be changed at all.
pub fn plan(fixes: &[&Fix], read: impl Fn(&RepoPath) -> Option<Vec<u8>>) -> Plan {
    let mut plan = Plan::default();
    let mut files: BTreeMap<&RepoPath, Option<Vec<u8>>> = BTreeMap::new();
    let mut accepted: BTreeMap<&RepoPath, Vec<&Edit>> = BTreeMap::new();
    for (index, fix) in fixes.iter().enumerate() {
        let paths: BTreeSet<&RepoPath> = fix.edits.iter().map(|edit| &edit.path).collect();
        for path in &paths {
            files.entry(path).or_insert_with(|| read(path));
        }
        let fits = |edit: &Edit| {
            let content = files.get(&edit.path).and_then(Option::as_ref);
            content.is_some_and(|content| span(edit, content).is_some())
        };
        let overlaps = |edit: &Edit| {
            let others = accepted.get(&edit.path).into_iter().flatten();
            let own = fix.edits.iter().filter(|other| !std::ptr::eq(*other, edit));
            others.copied().chain(own).any(|other| other.path == edit.path && touch(other, edit))
        };
        if !fix.edits.iter().all(fits) {
            plan.refused.push((index, Refusal::Changed));
        } else if fix.edits.iter().any(overlaps) {
            plan.refused.push((index, Refusal::Overlaps));
        } else {
            for edit in &fix.edits {
                accepted.entry(&edit.path).or_default().push(edit);
            }
            plan.made.push(index);
        }
    }
    for (path, edits) in accepted {
        let Some(before) = files.remove(path).flatten() else { continue };
        let after = edited(&before, edits);
        if after != before {
            plan.changes.push(Change { path: path.clone(), before, after });
        }
    }
    plan
}

/// The bytes an edit replaces, if the file has them.
fn span(edit: &Edit, content: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(edit.region.start_byte).ok()?;
    let end = usize::try_from(edit.region.end_byte).ok()?;
    content.get(start..end).map(|_| start..end)
}

/// Whether two edits change the same bytes or insert at the same place.
fn touch(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (&a.region, &b.region);
    a.start_byte < b.end_byte && b.start_byte < a.end_byte || a.start_byte == b.start_byte
}

fn edited(before: &[u8], mut edits: Vec<&Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| edit.region.start_byte);
    let (mut after, mut at) = (Vec::with_capacity(before.len()), 0);
    for edit in edits {
        let Some(span) = span(edit, before) else { continue };
        after.extend_from_slice(before.get(at..span.start).unwrap_or_default());
        after.extend_from_slice(edit.replacement.as_bytes());
        at = span.end;
    }
    after.extend_from_slice(before.get(at..).unwrap_or_default());
    after
}

/// A change as a unified diff with three lines of context, safe for a terminal and without the
/// secrets that `report` knows of in the file.
pub fn diff(change: &Change, report: &Report) -> String {
    let hidden = secrets(change, report);
    let shown = |content: &[u8]| {
        let mut text = String::from_utf8_lossy(content).into_owned();
        for secret in &hidden {
            text = text.replace(secret, HIDDEN);
        }
        text
    };
    let (before, after) = (shown(&change.before), shown(&change.after));
    let name = change.path.to_string();
    let diff = TextDiff::from_lines(&before, &after);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    text.lines().map(|line| escape(line) + "\n").collect()
}

/// Every value in the file that a rule about secrets has found, suppressed ones too, longest first.
fn secrets(change: &Change, report: &Report) -> Vec<String> {
    let suppressed = report.suppressed.iter().map(|suppressed| &suppressed.finding);
    let found = report.findings.iter().chain(suppressed);
    let places = found
        .filter(|finding| finding.rule.area() == Some(Area::Secrets))
        .flat_map(|finding| finding.also.iter().chain([&finding.location]))
        .filter(|place| place.path == change.path);
    let mut values: Vec<String> = places
        .filter_map(|place| {
            let region = place.region?;
            let start = usize::try_from(region.start_byte).ok()?;
            let end = usize::try_from(region.end_byte).ok()?;
            Some(String::from_utf8_lossy(change.before.get(start..end)?).into_owned())
        })
        .filter(|value| !value.is_empty())
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values
}

#[cfg(test)]
mod tests;
