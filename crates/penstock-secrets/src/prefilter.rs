//! Finds hundreds of short texts in one pass.
//!
//! Of every keyword one window of four bytes is looked for (of a keyword of three bytes all of it). The
//! windows are shared out among twenty-four sequences of [`Places`], which finds the candidates,
//! sixty-four places at a time; [`plan`] chooses windows and sequences so that in source code less than
//! forty of a thousand places are one. The hashes of these are looked up in a table of marks that fits the
//! first cache, without branches, since no processor could foretell them. What is left, some five of a
//! thousand, is compared with the windows, then with the keywords. Bytes are folded for all that by
//! clearing bit 7 and setting bit 5, which makes letters small and joins a few other characters; the
//! last comparison settles it.
//!
//! With AVX2 it takes some five instructions for a byte of source code, as callgrind counts them.

mod plan;

use std::ops::Range;

use plan::{Plan, ROWS, WINDOW};

use crate::places::{Places, STEP};

/// Bits of the hash of a window: 2^16 marks take 8 KiB, in the first cache.
const MARK_BITS: u32 = 16;
/// Bits of the hash by which windows are found: 2^14 places for some two thousand.
const START_BITS: u32 = 14;
/// The bits of four bytes that count, and those that are set in all.
const KEPT: u32 = 0x7f7f_7f7f;
const SET: u32 = 0x2020_2020;
/// The first three bytes of a window.
const FIRST_THREE: u32 = 0x00ff_ffff;
/// The least length of a keyword.
pub(crate) const LEAST_KEYWORD: usize = 3;
/// Steps that are gathered before their candidates are looked up.
const GATHERED: usize = 32;
/// Room for the candidates of steps, and for those of one more.
const CANDIDATES: usize = 3 * STEP;
/// Candidates of a step that are written down at once; in most steps there are fewer.
const AT_ONCE: usize = 4;

/// The keywords and their windows.
pub(crate) struct Prefilter {
    places: Places<ROWS, WINDOW>,
    /// A bit for each hash of four bytes: whether some window has it.
    marks: Box<[u64; 1 << (MARK_BITS - 6)]>,
    /// For each hash of four bytes where its windows begin; they end where those of the next begin.
    starts: Vec<u16>,
    /// Sorted by those hashes.
    windows: Vec<Window>,
    keywords: Vec<Keyword>,
}

/// The window of one keyword.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// Its bytes, folded. One of three bytes is there once for each byte that can stand behind it.
    text: u32,
    /// The bits that count of the keyword's first bytes: three bytes or four.
    kept: u32,
    /// The first bytes of the keyword, folded, of which as many count. Many keywords share a window.
    head: u32,
    keyword: u16,
    /// Where the window begins, from the keyword's first byte.
    offset: u16,
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
        let Plan { sequences, offsets } = plan::plan(&keywords);
        let of = |((keyword, offset), index)| Some(Window::of(keyword, offset?, index));
        let mut windows: Vec<Window> =
            keywords.iter().zip(offsets).zip(0..).filter_map(of).flatten().collect();
        windows.sort_by_key(|window| start_hash(window.text));
        let mut starts = vec![0; (1 << START_BITS) + 1];
        for window in &windows {
            if let Some(count) = starts.get_mut(start_hash(window.text) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut marks = Box::new([0; 1 << (MARK_BITS - 6)]);
        for window in &windows {
            let hash = mark_hash(window.text);
            if let Some(marks) = marks.get_mut(hash >> 6) {
                *marks |= 1 << (hash & 63);
            }
        }
        Self { places: Places::new(sequences), marks, starts, windows, keywords }
    }

    /// Calls `hit` with the index of a keyword and its place, for every place of every keyword. They
    /// come in the order of their windows, not of their beginnings.
    pub(crate) fn find(&self, bytes: &[u8], mut hit: impl FnMut(usize, Range<usize>)) {
        let (mut steps, mut count) = ([(0, 0); GATHERED], 0);
        self.places.find(bytes, |at, candidates| {
            if let Some(step) = steps.get_mut(count) {
                *step = (at, candidates);
            }
            count += 1;
            if count == GATHERED {
                self.look_up_all(bytes, &steps, &mut hit);
                count = 0;
            }
        });
        self.look_up_all(bytes, steps.get(..count).unwrap_or_default(), &mut hit);
    }

    /// Looks up the candidates of steps. It is no part of the search since compilers use the wide
    /// registers of that one for single bits as well, which is slower.
    #[inline(never)]
    fn look_up_all(
        &self,
        bytes: &[u8],
        steps: &[(usize, u64)],
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        let (mut gathered, mut count) = ([0; CANDIDATES], 0);
        for (at, candidates) in steps {
            write_down(*at, *candidates, gathered.get_mut(count..).unwrap_or_default());
            count += candidates.count_ones() as usize;
            if count > CANDIDATES - STEP - AT_ONCE {
                self.look_up(bytes, gathered.get_mut(..count).unwrap_or_default(), hit);
                count = 0;
            }
        }
        self.look_up(bytes, gathered.get_mut(..count).unwrap_or_default(), hit);
    }

    /// Looks up candidates, which are overwritten.
    #[inline(never)]
    fn look_up(
        &self,
        bytes: &[u8],
        candidates: &mut [usize],
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        let mut marked = 0;
        for index in 0..candidates.len() {
            let Some(place) = candidates.get(index).copied() else { break };
            // Written in any case, and kept by counting it.
            if let Some(to) = candidates.get_mut(marked) {
                *to = place;
            }
            marked += usize::from(self.is_marked(folded(bytes, place)));
        }
        for place in candidates.iter().take(marked) {
            self.look(bytes, *place, hit);
        }
    }

    #[inline(always)]
    fn is_marked(&self, text: u32) -> bool {
        let hash = mark_hash(text);
        self.marks.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63) & 1 == 1
    }

    /// Compares what stands at a place with windows, and around them with their keywords.
    fn look(&self, bytes: &[u8], place: usize, hit: &mut impl FnMut(usize, Range<usize>)) {
        let text = folded(bytes, place);
        let starts = self.starts.get(start_hash(text)..).and_then(|starts| starts.first_chunk());
        let windows = starts.map_or(0..0, |[start, end]| usize::from(*start)..usize::from(*end));
        for window in self.windows.get(windows).unwrap_or_default() {
            let index = usize::from(window.keyword);
            if text == window.text
                && let Some(start) = place.checked_sub(usize::from(window.offset))
                && (folded(bytes, start) ^ window.head) & window.kept == 0
                && let Some(keyword) = self.keywords.get(index)
                && keyword.stands_at(bytes, start)
            {
                hit(index, start..start + keyword.text.len());
            }
        }
    }
}

