//! How much of what a step may do to a secret before it prints it is recognised: a thousand
//! encodings, made from a seed, so that the figure is the same everywhere.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use base64::{Engine as _, engine::general_purpose};
use penstock_model::Secret;

use super::{Forms, Masker};

/// xorshift64: nothing here needs better chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

const WORDS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
const PRINTABLE: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"#$%&'()+,-./:;<=>?@[\\]^_`{|}~";

/// Makes of a text what a program prints, for a value that lies in `own` of the text; says too where
/// the value lies in what it makes.
type Encoder = fn(&mut Chance, &[u8], Range<usize>) -> (Vec<u8>, Range<usize>);

/// What programs do to a value, written here without the code under test.
const ENCODERS: &[(&str, Encoder)] = &[
    ("raw", |_, text, own| (text.to_vec(), own)),
    ("base64", |chance, text, own| around(chance, text, own, &general_purpose::STANDARD)),
    ("base64, no padding", |chance, text, own| {
        around(chance, text, own, &general_purpose::STANDARD_NO_PAD)
    }),
    ("base64, URL", |chance, text, own| around(chance, text, own, &general_purpose::URL_SAFE)),
    ("hex", |_, text, own| each(text, own, "", |b| format!("{b:02x}"))),
    ("hex, upper case", |_, text, own| each(text, own, "", |b| format!("{b:02X}"))),
    ("hex, spaced", |_, text, own| each(text, own, " ", |b| format!("{b:02x}"))),
    ("numbers", |_, text, own| each(text, own, ", ", |b| b.to_string())),
    ("percent, some", |chance, text, own| {
        each(text, own, "", |b| match b.is_ascii_alphanumeric() && chance.below(3) > 0 {
            true => char::from(*b).to_string(),
            false => format!("%{b:02X}"),
        })
    }),
    ("percent, all", |_, text, own| each(text, own, "", |b| format!("%{b:02x}"))),
    ("JSON", |_, text, own| each(text, own, "", json)),
    ("JSON, \\u", |chance, text, own| {
        each(text, own, "", |b| match b {
            b'/' => "\\/".to_owned(),
            b if b.is_ascii_alphanumeric() && chance.below(2) > 0 => char::from(*b).to_string(),
            b => format!("\\u{b:04X}"),
        })
    }),
    ("HTML", |_, text, own| {
        each(text, own, "", |b| match b {
            b'&' => "&amp;".to_owned(),
            b'<' => "&lt;".to_owned(),
            b'>' => "&gt;".to_owned(),
            b'"' => "&quot;".to_owned(),
            b'\'' => "&#x27;".to_owned(),
            b => char::from(*b).to_string(),
        })
    }),
    ("XML, numeric", |_, text, own| each(text, own, "", |b| format!("&#{b};"))),
    ("shell, single quotes", |_, text, own| {
        each(text, own, "", |b| match b {
            b'\'' => "'\\''".to_owned(),
            b => char::from(*b).to_string(),
        })
    }),
    ("shell, $'…'", |chance, text, own| {
        each(text, own, "", |b| match b {
            b'\'' | b'\\' => format!("\\{}", char::from(*b)),
            b'\n' => "\\n".to_owned(),
            b if chance.below(4) == 0 => format!("\\{b:03o}"),
            b if chance.below(4) == 0 => format!("\\x{b:02x}"),
            b => char::from(*b).to_string(),
        })
    }),
    ("shell, backslashes", |_, text, own| {
        each(text, own, "", |b| match b {
            b'\n' => "$'\\n'".to_owned(),
            b if b.is_ascii_alphanumeric() => char::from(*b).to_string(),
            b => format!("\\{}", char::from(*b)),
        })
    }),
    ("reversed", |_, text, own| {
        (text.iter().rev().copied().collect(), text.len() - own.end..text.len() - own.start)
    }),
    ("UTF-16", |_, text, own| each(text, own, "", |b| format!("{}\0", char::from(*b)))),
    ("quoted-printable", |_, text, own| {
        each(text, own, "", |b| match b.is_ascii_alphanumeric() {
            true => char::from(*b).to_string(),
            false => format!("={b:02X}"),
        })
    }),
    ("base64, wrapped", |chance, text, own| {
        let (columns, before) = ([64, 76][chance.below(2)], chance.below(200));
        let (text, own) = preceded(chance, before, text, own);
        let encoded = general_purpose::STANDARD.encode(text);
        wrapped(encoded.as_bytes(), base64_range(&own), columns)
    }),
    ("hex, wrapped", |chance, text, own| {
        let (columns, before) = ([64, 76][chance.below(2)], chance.below(100));
        let (text, own) = preceded(chance, before, text, own);
        wrapped(hex::encode(text).as_bytes(), 2 * own.start..2 * own.end, columns)
    }),
];

/// Encodings of encodings.
const OUTER: &[(&str, Encoder)] = &[
    ("base64", |chance, text, own| around(chance, text, own, &general_purpose::STANDARD)),
    ("hex", |_, text, own| each(text, own, "", |b| format!("{b:02x}"))),
    ("percent", |_, text, own| {
        each(text, own, "", |b| match b.is_ascii_alphanumeric() {
            true => char::from(*b).to_string(),
            false => format!("%{b:02X}"),
        })
    }),
    ("JSON", |_, text, own| each(text, own, "", json)),
];

