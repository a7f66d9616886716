//! The checksums token formats end with.

/// Base-62 digits in the order of GitHub's and npm's checksums.
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How a run of characters is checked against what stands before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// `|crc`: the last six characters of the run are the CRC-32 of the characters of the run before
    /// them, in base 62 padded with zeros
    /// (<https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>).
    Base62,
    /// A run of eight hexadecimal digits that is the CRC-32 of what stands before it.
    Hex(Signed),
}

/// What a checksum in hexadecimal digits covers, and in which order it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// `|crc32hex`: the whole token with the character that joins the two. Atlassian's tokens, as
    /// read by
    /// <https://github.com/DataDog/dd-sensitive-data-scanner/blob/main/sds/src/secondary_validation/atlassian_token_checksum.rs>.
    WithJoint,
    /// `|crc32lehex`: the token without the character that joins the two, least significant byte
    /// first (<https://github.com/grafana/grafana/tree/main/pkg/components/satokengen>).
    WithoutJoint,
    /// `|crc32bodyhex`: only the letters and digits before that character
    /// (<https://zuplo.com/docs/articles/api-key-leak-detection>).
    Body,
}

impl Checksum {
    /// What stands behind the `|` in a template.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "crc" => Some(Self::Base62),
            "crc32hex" => Some(Self::Hex(Signed::WithJoint)),
            "crc32lehex" => Some(Self::Hex(Signed::WithoutJoint)),
            "crc32bodyhex" => Some(Self::Hex(Signed::Body)),
            _ => None,
        }
    }

    /// How many characters of the run are the checksum.
    pub fn length(self) -> usize {
        match self {
            Self::Base62 => 6,
            Self::Hex(_) => 8,
        }
    }

    /// Whether the end of `run` is the checksum, where `before` is the token up to the run.
    pub fn holds(self, before: &[u8], run: &[u8]) -> bool {
        match self {
            Self::Base62 => run
                .split_last_chunk::<6>()
                .is_some_and(|(signed, end)| base62(crc32(signed)).as_bytes() == end),
            Self::Hex(signed) => run.eq_ignore_ascii_case(signed.checksum(before).as_bytes()),
        }
    }

    /// The checksum of a run that is `random` so far, after the token's text `before` it.
    pub(super) fn of(self, before: &[u8], random: &[u8]) -> String {
        match self {
            Self::Base62 => base62(crc32(random)),
            Self::Hex(signed) => signed.checksum(before),
        }
    }
}

impl Signed {
    /// The eight digits that belong behind `before`, in lower case.
    fn checksum(self, before: &[u8]) -> String {
        let token = match before {
            [token @ .., b'_' | b'=' | b'.' | b'-'] => token,
            all => all,
        };
        match self {
            Self::WithJoint => hex(crc32(before)),
            Self::WithoutJoint => hex(crc32(token).swap_bytes()),
            Self::Body => {
                let parts = token.rsplit(|byte| !byte.is_ascii_alphanumeric());
                hex(crc32(parts.into_iter().next().unwrap_or_default()))
            }
        }
    }
}

/// CRC-32/ISO-HDLC, the one of zlib: reflected polynomial 0xEDB88320.
pub fn crc32(bytes: &[u8]) -> u32 {
    // One bit at a time: tokens are short and few, and a table would cost more than it saves.
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn hex(number: u32) -> String {
    format!("{number:08x}")
}

/// Six digits, most significant first, zero-padded: 62^6 is above 2^32.
fn base62(mut number: u32) -> String {
    let mut digits: Vec<u8> = Vec::with_capacity(6);
    for _ in 0..6 {
        digits.extend(BASE62.get((number % 62) as usize));
        number /= 62;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc32_in_base62() {
        // Check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(0), "000000");
        assert_eq!(base62(61), "00000z");
        assert_eq!(base62(u32::MAX), "4gfFC3");
    }

    #[test]
    fn a_checksum_holds_for_what_it_was_made_of_only() {
        let random = b"aB7cD8eF9gH0jK1mN2pQ3rS4tU5vW6";
        let run = [random, Checksum::Base62.of(b"", random).as_bytes()].concat();
        assert!(Checksum::Base62.holds(b"ghp_", &run));
        assert!(!Checksum::Base62.holds(b"ghp_", &run.to_ascii_lowercase()));
        assert!(!Checksum::Base62.holds(b"", b"12345"));
        // Check value of CRC-32/ISO-HDLC; Grafana's and Zuplo's own examples of their formats.
        for (signed, before, sum) in [
            (Signed::WithJoint, "123456789", "CBF43926"),
            (Signed::WithoutJoint, "glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G_", "fcaaf58a"),
            (Signed::Body, "zpka_3e6c4f7d39954ca29353b7ab88589b64_", "de26cd55"),
        ] {
            let checksum = Checksum::Hex(signed);
            assert!(checksum.holds(before.as_bytes(), sum.as_bytes()), "{before}");
            assert!(checksum.holds(before.as_bytes(), sum.to_lowercase().as_bytes()), "{before}");
            let changed = before.replace('5', "6");
            assert!(!checksum.holds(changed.as_bytes(), sum.as_bytes()), "{before}");
        }
        // The joint counts only where it is signed.
        assert_ne!(Signed::WithJoint.checksum(b"a="), Signed::WithJoint.checksum(b"a"));
        assert_eq!(Signed::WithoutJoint.checksum(b"a_"), Signed::WithoutJoint.checksum(b"a"));
        assert_eq!(Signed::Body.checksum(b"b_a_"), Signed::Body.checksum(b"a"));
    }
}
