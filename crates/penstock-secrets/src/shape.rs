//! Finding secrets by their shape: the rules that need no code of their own.

use std::ops::Range;

use penstock_check::{
    Rule, redact,
    template::{Checksum, Class, OWN_LITERAL, Piece, Run, Shape},
};
use penstock_model::{Audience, Confidence, Severity};

use crate::{
    detector::{Found, Sight},
    random::looks_random,
};

/// How far behind a word that names it a value is looked for, in bytes.
const REACH: usize = 40;

/// A shape, ready to be compared with a file.
#[derive(Debug)]
pub(crate) struct Matcher {
    pieces: Vec<Piece>,
}

/// Where a shape was found.
#[derive(Debug, PartialEq, Eq)]
struct Match {
    range: Range<usize>,
    /// The characters that vary, those of each class by themselves.
    variable: Vec<(Class, Vec<u8>)>,
    /// Whether a checksum among them was right.
    checked: bool,
}

impl Matcher {
    /// The matcher of a shape, or nothing for one that the generator would not have let through.
    pub(crate) fn new(shape: &str, has_near: bool) -> Option<Self> {
        Shape::parse(shape, has_near).ok().map(|shape| Self { pieces: shape.pieces })
    }

    /// The texts it contains, each with its place among the pieces.
    pub(crate) fn literals(&self) -> impl Iterator<Item = (usize, &str)> {
        self.pieces.iter().enumerate().filter_map(|(index, piece)| match piece {
            Piece::Literal(text) => Some((index, text.as_str())),
            Piece::Run(_) => None,
        })
    }

    /// Whether everything before a piece has one length.
    pub(crate) fn begins_fixed(&self, piece: usize) -> bool {
        let before = self.pieces.iter().take(piece);
        before.into_iter().all(|piece| match piece {
            Piece::Literal(_) => true,
            Piece::Run(run) => run.least == run.most,
        })
    }

    /// Whether it is searched for by itself in a rule that also names words near it.
    pub(crate) fn has_own_literal(&self) -> bool {
        self.literals().any(|(_, text)| text.len() >= OWN_LITERAL)
    }

    /// The secret of this shape whose piece `anchor`, a text, stands where the keyword was found.
    pub(crate) fn find(&self, rule: &Rule, sight: &Sight<'_>, anchor: usize) -> Option<Found> {
        let (before, rest) = self.pieces.split_at_checked(anchor)?;
        let (_, after) = rest.split_first()?;
        let start = backwards(before, sight.bytes, sight.keyword.start)?;
        // Part of a longer word it is none; and so a file of beginnings is read once.
        if sight.bytes.get(start).copied().is_some_and(is_word)
            && continues_a_word(sight.bytes, start)
        {
            return None;
        }
        let end = forwards(after, sight.bytes, sight.keyword.end)?;
        let found = self.check(sight.bytes, start..end)?;
        stands_alone(sight.bytes, &found.range, &self.pieces).then(|| report(rule, sight, found))
    }

    /// The secret of this shape that stands on the keyword's line behind an assignment to a name
    /// that the keyword is part of.
    pub(crate) fn find_near(&self, rule: &Rule, sight: &Sight<'_>) -> Option<Found> {
        let end = sight.keyword.end.saturating_add(REACH).min(sight.bytes.len());
        let gap = sight.slice(sight.keyword.end..end);
        let mut assigned = false;
        let mut previous = b'a';
        for (offset, byte) in (0..).zip(gap.iter().copied()) {
            if byte == b'\n' {
                return None;
            }
            if assigned && !is_joined(previous) && (byte.is_ascii_alphanumeric() || byte == b'_') {
                let start = sight.keyword.end + offset;
                let found = forwards(&self.pieces, sight.bytes, start)
                    .and_then(|end| self.check(sight.bytes, start..end))
                    .filter(|found| stands_quite_alone(sight.bytes, &found.range));
                if let Some(found) = found {
                    return Some(report(rule, sight, found));
                }
            }
            assigned |= matches!(byte, b'=' | b':' | b'>' | b',' | b'(' | b'"' | b'\'' | b' ');
            previous = byte;
        }
        None
    }

    /// Every place of this shape in a stretch of a file, from the beginnings of words.
    pub(crate) fn all_in(&self, bytes: &[u8], window: Range<usize>) -> Vec<Range<usize>> {
        let is = |at: usize| bytes.get(at).copied().is_some_and(is_word);
        let starts = window.filter(|at| is(*at) && !at.checked_sub(1).is_some_and(is));
        let ranges = starts.filter_map(|start| {
            let end = forwards(&self.pieces, bytes, start)?;
            let found = self.check(bytes, start..end)?;
            stands_quite_alone(bytes, &found.range).then_some(found.range)
        });
        ranges.collect()
    }

    /// What a range of this shape consists of, if it looks generated and its checksums are right.
    fn check(&self, bytes: &[u8], range: Range<usize>) -> Option<Match> {
        let mut at = range.start;
        let (mut variable, mut checked) = (Vec::<(Class, Vec<u8>)>::new(), false);
        for (index, piece) in self.pieces.iter().enumerate() {
            let end = forward(piece, self.pieces.get(index + 1), bytes, at)?;
            if let Piece::Run(run) = piece {
                let text = bytes.get(at..end)?;
                if let Some(checksum) = run.checksum {
                    checked = checksum.holds(bytes.get(range.start..at)?, text);
                    if !checked {
                        return None;
                    }
                }
                // A checksum of all the rest varies as that does.
                if !matches!(run.checksum, Some(Checksum::Hex(_))) {
                    match variable.iter_mut().find(|(class, _)| *class == run.class) {
                        Some((_, all)) => all.extend(text),
                        None => variable.push((run.class, text.to_vec())),
                    }
                }
            }
            at = end;
        }
        let found = Match { range, variable, checked };
        (at == found.range.end && varies_at_random(&found.variable)).then_some(found)
    }
}

