//! Characters written by their number: `%41` (RFC 3986, section 2.1), `\u0041` and `\x41` as most
//! languages write them, `&#65;` and `&#x41;` (HTML, section 13.1.4).

use std::{ops::Range, sync::LazyLock};

use super::Encoded;
use crate::places::{Bytes, Places};

/// How far around a first escape the word it is part of reaches, in bytes.
const MAX_BEFORE: usize = 256;
const MAX_AFTER: usize = 4096;
/// The least length of a word worth decoding.
const LEAST: usize = 16;

/// What escapes begin with.
static MARKS: LazyLock<Places<1, 2>> = LazyLock::new(|| {
    let [backslash, and] = [b'\\', b'&'].map(Bytes::one);
    Places::new([
        [Bytes::one(b'%'), Bytes::ANY],
        [backslash, Bytes::one(b'x')],
        [backslash, Bytes::one(b'u')],
        [and, Bytes::one(b'#')],
    ])
});

/// Calls `each` with every word that has such characters.
pub(super) fn escaped(bytes: &[u8], mut each: impl FnMut(Encoded)) {
    let mut known = 0;
    MARKS.find(bytes, |at, mut marks| {
        while marks != 0 {
            let mark = at + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            if mark < known || escape(bytes.get(mark..).unwrap_or_default()).is_none() {
                continue;
            }
            let reach = mark.saturating_sub(MAX_BEFORE).max(known);
            let before = bytes.get(reach..mark).unwrap_or_default();
            let start = mark - before.iter().rev().take_while(|b| is_word(**b)).count();
            let (end, text) = decode(bytes, start..mark);
            known = end;
            if end - start >= LEAST {
                each(Encoded { range: start..end, how: "written with escapes", text });
            }
        }
    });
}

/// The end and meaning of a word whose first escape stands behind `plain`.
fn decode(bytes: &[u8], plain: Range<usize>) -> (usize, Vec<u8>) {
    let mut at = plain.end;
    let limit = bytes.len().min(plain.end + MAX_AFTER);
    let mut text = bytes.get(plain).unwrap_or_default().to_vec();
    while at < limit {
        let rest = bytes.get(at..).unwrap_or_default();
        match (escape(rest), rest.first()) {
            (Some((byte, length)), _) => {
                text.push(byte);
                at += length;
            }
            (None, Some(byte)) if is_word(*byte) => {
                text.push(*byte);
                at += 1;
            }
            _ => break,
        }
    }
    (at, text)
}

/// A byte that neither white space nor a quotation mark is, in ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// The printable character that an escape at the beginning stands for, and the escape's length.
fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pair = |high: u8, low: u8| Some(digit(high)? << 4 | digit(low)?);
    let (byte, length) = match *rest {
        [b'%', high, low, ..] => (pair(high, low)?, 3),
        [b'\\', b'x', high, low, ..] => (pair(high, low)?, 4),
        [b'\\', b'u', b'0', b'0', high, low, ..] => (pair(high, low)?, 6),
        [b'&', b'#', b'x' | b'X', high, low, b';', ..] => (pair(high, low)?, 6),
        [b'&', b'#', a, b, b';', ..] => (decimal(&[a, b])?, 5),
        [b'&', b'#', a, b, c, b';', ..] => (decimal(&[a, b, c])?, 6),
        _ => return None,
    };
    (byte.is_ascii_graphic()).then_some((byte, length))
}

fn decimal(digits: &[u8]) -> Option<u8> {
    std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}
