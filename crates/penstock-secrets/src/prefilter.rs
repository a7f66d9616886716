//! Finds hundreds of short texts in one pass that costs about as much as reading.
//!
//! The file is looked at through windows of four bytes that begin at every second place. Every keyword
//! is entered with the windows that lie in it or reach over its ends by one byte, one for each parity
//! of its beginning: the ones least likely to stand in a file. A table of marks over the hashes of
//! windows, small enough for the first cache, is asked for each; where it says yes the window is looked
//! up exactly, and then the keyword around it. Bytes are folded by clearing bit 7 and setting bit 5,
//! which makes letters small and joins a few other characters; the last comparison settles that.

use std::ops::Range;

/// Bytes of a window.
const WINDOW: usize = 4;
/// Bytes looked at in one step: eight windows begin there, one at every second place.
const STEP: usize = 16;
/// Bits of a hash: 2^18 marks take 32 KiB.
const BITS: u32 = 18;
/// The bits of a byte that count, and the bit that is set in all.
const KEPT: u8 = 0x7f;
const SET: u8 = 0x20;
/// The least length of a keyword.
pub(crate) const LEAST_KEYWORD: usize = 3;

/// The keywords and their windows.
pub(crate) struct Prefilter {
    /// A bit for each hash: whether some window has it.
    marks: Box<[u64; 1 << (BITS - 6)]>,
    /// Windows and the keywords they belong to, by hash; a power of two of them, most empty.
    slots: Vec<Option<Slot>>,
    keywords: Vec<Keyword>,
}

/// One window of one keyword.
#[derive(Clone, Copy, Debug)]
struct Slot {
    window: u32,
    keyword: u32,
    /// Where the window begins, from the keyword's first byte.
    offset: i32,
}

#[derive(Debug)]
struct Keyword {
    text: Vec<u8>,
    folded: bool,
}

impl Prefilter {
    /// Finds these texts; with `true` those in lower case in any case. Those shorter than three bytes
    /// are never found.
    pub(crate) fn new<'a>(texts: impl IntoIterator<Item = (&'a [u8], bool)>) -> Self {
        let keyword = |(text, folded): (&[u8], bool)| Keyword { text: text.to_vec(), folded };
        let keywords: Vec<Keyword> = texts.into_iter().map(keyword).collect();
        let windows: Vec<Slot> =
            (0..).zip(&keywords).flat_map(|(index, keyword)| keyword.slots(index)).collect();
        let mut this = Self {
            marks: Box::new([0; 1 << (BITS - 6)]),
            slots: vec![None; (windows.len() * 2).next_power_of_two().max(16)],
            keywords,
        };
        for slot in windows {
            let hash = hash(slot.window);
            if let Some(marks) = this.marks.get_mut(hash >> 6) {
                *marks |= 1 << (hash & 63);
            }
            let mut at = this.home(slot.window);
            // There are more places than windows, so one is free.
            while let Some(Some(_)) = this.slots.get(at) {
                at = this.after(at);
            }
            if let Some(free) = this.slots.get_mut(at) {
                *free = Some(slot);
            }
        }
        this
    }

    /// Calls `hit` with the index of a keyword and its place, for every place of every keyword. They
    /// come in the order of their windows, not of their beginnings.
    pub(crate) fn find(&self, bytes: &[u8], mut hit: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let windows = windows(chunk);
            if self.is_any_marked(windows) {
                self.look(bytes, at, windows, &mut hit);
            }
            at += STEP;
        }
        // The rest is made long enough with zeros, which stand in no keyword.
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let mut chunk = [0; STEP + WINDOW];
            for (to, from) in chunk.iter_mut().zip(rest) {
                *to = *from;
            }
            self.look(bytes, at, windows(&chunk), &mut hit);
            at += STEP;
        }
    }

    #[inline(always)]
    fn is_any_marked(&self, windows: [u32; STEP / 2]) -> bool {
        windows.map(|window| self.mark(window)).iter().fold(0, |any, mark| any | mark) & 1 == 1
    }

    /// A number whose lowest bit says whether the window is marked.
    #[inline(always)]
    fn mark(&self, window: u32) -> u64 {
        let hash = hash(window);
        self.marks.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63)
    }

    /// Looks up the marked windows of those that begin at `at`.
    #[inline(never)]
    fn look(
        &self,
        bytes: &[u8],
        at: usize,
        windows: [u32; STEP / 2],
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        for (place, window) in (at..).step_by(2).zip(windows) {
            if self.mark(window) & 1 == 0 {
                continue;
            }
            let mut slot = self.home(window);
            while let Some(Some(entry)) = self.slots.get(slot) {
                let index = entry.keyword as usize;
                if entry.window == window
                    && let Some(keyword) = self.keywords.get(index)
                    && let Some(start) = place.checked_add_signed(-(entry.offset as isize))
                    && keyword.stands_at(bytes, start)
                {
                    hit(index, start..start + keyword.text.len());
                }
                slot = self.after(slot);
            }
        }
    }

    /// Where a window is looked for first.
    fn home(&self, window: u32) -> usize {
        hash(window) & (self.slots.len() - 1)
    }

    /// Where it is looked for next.
    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

