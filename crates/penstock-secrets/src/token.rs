//! What every detector asks of a run of bytes: where it ends, whether a generator made it, whether
//! its checksum is right.

use std::ops::Range;

use crate::random::stands_for_a_secret;

/// The run of bytes from `from` that all satisfy `class`, at most `limit` bytes long.
pub(crate) fn run(bytes: &[u8], from: usize, limit: usize, class: fn(&u8) -> bool) -> Range<usize> {
    let rest = bytes.get(from..).unwrap_or_default();
    let length = rest.iter().take(limit).take_while(|byte| class(byte)).count();
    crate::steps::count(length + 1);
    from..from + length
}

/// The run of bytes that ends just before `to` and all satisfy `class`, at most `limit` bytes long.
pub(crate) fn run_before(
    bytes: &[u8],
    to: usize,
    limit: usize,
    class: fn(&u8) -> bool,
) -> Range<usize> {
    let before = bytes.get(..to).unwrap_or_default();
    let length = before.iter().rev().take(limit).take_while(|byte| class(byte)).count();
    crate::steps::count(length + 1);
    to - length..to
}

/// Digits and letters: the alphabet of base 62.
pub(crate) fn alphanumeric(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// The URL-safe alphabet of base 64 (RFC 4648, section 5).
pub(crate) fn base64url(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Whether no byte satisfying `class` touches `range` on either side.
pub(crate) fn stands_alone(bytes: &[u8], range: &Range<usize>, class: fn(&u8) -> bool) -> bool {
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(class) && !bytes.get(range.end).is_some_and(class)
}

/// Whether a person wrote `value` to stand for a secret: few different characters, a counted
/// sequence, or a word such as `example`. A generated token of 20 characters or more looks like this
/// less than once in a hundred thousand.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let few = distinct(value) < (value.len() / 2).min(8);
    few || stands_for_a_secret(value) || has_sequence(&lower)
}

/// How many different bytes there are.
pub(crate) fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in value {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|seen| **seen).count()
}

/// Whether six bytes in a row count up by one (`abcdef`, `123456`) or five are equal.
pub(crate) fn has_sequence(value: &[u8]) -> bool {
    let (mut rising, mut equal) = (1, 1);
    for pair in value.windows(2) {
        let &[a, b] = pair else { continue };
        rising = if b == a.wrapping_add(1) && b.is_ascii_alphanumeric() { rising + 1 } else { 1 };
        equal = if a == b { equal + 1 } else { 1 };
        if rising >= 6 || equal >= 5 {
            return true;
        }
    }
    false
}

/// Shannon entropy in bits per byte.
pub(crate) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = value.len() as f64;
    counts.iter().filter(|count| **count > 0).fold(0.0, |bits, count| {
        let share = f64::from(*count) / length;
        bits - share * share.log2()
    })
}

/// The CRC-32 of IEEE 802.3, as zlib computes it.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    // One bit at a time: tokens are short and few, and a table would cost more than it saves.
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// Whether the last six characters are the CRC-32 of the ones before, in base 62 padded with zeros:
/// the format of GitHub's and npm's tokens
/// (<https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>).
pub(crate) fn has_base62_checksum(body: &[u8]) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    body.split_last_chunk::<6>()
        .is_some_and(|(random, checksum)| in_base(crc32(random), DIGITS) == *checksum)
}

/// Whether the last seven characters are the CRC-32 of the ones before, in lower-case base 36 padded
/// with zeros: the format of GitLab's routable tokens (GitLab handbook, "Cells: Routable Tokens").
pub(crate) fn has_base36_checksum(token: &[u8]) -> bool {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    token
        .split_last_chunk::<7>()
        .is_some_and(|(signed, checksum)| in_base(crc32(signed), DIGITS) == *checksum)
}

/// `number` in the base that has these digits, padded on the left to `N` of them.
fn in_base<const N: usize, const BASE: usize>(mut number: u32, digits: &[u8; BASE]) -> [u8; N] {
    let mut text = [b'0'; N];
    for place in text.iter_mut().rev() {
        let digit = usize::try_from(number).unwrap_or(0) % BASE;
        *place = digits.get(digit).copied().unwrap_or(b'0');
        number /= u32::try_from(BASE).unwrap_or(u32::MAX);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_one_of_zlib() {
        // The check value every catalogue of CRCs gives for CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_checksum_survives_no_change_of_one_character() {
        // Both vectors were computed with Python's zlib.crc32.
        let body = b"aB7cD8eF9gH0jK1mN2pQ3rS4tU5vW62M5jQM";
        assert!(has_base62_checksum(body));
        for place in 0..body.len() {
            let mut changed = *body;
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert!(!has_base62_checksum(&changed), "{place}");
        }
        assert!(has_base62_checksum(b"abcdefgh12345678903ZZZZZZZZZZZ0p5S0Y"), "padded with zero");
        assert!(!has_base62_checksum(b"12345"));
    }

    #[test]
    fn base_36_is_padded_to_seven() {
        assert_eq!(in_base::<7, 36>(0, b"0123456789abcdefghijklmnopqrstuvwxyz"), *b"0000000");
        let max = in_base::<7, 36>(u32::MAX, b"0123456789abcdefghijklmnopqrstuvwxyz");
        assert_eq!(max, *b"1z141z3");
    }

    #[test]
    fn what_people_write_for_a_secret_is_told_from_what_machines_make() {
        for placeholder in [
            &b"xxxxxxxxxxxxxxxxxxxxxxxx"[..],
            b"00000000000000000000",
            b"YOUR_TOKEN_HERE_PLEASE_OK",
            b"abcdefghijklmnopqrst",
            b"q8Zexample7TrW2mLp0k",
            b"a1a1a1a1a1a1a1a1a1a1",
        ] {
            assert!(is_placeholder(placeholder), "{}", String::from_utf8_lossy(placeholder));
        }
        assert!(!is_placeholder(b"q8ZdR7TrW2mLp0kUvB4n"));
    }

    #[test]
    fn runs_stop_at_the_limit_and_at_the_end() {
        assert_eq!(run(b"abc-", 0, 2, alphanumeric), 0..2);
        assert_eq!(run(b"abc-", 1, 9, alphanumeric), 1..3);
        assert_eq!(run(b"abc", 7, 9, alphanumeric), 7..7);
        assert_eq!(run_before(b"://abc", 6, 9, alphanumeric), 3..6);
        assert!(stands_alone(b"-abc.", &(1..4), alphanumeric));
        assert!(!stands_alone(b"xabc.", &(1..4), alphanumeric));
    }
}
