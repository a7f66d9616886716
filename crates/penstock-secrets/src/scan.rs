//! One pass over a file's bytes for all detectors, then a close look only where a keyword stands.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use penstock_check::Rule;
use penstock_model::RepoPath;

use crate::{
    Detector,
    detector::{Found, Sight, Value},
    generated::DETECTORS,
};

/// Finds every keyword of every detector. Built on the first file, once for the process.
struct Keywords {
    automaton: AhoCorasick,
    /// Which rule each pattern of the automaton belongs to.
    owners: Vec<(&'static Rule, Detector)>,
}

static KEYWORDS: LazyLock<Option<Keywords>> = LazyLock::new(|| {
    let pairs =
        DETECTORS.iter().flat_map(|owner| owner.1.keywords.iter().map(move |word| (*word, *owner)));
    let (words, owners): (Vec<_>, Vec<_>) = pairs.unzip();
    // It cannot fail: a few dozen short literals stay far below the automaton's limits.
    let automaton =
        AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok()?;
    Some(Keywords { automaton, owners })
});

/// Every secret in a file with the rule that knows it, in the order of the file.
pub(crate) fn scan(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let Some(keywords) = &*KEYWORDS else { return Vec::new() };
    let mut all = Vec::new();
    for hit in keywords.automaton.find_iter(bytes) {
        let Some((rule, detector)) = keywords.owners.get(hit.pattern().as_usize()) else {
            continue;
        };
        let sight = Sight { bytes, keyword: hit.range(), path };
        all.extend((detector.find)(&sight).map(|found| (*rule, found)));
    }
    let generated: Vec<Range<usize>> =
        all.iter().filter(|(_, f)| !f.is_chosen()).map(|(_, f)| f.range.clone()).collect();
    // The password of an address may be a token that its own detector names better.
    all.retain(|(_, found)| {
        let overlaps =
            |other: &Range<usize>| other.start < found.range.end && found.range.start < other.end;
        !(found.is_chosen() && generated.iter().any(overlaps))
    });
    all
}

impl Found {
    fn is_chosen(&self) -> bool {
        matches!(self.value, Value::Chosen { .. })
    }
}