fn json(byte: &u8) -> String {
    match byte {
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\n' => "\\n".to_owned(),
        0..32 => format!("\\u{byte:04x}"),
        byte => char::from(*byte).to_string(),
    }
}

fn preceded(
    chance: &mut Chance,
    before: usize,
    text: &[u8],
    own: Range<usize>,
) -> (Vec<u8>, Range<usize>) {
    let text = [&chance.text(WORDS, before), text].concat();
    (text, own.start + before..own.end + before)
}

fn around(
    chance: &mut Chance,
    text: &[u8],
    own: Range<usize>,
    engine: &general_purpose::GeneralPurpose,
) -> (Vec<u8>, Range<usize>) {
    let (before, after) = (chance.below(9), chance.below(9));
    let (mut text, own) = preceded(chance, before, text, own);
    text.extend(chance.text(WORDS, after));
    (engine.encode(text).into_bytes(), base64_range(&own))
}

/// The characters whose every bit is of these bytes.
fn base64_range(own: &Range<usize>) -> Range<usize> {
    (own.start * 8).div_ceil(6)..own.end * 8 / 6
}

fn each(
    text: &[u8],
    own: Range<usize>,
    separator: &str,
    write: impl FnMut(&u8) -> String,
) -> (Vec<u8>, Range<usize>) {
    let written: Vec<String> = text.iter().map(write).collect();
    let length = |end: usize| written[..end].iter().map(|w| w.len() + separator.len()).sum();
    let own = length(own.start)..length(own.end) - separator.len();
    (written.join(separator).into_bytes(), own)
}

fn wrapped(text: &[u8], own: Range<usize>, columns: usize) -> (Vec<u8>, Range<usize>) {
    let moved = |at: usize| at + at / columns;
    (
        text.chunks(columns).collect::<Vec<_>>().join(&b'\n'),
        moved(own.start)..moved(own.end - 1) + 1,
    )
}

/// A secret in one of the shapes secrets have.
fn secret(chance: &mut Chance) -> Vec<u8> {
    let length = 8 + chance.below(33);
    match chance.below(4) {
        0 => chance.text(PRINTABLE, length),
        1 => [b"tok_", &chance.text(WORDS, length)[..]].concat(),
        2 => chance.text(b"0123456789abcdef", 32),
        _ => {
            let lines: Vec<_> = (0..4).map(|_| chance.text(WORDS, 48)).collect();
            lines.join(&b'\n')
        }
    }
}

/// Whether a quarter of what was printed of the value, or a run of 12 bytes of it, is still there.
fn leaks(form: &[u8], shown: &[u8]) -> bool {
    let run = (form.len() / 4).clamp(4, 12);
    form.windows(run).any(|part| shown.windows(run).any(|window| window == part))
}

#[test]
fn a_thousand_encodings() {
    let mut chance = Chance(0x5eed_5eed_5eed_5eed);
    let mut kinds: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut value = Vec::new();
    let mut forms = Forms::new(&[]);
    for round in 0..1000 {
        // Making the forms costs more than looking for them: each value is encoded twenty times.
        if round % 20 == 0 {
            value = secret(&mut chance);
            forms = Forms::new(&[Secret::new(value.clone())]);
        }
        let (name, encode) = ENCODERS[round % ENCODERS.len()];
        let (mut form, mut own) = encode(&mut chance, &value, 0..value.len());
        let mut name = name.to_owned();
        // Every fifth is encoded once more.
        if chance.below(5) == 0 {
            let (outer, encode) = OUTER[chance.below(OUTER.len())];
            (form, own) = encode(&mut chance, &form, own);
            name = format!("{outer} of {name}");
        }
        let (before, after) = (chance.text(b"(){}", 5), chance.text(b"(){}", 5));
        let text = [&before[..], b"=", &form, b" ", &after, b"\n"].concat();

        let mut masker = Masker::of(Arc::clone(&forms));
        let mut shown = Vec::new();
        let mut rest = &text[..];
        while !rest.is_empty() {
            let (piece, left) = rest.split_at((1 + chance.below(60)).min(rest.len()));
            shown.extend(masker.push(piece));
            rest = left;
        }
        shown.extend(masker.finish());
        let count = kinds.entry(name).or_default();
        count.1 += 1;
        count.0 += u32::from(!leaks(&form[own], &shown));
    }
    // What is encoded once is masked but for text that looks like another escape.
    let single = kinds.iter().filter(|(kind, _)| !kind.contains(" of "));
    let (masked, all) = single.fold((0, 0), |(m, a), (_, (masked, all))| (m + masked, a + all));
    println!("of those encoded once    {masked} of {all}");
    assert!(masked * 1000 >= all * 995, "{masked} of {all}");
    let masked: u32 = kinds.values().map(|(masked, _)| masked).sum();
    for (kind, (masked, all)) in &kinds {
        println!("{kind:<24} {masked:>3} of {all}");
    }
    println!("masking recall: {:.3} of 1000", f64::from(masked) / 1000.0);
    assert!(masked >= 925, "{masked}");
}