impl Keyword {
    /// Its windows: for each parity of its beginning one, or all that share three of its bytes.
    fn slots(&self, keyword: u32) -> Vec<Slot> {
        let text = &self.text;
        if text.len() < LEAST_KEYWORD {
            return Vec::new();
        }
        let mut slots = Vec::new();
        for parity in [0, 1] {
            // A window in the middle, else one that reaches over the end or the beginning.
            let inside = text.windows(WINDOW).enumerate().skip(parity).step_by(2);
            let best = inside.rev().max_by_key(|(_, window)| rarity(window));
            let over_end = (text.len() - 3) % 2 == parity;
            let (windows, offset) = match (best, text.first_chunk(), text.last_chunk()) {
                (Some((at, &[a, b, c, d])), _, _) => (vec![[a, b, c, d]], at),
                (None, _, Some(&[a, b, c])) if over_end => {
                    (variants(|x| [a, b, c, x]), text.len() - 3)
                }
                (None, Some(&[a, b, c]), _) => (variants(|x| [x, a, b, c]), usize::MAX),
                _ => continue,
            };
            // One byte before the beginning is the last of all numbers, that is minus one.
            let offset = i32::try_from(offset).unwrap_or(-1);
            let slot = |window| Slot { window: folded(window), keyword, offset };
            slots.extend(windows.into_iter().map(slot));
        }
        slots
    }

    fn stands_at(&self, bytes: &[u8], start: usize) -> bool {
        let text = bytes.get(start..start + self.text.len()).unwrap_or_default();
        if self.folded { text.eq_ignore_ascii_case(&self.text) } else { text == self.text }
    }
}

/// A window for every folded byte.
fn variants(window: impl Fn(u8) -> [u8; WINDOW]) -> Vec<[u8; WINDOW]> {
    (0..=KEPT).filter(|byte| byte & SET != 0).map(window).collect()
}

fn folded(window: [u8; WINDOW]) -> u32 {
    u32::from_le_bytes(window.map(|byte| byte & KEPT | SET))
}

/// The eight windows of a chunk, folded.
#[inline(always)]
fn windows(chunk: &[u8; STEP + WINDOW]) -> [u32; STEP / 2] {
    // Taken as slices, which the compiler reads as one number each; from single bytes it does not.
    let eight = |at: usize| {
        let bytes =
            chunk.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        u64::from_le_bytes(bytes) & u64::from_le_bytes([KEPT; 8]) | u64::from_le_bytes([SET; 8])
    };
    let (first, second, third, fourth) = (eight(0), eight(4), eight(8), eight(12));
    [first, first >> 16, second, second >> 16, third, third >> 16, fourth, fourth >> 16]
        .map(|window| window as u32)
}

/// The hash of a folded window.
#[inline(always)]
fn hash(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// How seldom a text stands in source code: that of its rarest window, or of all of a shorter one.
pub(crate) fn rarity_of(text: &[u8]) -> usize {
    text.windows(WINDOW.min(text.len()).max(1)).map(rarity).max().unwrap_or(0)
}

/// How seldom a window stands in source code: the sum over its characters.
fn rarity(window: &[u8]) -> usize {
    // The commonest characters of source code in any language, from the commonest on.
    const COMMON: &[u8] = b" etaoinrsl-dcump_=:/f\"0(),gh1.yb2v3'w;4586>x9k7<q[]{}z*j";
    let rank = |byte: &u8| {
        let byte = byte.to_ascii_lowercase();
        COMMON.iter().position(|common| *common == byte).unwrap_or(COMMON.len())
    };
    window.iter().map(rank).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [(&[u8], bool); 9] = [
        (b"AKIA", false),
        (b"key", true),
        (b"glpat-", false),
        (b"password", true),
        (b"pass", true),
        (b"sswo", false),
        (b"://", false),
        (b"-----BEGIN ", false),
        (b"_k", true),
    ];

    /// What a plain search finds.
    fn plainly(bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for (index, (word, folded)) in WORDS.iter().enumerate().filter(|(_, (w, _))| w.len() > 2) {
            for (at, part) in bytes.windows(word.len()).enumerate() {
                if part == *word || *folded && part.eq_ignore_ascii_case(word) {
                    all.push((index, at));
                }
            }
        }
        all.sort_unstable();
        all
    }

    fn quickly(bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        Prefilter::new(WORDS).find(bytes, |index, range| {
            assert_eq!(range.len(), WORDS[index].0.len());
            all.push((index, range.start));
        });
        all.sort_unstable();
        all
    }

    #[test]
    fn it_finds_what_a_plain_search_finds_at_every_offset_and_end() {
        let text =
            b"AKIAkey KEY glpat-PassWord akia GLPAT-pASS://a-----BEGIN key=sswo\xffpass\0key";
        for start in 0..text.len() {
            for end in start..=text.len() {
                let part = &text[start..end];
                assert_eq!(quickly(part), plainly(part), "{}", String::from_utf8_lossy(part));
            }
        }
        assert_eq!(plainly(text).len(), 13);
    }

    #[test]
    fn every_byte_may_stand_beside_a_short_keyword() {
        for byte in 0..=u8::MAX {
            assert_eq!(quickly(&[b'k', b'E', b'y', byte]), [(1, 0)], "{byte}");
            assert_eq!(quickly(&[byte, b'k', b'E', b'y', byte]), [(1, 1)], "{byte}");
            assert_eq!(quickly(&[byte, b'P', b'a', b's', b's', byte]), [(4, 1)], "{byte}");
        }
    }

    #[test]
    fn the_rarest_windows_are_chosen_one_for_each_parity() {
        let offsets = |text: &[u8]| -> Vec<i32> {
            let keyword = Keyword { text: text.to_vec(), folded: true };
            let mut offsets: Vec<_> = keyword.slots(0).iter().map(|slot| slot.offset).collect();
            offsets.dedup();
            offsets
        };
        assert_eq!(offsets(b"password"), [4, 1]);
        assert_eq!(offsets(b"-----BEGIN "), [4, 5]);
        assert_eq!(offsets(b"AKIA"), [0, 1]);
        assert_eq!(offsets(b"key"), [0, -1]);
        assert!(offsets(b"ab").is_empty());
    }
}
