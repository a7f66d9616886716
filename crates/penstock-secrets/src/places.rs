//! Where bytes of given kinds follow each other, found sixty-four places at a time.
//!
//! A [`Sequence`] says which bytes may stand at each of a few successive places. Eight sequences, one
//! for each bit of a byte, make a row, and a row is looked for at once: for each place there are two
//! tables of sixteen, one for the lower and one for the upper half of a byte, that tell by bits which
//! sequences allow it there. Processors look up as many bytes as a register holds in such a table with
//! one instruction; what is left of the bits after all places says which sequences begin where.
//!
//! Since a byte is looked at by halves, a sequence that allows `2` and `a` (0x32 and 0x61) allows `1`
//! and `b` as well. What is found is therefore a candidate unless the sequences are chosen with care.
//!
//! With AVX2 a row of four places takes less than one instruction for a byte. What the processor can do is
//! found out at run time by `fearless_simd`, which holds the `unsafe` that this takes; where it cannot look
//! up bytes at once, the same is done byte by byte, slowly.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16, u8x64};

/// How many places are looked at in one step.
pub(crate) const STEP: usize = 64;
/// The most places a sequence has.
pub(crate) const MOST: usize = 4;
/// Sequences of a row.
pub(crate) const ROW: usize = 8;

/// The bytes that may stand at one place, by the halves of a byte: a bit for each value of a half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) lower: u16,
    pub(crate) upper: u16,
}

impl Bytes {
    /// Any byte at all.
    pub(crate) const ANY: Self = Self { lower: u16::MAX, upper: u16::MAX };

    /// This one only.
    pub(crate) const fn one(byte: u8) -> Self {
        Self { lower: 1 << (byte & 15), upper: 1 << (byte >> 4) }
    }

    /// These and those, and what their halves make together.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self { lower: self.lower | other.lower, upper: self.upper | other.upper }
    }
}

/// The bytes that may stand at successive places.
pub(crate) type Sequence<const PLACES: usize> = [Bytes; PLACES];

/// Looks for sequences of as many places; eight of them in each row.
#[derive(Debug)]
pub(crate) struct Places<const ROWS: usize, const PLACES: usize> {
    rows: [[Tables; PLACES]; ROWS],
}

/// Which sequences of a row allow a byte at one place: all that do so by both halves.
#[derive(Clone, Copy, Debug, Default)]
struct Tables {
    lower: [u8; 16],
    upper: [u8; 16],
}

impl<const ROWS: usize, const PLACES: usize> Places<ROWS, PLACES> {
    /// Looks for these. Those beyond what the rows hold, and places beyond [`MOST`], are left out.
    pub(crate) fn new(sequences: impl IntoIterator<Item = Sequence<PLACES>>) -> Self {
        let mut rows = [[Tables::default(); PLACES]; ROWS];
        for (index, sequence) in sequences.into_iter().enumerate() {
            let Some(row) = rows.get_mut(index / ROW) else { break };
            for (tables, allowed) in row.iter_mut().zip(sequence) {
                let bit = 1 << (index % ROW);
                let mark = |table: &mut [u8; 16], halves: u16| {
                    for (half, entry) in table.iter_mut().enumerate() {
                        *entry |= if halves >> half & 1 == 1 { bit } else { 0 };
                    }
                };
                mark(&mut tables.lower, allowed.lower);
                mark(&mut tables.upper, allowed.upper);
            }
        }
        Self { rows }
    }

    /// Calls `each` with the beginning of every stretch of sixty-four places at which some sequence
    /// begins, in order, and a bit for each place, the first the lowest. Behind the last byte it is as if
    /// zeros stood there; what begins beyond it means nothing.
    pub(crate) fn find(&self, bytes: &[u8], each: impl FnMut(usize, u64)) {
        dispatch!(Level::new(), simd => self.find_with(simd, bytes, each));
    }

