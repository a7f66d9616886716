//! Text inside text: base 64, hexadecimal digits, gzip in either, percent-encoding and escapes.
//!
//! Looking for it reads every byte at most a few times, and what it gives back is never longer than
//! a fixed multiple of what it was given.

mod escape;
mod run;

use std::{io::Read as _, ops::Range};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::GzDecoder;

/// How often decoded text is decoded again.
pub(crate) const MAX_DEPTH: usize = 3;
/// How many bytes of a run's beginning must be text for it to be decoded.
const LEAST_TEXT: usize = 12;
/// The least length of hexadecimal digits that are decoded.
const LEAST_HEX: usize = 32;
/// How much larger than a run what gzip unpacks from it may be; the rest is left out.
const MAX_INFLATION: u64 = 32;
/// The most that gzip may unpack from one run, in bytes.
const MAX_INFLATED: u64 = 8 * 1024 * 1024;
/// The first bytes of gzip with its only method (RFC 1952, section 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b, 8];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A stretch of a file that stands for another text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// Where it is.
    pub(crate) range: Range<usize>,
    /// How it is written, as the end of a sentence: `base64-encoded`.
    pub(crate) how: &'static str,
    /// What it stands for.
    pub(crate) text: Vec<u8>,
}

/// Calls `each` with every stretch of a file that stands for another text.
pub(crate) fn encoded(bytes: &[u8], each: &mut dyn FnMut(Encoded)) {
    let mut known = 0;
    run::runs(bytes, |run| {
        // The lines of a wrapped text were decoded with its first.
        if run.start >= known
            && let Some(found) = decoded(bytes, run)
        {
            known = found.range.end;
            each(found);
        }
    });
    escape::escaped(bytes, each);
}

/// What a run of the characters of base 64 stands for, if that is text.
fn decoded(bytes: &[u8], run: Range<usize>) -> Option<Encoded> {
    let text = bytes.get(run.clone())?;
    if text.iter().take(LEAST_HEX).all(u8::is_ascii_hexdigit) {
        return hexadecimal(text, run);
    }
    // The first three bytes settle it for most names and rulers.
    let mut first = [0; 3];
    BASE64.decode_slice(standard(text.get(..4)?), &mut first).ok()?;
    if first != GZIP && !is_text(&first) {
        return None;
    }
    let head = BASE64.decode(standard(text.get(..LEAST_TEXT / 3 * 4)?)).ok()?;
    let packed = head.starts_with(GZIP);
    if !packed && !is_text(&head) {
        return None;
    }
    let (range, digits) = run::with_next_lines(bytes, run);
    let whole = BASE64.decode(standard(&digits)).ok()?;
    if packed {
        let how = "compressed and base64-encoded";
        return Some(Encoded { range, how, text: inflated(&whole) });
    }
    Some(Encoded { range, how: "base64-encoded", text: whole })
}

fn hexadecimal(text: &[u8], range: Range<usize>) -> Option<Encoded> {
    let pairs = || text.as_chunks::<2>().0.iter();
    let byte = |pair: &[u8; 2]| {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let [high, low] = *pair;
        Some(digit(high)? << 4 | digit(low)?)
    };
    let head: Vec<u8> = pairs().take(LEAST_TEXT).map(byte).collect::<Option<_>>()?;
    if text.len() < LEAST_HEX || !text.len().is_multiple_of(2) || !is_text(&head) {
        return None;
    }
    let text = pairs().map(byte).collect::<Option<_>>()?;
    Some(Encoded { range, how: "written as hexadecimal digits", text })
}

/// In the standard alphabet, without what cannot be the end of a group of four.
fn standard(digits: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    let mut digits: Vec<u8> = digits.iter().map(one).collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    digits
}

/// As much of it as the limits allow; of damaged data what stands before the damage.
fn inflated(packed: &[u8]) -> Vec<u8> {
    let limit = (packed.len() as u64).saturating_mul(MAX_INFLATION).min(MAX_INFLATED);
    let mut text = Vec::new();
    // What was unpacked before an error is in the text.
    let _ = GzDecoder::new(packed).take(limit).read_to_end(&mut text);
    text
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
}

/// Every stretch at once.
#[cfg(test)]
pub(crate) fn all_encoded(bytes: &[u8]) -> Vec<Encoded> {
    let mut all = Vec::new();
    encoded(bytes, &mut |found| all.push(found));
    all
}

#[cfg(test)]
mod tests;
