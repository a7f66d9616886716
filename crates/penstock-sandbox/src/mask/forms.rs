//! The forms a secret is looked for in: itself and what encoders make of it.

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::{GeneralPurpose, general_purpose},
};
use penstock_model::Secret;

use super::MIN_SECRET_BYTES;

/// Lines of a secret of several lines are looked for one by one from this length on.
const MIN_LINE_BYTES: usize = 8;
/// Values up to this length are looked for in encodings of encodings too; for longer ones the
/// automaton would grow out of proportion, and an encoding of theirs is long enough to be wrapped
/// or cut rather than encoded again.
const MAX_TWICE_ENCODED_BYTES: usize = 96;

/// Values up to this length, and their lines, are looked for as lists of numbers and in encodings
/// of other writings; of a longer one, a key say, that would be millions of states.
const MAX_LISTED_BYTES: usize = 512;

/// Every form of every secret, with the index of the secret it is of. What a form looks like after
/// percent, backslash or character-reference escaping is not here: such text is read through a
/// decoder instead (`super::view`), since every character may be escaped or not.
pub(super) fn forms(secrets: &[Secret]) -> BTreeMap<Vec<u8>, usize> {
    let mut forms = Forms::default();
    for (index, secret) in secrets.iter().enumerate() {
        let value = secret.expose();
        if value.len() < MIN_SECRET_BYTES {
            continue;
        }
        let effort = match value.len() {
            length if length <= MAX_TWICE_ENCODED_BYTES => Effort::Twice,
            length if length <= MAX_LISTED_BYTES => Effort::Lists,
            _ => Effort::Once,
        };
        forms.add_value(value, index, effort);
        let lines = value.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
        for line in lines.filter(|line| line.len() >= MIN_LINE_BYTES && line.len() < value.len()) {
            forms.add_value(line, index, effort.min(Effort::Lists));
        }
        // `$(…)` and most readers of files drop a line feed at the end.
        forms.add_value(value.trim_ascii_end(), index, effort.min(Effort::Lists));
    }
    forms.0
}

/// How many forms a value is worth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    /// What it is written as, and encodings of itself.
    Once,
    /// Lists of numbers too, and encodings of what it is written as.
    Lists,
    /// Encodings of encodings too.
    Twice,
}

#[derive(Default)]
struct Forms(BTreeMap<Vec<u8>, usize>);

impl Forms {
    /// A form, unless it is so short that it would be found in innocent text.
    fn add(&mut self, form: Vec<u8>, index: usize) {
        if form.len() >= MIN_SECRET_BYTES {
            self.0.entry(form).or_insert(index);
        }
    }

    fn add_value(&mut self, value: &[u8], index: usize, effort: Effort) {
        self.add_encoded(value, index);
        for text in writings(value) {
            if effort >= Effort::Lists {
                self.add_encoded(&text, index);
            }
            self.add(text, index);
        }
        if effort >= Effort::Lists {
            for separator in [":", " ", "-"] {
                self.add(joined(value, separator, |byte| format!("{byte:02x}")), index);
                self.add(joined(value, separator, |byte| format!("{byte:02X}")), index);
            }
            for separator in [", ", ","] {
                self.add(joined(value, separator, |byte| format!("0x{byte:02x}")), index);
            }
            for separator in [", ", ",", " "] {
                self.add(joined(value, separator, |byte| byte.to_string()), index);
            }
        }
        if effort >= Effort::Twice {
            let hexadecimal =
                [hex::encode(value), hex::encode_upper(value)].map(String::into_bytes);
            for inner in base64_forms(value).into_iter().chain(hexadecimal) {
                self.add_encoded(&inner, index);
            }
        }
    }

    /// What base64 and hexadecimal make of `text`, whatever stands around it.
    fn add_encoded(&mut self, text: &[u8], index: usize) {
        let hexadecimal = hex::encode(text);
        self.add(hexadecimal.to_uppercase().into_bytes(), index);
        self.add(hexadecimal.into_bytes(), index);
        for form in base64_forms(text) {
            self.add(form, index);
        }
    }
}

/// The value and how it is written where some of its characters mean something else.
fn writings(value: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![
        value.to_vec(),
        value.iter().rev().copied().collect(),
        json_escaped(value),
        percent_encoded(value, false),
        percent_encoded(value, true),
        replaced(value, |byte| match byte {
            b' ' => Some("+"),
            _ => None,
        }),
        // HTML and XML: <https://www.w3.org/TR/xml/#sec-predefined-ent>
        replaced(value, |byte| match byte {
            b'&' => Some("&amp;"),
            b'<' => Some("&lt;"),
            b'>' => Some("&gt;"),
            b'"' => Some("&quot;"),
            b'\'' => Some("&#39;"),
            _ => None,
        }),
        // The two ways to put a single quote into a single-quoted string of a POSIX shell.
        replaced(value, |byte| (byte == b'\'').then_some("'\\''")),
        replaced(value, |byte| (byte == b'\'').then_some("'\"'\"'")),
    ];
    if let Ok(text) = std::str::from_utf8(value) {
        all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        all.push(text.chars().rev().collect::<String>().into_bytes());
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn replaced(value: &[u8], by: impl Fn(u8) -> Option<&'static str>) -> Vec<u8> {
    let mut written = Vec::with_capacity(value.len());
    for byte in value {
        match by(*byte) {
            Some(text) => written.extend_from_slice(text.as_bytes()),
            None => written.push(*byte),
        }
    }
    written
}

/// As the inside of a JSON string, with as few escapes as may be (RFC 8259, section 7).
fn json_escaped(value: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    for part in value.utf8_chunks() {
        let quoted = serde_json::to_string(part.valid()).unwrap_or_default();
        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        json.extend_from_slice(inside.unwrap_or_default().as_bytes());
        json.extend_from_slice(part.invalid());
    }
    json
}

/// RFC 3986 percent-encoding of everything but unreserved characters; `plus` writes a space as `+`
/// as forms do.
pub(super) fn percent_encoded(value: &[u8], plus: bool) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(value.len());
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(*byte);
            }
            b' ' if plus => encoded.push(b'+'),
            _ => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    encoded
}

fn joined(value: &[u8], separator: &str, each: impl Fn(&u8) -> String) -> Vec<u8> {
    value.iter().map(each).collect::<Vec<_>>().join(separator).into_bytes()
}

/// Base64 in both alphabets (RFC 4648, sections 4 and 5) and all three alignments.
fn base64_forms(value: &[u8]) -> Vec<Vec<u8>> {
    [&general_purpose::STANDARD_NO_PAD, &general_purpose::URL_SAFE_NO_PAD]
        .into_iter()
        .flat_map(|engine| (0..3).filter_map(|alignment| base64_at(engine, value, alignment)))
        .collect()
}

/// The base64 characters that depend on nothing but `value` when `alignment` bytes stand before it
/// in a group of three.
fn base64_at(engine: &GeneralPurpose, value: &[u8], alignment: usize) -> Option<Vec<u8>> {
    let mut padded = vec![0; alignment];
    padded.extend_from_slice(value);
    let encoded = engine.encode(&padded).into_bytes();
    // 8 * alignment leading bits are not ours; a character is six bits.
    let first = (8 * alignment).div_ceil(6);
    let last = 8 * padded.len() / 6;
    encoded.get(first..last).map(<[u8]>::to_vec)
}
