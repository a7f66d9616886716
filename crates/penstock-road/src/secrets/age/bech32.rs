//! Bech32 as age writes keys: <https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki>,
//! without its limit of 90 characters.

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_CHARACTERS: usize = 6;

/// The bytes of a Bech32 string with that human-readable part (in lower case), if it is one.
pub(super) fn decode(text: &[u8], human: &[u8]) -> Option<Vec<u8>> {
    let upper = text.iter().any(u8::is_ascii_uppercase);
    if upper && text.iter().any(u8::is_ascii_lowercase) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let values = text.strip_prefix(human)?.strip_prefix(b"1")?;
    let value =
        |byte: &u8| ALPHABET.iter().position(|c| c == byte).and_then(|v| u8::try_from(v).ok());
    let values: Vec<u8> = values.iter().map(value).collect::<Option<_>>()?;
    let expanded = human.iter().map(|c| c >> 5).chain([0]).chain(human.iter().map(|c| c & 31));
    if polymod(expanded.chain(values.iter().copied())) != 1 {
        return None;
    }
    let (data, _) = values.split_at(values.len().checked_sub(CHECKSUM_CHARACTERS)?);
    let mut bytes = Vec::with_capacity(data.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for value in data {
        held = held << 5 | u32::from(*value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_le_bytes()[0]);
            held &= (1 << bits) - 1;
        }
    }
    // What is left over pads the last character, with zeros.
    (bits < 5 && held == 0).then_some(bytes)
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        let used = GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        used.fold(shifted, |sum, (_, generator)| sum ^ generator)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Valid and invalid strings of BIP 173.
    #[test]
    fn strings_of_the_specification() {
        assert_eq!(decode(b"A12UEL5L", b"a"), Some(vec![]));
        let long = b"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs";
        let human = long.strip_suffix(b"1tt5tgs").unwrap();
        assert_eq!(decode(long, human), Some(vec![]));
        let all = b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw";
        assert_eq!(decode(all, b"abcdef").map(|bytes| bytes.len()), Some(20));
        for (wrong, human) in [
            ("A12uEL5L", "a"),
            ("a12uel5m", "a"),
            ("b12uel5l", "b"),
            ("a1b2uel5l", "a"),
            ("a1", "a"),
        ] {
            assert_eq!(decode(wrong.as_bytes(), human.as_bytes()), None, "{wrong}");
        }
    }
}
