//! Private keys in text: PEM and its relatives, also inside strings of other formats.

use std::ops::Range;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Longest block looked at: an RSA key of 16,384 bits takes 13 KiB, a PGP key ring a few more.
pub(crate) const MAX_BLOCK: usize = 64 * 1024;
/// Longest label between the dashes.
const MAX_LABEL: usize = 48;
/// Shortest content of a private key: a seed of 32 bytes.
const MIN_CONTENT: usize = 32;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A block that holds a private key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PrivateKey {
    /// From the first dash to the last.
    pub(crate) range: Range<usize>,
    /// What stands between the dashes: `RSA PRIVATE KEY`.
    pub(crate) label: String,
    /// The decoded content: the same for the same key, however it is wrapped.
    pub(crate) content: Vec<u8>,
    /// Whether a passphrase protects it.
    pub(crate) encrypted: bool,
}

impl PrivateKey {
    /// Reads the block that begins with the `-----BEGIN ` at `start`.
    ///
    /// Nothing comes back unless the label names a private key, the block ends with the same label,
    /// and what is between decodes to something that can be such a key; so an ellipsis in a document
    /// or a template variable is not a key.
    pub(crate) fn read(bytes: &[u8], start: usize) -> Option<Self> {
        let rest = bytes.get(start..)?.strip_prefix(b"-----BEGIN ")?;
        let block = rest.get(..rest.len().min(MAX_BLOCK))?;
        let dashes = position(block.get(..block.len().min(MAX_LABEL))?, b"-----")?;
        let label = std::str::from_utf8(block.get(..dashes)?).ok()?;
        if !label.ends_with("PRIVATE KEY") && label != "PGP PRIVATE KEY BLOCK" {
            return None;
        }
        let body = block.get(dashes + 5..)?;
        let end_mark = format!("-----END {label}-----");
        // The next dashes must be its end: so a file of beginnings is read once, not once for each.
        let end = position(body, b"-----").filter(|end| {
            body.get(*end..).is_some_and(|rest| rest.starts_with(end_mark.as_bytes()))
        })?;
        let (content, headers) = decode(body.get(..end)?)?;
        let encrypted = judge(label, &content, &headers)?;
        let length = b"-----BEGIN ".len() + dashes + 5 + end + end_mark.len();
        Some(Self { range: start..start + length, label: label.to_owned(), content, encrypted })
    }
}

/// Whether the content is encrypted; nothing if it cannot be a key of that label.
fn judge(label: &str, content: &[u8], headers: &str) -> Option<bool> {
    if content.len() < MIN_CONTENT || content.iter().all(|byte| Some(byte) == content.first()) {
        return None;
    }
    match label {
        "ENCRYPTED PRIVATE KEY" => is_der_sequence(content).then_some(true),
        // openssh-key-v1 (PROTOCOL.key in OpenSSH): magic, then the cipher's name.
        "OPENSSH PRIVATE KEY" => {
            let rest = content.strip_prefix(b"openssh-key-v1\0")?;
            Some(!rest.starts_with(b"\0\0\0\x04none"))
        }
        // RFC 9580: the first packet is a secret key, tag 5, in either packet format.
        "PGP PRIVATE KEY BLOCK" => {
            let first = *content.first()?;
            let tag = if first & 0x40 == 0 { (first >> 2) & 0x0f } else { first & 0x3f };
            // How its secret part is protected stands behind the public part; not looked at.
            (first & 0x80 != 0 && tag == 5).then_some(false)
        }
        // The older encryption of OpenSSL names itself in a header (RFC 1421).
        _ if headers.contains("ENCRYPTED") => Some(true),
        _ => is_der_sequence(content).then_some(false),
    }
}

/// Whether it is one DER SEQUENCE (X.690) that ends where the content ends.
fn is_der_sequence(content: &[u8]) -> bool {
    let Some(rest) = content.strip_prefix(&[0x30]) else { return false };
    match *rest {
        [length @ 0..=0x7f, ..] => rest.len() == 1 + usize::from(length),
        [0x81, length, ..] => rest.len() == 2 + usize::from(length),
        [0x82, high, low, ..] => rest.len() == 3 + usize::from(u16::from_be_bytes([high, low])),
        _ => false,
    }
}

/// The decoded body and its headers. White space in every form a string literal gives it is passed
/// over, and so is what stands between a closing and an opening quote.
fn decode(body: &[u8]) -> Option<(Vec<u8>, String)> {
    let mut encoded = Vec::with_capacity(body.len());
    let mut headers = String::new();
    let mut quoted_out = false;
    for line in lines(body) {
        let colon = line.contains(&b':');
        let plain = !line.iter().any(|byte| matches!(byte, b'"' | b'\''));
        if colon && plain {
            headers.push_str(&String::from_utf8_lossy(line));
            headers.push('\n');
            continue;
        }
        let trimmed = line.trim_ascii();
        // The check of a PGP block: `=` and four characters.
        if trimmed.len() == 5 && trimmed.first() == Some(&b'=') {
            break;
        }
        for byte in trimmed {
            match byte {
                b'"' | b'\'' => quoted_out = !quoted_out,
                _ if quoted_out => {}
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => encoded.push(*byte),
                // Padding, the ends of lines in literals, comment and quotation marks.
                b'=' | b'\\' | b' ' | b'\t' | b',' | b'#' | b'*' | b'>' | b';' | b'|' => {}
                _ => return None,
            }
        }
    }
    // One character too many can only be a cut; a decoder would call it an error as well.
    let decoded = BASE64.decode(&encoded).ok()?;
    Some((decoded, headers))
}

