//! What must not be shown of a file, and text without it.

use std::{cell::OnceCell, cmp::Reverse, ops::Range};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;

/// A stretch that is never shown, and what is shown for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    pub(crate) range: Range<usize>,
    pub(crate) masked: String,
}

/// What stands for a stretch of which nothing may be shown.
pub(crate) const HIDDEN: &str = "***";

/// Every mask of a file.
pub(crate) struct Masks<'a> {
    bytes: &'a [u8],
    /// Sorted and disjoint, so that the ones that touch a range are found without looking at all.
    masks: Vec<Mask>,
    /// The values themselves, for text that quotes them.
    values: Values<'a>,
}

impl<'a> Masks<'a> {
    pub(crate) fn new(bytes: &'a [u8], masks: impl IntoIterator<Item = Mask>) -> Self {
        let masks: Vec<Mask> = masks.into_iter().collect();
        let values = Values::of(bytes, &masks);
        Self { bytes, masks: disjoint(masks), values }
    }

    /// The text of a range with every mask that touches it in place of what it hides. A mask that
    /// reaches beyond the range shows only that something is there.
    pub(crate) fn text(&self, range: Range<usize>) -> String {
        let first = self.masks.partition_point(|mask| mask.range.end <= range.start);
        let touching =
            self.masks.iter().skip(first).take_while(|mask| mask.range.start < range.end);
        let mut text = String::new();
        let mut at = range.start;
        for mask in touching {
            let before = self.bytes.get(at..mask.range.start).unwrap_or_default();
            text.push_str(&String::from_utf8_lossy(before));
            let whole = mask.range.start >= range.start && mask.range.end <= range.end;
            text.push_str(if whole { &mask.masked } else { HIDDEN });
            at = mask.range.end;
        }
        text.push_str(&String::from_utf8_lossy(self.bytes.get(at..range.end).unwrap_or_default()));
        text
    }

    /// A last guard: other text, with every value that is masked somewhere in the file replaced.
    pub(crate) fn without_values(&self, text: &str) -> String {
        if self.values.are_absent(text) {
            return text.to_owned();
        }
        match self.values.finder() {
            Some(finder) => finder.replace_all(text, &self.values.masked),
            None => text.to_owned(),
        }
    }
}

/// The masked values. Very short ones would tear ordinary words apart and are left out.
struct Values<'a> {
    values: Vec<&'a [u8]>,
    /// What is shown for each.
    masked: Vec<String>,
    /// Finds them all, longest match first. Few texts quote any, so it is made when one does.
    finder: OnceCell<Option<AhoCorasick>>,
}

impl<'a> Values<'a> {
    const SHORTEST: usize = 6;
    /// So many are looked for one by one.
    const FEW: usize = 8;

    fn of(bytes: &'a [u8], masks: &[Mask]) -> Self {
        let (values, masked) = masks
            .iter()
            .filter_map(|mask| Some((bytes.get(mask.range.clone())?, mask.masked.clone())))
            .filter(|(value, _)| value.len() >= Self::SHORTEST)
            .unzip();
        Self { values, masked, finder: OnceCell::new() }
    }

    /// Whether it is quickly told that a text quotes none.
    fn are_absent(&self, text: &str) -> bool {
        let quotes = |value: &&[u8]| memmem::find(text.as_bytes(), value).is_some();
        self.values.len() <= Self::FEW && !self.values.iter().any(quotes)
    }

    fn finder(&self) -> Option<&AhoCorasick> {
        // Built for a file and asked for a few lines: what is quickest to build is best.
        let build = || {
            AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                .match_kind(MatchKind::LeftmostLongest)
                .build(&self.values)
                .ok()
        };
        // Only more than 2^31 values or bytes fail to build, beyond every file size limit.
        self.finder.get_or_init(build).as_ref()
    }
}

/// Sorts masks and joins those that overlap; of joined ones nothing is shown.
fn disjoint(mut masks: Vec<Mask>) -> Vec<Mask> {
    masks.retain(|mask| !mask.range.is_empty());
    masks.sort_by_key(|mask| (mask.range.start, Reverse(mask.range.end)));
    let mut disjoint: Vec<Mask> = Vec::with_capacity(masks.len());
    for mask in masks {
        match disjoint.last_mut() {
            Some(last) if mask == *last => {}
            Some(last) if mask.range.start < last.range.end => {
                last.range.end = last.range.end.max(mask.range.end);
                last.masked = HIDDEN.to_owned();
            }
            _ => disjoint.push(mask),
        }
    }
    disjoint
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(range: Range<usize>) -> Mask {
        Mask { range, masked: "X".to_owned() }
    }

    fn text(range: Range<usize>, masks: &[Mask]) -> String {
        Masks::new(b"0123456789", masks.iter().cloned()).text(range)
    }

    #[test]
    fn masks_hide_what_they_touch_even_in_part() {
        assert_eq!(text(0..10, &[mask(2..4)]), "01X456789");
        assert_eq!(text(0..10, &[mask(2..4), mask(2..4)]), "01X456789");
        assert_eq!(text(3..8, &[mask(2..4), mask(7..9)]), "***456***");
        assert_eq!(text(0..10, &[mask(5..8), mask(2..6), mask(3..5)]), "01***89");
        assert_eq!(text(4..6, &[mask(0..10)]), "***");
        assert_eq!(text(4..6, &[mask(0..4), mask(6..10)]), "45");
        assert_eq!(text(8..20, &[mask(7..30)]), "***");
    }

    #[test]
    fn a_value_quoted_elsewhere_is_replaced() {
        let masks = Masks::new(b"password hunter22 abc", [mask(9..17), mask(18..21)]);
        assert_eq!(masks.without_values("it is hunter22!"), "it is X!");
        assert_eq!(masks.without_values("abc"), "abc", "too short to look for");
    }

    #[test]
    fn few_values_and_many_are_replaced_alike_and_the_longest_first() {
        let bytes = b"hunter22 hunter2200 abcdefgh";
        let few = [mask(0..8), Mask { range: 9..19, masked: "LONG".to_owned() }];
        let many = few.iter().cloned().chain((0..20).map(|_| mask(20..28)));
        for masks in [Masks::new(bytes, few.clone()), Masks::new(bytes, many)] {
            assert_eq!(masks.without_values("a hunter2200, hunter22"), "a LONG, X");
            assert_eq!(masks.without_values("hunter21"), "hunter21");
        }
    }
}
