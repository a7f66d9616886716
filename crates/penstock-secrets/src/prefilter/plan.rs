//! Which four bytes of each keyword are looked for, and together with which others.
//!
//! Keywords are taken in turn, those with the least choice first. Each takes the window and the sequence
//! that let the fewest further places of source code through; most find a sequence that has one of their
//! windows already. What a sequence lets through is reckoned from how often bytes are, as if they stood
//! anywhere.

use std::cmp::Reverse;

use super::{Keyword, LEAST_KEYWORD};
use crate::places::{Bytes, MOST, ROW, Sequence};

/// Bytes of a window.
pub(super) const WINDOW: usize = MOST;
/// Rows of sequences: the third halves the candidates; a fourth would cost more than those it saves.
pub(super) const ROWS: usize = 3;

/// What one more keyword with the same window is reckoned as: 10,000 to the power of [`WINDOW`] places
/// are all there are, so this is one of a million.
const A_KEYWORD: u64 = 10_u64.pow(4 * WINDOW as u32 - 6);
/// With so many there is no need to reckon.
const FEW: u64 = 12;

/// How many windows of a keyword are reckoned, those that the fewest share: it is done at each start.
const RECKONED: usize = 8;

/// What is looked for.
pub(super) struct Plan {
    pub(super) sequences: Vec<Sequence<WINDOW>>,
    /// For each keyword where its window begins; none for those that are too short.
    pub(super) offsets: Vec<Option<usize>>,
}

/// One window a keyword could take.
struct Choice {
    offset: usize,
    allowed: Sequence<WINDOW>,
    /// How many keywords have it. What many share is a common word, and all of them would have to be
    /// compared wherever it stands.
    shared: u64,
}

pub(super) fn plan(keywords: &[Keyword]) -> Plan {
    let often = Often::new();
    let mut windows: Vec<[u8; WINDOW]> =
        keywords.iter().flat_map(Keyword::windows).map(as_shared).collect();
    windows.sort_unstable();
    let mut open: Vec<(usize, Vec<Choice>)> =
        keywords.iter().map(|keyword| keyword.choices(&windows)).enumerate().collect();
    open.sort_by_cached_key(|(_, choices)| {
        let rarest = choices.iter().map(|choice| often.all(&choice.allowed)).min();
        (choices.len(), Reverse(rarest))
    });
    let mut sequences = vec![[Bytes::default(); WINDOW]; ROWS * ROW];
    let mut let_through = [0; ROWS * ROW];
    let mut offsets = vec![None; keywords.len()];
    for (keyword, choices) in open {
        let pairs = |most| {
            let choices = choices.iter().take(most);
            choices.flat_map(|choice| sequences.iter().zip(0..).map(move |pair| (choice, pair)))
        };
        let is_free = |(choice, (sequence, _)): &(&Choice, (&Sequence<WINDOW>, usize))| {
            choice.shared <= FEW && joined(sequence, &choice.allowed) == **sequence
        };
        let cost = |(choice, (sequence, index)): &(&Choice, (&Sequence<WINDOW>, usize))| {
            let before = let_through.get(*index).copied().unwrap_or(0);
            often.all(&joined(sequence, &choice.allowed)) - before + choice.shared * A_KEYWORD
        };
        let free = pairs(usize::MAX).find(is_free);
        let best = free.or_else(|| pairs(RECKONED).min_by_key(cost));
        let Some((choice, (_, index))) = best else { continue };
        let (allowed, offset) = (choice.allowed, choice.offset);
        if let Some(sequence) = sequences.get_mut(index)
            && let Some(let_through) = let_through.get_mut(index)
            && let Some(place) = offsets.get_mut(keyword)
        {
            *sequence = joined(sequence, &allowed);
            *let_through = often.all(sequence);
            *place = Some(offset);
        }
    }
    Plan { sequences, offsets }
}

fn joined(one: &Sequence<WINDOW>, other: &Sequence<WINDOW>) -> Sequence<WINDOW> {
    let mut all = *one;
    for (all, other) in all.iter_mut().zip(other) {
        *all = all.or(*other);
    }
    all
}

impl Keyword {
    /// Four bytes of it in turn, or all three.
    fn windows(&self) -> impl Iterator<Item = &[u8]> {
        let text = if self.text.len() < LEAST_KEYWORD { &[] } else { self.text.as_slice() };
        text.windows(text.len().clamp(1, WINDOW))
    }

