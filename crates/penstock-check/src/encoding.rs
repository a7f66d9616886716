//! Text that is not UTF-8.

use std::{borrow::Cow, char::decode_utf16};

/// How far into a text a unit that makes no sense tells that it is no text: as far as a NUL byte
/// makes a file binary.
const PREFIX: usize = 4 * 1024;

/// A file's content for checks: what begins with a byte order mark of UTF-16 is text in it, as
/// PowerShell, the registry editor and Notepad write it, and is handed on as UTF-8 without the mark.
/// Places in it are then lines, columns and bytes of the UTF-8 text. Anything else stays as it is;
/// so does what has a lone surrogate or a NUL among its first 4 Ki units, since binary formats begin
/// with these two bytes too. Later ones become U+FFFD.
///
/// The Unicode Standard, sections 3.10 and 23.8 (byte order mark).
pub(crate) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(bytes),
    };
    let (units, odd) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
    let mut text = String::with_capacity(units.len());
    for (index, decoded) in decode_utf16(units.iter().map(|pair| unit(*pair))).enumerate() {
        match decoded {
            Ok('\0') | Err(_) if index < PREFIX => return Cow::Borrowed(bytes),
            Ok(character) => text.push(character),
            Err(_) => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Cow::Owned(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn both_orders_are_read_and_nothing_else_is_touched() {
        let text = "$key = 'é🦀'\r\n";
        assert_eq!(utf8(&written(text, u16::to_le_bytes)), text.as_bytes());
        assert_eq!(utf8(&written(text, u16::to_be_bytes)), text.as_bytes());
        assert_eq!(utf8(b"\xff\xfe"), &b""[..]);
        for other in [&b""[..], b"\xff", b"plain", b"\xef\xbb\xbfplain"] {
            assert!(matches!(utf8(other), Cow::Borrowed(same) if same == other));
        }
    }

    #[test]
    fn what_only_begins_like_it_is_left_alone_and_late_damage_hides_nothing() {
        for binary in [&b"\xff\xfe\0\0a\0"[..], b"\xff\xfe\x00\xd8a\0", b"\xff\xfea\0\0\0"] {
            assert!(matches!(utf8(binary), Cow::Borrowed(_)), "{binary:?}");
        }
        let mut late = written(&"x".repeat(PREFIX), u16::to_le_bytes);
        late.extend_from_slice(b"\x00\xd8k\0e\0y\0!");
        assert!(utf8(&late).ends_with("\u{fffd}key\u{fffd}".as_bytes()));
    }
}
