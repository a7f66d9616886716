//! Inline suppressions: `penstock: ignore[rule-id, other-id] reason` in a comment.

use std::sync::LazyLock;

use penstock_model::{
    Location, RepoPath, Route,
    report::{Note, NoteKind},
};
use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

use crate::{File, Kind, findings::MAX_PER_FILE};

/// One rule named by one comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inline {
    pub(crate) rule: String,
    pub(crate) reason: String,
    pub(crate) location: Location,
    pub(crate) used: bool,
    /// It stands in documentation, where it may only be explained.
    pub(crate) in_prose: bool,
    /// The comment's line, and the line below it when it has a line to itself.
    lines: (u32, Option<u32>),
}

impl Inline {
    /// The lines on which a finding may begin that it speaks of.
    pub(crate) fn lines(&self) -> impl Iterator<Item = u32> + use<> {
        std::iter::once(self.lines.0).chain(self.lines.1)
    }
}

/// What a comment may begin with, and what ends it before the end of the line. A lone `*` is a
/// further line of a block comment. Longer ones come before those they end with.
const OPENERS: &[(&str, &str)] = &[
    ("<%--", "--%>"),
    ("<!--", "-->"),
    ("{{/*", "*/}}"),
    ("/*", "*/"),
    ("//", ""),
    ("--", ""),
    ("{#", "#}"),
    ("{-", "-}"),
    ("(*", "*)"),
    ("#", ""),
    (";", ""),
    ("%", ""),
    ("*", "*/"),
    ("dnl", ""),
    ("rem", ""),
    ("REM", ""),
];

/// How far out on its line a comment may stand, in bytes. Beyond it nobody wrote one, and a line of
/// ten megabytes of markers must not be read once for each.
const MAX_BEFORE: usize = 4 * 1024;

/// Files that explain.
const PROSE: &[&[u8]] = &[b".md", b".markdown", b".adoc", b".rst"];

/// Every suppression of a file, and what is wrong with those that are none.
///
/// In YAML, TOML and JSON the parser says what is a comment (in YAML also a whole commented line of
/// a block scalar, since that is where scripts stand). Elsewhere it is told by what stands before
/// the marker on its line: best effort, so a string that looks like a comment can pass for one. That
/// is why a suppression in the change counts for nothing until the base has it.
pub(crate) fn inline(file: &File<'_>) -> (Vec<Inline>, Vec<Note>) {
    static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"penstock:[ \t]*ignore\b[ \t]*(?:\[([^\]\r\n]*)\])?([^\r\n]*)").ok()
    });
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let Some(marker) = MARKER.as_ref().filter(|_| file.kind() != Kind::Binary) else {
        return (found, notes);
    };
    let name = file.path().name();
    let in_prose = PROSE.iter().any(|extension| name.ends_with(extension));
    for captures in marker.captures_iter(file.bytes()) {
        let Some(whole) = captures.get(0) else { continue };
        let Some(place) = place_of(file, whole.start()) else { continue };
        let location = location(file.path(), file, whole.range());
        if found.len() + notes.len() >= MAX_PER_FILE {
            let message = format!("not applied, nor those below: over {MAX_PER_FILE} in one file");
            notes.push(Note { location: Some(location), kind: NoteKind::Unreadable, message });
            break;
        }
        let mut note = |message: &str| {
            let (location, message) = (Some(location.clone()), message.to_owned());
            notes.push(Note { location, kind: NoteKind::Unreadable, message });
        };
        let Place::Comment { whole_line, closer } = place else {
            note(
                "not applied: here it is part of a value, not a comment; give it a line of its own above",
            );
            continue;
        };
        let Some(rules) = captures.get(1) else {
            if in_prose {
                continue;
            }
            note("not applied: it names no rule; write `penstock: ignore[rule-id] reason`");
            continue;
        };
        let rules = String::from_utf8_lossy(rules.as_bytes());
        let rules: Vec<&str> = rules.split(',').map(str::trim).filter(|r| !r.is_empty()).collect();
        if rules.is_empty() {
            note("not applied: it names no rule; write `penstock: ignore[rule-id] reason`");
        }
        let reason = captures.get(2).map(|m| reason(m.as_bytes(), closer)).unwrap_or_default();
        let line = location.region.map_or(1, |region| region.start_line);
        let below = whole_line.then(|| line.saturating_add(1));
        for rule in rules {
            found.push(Inline {
                rule: rule.to_owned(),
                reason: reason.clone(),
                location: location.clone(),
                used: false,
                in_prose,
                lines: (line, below),
            });
        }
    }
    reach_below(&mut found);
    (found, notes)
}

/// Where a marker stands.
pub(crate) enum Place {
    /// At the beginning of a comment.
    Comment {
        /// Nothing else is before it on its line.
        whole_line: bool,
        /// What ends it, if not the end of the line.
        closer: &'static str,
    },
    /// After what would begin a comment, if the parser did not say that it is part of a value.
    Value,
}

/// Where the marker at `start` stands, if it could be meant as a suppression at all.
pub(crate) fn place_of(file: &File<'_>, start: usize) -> Option<Place> {
    let lines = file.lines();
    let line_start = lines.range(lines.line_at(start)).start;
    if start - line_start > MAX_BEFORE {
        return None;
    }
    let before = String::from_utf8_lossy(file.bytes().get(line_start..start)?);
    let before = before.trim_end();
    let (opener, closer) = OPENERS.iter().find(|(opener, _)| before.ends_with(opener))?;
    let code = before.strip_suffix(opener)?.trim_end_matches(['/', '#', ';', '%', '!', '*']);
    let whole_line = code.trim().is_empty();
    // An open quote: the "comment" is inside a string.
    if code.matches('"').count() % 2 == 1 || code.matches('`').count() % 2 == 1 {
        return None;
    }
    if let Some(document) = file.parsed() {
        let comments = document.comments();
        let next = comments.partition_point(|comment| comment.span.start <= start);
        let last = next.checked_sub(1).and_then(|index| comments.get(index));
        let is_comment = last.is_some_and(|comment| comment.span.contains(&start));
        let in_script = whole_line && document.format() == penstock_document::Format::Yaml;
        if !is_comment && !in_script {
            return Some(Place::Value);
        }
    }
    Some(Place::Comment { whole_line, closer })
}

/// For each suppression with a line to itself, the first line below that holds none such, so that
/// several can be stacked above one line. Suppressions are in the order of the file; from the last
/// one up each knows its answer from the one below it.
fn reach_below(found: &mut [Inline]) {
    let mut under: Option<(u32, u32)> = None;
    for suppression in found.iter_mut().rev() {
        let Some(below) = &mut suppression.lines.1 else { continue };
        match under {
            // Another rule of the same comment, or the comment right below.
            Some((line, reach)) if line == suppression.lines.0 || line == *below => *below = reach,
            _ => {}
        }
        under = Some((suppression.lines.0, *below));
    }
}

/// What stands between the bracket and the end of the comment.
fn reason(bytes: &[u8], closer: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let end = if closer.is_empty() { None } else { text.find(closer) };
    let text = end.and_then(|end| text.get(..end)).unwrap_or(&text);
    text.trim_start_matches([':', '-', '–', '—', ' ', '\t']).trim().to_owned()
}

fn location(path: &RepoPath, file: &File<'_>, range: std::ops::Range<usize>) -> Location {
    Location { path: path.clone(), region: Some(file.region(&range)), route: Route::default() }
}

#[cfg(test)]
mod tests;
