//! Long runs of the characters of base 64, found by looking at a few bytes only.

use std::ops::Range;

/// The least length of a run: twenty-four bytes in base 64, about the shortest key.
const LEAST: usize = 32;
/// Any run that long contains a whole one of these stretches.
const STRETCH: usize = LEAST / 2;

/// Whether a byte is a digit of base 64 in either alphabet (RFC 4648, sections 4 and 5).
#[inline(always)]
pub(super) fn is_digit(byte: u8) -> bool {
    // Without branches, so that a stretch is compared all at once.
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit_or_slash = byte.wrapping_sub(b'/') < 11;
    letter | digit_or_slash | (byte == b'+') | (byte == b'-') | (byte == b'_')
}

/// Every run of such digits that is long enough.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let stretch: &[u8; STRETCH] = bytes.get(at..)?.first_chunk()?;
            if !all_digits(stretch) {
                at += STRETCH;
                continue;
            }
            // A run that is long enough began within the stretch before.
            let before = bytes.get(at.saturating_sub(STRETCH)..at).unwrap_or_default();
            let start = at - before.iter().rev().take_while(|b| is_digit(**b)).count();
            let end = end_of_run(bytes, at + STRETCH);
            // The next stretch that is not known yet.
            at = end / STRETCH * STRETCH;
            if end - start >= LEAST {
                return Some(start..end);
            }
        }
    })
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
