//! What tells a generated value from one a person wrote.

use memchr::memmem;

use crate::token::distinct;

/// Whether a value can have come from a random generator: it has as many different characters as its
/// length and alphabet let expect, counts nothing up or down, repeats nothing, and holds no word
/// that stands for a secret. Of values that were generated fewer than one in five hundred look
/// otherwise, where they have ten characters or more.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    !value.is_empty()
        && varies(value)
        && !counts(&value.to_ascii_lowercase())
        && !repeats(value)
        && !is_of_words(value)
        && !stands_for_a_secret(value)
}

/// Words people write where a secret belongs.
pub(crate) fn stands_for_a_secret(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 18] = [
        b"changeme",
        b"dummy",
        b"example",
        b"fake",
        b"insert",
        b"invalid",
        b"notreal",
        b"placeholder",
        b"redacted",
        b"replace",
        b"sample",
        b"secret",
        b"xxxx",
        b"your_",
        b"your-",
        b"yourt",
        b"qwerty",
        b"deadbeef",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| memmem::find(&lower, word).is_some())
}

/// Whether there are at least six tenths of the different characters a random value of the same
/// alphabet and length has on average.
fn varies(value: &[u8]) -> bool {
    let length = value.len().min(64);
    let expected = |alphabet: f64| {
        alphabet * (1.0 - (1.0 - 1.0 / alphabet).powi(i32::try_from(length).unwrap_or(64)))
    };
    let head = value.get(..length).unwrap_or_default();
    distinct(head) as f64 > 0.6 * expected(alphabet(value))
}

/// The size of the smallest common alphabet that holds all of it.
fn alphabet(value: &[u8]) -> f64 {
    let (mut digit, mut hex, mut lower, mut upper) = (true, true, true, true);
    for byte in value {
        digit &= byte.is_ascii_digit();
        hex &= byte.is_ascii_hexdigit();
        lower &= !byte.is_ascii_uppercase();
        upper &= !byte.is_ascii_lowercase();
    }
    match (digit, hex, lower || upper) {
        (true, _, _) => 10.0,
        (_, true, _) => 16.0,
        (_, _, true) => 32.0,
        _ => 62.0,
    }
}

/// Whether six characters in a row count up or down by one, or are equal: a random value of digits
/// does that once in two thousand.
fn counts(value: &[u8]) -> bool {
    let (mut step, mut length) = (None, 1);
    for pair in value.windows(2) {
        let &[a, b] = pair else { continue };
        let difference = match b.wrapping_sub(a) {
            step @ (0 | 1 | 255) if b.is_ascii_alphanumeric() => Some(step),
            _ => None,
        };
        length = if difference.is_some() && difference == step { length + 1 } else { 2 };
        step = difference;
        if step.is_some() && length >= 6 {
            return true;
        }
    }
    false
}

/// Whether a piece of at most sixteen characters is written again and again.
fn repeats(value: &[u8]) -> bool {
    (1..=16).take_while(|period| period * 2 <= value.len()).any(|period| {
        let later = value.get(period..).unwrap_or_default();
        later.iter().zip(value).all(|(one, other)| one == other)
    })
}

/// Whether it is long and has letters of one case only, with or without hyphens and underscores: an
/// alphabet nobody generates keys in that has digits as well.
fn is_of_words(value: &[u8]) -> bool {
    let joined = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let letters = |class: fn(&u8) -> bool| value.iter().all(|byte| class(byte) || joined(byte));
    let parts = value.split(joined).filter(|part| !part.is_empty()).count();
    parts > 1 && (letters(u8::is_ascii_lowercase) || letters(u8::is_ascii_uppercase))
}

#[cfg(test)]
mod tests {
    use penstock_check::template;

    use super::*;

    #[test]
    fn generated_values_look_random() {
        for class in
            ["digits", "hex", "uhex", "lower", "upper", "alnum", "lalnum", "base32", "base64url"]
        {
            for length in [12, 16, 20, 32, 40, 64, 200] {
                let random = (0..100)
                    .filter(|seed| {
                        let text = format!("{{{{{class}:{length}}}}}");
                        looks_random(template::expand(&text, &seed.to_string()).unwrap().as_bytes())
                    })
                    .count();
                assert!(random >= 98, "{class}:{length}: {random} of 100");
            }
        }
    }

    #[test]
    fn what_people_write_does_not() {
        for value in [
            &b""[..],
            b"xxxxxxxxxxxxxxxxxxxxxxxx",
            b"00000000000000000000",
            b"YOUR_TOKEN_HERE_PLEASE_OK",
            b"abcdefghijklmnopqrst",
            b"ABCDEFGHIJKLMNOPQRST",
            b"0123456789abcdef0123456789abcdef",
            b"q8Zexample7TrW2mLp0k",
            b"q8ZEXAMPLE7TrW2mLp0k",
            b"a1a1a1a1a1a1a1a1a1a1",
            b"3f9c3f9c3f9c3f9c3f9c3f9c3f9c3f9c",
            b"name-of-the-thing-we-mean",
            b"9876543210fedcba9876543210fedcba",
        ] {
            assert!(!looks_random(value), "{}", String::from_utf8_lossy(value));
        }
    }
}
