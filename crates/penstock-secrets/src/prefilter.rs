//! Finds hundreds of short texts in one pass that costs about as much as reading.
//!
//! The file is looked at through windows of four bytes that begin at every second place. Every keyword
//! is entered with the windows that lie in it or reach over its ends by one byte, one for each parity
//! of its beginning: the ones least likely to stand in a file. A table of marks over the hashes of
//! windows, small enough for the first cache, is asked for each; where it says yes the window is looked
//! up exactly, and then the keyword around it. Bytes are folded by clearing bit 7 and setting bit 5,
//! which makes letters small and joins a few other characters; the last comparison settles that.

use std::{cmp::Reverse, collections::HashMap, ops::Range, sync::LazyLock};

/// Bytes of a window.
const WINDOW: usize = 4;
/// Bytes looked at in one step: eight windows begin there, one at every second place.
const STEP: usize = 16;
/// Bits of a hash: 2^20 marks take 128 KiB, in the second cache.
const BITS: u32 = 20;
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
    slots: Vec<Slot>,
    keywords: Vec<Keyword>,
}

/// One window of one keyword.
///
/// It is kept at eight bytes, so that the whole table stays in the second cache.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Zero where there is none: a folded window has a bit set in each byte.
    window: u32,
    keyword: u16,
    /// Where the window begins, from the keyword's first byte.
    offset: i16,
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
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for window in keywords.iter().flat_map(|keyword| keyword.text.array_windows()) {
            *shared.entry(folded(*window)).or_default() += 1;
        }
        let windows: Vec<Slot> = (0..)
            .zip(&keywords)
            .flat_map(|(index, keyword)| keyword.slots(index, &shared))
            .collect();
        let mut this = Self {
            marks: Box::new([0; 1 << (BITS - 6)]),
            slots: vec![Slot::default(); (windows.len() * 2).next_power_of_two().max(16)],
            keywords,
        };
        for slot in windows {
            let hash = hash(slot.window);
            if let Some(marks) = this.marks.get_mut(hash >> 6) {
                *marks |= 1 << (hash & 63);
            }
            let mut at = this.home(slot.window);
            // There are more places than windows, so one is free.
            while this.slots.get(at).is_some_and(|slot| slot.window != 0) {
                at = this.after(at);
            }
            if let Some(free) = this.slots.get_mut(at) {
                *free = slot;
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
            let marked = self.marked(windows);
            if marked != 0 {
                self.look(bytes, at, windows, marked, &mut hit);
            }
            at += STEP;
        }
        // The rest is made long enough with zeros, which stand in no keyword.
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let mut chunk = [0; STEP + WINDOW];
            for (to, from) in chunk.iter_mut().zip(rest) {
                *to = *from;
            }
            let windows = windows(&chunk);
            self.look(bytes, at, windows, self.marked(windows), &mut hit);
            at += STEP;
        }
    }

    /// A bit for each window, the first the lowest: whether it is marked.
    #[inline(always)]
    fn marked(&self, windows: [u32; STEP / 2]) -> u64 {
        let marks = windows.map(|window| self.mark(window) & 1);
        marks.iter().rev().fold(0, |all, mark| all << 1 | mark)
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
        mut marked: u64,
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        while let Some(window) = windows.get(marked.trailing_zeros() as usize).copied() {
            let place = at + 2 * marked.trailing_zeros() as usize;
            marked &= marked - 1;
            let mut slot = self.home(window);
            while let Some(entry) = self.slots.get(slot).filter(|entry| entry.window != 0) {
                let index = usize::from(entry.keyword);
                if entry.window == window
                    && let Some(keyword) = self.keywords.get(index)
                    && let Some(start) = place.checked_add_signed(-isize::from(entry.offset))
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
    fn slots(&self, keyword: u16, shared: &HashMap<u32, usize>) -> Vec<Slot> {
        let text = &self.text;
        if text.len() < LEAST_KEYWORD {
            return Vec::new();
        }
        let mut slots = Vec::new();
        for parity in [0, 1] {
            // A window in the middle, else one that reaches over the end or the beginning.
            // What many keywords share is a common word.
            let seldom = |window: &[u8; WINDOW]| {
                (Reverse(shared.get(&folded(*window)).copied()), rarity(window))
            };
            let inside = text.array_windows().enumerate().skip(parity).step_by(2);
            let best = inside.rev().max_by_key(|(_, window)| seldom(window));
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
            let offset = i16::try_from(offset).unwrap_or(-1);
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

/// How seldom a window stands in source code: the sum of the ranks of its pairs of characters.
fn rarity(window: &[u8]) -> usize {
    static RANKS: LazyLock<Vec<u16>> = LazyLock::new(|| {
        let mut ranks = vec![u16::MAX >> 2; 1 << 16];
        for (rank, pair) in (0..).zip(COMMON_PAIRS.as_bytes().as_chunks().0) {
            if let Some(place) = ranks.get_mut(usize::from(u16::from_le_bytes(*pair))) {
                *place = rank;
            }
        }
        ranks
    });
    let folded: Vec<u8> = window.iter().map(|byte| byte & KEPT | SET).collect();
    let pairs = folded.array_windows().map(|pair| usize::from(u16::from_le_bytes(*pair)));
    pairs.map(|pair| usize::from(RANKS.get(pair).copied().unwrap_or(0))).map(|r| r.min(RARE)).sum()
}

/// The rank of every pair that is not among the common ones.
const RARE: usize = 2 * COMMON_PAIRS.len();

/// The commonest pairs of folded characters in the sources of this program's dependencies and of
/// the packages of a Python and a Node installation, from the commonest on.
const COMMON_PAIRS: &str = concat!(
    "  * , insteront ree sete//at ccoor:  t =en;* s= es athde i::lent",
    "s ns,*puettiubndalithen }*artr {rab  fanneedliroio** uta/ aselme",
    "ri*p pt\x7fsito out \"peecngd is32 rpar  bctma{*vege) ad m e /lo*));",
    " l xch\x7fseafiexusomss 0e\x7f() dunrsceacf pruroutycae:ll }di w nlaic",
    "0xs\x7frtlfno\x7fthaulnc),keif))fo> opmo%rmmu3)*il*/mpna vidwimuemam00",
    "su (2  \x7fefimowck\x7firrocs:crvae(\x7fctudo\x7fpot 1y  %apclptd\x7fsobi--ypc\x7f",
    "pol n\x7fig #.*\x7fl\x7fets -o pl\x7faze\",\x7f\x7fff0,odsh\x7fb 'ueovlux1rn64ru*#2,of",
    "olddsphibu `g 16ttizdafe#{os\x7furd *\x7fma umr\x7fblniagepryldl\x7fbeoorch ",
    "t(\x7fre,1,y\x7fbolt10 |->abai12fniv\x7ffe),%t:r:sy h)}mir(',uinus.up &fa",
    "!(gi 2eewsyslsie\")eq4,\x7fdevsaia:c\"*scflhofrpsf.xmr1*}# xtbyp\x7fir},",
    "pprgo\x7fr)\x7fneyip11rmd:m\x7f(se.eg/*t,(ce*\x7fosl5,g\x7f3,tpuc(\"..ymq bam ax",
    " gqutc:*au` x,d,lyds).s,ht20cfcs(&.ceb} cinf14pi25|*okx2gn6,ytl)",
);

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
        let offsets = |text: &[u8]| -> Vec<i16> {
            let keyword = Keyword { text: text.to_vec(), folded: true };
            let mut offsets: Vec<_> =
                keyword.slots(0, &HashMap::new()).iter().map(|slot| slot.offset).collect();
            offsets.dedup();
            offsets
        };
        assert_eq!(offsets(b"password"), [2, 3]);
        assert_eq!(offsets(b"-----BEGIN "), [4, 3]);
        assert_eq!(offsets(b"AKIA"), [0, 1]);
        assert_eq!(offsets(b"key"), [0, -1]);
        assert!(offsets(b"ab").is_empty());
    }
}
