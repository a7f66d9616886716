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
    /// `|crc32hex`: the run is the CRC-32, eight hexadecimal digits, of everything before it without
    /// the one `_`, `=`, `.` or `-` that joins them.
    Hex,
}

impl Checksum {
    /// What stands behind the `|` in a template.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "crc" => Some(Self::Base62),
            "crc32hex" => Some(Self::Hex),
            _ => None,
        }
    }

    /// How many characters of the run are the checksum.
    pub fn length(self) -> usize {
        match self {
            Self::Base62 => 6,
            Self::Hex => 8,
        }
    }

    /// Whether the end of `run` is the checksum, where `before` is the token up to the run.
    pub fn holds(self, before: &[u8], run: &[u8]) -> bool {
        match self {
            Self::Base62 => run
                .split_last_chunk::<6>()
                .is_some_and(|(signed, end)| base62(crc32(signed)).as_bytes() == end),
            Self::Hex => {
                let right = hex(crc32(signed(before)));
                run.eq_ignore_ascii_case(right.as_bytes())
            }
        }
    }

    /// The checksum of a run that is `random` so far, after the token's text `before` it.
    pub(super) fn of(self, before: &[u8], random: &[u8]) -> String {
        match self {
            Self::Base62 => base62(crc32(random)),
            Self::Hex => hex(crc32(signed(before))),
        }
    }
}

/// The text without the character that joins it to its checksum.
fn signed(before: &[u8]) -> &[u8] {
    match before {
        [signed @ .., b'_' | b'=' | b'.' | b'-'] => signed,
        all => all,
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
        for joint in ["", "_", "=", ".", "-"] {
            let before = format!("123456789{joint}");
            assert!(Checksum::Hex.holds(before.as_bytes(), b"cbf43926"), "{joint}");
            assert!(Checksum::Hex.holds(before.as_bytes(), b"CBF43926"), "{joint}");
            assert!(!Checksum::Hex.holds(before.as_bytes(), b"cbf43927"), "{joint}");
        }
    }
}
