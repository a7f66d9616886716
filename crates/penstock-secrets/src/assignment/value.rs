//! Reading the literal that stands behind an operator.

use std::ops::Range;

use super::syntax::{Material, Syntax};

/// Longest value, in bytes: what is longer is data.
pub(crate) const MAX_VALUE: usize = 2048;
/// Most blanks and line breaks between an operator and its value.
const MAX_GAP: usize = 64;
/// Longest call around a literal: `SecretString::from("…")`.
const MAX_CALL: usize = 48;

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// What is between the quotes.
    pub(crate) range: Range<usize>,
    /// The quote, or nothing.
    pub(crate) quote: Option<u8>,
    /// Where it ends, with its quotes.
    pub(crate) end: usize,
}

/// The literal at `from`, after blanks.
pub(crate) fn literal(bytes: &[u8], from: usize, material: Material) -> Option<Literal> {
    let mut at = skip_blanks(bytes, from);
    if material.syntax == Syntax::Code && matches!(bytes.get(at), Some(b'\n' | b'\r' | b'\\')) {
        at = skip_lines(bytes, at);
    }
    const SECURE_STRING: &[u8] = b"ConvertTo-SecureString ";
    if bytes
        .get(at..)?
        .get(..SECURE_STRING.len())
        .is_some_and(|b| b.eq_ignore_ascii_case(SECURE_STRING))
    {
        at += SECURE_STRING.len();
        let named = bytes.get(at..)?.starts_with(b"-String ");
        return quoted(bytes, if named { at + 8 } else { at });
    }
    quoted(bytes, at)
        .or_else(|| in_call(bytes, at).and_then(|at| quoted(bytes, at)))
        .or_else(|| material.has_bare_values().then(|| bare(bytes, at, material))?)
}

/// A literal that is an argument, in a conversion or not: `[]byte("…")`.
pub(crate) fn argument(bytes: &[u8], from: usize) -> Option<Literal> {
    quoted(bytes, from).or_else(|| {
        let converted = bytes.get(from..)?.starts_with(b"[]byte(");
        converted.then(|| {
            let literal = quoted(bytes, from + 7)?;
            (bytes.get(literal.end) == Some(&b')'))
                .then(|| Literal { end: literal.end + 1, ..literal })
        })?
    })
}

/// Past spaces and tabs.
pub(crate) fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take(MAX_GAP).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Past white space of every kind, and a backslash that continues a line.
pub(crate) fn skip_lines(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b'\\';
    let mut length = rest.iter().take(MAX_GAP).take_while(blank).count();
    // The backslash before an escaped quote is part of the quote.
    if length > 0
        && rest.get(length - 1) == Some(&b'\\')
        && matches!(rest.get(length), Some(b'"' | b'\''))
    {
        length -= 1;
    }
    from + length
}

/// A literal in quotes: `"…"`, `'…'`, `` `…` ``, `"""…"""`, `\"…\"`, `&quot;…&quot;`, with the
/// prefixes of C, C#, Python, Rust and Objective-C.
pub(crate) fn quoted(bytes: &[u8], from: usize) -> Option<Literal> {
    let rest = bytes.get(from..)?;
    let prefix = rest
        .iter()
        .take(3)
        .take_while(|byte| {
            matches!(
                byte,
                b'b' | b'B'
                    | b'r'
                    | b'R'
                    | b'u'
                    | b'U'
                    | b'f'
                    | b'F'
                    | b'L'
                    | b'@'
                    | b'$'
                    | b'N'
                    | b'#'
            )
        })
        .count();
    let at = from + prefix;
    let rest = bytes.get(at..)?;
    let (open, quote, escaped) = match rest {
        [b'"', b'"', b'"', ..] => (3, b'"', 0),
        [b'\'', b'\'', b'\'', ..] => (3, b'\'', 0),
        [q @ (b'"' | b'\'' | b'`'), ..] => (1, *q, 0),
        [b'\\', b'\\', b'\\', q @ (b'"' | b'\''), ..] => (4, *q, 3),
        [b'\\', q @ (b'"' | b'\''), ..] => (2, *q, 1),
        _ if prefix == 0 && rest.starts_with(b"&quot;") => {
            let body = rest.get(6..rest.len().min(6 + MAX_VALUE))?;
            let length = body.iter().position(|byte| matches!(byte, b'&' | b'\n' | b'<'))?;
            let start = at + 6;
            return Some(Literal {
                range: start..start + length,
                quote: Some(b'"'),
                end: start + length + 6,
            });
        }
        _ => return None,
    };
    let start = at + open;
    let body = bytes.get(start..bytes.len().min(start + MAX_VALUE))?;
    let mut place = 0;
    while let Some(byte) = body.get(place) {
        match byte {
            // Inside an escaped string the end is the escaped quote.
            b'\\' if escaped > 0 => {
                if body.get(place + escaped) == Some(&quote) {
                    let range = start..start + place;
                    return Some(Literal {
                        end: range.end + escaped + 1,
                        range,
                        quote: Some(quote),
                    });
                }
                place += 2;
            }
            b'\\' => place += 2,
            b'\n' if open != 3 => return None,
            byte if *byte == quote => {
                let range = start..start + place;
                return (escaped == 0).then(|| Literal {
                    end: range.end + open,
                    range,
                    quote: Some(quote),
                });
            }
            _ => place += 1,
        }
    }
    None
}

