//! The textual encoding of keys (RFC 7468): one block, nothing around it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The longest text that is read as PEM, in bytes; our keys take some 250.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// Characters of base64 on a line (RFC 7468 section 2).
const LINE: usize = 64;

/// Writes one block.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// Reads a text that is exactly one block with that label; `None` otherwise.
pub(crate) fn decode(label: &str, text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let body = text
        .trim_ascii()
        .strip_prefix(&format!("-----BEGIN {label}-----"))?
        .strip_suffix(&format!("-----END {label}-----"))?;
    let base64: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(base64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_reads_back_and_nothing_else_does() {
        let der = [7; 100];
        let text = encode("THING", &der);
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        assert_eq!(decode("THING", &text), Some(der.to_vec()));
        assert_eq!(decode("THING", &text.replace('\n', "\r\n")), Some(der.to_vec()));
        for wrong in [
            "",
            "-----BEGIN THING-----",
            "-----BEGIN THING----------END THINGS-----",
            "-----BEGIN THING-----\n*\n-----END THING-----",
            &format!("{text}{text}"),
            &format!("Comment: x\n{text}"),
        ] {
            assert_eq!(decode("THING", wrong), None, "{wrong}");
        }
        assert_eq!(decode("OTHER", &text), None);
        assert_eq!(decode("THING", &encode("THING", &[0; MAX_BYTES])), None);
    }
}