/// Whether the characters of each class look generated. A few of a class tell nothing by themselves,
/// so those are judged together.
fn varies_at_random(variable: &[(Class, Vec<u8>)]) -> bool {
    const FEW: usize = 10;
    let few = variable.iter().filter(|(_, text)| text.len() < FEW);
    let few: Vec<u8> = few.flat_map(|(_, text)| text.iter().copied()).collect();
    let mut many = variable.iter().filter(|(_, text)| text.len() >= FEW).peekable();
    let judged = many.peek().is_some();
    many.all(|(_, text)| looks_random(text)) && (judged || looks_random(&few))
}

/// The end of these pieces, the first of which begins at `at`.
fn forwards(pieces: &[Piece], bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    for (index, piece) in pieces.iter().enumerate() {
        at = forward(piece, pieces.get(index + 1), bytes, at)?;
    }
    Some(at)
}

/// The end of the piece that begins at `at`. A run of variable length ends before the text behind it
/// where that text stands within the run, else with its characters.
fn forward(piece: &Piece, next: Option<&Piece>, bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match piece {
        Piece::Literal(text) => rest.starts_with(text.as_bytes()).then_some(at + text.len()),
        Piece::Run(run) => {
            let length = rest.iter().take(run.most).take_while(|b| run.class.contains(**b)).count();
            crate::steps::count(length + 1);
            if length < run.least {
                return None;
            }
            let length = match next {
                Some(Piece::Literal(text)) if run.least < run.most => {
                    let end = rest.len().min(length + text.len());
                    let mut parts = rest.get(run.least..end)?.windows(text.len());
                    run.least + parts.position(|part| part == text.as_bytes())?
                }
                _ => length,
            };
            (run.least..=run.most).contains(&length).then_some(at + length)
        }
    }
}

/// The start of these pieces, the last of which ends at `at`.
fn backwards(pieces: &[Piece], bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    for piece in pieces.iter().rev() {
        let before = bytes.get(..at)?;
        let length = match piece {
            Piece::Literal(text) => before.ends_with(text.as_bytes()).then_some(text.len())?,
            Piece::Run(Run { class, least, most, .. }) => {
                let run = before.iter().rev().take(*most).take_while(|b| class.contains(**b));
                let length = run.count();
                crate::steps::count(length + 1);
                Some(length).filter(|length| length >= least)?
            }
        };
        at -= length;
    }
    Some(at)
}

/// Whether the range is no part of a longer word: no letter, digit or underscore touches it, nor a
/// character its last run could go on with.
fn stands_alone(bytes: &[u8], range: &Range<usize>, pieces: &[Piece]) -> bool {
    let first = bytes.get(range.start).copied().unwrap_or(b' ');
    let glued_before = is_word(first) && continues_a_word(bytes, range.start);
    let next = bytes.get(range.end).copied().unwrap_or(b' ');
    let more = match pieces.last() {
        Some(Piece::Run(run)) => run.class.contains(next) || is_word(next),
        Some(Piece::Literal(text)) => text.bytes().last().is_some_and(is_word) && is_word(next),
        None => false,
    };
    !glued_before && !more
}

/// The same for values without a text of their own, which hyphens and dots join to longer names.
fn stands_quite_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let next = |offset: usize| bytes.get(range.end + offset).copied().unwrap_or(b' ');
    let dotted = next(0) == b'.' && next(1).is_ascii_alphanumeric();
    !is_word(next(0)) && !matches!(next(0), b'-' | b'/' | b'+' | b'@') && !dotted
}

/// Whether the byte before `start` belongs to the same word. The end of an escape does not: `\n`,
/// `%3D`.
fn continues_a_word(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(3)..start).unwrap_or_default();
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => false,
        [b'%', high, low] => !(high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
        [.., last] => is_word(*last),
        [] => false,
    }
}

fn is_word(byte: u8) -> bool {
    Class::Word.contains(byte)
}

/// Whether a value cannot begin behind this byte.
fn is_joined(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'-' | b'.' | b'/' | b'+' | b'$' | b'{' | b'%' | b'@' | b'#')
}

/// The finding. A secret with a checksum is real wherever it stands; one without, among tests and
/// examples, is usually made for them.
fn report(rule: &Rule, sight: &Sight<'_>, found: Match) -> Found {
    let what = rule.title.strip_suffix(" in a file").unwrap_or(rule.title);
    let shown = redact(sight.slice(found.range.clone()));
    if found.checked {
        let message = format!("{what} `{shown}`, its checksum is right");
        Found::new(found.range, message).confidence(Confidence::High)
    } else if sight.is_made_up() {
        let message = format!("{what} `{shown}` made for tests or as an example");
        Found::new(found.range, message).severity(Severity::Low).audience(Audience::Pedantic)
    } else {
        Found::new(found.range, format!("{what} `{shown}`"))
    }
}

#[cfg(test)]
mod tests;
