//! Long runs of the characters of base 64, found by looking at a few bytes only.

use std::ops::Range;

/// The least length of a run: twenty bytes in base 64, the shortest key worth hiding.
const LEAST: usize = 28;
/// Any run that long reaches over a whole one of these stretches and the byte behind it.
const STRETCH: usize = LEAST / 2;

/// Digits of base 64 in both alphabets (RFC 4648, sections 4 and 5).
static DIGIT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[byte as usize] =
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

/// Whether a byte is a digit of base 64 in either alphabet.
#[inline]
pub(super) fn is_digit(byte: u8) -> bool {
    DIGIT.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Every run of such digits that is long enough.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let stretch: &[u8; STRETCH + 1] = bytes.get(at..)?.first_chunk()?;
            let [a, _, _, _, b, _, _, _, c, _, _, d, _, _, e] = *stretch;
            // Without a branch for each: most stretches fail at one of them, no telling which.
            if !(is_digit(a) & is_digit(b) & is_digit(c) & is_digit(d) & is_digit(e)) {
                at += STRETCH;
                continue;
            }
            // A run that is long enough began within the stretch before.
            let before = bytes.get(at.saturating_sub(STRETCH)..at).unwrap_or_default();
            let start = at - before.iter().rev().take_while(|b| is_digit(**b)).count();
            let end = end_of_run(bytes, at);
            // The next stretch that is not known yet.
            at = (end / STRETCH * STRETCH).max(at + STRETCH);
            if end - start >= LEAST {
                return Some(start..end);
            }
        }
    })
}

fn end_of_run(bytes: &[u8], at: usize) -> usize {
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