/// Where the argument of a conversion begins: `String::from(`, `new SecretString(`, `[]byte(`,
/// `Some(`, `hex.decode(`. Calls that look something up by a name are none.
fn in_call(bytes: &[u8], from: usize) -> Option<usize> {
    const CONVERSIONS: [&[u8]; 26] = [
        b"array",
        b"b64decode",
        b"bytes",
        b"byte",
        b"chars",
        b"decode",
        b"encode",
        b"fromhex",
        b"from",
        b"hex",
        b"just",
        b"new",
        b"of",
        b"ok",
        b"parse",
        b"password",
        b"protect",
        b"some",
        b"str",
        b"string",
        b"text",
        b"valueof",
        b"value",
        b"secret",
        b"pointer",
        b"ptr",
    ];
    let rest = bytes.get(from..bytes.len().min(from + MAX_CALL))?;
    if !rest.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'[' | b'&' | b'(')) {
        return None;
    }
    let length = rest.iter().take_while(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.' | b':' | b'[' | b']' | b'&' | b' ' | b'(')
    });
    let length = length.count();
    let call = rest.get(..length)?.trim_ascii_end().strip_suffix(b"(")?;
    let call = call.trim_ascii_end();
    let start = call.iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let last = call.get(start..)?.to_ascii_lowercase();
    // `getPassword("…")` looks one up.
    if [&b"get"[..], b"read", b"load", b"find", b"fetch"].iter().any(|verb| last.starts_with(verb))
    {
        return None;
    }
    (last.is_empty() || CONVERSIONS.iter().any(|word| last.ends_with(word)))
        .then_some(from + length)
}

/// A value without quotes.
fn bare(bytes: &[u8], from: usize, material: Material) -> Option<Literal> {
    let rest = bytes.get(from..bytes.len().min(from + MAX_VALUE))?;
    let line = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    let line = rest.get(..line)?;
    let length = match material.syntax {
        Syntax::Lines | Syntax::Yaml => {
            let comment = line.windows(2).position(|pair| {
                matches!(pair, [b' ' | b'\t', b'#'])
                    || material.syntax == Syntax::Lines && matches!(pair, [b' ' | b'\t', b';'])
            });
            comment.unwrap_or(line.len())
        }
        _ => line
            .iter()
            .position(|byte| {
                byte.is_ascii_whitespace()
                    || matches!(byte, b';' | b'"' | b'\'' | b'<' | b'`' | b'|')
            })
            .unwrap_or(line.len()),
    };
    let mut value = line.get(..length)?.trim_ascii_end();
    // Of a list, a call or a mapping on one line only the value counts.
    while let [head @ .., b',' | b';'] = value {
        value = head;
    }
    if material.syntax == Syntax::Yaml || material.syntax == Syntax::Unknown {
        value = value.split(|byte| *byte == b',').next().unwrap_or_default();
        while let [head @ .., b'}' | b']' | b')'] = value {
            value = head;
        }
        value = value.trim_ascii_end();
    }
    if material.syntax == Syntax::Shell || material.syntax == Syntax::Prose {
        while let [head @ .., b')' | b'.' | b'\\'] = value {
            value = head;
        }
    }
    (!value.is_empty()).then(|| Literal {
        range: from..from + value.len(),
        quote: None,
        end: from + value.len(),
    })
}
