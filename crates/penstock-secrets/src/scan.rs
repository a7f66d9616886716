//! One pass over a file's bytes for all rules, then a close look only where a keyword stands.

mod claim;

use std::{ops::Range, sync::LazyLock};

use memchr::memchr_iter;
use penstock_check::Rule;
use penstock_model::RepoPath;

use crate::{
    decode::{MAX_DEPTH, encoded},
    detector::{Detector, Found, Notes, Sight},
    generated::{DETECTORS, RULES},
    prefilter::{LEAST_KEYWORD, Prefilter},
    rarity::rarity_of,
    shape::Matcher,
    token::run_before,
    uses::{NEEDLES, Needles},
};

use claim::{Claims, Rank};

/// One keyword of one rule, and what looks at the places where it stands.
struct Entry {
    rule: &'static Rule,
    keyword: String,
    /// Whether its case does not matter.
    folded: bool,
    look: Look,
}

/// What looks at a keyword's place.
enum Look {
    Detector(Detector),
    /// A shape, and which of its pieces the keyword is.
    Shape(Matcher, usize),
    /// Shapes that are known by the keyword before them.
    Near(Vec<Matcher>),
}

/// Everything that is looked for. Built on the first file, once for the process.
struct Keywords {
    /// Knows the keywords of `entries`, then the [`NEEDLES`].
    prefilter: Prefilter,
    entries: Vec<Entry>,
    /// Those of [`ADDRESS`], which the prefilter does not know.
    addresses: Vec<Entry>,
}

/// The keyword of addresses. Most of them name no user, so the rarer `@` is looked for and from it
/// the address's beginning.
const ADDRESS: &str = "://";
/// How far before its `@` an address begins, at most, in bytes.
const MAX_USER: usize = 512;

static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| {
    let (addresses, entries): (Vec<_>, Vec<_>) =
        entries().into_iter().partition(|entry| entry.keyword == ADDRESS);
    let texts = entries.iter().map(|entry| (entry.keyword.as_bytes(), entry.folded));
    let texts = texts.chain(NEEDLES.iter().map(|(text, _)| (text.as_bytes(), false)));
    Keywords { prefilter: Prefilter::new(texts), entries, addresses }
});

/// The keywords of all rules.
fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (rule, detector) in DETECTORS {
        entries.extend(detector.keywords.iter().map(|keyword| Entry {
            rule,
            keyword: (*keyword).to_owned(),
            folded: detector.folded,
            look: Look::Detector(*detector),
        }));
    }
    for rule in RULES {
        let has_near = !rule.near.is_empty();
        let matchers = || rule.shapes.iter().filter_map(|shape| Matcher::new(shape, has_near));
        let by_itself = |matcher: &Matcher| !has_near || matcher.has_own_literal();
        for matcher in matchers().filter(by_itself) {
            // Shorter texts are not searched for, however seldom they are.
            let long = matcher.literals().filter(|(_, text)| text.len() >= LEAST_KEYWORD);
            // A run of many lengths before the text could not be told from what it follows.
            let fixed = |index: usize| matcher.begins_fixed(index);
            let rarest = long.max_by_key(|(index, text)| {
                (fixed(*index), rarity_of(text.as_bytes()), text.len())
            });
            let Some((anchor, text)) = rarest else { continue };
            let keyword = text.to_owned();
            entries.push(Entry {
                rule,
                keyword,
                folded: false,
                look: Look::Shape(matcher, anchor),
            });
        }
        for word in rule.near {
            let matchers = matchers().filter(|matcher| !by_itself(matcher)).collect();
            let keyword = (*word).to_owned();
            entries.push(Entry { rule, keyword, folded: true, look: Look::Near(matchers) });
        }
    }
    entries
}

/// Every secret in a file with the rule that knows it, in the order of the file. Of what is not encoded,
/// `needles` learns as well.
pub(crate) fn scan_with(
    path: &RepoPath,
    bytes: &[u8],
    needles: &mut Needles,
) -> Vec<(&'static Rule, Found)> {
    let mut claims = Claims::default();
    look(path, bytes, &Notes::default(), 0, &mut claims, needles);
    claims.settle()
}

/// The same without them.
#[cfg(test)]
pub(crate) fn scan(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    scan_with(path, bytes, &mut Needles::default())
}

/// Adds what the rules say about a text and about what is encoded in it.
fn look(
    path: &RepoPath,
    bytes: &[u8],
    notes: &Notes,
    depth: usize,
    claims: &mut Claims,
    needles: &mut Needles,
) {
    let keywords = &*KEYWORDS;
    keywords.prefilter.find(bytes, |index, keyword| match keywords.entries.get(index) {
        Some(entry) => entry.look(&Sight { bytes, keyword, path, notes }, claims),
        None if depth == 0 => needles.push(index - keywords.entries.len(), keyword),
        None => {}
    });
    if !keywords.addresses.is_empty() {
        for keyword in addresses(bytes) {
            for entry in &keywords.addresses {
                let keyword = keyword.clone();
                entry.look(&Sight { bytes, keyword, path, notes }, claims);
            }
        }
    }
    if depth == MAX_DEPTH {
        return;
    }
    encoded(bytes, &mut |encoded| {
        let outside = Sight { bytes, keyword: encoded.range.clone(), path, notes };
        let first = claims.len();
        look(path, &encoded.text, &Notes::inside(&outside), depth + 1, claims, needles);
        claims.encoded_since(first, &encoded);
    });
}

/// The places of [`ADDRESS`] with an `@` behind them, each once.
fn addresses(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut last = 0;
    memchr_iter(b'@', bytes).filter_map(move |at| {
        let user = run_before(bytes, at, MAX_USER.min(at - last), is_user);
        // White space and quotes end it; of the slashes the first two do.
        let start = user.start.checked_sub(ADDRESS.len())?;
        let keyword = start..user.start;
        let begins = bytes.get(keyword.clone()) == Some(ADDRESS.as_bytes());
        if begins {
            last = user.start;
        }
        begins.then_some(keyword)
    })
}

/// Whether a byte can stand between an address's `//` and its `@` as people write it.
fn is_user(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'@' | b'?' | b'\\')
}

impl Entry {
    fn look(&self, sight: &Sight<'_>, claims: &mut Claims) {
        let (found, rank) = match &self.look {
            Look::Detector(detector) => {
                let rank = if detector.yields { Rank::Name } else { Rank::Form };
                ((detector.find)(sight), rank)
            }
            Look::Shape(matcher, anchor) => (matcher.find(self.rule, sight, *anchor), Rank::Form),
            Look::Near(matchers) => {
                let found = matchers.iter().find_map(|matcher| matcher.find_near(self.rule, sight));
                (found, Rank::Near)
            }
        };
        if let Some(found) = found {
            claims.push(self.rule, found, rank);
        }
    }
}

#[cfg(test)]
mod tests;
