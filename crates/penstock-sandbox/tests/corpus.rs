//! Fuzz targets over what a step prints: what is shown cannot command a terminal and holds no
//! secret, in however many pieces it was written.

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_model::Secret;
use penstock_sandbox::{
    mask::{MASK, MIN_SECRET_BYTES, Masker},
    printable,
};

/// Output on its way to a terminal.
pub(crate) fn shown(bytes: &[u8]) -> bool {
    let text = printable(bytes);
    assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{text:?}");
    let reorders = |c| {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(reorders), "{text:?}");
    assert_eq!(printable(text.as_bytes()), text, "what is shown once is shown again");
    true
}

/// A stream with secrets in it. The first byte says how long the secret is that follows, the next
/// how long the pieces are in which the rest is written.
pub(crate) fn masked(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first() else { return false };
    let Some((value, rest)) = rest.split_at_checked(usize::from(length % 48)) else { return false };
    let Some((piece, stream)) = rest.split_first() else { return false };
    // A mask beside asterisks could look like a secret made of asterisks.
    if value.len() < MIN_SECRET_BYTES || value.contains(&b'*') {
        return false;
    }
    let secrets = [Secret::new(value)];
    let hexadecimal: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let halves = stream.split_at(stream.len() / 2);
    let stream = [halves.0, value, halves.1, hexadecimal.as_bytes(), b"\n", value].concat();

    let mut masker = Masker::new(&secrets);
    let mut whole = masker.push(&stream);
    whole.extend(masker.finish());
    let mut masker = Masker::new(&secrets);
    let mut pieces = Vec::new();
    for piece in stream.chunks(usize::from(*piece).max(1)) {
        pieces.extend(masker.push(piece));
    }
    pieces.extend(masker.finish());
    assert_eq!(pieces, whole, "the size of a write changes what is masked");
    assert!(whole.windows(MASK.len()).any(|window| window == MASK));
    for form in [value, hexadecimal.as_bytes()] {
        let leak = whole.windows(form.len()).any(|window| window == form);
        assert!(!leak, "{} is in {}", form.escape_ascii(), whole.escape_ascii());
    }
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/shown"], 4000, shown);
    corpus::run(&["tests/corpus/masked"], 150, masked);
}