/// Writes down the places of the set bits, and something behind them.
#[inline(always)]
fn write_down(at: usize, mut bits: u64, mut room: &mut [usize]) {
    while bits != 0 {
        let Some((now, rest)) = room.split_first_chunk_mut::<AT_ONCE>() else { return };
        for place in now {
            *place = at.wrapping_add(bits.trailing_zeros() as usize);
            bits &= bits.wrapping_sub(1);
        }
        room = rest;
    }
}

impl Window {
    /// What stands at the window, folded: one text, or one for every byte that can stand behind three.
    fn of(keyword: &Keyword, offset: usize, index: u16) -> impl Iterator<Item = Self> {
        let kept = if keyword.text.len() < WINDOW { FIRST_THREE } else { u32::MAX };
        let (text, head) = (folded(&keyword.text, offset) & kept, folded(&keyword.text, 0));
        let last = if kept == FIRST_THREE { 0..128 } else { 0..1 };
        let last = last.map(move |last: u32| last << 24 & !kept);
        let last = last.filter(move |last| last & SET == SET & !kept);
        let offset = u16::try_from(offset).ok();
        let window = move |last| {
            Some(Self { text: text | last, kept, head, keyword: index, offset: offset? })
        };
        last.filter_map(window)
    }
}

impl Keyword {
    fn stands_at(&self, bytes: &[u8], start: usize) -> bool {
        let text = bytes.get(start..start + self.text.len()).unwrap_or_default();
        if self.folded { text.eq_ignore_ascii_case(&self.text) } else { text == self.text }
    }
}

/// The four bytes that stand at a place, folded; zeros beyond the end.
#[inline(always)]
fn folded(bytes: &[u8], place: usize) -> u32 {
    let rest = bytes.get(place..).unwrap_or_default();
    let four = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut four = [0; WINDOW];
        for (to, from) in four.iter_mut().zip(rest) {
            *to = *from;
        }
        four
    });
    u32::from_le_bytes(four) & KEPT | SET
}

#[inline(always)]
fn mark_hash(text: u32) -> usize {
    (text.wrapping_mul(0x9E37_79B1) >> (32 - MARK_BITS)) as usize
}

#[inline(always)]
fn start_hash(text: u32) -> usize {
    (text.wrapping_mul(0x9E37_79B1) >> (32 - START_BITS)) as usize
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

    fn quickly(prefilter: &Prefilter, bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        prefilter.find(bytes, |index, range| {
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
        let prefilter = Prefilter::new(WORDS);
        for start in 0..text.len() {
            for end in start..=text.len() {
                let part = &text[start..end];
                assert_eq!(
                    quickly(&prefilter, part),
                    plainly(part),
                    "{}",
                    String::from_utf8_lossy(part)
                );
            }
        }
        assert_eq!(plainly(text).len(), 13);
    }

    #[test]
    fn texts_full_of_keywords_and_almost_keywords_lose_none() {
        let prefilter = Prefilter::new(WORDS);
        for part in ["key", "keykeyx", "passwordpasword", "AKIA://", "glpat-----BEGIN ", "ke"] {
            let text = part.repeat(GATHERED * STEP * 2 / part.len() + 7);
            assert_eq!(quickly(&prefilter, text.as_bytes()), plainly(text.as_bytes()), "{part}");
        }
    }

    #[test]
    fn every_byte_may_stand_beside_a_short_keyword() {
        let prefilter = Prefilter::new(WORDS);
        for byte in 0..=u8::MAX {
            assert_eq!(quickly(&prefilter, &[b'k', b'E', b'y', byte]), [(1, 0)], "{byte}");
            assert_eq!(quickly(&prefilter, &[byte, b'k', b'E', b'y', byte]), [(1, 1)], "{byte}");
            assert_eq!(
                quickly(&prefilter, &[byte, b'P', b'a', b's', b's', byte]),
                [(4, 1)],
                "{byte}"
            );
        }
    }

    #[test]
    fn few_places_of_source_code_are_looked_at_closely() {
        let text = include_bytes!("generated.rs");
        let (mut looked_at, mut begins) = (0, 0);
        let this = Prefilter::new(WORDS);
        this.places.find(text, |_, bits| looked_at += bits.count_ones());
        this.find(text, |_, _| begins += 1);
        assert!(begins > 100, "{begins}");
        assert!(looked_at < begins * 2, "{looked_at} for {begins}");
    }
}
