//! A name and what is given to it, in any format of settings and most languages.

use std::ops::Range;

/// The longest value of a part, in bytes.
const MAX_VALUE: usize = 256;

/// `name = value`.
pub(super) struct Item<'b> {
    name: &'b str,
    /// The value without its quotes.
    pub(super) value: Range<usize>,
}

/// The items of a stretch of a file: what lines, commas, semicolons, braces and the signs of a query
/// part from each other.
pub(super) fn items(bytes: &[u8], window: Range<usize>) -> Vec<Item<'_>> {
    let text = bytes.get(window.clone()).unwrap_or_default();
    let mut from = window.start;
    text.split(|byte| matches!(byte, b'\n' | b',' | b';' | b'{' | b'}' | b'(' | b')' | b'&' | b'?'))
        .filter_map(|part| {
            let start = from;
            from += part.len() + 1;
            item(part, start)
        })
        .collect()
}

fn item(part: &[u8], start: usize) -> Option<Item<'_>> {
    if part.trim_ascii_start().starts_with(b"#") {
        return None;
    }
    let sign = part.iter().position(|byte| matches!(byte, b'=' | b':'))?;
    let before = part.get(..sign)?;
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let end = before.iter().rposition(in_name)? + 1;
    let length = before.get(..end)?.iter().rev().take_while(|byte| in_name(byte)).count();
    let name = std::str::from_utf8(before.get(end - length..end)?).ok()?;
    let operator = |byte: &u8| matches!(byte, b'=' | b':' | b'>' | b' ' | b'\t');
    let rest = part.get(sign..)?;
    let mut at = sign + rest.iter().take_while(|byte| operator(byte)).count();
    let quote = part.get(at).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    at += usize::from(quote.is_some());
    let value = part.get(at..)?;
    let length = match quote {
        Some(quote) => value.iter().position(|byte| *byte == quote),
        None => value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'"'),
    };
    let length = length.unwrap_or(value.len());
    Some(Item { name, value: start + at..start + at + length })
}

impl Item<'_> {
    /// The words of its name in lower case: `dbUser` and `DB_USER` have two.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = vec![String::new()];
        let mut previous = ' ';
        for c in self.name.chars() {
            let separates = !c.is_ascii_alphanumeric();
            let begins = c.is_ascii_uppercase() && previous.is_ascii_lowercase();
            if separates || begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !separates) {
                word.push(c.to_ascii_lowercase());
            }
            previous = c;
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// Whether its value stands there and is not to be put in later.
    pub(super) fn is_literal(&self, bytes: &[u8]) -> bool {
        const NOTHING: [&[u8]; 5] = [b"null", b"nil", b"none", b"true", b"false"];
        let value = bytes.get(self.value.clone()).unwrap_or_default();
        let stands_in = |byte: &u8| matches!(byte, b'$' | b'<' | b'%' | b'*' | b'[' | b'|');
        !value.is_empty()
            && value.len() <= MAX_VALUE
            && !value.first().is_some_and(stands_in)
            && !NOTHING.iter().any(|nothing| value.eq_ignore_ascii_case(nothing))
    }
}
