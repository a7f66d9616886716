//! The other parts of a credential: what stands beside a secret and is used with it.
//!
//! Which parts a secret has says its rule's page. They are looked for by the names they are given to
//! and by their shapes, in the lines around the secret; nothing is parsed.

mod item;

use std::{collections::BTreeSet, ops::Range};

use penstock_check::{Part, Rule};
use penstock_model::{Audience, Severity};

use crate::{detector::Found, generated, shape::Matcher};

use item::Item;

/// How many lines before and after a secret its other parts stand, at most.
const LINES: usize = 12;
/// The same in bytes.
const REACH: usize = 4096;
/// The most secrets of one file whose parts are looked for.
const MOST: usize = 500;

/// A secret with its other parts: where each stands, and what it is.
pub(crate) struct Composite {
    pub(crate) rule: &'static Rule,
    pub(crate) found: Found,
    /// What is not secret by itself.
    pub(crate) parts: Vec<(Range<usize>, &'static str)>,
}

/// Finds the other parts of each secret, and makes one finding of two where the second is a part of
/// the first.
pub(crate) fn compose(bytes: &[u8], all: Vec<(&'static Rule, Found)>) -> Vec<Composite> {
    let mut taken = BTreeSet::new();
    let mut composed: Vec<(usize, Vec<PartFound>)> = Vec::new();
    for (index, (rule, found)) in all.iter().enumerate().take(MOST) {
        if rule.parts.is_empty() || taken.contains(&index) {
            continue;
        }
        let mut parts = parts_of(bytes, rule, found);
        for part in &mut parts {
            // The secrets are in order and none overlap.
            let at = all.partition_point(|(_, other)| other.range.end <= part.range.start);
            let Some((other_rule, other)) = all.get(at) else { continue };
            if other.range.start >= part.range.end || at == index {
                continue;
            }
            let named_only = [generated::GENERIC_SECRET, generated::PASSWORD].contains(other_rule);
            let graver = rank(rule, found) >= rank(other_rule, other);
            part.secret = true;
            if part.twin && named_only && graver && !composed.iter().any(|(one, _)| *one == at) {
                taken.insert(at);
            }
        }
        if !parts.is_empty() {
            composed.push((index, parts));
        }
    }
    let mut composed = composed.into_iter().peekable();
    let mut result = Vec::with_capacity(all.len());
    for (index, (rule, mut found)) in all.into_iter().enumerate() {
        let parts = composed.next_if(|(one, _)| *one == index).map(|(_, parts)| parts);
        if taken.contains(&index) {
            continue;
        }
        let parts = parts.unwrap_or_default();
        if !parts.is_empty() {
            let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
            let list = match names.split_last() {
                Some((last, [])) => (*last).to_owned(),
                Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
                None => String::new(),
            };
            found.message = format!("{}, together with its {list}", found.message);
        }
        let (secret, plain): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.secret);
        found.related.extend(secret.into_iter().map(|p| (p.range, format!("its {}", p.name))));
        let parts = plain.into_iter().map(|part| (part.range, part.name)).collect();
        result.push(Composite { rule, found, parts });
    }
    result
}

/// What a finding is worth showing for.
fn rank(rule: &Rule, found: &Found) -> (std::cmp::Reverse<Audience>, Severity) {
    let audience = found.audience.unwrap_or(rule.audience);
    (std::cmp::Reverse(audience), found.severity.unwrap_or(rule.severity))
}

/// A part beside a secret.
struct PartFound {
    range: Range<usize>,
    name: &'static str,
    /// Whether it is a secret too.
    secret: bool,
    /// Whether its name and the secret's differ in the last word only.
    twin: bool,
}

/// The nearest value for each of a rule's parts.
fn parts_of(bytes: &[u8], rule: &Rule, found: &Found) -> Vec<PartFound> {
    let secret = &found.range;
    let window = block(bytes, secret);
    let items = item::items(bytes, window.clone());
    let inside = |item: &&Item<'_>| {
        item.value.start <= secret.start && secret.start < item.value.end.max(item.value.start + 1)
    };
    let own = items.iter().find(inside).map(Item::words);
    let names: Vec<(&Item<'_>, Vec<String>)> =
        items.iter().filter(|_| own.is_some()).map(|item| (item, item.words())).collect();
    let quoted = is_quoted(bytes, secret.start);
    let apart = |range: &Range<usize>| range.end <= secret.start || secret.end <= range.start;
    let distance = |range: &Range<usize>| {
        secret.start.abs_diff(range.start).min(secret.end.abs_diff(range.start))
    };
    let mut parts: Vec<PartFound> = Vec::new();
    for part in rule.parts {
        let by_name = own.iter().flat_map(|own| {
            names.iter().filter_map(|(item, words)| {
                let twin = belongs(words, own, part)?;
                let fits =
                    item.is_literal(bytes) && (!quoted || is_quoted(bytes, item.value.start));
                fits.then(|| (item.value.clone(), twin))
            })
        });
        let by_shape = part.shape.and_then(|shape| Matcher::new(shape, true)).into_iter();
        let by_shape = by_shape.flat_map(|matcher| matcher.all_in(bytes, window.clone()));
        let all = by_name.chain(by_shape.map(|range| (range, false)));
        let free = all.filter(|(range, _)| {
            apart(range) && !parts.iter().any(|p| p.range.start == range.start)
        });
        if let Some((range, twin)) = free.min_by_key(|(range, _)| (distance(range), range.start)) {
            parts.push(PartFound { range, name: part.name, secret: false, twin });
        }
    }
    parts
}

/// Whether a name is that of a part of the secret with another name; whether they differ in the last
/// word only.
fn belongs(name: &[String], secret: &[String], part: &Part) -> Option<bool> {
    let stem = |words: &[String]| words.split_last().map(|(_, stem)| stem.to_vec());
    let twin = stem(name)? == stem(secret)?;
    part.keys.iter().find_map(|key| {
        let key: Vec<&str> = key.split('_').collect();
        let before = name.len().checked_sub(key.len())?;
        let (prefix, last) = name.split_at_checked(before)?;
        if last != key.as_slice() {
            return None;
        }
        // `app_id` and `private_key`, `GITHUB_APP_ID` and `GITHUB_PRIVATE_KEY`.
        let whole = key.len() > 1
            && if prefix.is_empty() { secret.len() <= 2 } else { secret.starts_with(prefix) };
        (twin || whole).then_some(twin)
    })
}

/// The lines around a range, up to blank ones, the beginnings of sections and the limits.
fn block(bytes: &[u8], secret: &Range<usize>) -> Range<usize> {
    let ends = |line: &[u8]| {
        let line = line.trim_ascii();
        line.is_empty() || line == b"---" || line.starts_with(b"[") && line.ends_with(b"]")
    };
    let from = secret.start.saturating_sub(REACH);
    let before = bytes.get(from..secret.start).unwrap_or_default();
    let mut start = secret.start;
    for (index, line) in before.rsplit(|byte| *byte == b'\n').enumerate() {
        // Of its own line only what stands before it is here.
        if index > LINES || index > 0 && ends(line) {
            break;
        }
        start -= line.len() + usize::from(index > 0);
    }
    let after = bytes.get(secret.end..).unwrap_or_default();
    let after = after.get(..REACH).unwrap_or(after);
    let mut end = secret.end;
    for (index, line) in after.split(|byte| *byte == b'\n').enumerate() {
        if index > LINES || index > 0 && ends(line) {
            break;
        }
        end += line.len() + usize::from(index > 0);
    }
    start..end
}

fn is_quoted(bytes: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    matches!(before, Some(b'"' | b'\'' | b'`'))
}

#[cfg(test)]
mod tests;
