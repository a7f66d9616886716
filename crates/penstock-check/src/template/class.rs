//! Sets of characters a token is written in.

/// A named set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `0-9`
    Digits,
    /// `0-9a-f`
    Hex,
    /// `0-9A-F`
    Uhex,
    /// `0-9a-fA-F`
    Anyhex,
    /// `a-z`
    Lower,
    /// `A-Z`
    Upper,
    /// `0-9A-Za-z`: base 62
    Alnum,
    /// `0-9a-z`: base 36
    Lalnum,
    /// `0-9A-Z`
    Ualnum,
    /// RFC 4648, section 6
    Base32,
    /// RFC 4648, section 4, without padding
    Base64,
    /// RFC 4648, section 5, without padding
    Base64url,
    /// `0-9A-Za-z-`
    Alnumdash,
    /// `0-9A-Za-z_`
    Word,
    /// `0-9A-Za-z-._~`: RFC 3986, section 2.3
    Unreserved,
}

/// The names of all classes and their characters, in the order of the enum.
const CLASSES: [(&str, Class, &[u8]); 15] = [
    ("digits", Class::Digits, b"0123456789"),
    ("hex", Class::Hex, b"0123456789abcdef"),
    ("uhex", Class::Uhex, b"0123456789ABCDEF"),
    ("anyhex", Class::Anyhex, b"0123456789abcdefABCDEF"),
    ("lower", Class::Lower, b"abcdefghijklmnopqrstuvwxyz"),
    ("upper", Class::Upper, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("alnum", Class::Alnum, super::BASE62),
    ("lalnum", Class::Lalnum, b"0123456789abcdefghijklmnopqrstuvwxyz"),
    ("ualnum", Class::Ualnum, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base32", Class::Base32, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("base64", Class::Base64, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    (
        "base64url",
        Class::Base64url,
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    (
        "alnumdash",
        Class::Alnumdash,
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-",
    ),
    ("word", Class::Word, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"),
    (
        "unreserved",
        Class::Unreserved,
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~",
    ),
];

/// For every byte the classes that hold it, one bit each.
static MEMBERSHIP: [u16; 256] = membership();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn membership() -> [u16; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < CLASSES.len() {
        let (_, class, characters) = CLASSES[index];
        let mut at = 0;
        while at < characters.len() {
            table[characters[at] as usize] |= 1 << class as u16;
            at += 1;
        }
        index += 1;
    }
    table
}

impl Class {
    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        CLASSES.iter().find(|(own, _, _)| *own == name).map(|(_, class, _)| *class)
    }

    /// The names of all classes, separated by commas.
    pub(super) fn names() -> String {
        CLASSES.map(|(name, _, _)| name).join(", ")
    }

    /// Its characters.
    pub fn alphabet(self) -> &'static [u8] {
        CLASSES
            .iter()
            .find(|(_, class, _)| *class == self)
            .map_or(b"", |(_, _, characters)| characters)
    }

    /// Whether a byte is one of its characters.
    #[inline]
    pub fn contains(self, byte: u8) -> bool {
        MEMBERSHIP.get(usize::from(byte)).is_some_and(|bits| bits >> self as u16 & 1 == 1)
    }

    /// Whether some character is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.alphabet().iter().any(|byte| other.contains(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_contains_its_alphabet_and_nothing_else() {
        for (name, class, characters) in CLASSES {
            assert_eq!(Class::named(name), Some(class));
            assert_eq!(class.alphabet(), characters);
            for byte in 0..=255 {
                assert_eq!(class.contains(byte), characters.contains(&byte), "{name} {byte}");
            }
        }
        assert!(Class::Hex.overlaps(Class::Lower) && !Class::Digits.overlaps(Class::Lower));
    }
}