    #[inline(always)]
    fn find_with<S: Simd>(&self, simd: S, bytes: &[u8], mut each: impl FnMut(usize, u64)) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let found = match rest.first_chunk() {
                Some(chunk) => self.step(simd, chunk),
                // The rest is made long enough.
                None => {
                    let mut chunk = [0; STEP + MOST];
                    for (to, from) in chunk.iter_mut().zip(rest) {
                        *to = *from;
                    }
                    self.step(simd, &chunk)
                }
            };
            if found != 0 {
                each(at, found);
            }
            at += STEP;
        }
    }

    /// A bit for each of the first places of a chunk.
    #[inline(always)]
    fn step<S: Simd>(&self, simd: S, chunk: &[u8; STEP + MOST]) -> u64 {
        let half = u8x64::splat(simd, 15);
        let mut begin = [u8x64::splat(simd, u8::MAX); ROWS];
        for place in 0..PLACES {
            let here = chunk.get(place..).and_then(|rest| rest.first_chunk()).unwrap_or(&[0; STEP]);
            let here = u8x64::load_array_ref(simd, here);
            let (lower, upper) = (here & half, here >> 4);
            for (begin, row) in begin.iter_mut().zip(&self.rows) {
                let Some(tables) = row.get(place) else { continue };
                let look = |table, halves| {
                    let table = u8x64::block_splat(u8x16::load_array_ref(simd, table));
                    table.swizzle_dyn_within_blocks(halves)
                };
                *begin = *begin & look(&tables.lower, lower) & look(&tables.upper, upper);
            }
        }
        let any = begin.into_iter().fold(u8x64::splat(simd, 0), |any, row| any | row);
        !any.simd_eq(u8x64::splat(simd, 0)).to_bitmask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a look at every place says.
    fn plainly<const N: usize>(sequences: &[Sequence<N>], bytes: &[u8]) -> Vec<usize> {
        let allows = |allowed: &Bytes, byte: u8| {
            allowed.lower >> (byte & 15) & 1 == 1 && allowed.upper >> (byte >> 4) & 1 == 1
        };
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let begins = |at: &usize| {
            let here = |sequence: &Sequence<N>| (0..N).all(|i| allows(&sequence[i], byte(at + i)));
            sequences.iter().any(here)
        };
        (0..bytes.len()).filter(begins).collect()
    }

    fn found<const R: usize, const N: usize>(
        find: impl FnOnce(&Places<R, N>, &mut dyn FnMut(usize, u64)),
        sequences: &[Sequence<N>],
        length: usize,
    ) -> Vec<usize> {
        let mut all = Vec::new();
        find(&Places::new(sequences.iter().copied()), &mut |at, bits| {
            all.extend((0..64).filter(|bit| bits >> bit & 1 == 1).map(|bit| at + bit));
        });
        all.retain(|at| *at < length);
        all
    }

    #[test]
    fn every_length_and_level_finds_what_a_plain_look_finds() {
        let text: Vec<u8> = (0..400_u32).map(|n| (n * n * 7 + n / 3) as u8).collect();
        let word = |word: &[u8; 4]| word.map(Bytes::one);
        let mut sequences: Vec<Sequence<4>> =
            text.as_chunks::<4>().0.iter().step_by(7).map(word).collect();
        sequences.push([
            Bytes::one(b'k').or(Bytes::one(b'K')),
            Bytes::ANY,
            Bytes::one(0),
            Bytes::ANY,
        ]);
        sequences.truncate(16);
        for length in 0..text.len() {
            let text = &text[text.len() - length..];
            let expected = plainly(&sequences, text);
            let best = found::<2, 4>(|p, each| p.find(text, each), &sequences, length);
            assert_eq!(best, expected, "{length}");
            let slow = found::<2, 4>(
                |p, each| dispatch!(Level::baseline(), simd => p.find_with(simd, text, each)),
                &sequences,
                length,
            );
            assert_eq!(slow, expected, "{length}");
        }
        assert!(plainly(&sequences, &text).len() > 10);
    }

    #[test]
    fn a_byte_is_told_by_both_halves_at_one_place() {
        let sequences = [[Bytes::one(b'2').or(Bytes::one(b'a'))]];
        let text: Vec<u8> = (0..=255).collect();
        let found = found::<1, 1>(|p, each| p.find(&text, each), &sequences, text.len());
        assert_eq!(found, [0x31, 0x32, 0x61, 0x62]);
    }
}