/// Lines, whether they end with a line break or with one written as an escape.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let next = |at: usize| bytes.get(at + 1).copied();
        let (at, length) = bytes
            .iter()
            .enumerate()
            .find_map(|(at, byte)| match byte {
                b'\n' | b'\r' => Some((at, 1)),
                b'\\' if matches!(next(at), Some(b'n' | b'r')) => Some((at, 2)),
                _ => None,
            })
            .unwrap_or((bytes.len(), 1));
        rest = bytes.get(at + length..).filter(|rest| !rest.is_empty());
        bytes.get(..at)
    })
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    /// A DER SEQUENCE of `length` bytes that nobody would take for a real key.
    fn der(length: u8) -> Vec<u8> {
        let mut der = vec![0x30, 0x81, length - 3];
        der.extend((3..length).map(|n| n.wrapping_mul(37)));
        der
    }

    fn block(label: &str, content: &[u8], line_end: &str) -> String {
        let text = BASE64_STANDARD.encode(content);
        let lines: Vec<_> =
            text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
        let dashes = "-----";
        format!(
            "{dashes}BEGIN {label}{dashes}{line_end}{}{line_end}{dashes}END {label}{dashes}",
            lines.join(line_end)
        )
    }

    fn read(text: &str) -> Option<PrivateKey> {
        PrivateKey::read(text.as_bytes(), text.find("-----BEGIN")?)
    }

    #[test]
    fn one_key_is_one_value_however_it_is_wrapped() {
        let content = der(120);
        for (name, text) in [
            ("file", block("PRIVATE KEY", &content, "\n")),
            ("carriage returns", block("PRIVATE KEY", &content, "\r\n")),
            ("json", format!(r#"{{"k": "{}\n"}}"#, block("PRIVATE KEY", &content, "\\n"))),
            ("yaml block", block("PRIVATE KEY", &content, "\n    ")),
            ("comment", block("PRIVATE KEY", &content, "\n# ")),
            (
                "concatenation",
                format!("k = \"{}\\n\"", block("PRIVATE KEY", &content, "\\n\" +\n  \"")),
            ),
            ("one line", block("PRIVATE KEY", &content, " ")),
        ] {
            let key = read(&text).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(key.content, content, "{name}");
            assert!(!key.encrypted, "{name}");
            assert!(text.as_bytes()[key.range].ends_with(b"PRIVATE KEY-----"), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_none() {
        for (name, text) in [
            (
                "ellipsis",
                "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".into(),
            ),
            ("cut", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".into()),
            ("variable", "-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----".into()),
            ("public", block("PUBLIC KEY", &der(120), "\n")),
            ("certificate", block("CERTIFICATE", &der(120), "\n")),
            ("no sequence", block("PRIVATE KEY", &[7, 8].repeat(50), "\n")),
            ("zeros", block("PRIVATE KEY", &[0; 100], "\n")),
            ("not openssh", block("OPENSSH PRIVATE KEY", &der(120), "\n")),
            ("no end", block("PRIVATE KEY", &der(120), "\n").replace("END", "FIN")),
            ("other end", block("PRIVATE KEY", &der(120), "\n").replace("END ", "END EC ")),
            ("message", block("PGP MESSAGE", &[0x95; 60], "\n")),
        ] {
            assert_eq!(read(&text), None, "{name}");
        }
    }

    #[test]
    fn a_passphrase_is_told_for_every_encoding_that_shows_it() {
        let legacy = block("RSA PRIVATE KEY", &[9, 8, 7, 6].repeat(20), "\n").replacen(
            "-----\n",
            "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            1,
        );
        assert!(read(&legacy).unwrap().encrypted);
        assert!(read(&block("ENCRYPTED PRIVATE KEY", &der(120), "\n")).unwrap().encrypted);
        let openssh = |cipher: &[u8]| {
            let mut content = b"openssh-key-v1\0\0\0\0".to_vec();
            content.push(u8::try_from(cipher.len()).unwrap());
            content.extend(cipher);
            content.extend(0..60);
            block("OPENSSH PRIVATE KEY", &content, "\n")
        };
        assert!(!read(&openssh(b"none")).unwrap().encrypted);
        assert!(read(&openssh(b"aes256-ctr")).unwrap().encrypted);
        let mut packet = vec![0x95, 1, 2];
        packet.extend(0..80);
        assert!(!read(&block("PGP PRIVATE KEY BLOCK", &packet, "\n")).unwrap().encrypted);
    }

    #[test]
    fn hostile_text_ends_at_the_limit() {
        let mut text = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        text.push_str(&"A".repeat(MAX_BLOCK));
        text.push_str("-----END PRIVATE KEY-----");
        assert_eq!(read(&text), None);
        assert_eq!(read("-----BEGIN "), None);
        assert_eq!(read(&format!("-----BEGIN {}", "X".repeat(100))), None);
    }
}