    /// The windows it could take, those that the fewest share first.
    fn choices(&self, windows: &[[u8; WINDOW]]) -> Vec<Choice> {
        let choice = |(offset, window): (usize, &[u8])| {
            let mut allowed = [Bytes::ANY; WINDOW];
            for (allowed, byte) in allowed.iter_mut().zip(window) {
                *allowed = Bytes::one(*byte);
                if self.folded && byte.is_ascii_alphabetic() {
                    *allowed = allowed.or(Bytes::one(byte ^ 0x20));
                }
            }
            let same = as_shared(window);
            let rest = windows.get(windows.partition_point(|other| *other < same)..);
            let shared = rest.unwrap_or_default().iter().take_while(|other| **other == same);
            Choice { offset, allowed, shared: shared.map(|_| 1).sum() }
        };
        let mut choices: Vec<Choice> = self.windows().enumerate().map(choice).collect();
        choices.sort_by_key(|choice| choice.shared);
        choices
    }
}

/// A window as it is counted: in lower case, and zero behind one of three bytes.
fn as_shared(window: &[u8]) -> [u8; WINDOW] {
    let mut same = [0; WINDOW];
    for (to, from) in same.iter_mut().zip(window) {
        *to = from.to_ascii_lowercase();
    }
    same
}

/// How often bytes are, summed up so that the sum over many is a few additions.
struct Often {
    /// For each upper half of a byte two tables: the sums over the lower halves below eight, and over
    /// those from eight on, by their bits.
    sums: Vec<[[u64; 256]; 2]>,
}

impl Often {
    fn new() -> Self {
        let sums = |upper: usize| {
            [0, 8].map(|first| {
                std::array::from_fn(|bits| {
                    let lower = (0..8).filter(|bit| bits >> bit & 1 == 1);
                    lower.map(|bit| of_10_000(upper << 4 | first | bit)).sum()
                })
            })
        };
        Self { sums: (0..8).map(sums).collect() }
    }

    /// Of 10,000 bytes of source code those that are among these.
    fn one(&self, allowed: Bytes) -> u64 {
        let [below, above] = allowed.lower.to_le_bytes().map(usize::from);
        let sum = |[first, second]: &[[u64; 256]; 2]| {
            first.get(below).copied().unwrap_or(0) + second.get(above).copied().unwrap_or(0)
        };
        let (mut all, mut upper) = (0, allowed.upper & 0xff);
        while let Some(sums) = self.sums.get(upper.trailing_zeros() as usize) {
            all += sum(sums);
            upper &= upper - 1;
        }
        all
    }

    /// Of 10,000 to the power of [`WINDOW`] places those where such a sequence begins, if bytes did not
    /// depend on each other.
    fn all(&self, sequence: &Sequence<WINDOW>) -> u64 {
        sequence.iter().map(|allowed| self.one(*allowed)).product()
    }
}

/// How many of 10,000 bytes are this one, in the sources of this program's dependencies.
fn of_10_000(byte: usize) -> u64 {
    const FROM_SPACE_ON: [u16; 95] = [
        2129, 14, 61, 26, 15, 35, 13, 11, 89, 89, 14, 6, 199, 39, 65, 118, 137, 111, 115, 77, 56,
        48, 55, 35, 52, 37, 168, 64, 12, 68, 23, 4, 1, 72, 24, 61, 49, 89, 40, 20, 14, 63, 1, 13,
        46, 29, 53, 54, 50, 2, 63, 76, 75, 23, 18, 11, 10, 14, 3, 33, 9, 33, 2, 257, 18, 256, 125,
        196, 169, 463, 115, 71, 81, 263, 4, 34, 171, 129, 280, 263, 170, 24, 284, 303, 371, 210,
        54, 55, 123, 67, 18, 28, 6, 28, 1,
    ];
    const LINE_ENDS: u64 = 279;
    let printed = byte.checked_sub(usize::from(b' ')).and_then(|at| FROM_SPACE_ON.get(at));
    match byte {
        0 => 0,
        0x0a => LINE_ENDS,
        _ => printed.map_or(1, |often| u64::from(*often)),
    }
}
