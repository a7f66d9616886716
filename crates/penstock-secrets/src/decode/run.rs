//! Long runs of the characters of base 64.

use std::{ops::Range, sync::LazyLock};

use crate::places::{Bytes, Places, STEP};

/// The least length of a run: twenty-four bytes in base 64, about the shortest key. Wherever it begins,
/// three aligned stretches of eight lie within it.
const LEAST: usize = 32;
/// How many bytes are compared at once to find a run's end.
const STRETCH: usize = 16;

/// Whether a byte is a digit of base 64 in either alphabet (RFC 4648, sections 4 and 5).
#[inline(always)]
pub(super) fn is_digit(byte: u8) -> bool {
    // Without branches, so that a stretch is compared all at once.
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit_or_slash = byte.wrapping_sub(b'/') < 11;
    letter | digit_or_slash | (byte == b'+') | (byte == b'-') | (byte == b'_')
}

/// The same bytes, told by their halves.
static DIGITS: LazyLock<Places<1, 1>> = LazyLock::new(|| {
    // Each line of the character table with those that have the same part in it.
    let lines = [
        &b"+-/"[..],
        b"0123456789",
        b"ABCDEFGHIJKLMNOabcdefghijklmno",
        b"PQRSTUVWXYZpqrstuvwxyz",
        b"_",
    ];
    let of =
        |line: &[u8]| line.iter().fold(Bytes::default(), |all, byte| all.or(Bytes::one(*byte)));
    Places::new(lines.map(|line| [of(line)]))
});

/// Calls `each` with every run of such digits that is long enough, up to the byte behind it that is none.
pub(super) fn runs(bytes: &[u8], mut each: impl FnMut(Range<usize>)) {
    // Of the step before, each by itself: a structure would be copied from step to step.
    let (mut last_at, mut last_digits, mut last_one, mut last_two, mut last_three) =
        (0, 0, 0, 0, 0);
    let mut known = 0;
    DIGITS.find(bytes, move |at, digits| {
        // The eighths of the step that are digits as a whole, those that are so together with the one
        // before, and those together with the two before. A step without digits, which is left out, only
        // makes for a closer look.
        let one = whole_eighths(digits);
        let two = one & (one << 8 | last_one >> 56);
        let three = two & (two << 8 | last_two >> 56);
        // Most steps need none.
        if last_three | three != 0 {
            let before = if last_at + STEP == at { last_digits } else { 0 };
            let digits = u128::from(before) | u128::from(digits) << STEP;
            known = runs_among(bytes, at, digits, known, &mut each);
        }
        (last_at, last_digits, last_one, last_two, last_three) = (at, digits, one, two, three);
    });
}

/// The lowest bit of each eighth of which all bits are set.
#[inline(always)]
fn whole_eighths(bits: u64) -> u64 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    four & four >> 4 & 0x0101_0101_0101_0101
}

/// Calls `each` with the runs that begin among these digits, those of the step at `at` and the one before
/// it, and are not known; returns how far they are known then.
#[inline(never)]
fn runs_among(
    bytes: &[u8],
    at: usize,
    digits: u128,
    mut known: usize,
    each: &mut impl FnMut(Range<usize>),
) -> usize {
    let long = long_runs(digits);
    let mut starts = long & !(long << 1);
    while starts != 0 {
        // Steps before the first are as if there were no digits.
        let start = (at + starts.trailing_zeros() as usize).saturating_sub(STEP);
        starts &= starts - 1;
        if start >= known {
            known = end_of_run(bytes, start + LEAST);
            each(start..known);
        }
    }
    known
}

/// The bits that begin a run of [`LEAST`] set ones.
fn long_runs(bits: u128) -> u128 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    let sixteen = eight & eight >> 8;
    sixteen & sixteen >> (LEAST / 2)
}

#[inline(always)]
fn all_digits(stretch: &[u8; STRETCH]) -> bool {
    !stretch.iter().fold(false, |other, byte| other | !is_digit(*byte))
}

fn end_of_run(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at..).and_then(|rest| rest.first_chunk()).is_some_and(all_digits) {
        at += STRETCH;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| !is_digit(*byte)).map_or(bytes.len(), |length| at + length)
}

/// The run with the lines that go on with it, up to the first shorter one, which is how encoders wrap
/// it: where all of it is, and its digits.
pub(super) fn with_next_lines(bytes: &[u8], run: Range<usize>) -> (Range<usize>, Vec<u8>) {
    let (mut end, width) = (run.end, run.len());
    let mut digits = bytes.get(run.clone()).unwrap_or_default().to_vec();
    while let Some(gap) = line_break(bytes.get(end..).unwrap_or_default()) {
        let next = end + gap;
        let line = bytes.get(next..bytes.len().min(next + width + 1)).unwrap_or_default();
        let length = end_of_run(line, 0);
        if !width.is_multiple_of(4) || length == 0 || length > width {
            break;
        }
        digits.extend(line.iter().take(length));
        end = next + length;
        if length < width {
            break;
        }
    }
    (run.start..end, digits)
}

/// The length of a line break with the next line's indent, also as an escape.
fn line_break(rest: &[u8]) -> Option<usize> {
    let broken = [&b"\r\n"[..], b"\n", b"\\r\\n", b"\\n"];
    let length = broken.iter().find(|end| rest.starts_with(end))?.len();
    let indent = rest.get(length..)?.iter().take(64).take_while(|b| matches!(b, b' ' | b'\t'));
    Some(length + indent.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_every_length_are_found_at_every_place() {
        for length in LEAST - 1..LEAST + 10 {
            for start in 0..3 * STEP {
                for rest in [0, 1, STEP] {
                    let mut text = vec![b' '; start];
                    text.resize(start + length, b'a');
                    text.resize(start + length + rest, b'.');
                    let mut found = Vec::new();
                    runs(&text, |run| found.push(run));
                    let run = Some(start..start + length).filter(|run| run.len() >= LEAST);
                    assert_eq!(found, Vec::from_iter(run), "{length} {start} {rest}");
                }
            }
        }
    }

    #[test]
    fn runs_that_almost_touch_are_told_apart() {
        for length in [LEAST - 1, LEAST, LEAST + 1, 2 * STEP + 1] {
            let text = [vec![b'/'; length], b"!".to_vec()].concat().repeat(20);
            let mut found = Vec::new();
            runs(&text, |run| found.push(run));
            let all = (0..20).map(|n| n * (length + 1)).map(|start| start..start + length);
            let long: Vec<_> = all.filter(|run| run.len() >= LEAST).collect();
            assert_eq!(found, long, "{length}");
        }
    }
}
