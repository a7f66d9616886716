//! Whether a generator made a value, a person chose it, or it is a word.

use crate::{
    token::{distinct, has_sequence},
    words::wordiness,
};

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// A word or an identifier.
    Word,
    /// Digits only.
    Number,
    /// Letters with digits or signs, as people make passwords.
    Chosen,
    /// Eight groups of hexadecimal digits in the form of RFC 9562.
    Uuid,
    /// Nothing a person would remember.
    Generated,
}

/// What `value` is made of; nothing for what is neither: dates, versions, addresses.
pub(crate) fn strength(value: &[u8]) -> Option<Strength> {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    if value.len() >= 8 && distinct(value) < 4 {
        return None;
    }
    let count = |class: fn(&u8) -> bool| value.iter().filter(|byte| class(byte)).count();
    let letters = count(u8::is_ascii_alphabetic);
    let digits = count(u8::is_ascii_digit);
    let signs = value.len() - letters - digits;
    if letters == 0 {
        let strange = count(|byte| b"!@#$%^&*+=?~".contains(byte)) > 0;
        return match (digits, signs) {
            (_, 0) => Some(Strength::Number),
            (3.., _) if strange => Some(Strength::Chosen),
            _ => None,
        };
    }
    if is_uuid(value) {
        return (distinct(value) >= 9 && !has_sequence(value)).then_some(Strength::Uuid);
    }
    let words = wordiness(value);
    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
    let mean = words / i32::try_from(letters).unwrap_or(i32::MAX).max(1);
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    if hex && value.len() >= 16 && digits > 0 {
        return (distinct(value) >= 7).then_some(Strength::Generated);
    }
    let switches = switches(value);
    let generated = match length {
        ..=5 => mean < -14,
        6..=7 => mean < -6 && words < -40,
        8..=9 => mean < -1 || switches >= 4 && mean < 6,
        10..=15 => mean < 1 || switches >= 4 && mean < 8,
        _ => mean < 4 || switches >= 6 && mean < 9,
    };
    let varied = distinct(value) * 2 >= value.len().min(16);
    if generated && varied && !has_sequence(&value.to_ascii_lowercase()) {
        return Some(Strength::Generated);
    }
    // `Wrong!`, `Really?`: a word in a sentence.
    let spoken =
        matches!(value, [head @ .., b'!' | b'?'] if head.iter().all(u8::is_ascii_alphabetic));
    if spoken && mean >= 4 {
        return Some(Strength::Word);
    }
    let sign = count(|byte| b"!@#$%^&*+=?~".contains(byte));
    if digits > 0 || sign > 0 || mean < 4 {
        return Some(Strength::Chosen);
    }
    Some(Strength::Word)
}

/// How often letters and digits change, and small letters follow capitals out of turn.
fn switches(value: &[u8]) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 3,
        _ => 0,
    };
    let changes = value.windows(2).filter(|pair| match pair {
        [a, b] => {
            let (a, b) = (class(*a), class(*b));
            a != 0 && b != 0 && a != b && (a == 1 || b == 1 || (a, b) == (2, 3))
        }
        _ => false,
    });
    changes.count()
}

/// Whether it has the form of a digest: hexadecimal digits of MD5, SHA-1, SHA-256, SHA-384 or SHA-512.
pub(crate) fn is_digest(value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit)
}

/// 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use penstock_check::template::expand;

    use super::*;

    #[test]
    fn what_generators_make_is_told_from_words() {
        for (class, lengths) in [
            ("lower", &[8, 10, 12, 16, 24, 32][..]),
            ("alnum", &[12, 16, 20, 24, 32, 40, 64]),
            ("hex", &[16, 24, 32, 40, 64]),
            ("base64url", &[16, 22, 32, 43]),
        ] {
            for length in lengths {
                let found = (0..400)
                    .filter(|seed| {
                        let text = expand(&format!("{{{{{class}:{length}}}}}"), &seed.to_string())
                            .unwrap();
                        strength(text.as_bytes()) == Some(Strength::Generated)
                    })
                    .count();
                assert!(found >= 360, "{class}:{length}: {found} of 400");
            }
        }
    }

    #[test]
    fn words_and_identifiers_are_words() {
        for value in [
            "postgres",
            "administrator",
            "current-password",
            "userPasswordField",
            "com.acme.security.token",
            "authorization_code",
            "DB_ROOT_PASSWORD",
            "kubernetes",
            "swordfish",
            "motdepasse",
        ] {
            assert_eq!(strength(value.as_bytes()), Some(Strength::Word), "{value}");
        }
    }

    #[test]
    fn what_people_choose_is_neither() {
        for value in ["hunter2", "admin123", "Passw0rd!", "trustno1", "qwerty123", "Summer2024"] {
            assert_eq!(strength(value.as_bytes()), Some(Strength::Chosen), "{value}");
        }
        assert_eq!(strength(b"123456"), Some(Strength::Number));
        assert_eq!(strength(b"2024-01-31"), None);
        assert_eq!(strength(b"10.0.0.1"), None);
        assert_eq!(strength(b"00000000000000aa"), None);
    }
}
