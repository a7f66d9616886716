//! Keeps secrets out of what a step prints, also when an encoding or a split write hides them.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use penstock_model::Secret;

/// What stands in place of a secret.
pub const MASK: &[u8] = b"***";

/// Shorter values are not masked: they would blot out innocent text and hide nothing.
pub const MIN_SECRET_BYTES: usize = 4;

/// Lines of a secret of several lines are masked one by one from this length on.
const MIN_LINE_BYTES: usize = 8;

/// Masks secrets in one stream of bytes: as they are, in base64 (standard and URL alphabet, in all
/// three alignments), hexadecimal, percent-encoded, and escaped for JSON; and each longer line of a
/// secret that has several. One masker serves one stream, since it remembers the end of the last
/// write until it is known not to be the start of a secret.
///
/// Other transformations (compression, encryption, reversal, a byte per line) get through: masking
/// limits accidents, it does not stop a step that wants to tell.
#[derive(Debug)]
pub struct Masker {
    forms: Vec<Vec<u8>>,
    /// `None` when it could not be built; then everything is masked.
    search: Option<AhoCorasick>,
    held: Vec<u8>,
    /// How many of the first held bytes lie under a mask that was already shown.
    covered: usize,
    too_short: usize,
}

impl Masker {
    /// A masker for these secrets.
    pub fn new(secrets: &[Secret]) -> Self {
        let mut forms = BTreeSet::new();
        let mut too_short = 0;
        for secret in secrets {
            let value = secret.expose();
            if value.len() < MIN_SECRET_BYTES {
                too_short += 1;
                continue;
            }
            add_forms(value, &mut forms);
            let lines = value.split(|byte| matches!(byte, b'\n' | b'\r'));
            for line in
                lines.filter(|line| line.len() >= MIN_LINE_BYTES && line.len() < value.len())
            {
                add_forms(line, &mut forms);
            }
        }
        let forms: Vec<Vec<u8>> = forms.into_iter().collect();
        let search = AhoCorasick::new(&forms).ok();
        Self { forms, search, held: Vec::new(), covered: 0, too_short }
    }

    /// How many secrets are too short ([`MIN_SECRET_BYTES`]) to be masked: to be said aloud.
    pub fn too_short(&self) -> usize {
        self.too_short
    }

    /// Takes the next bytes of the stream and returns what may be shown by now. What could be the
    /// start of a secret is held back until the next call or [`Masker::finish`].
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let decided = self.decided();
        self.release(decided)
    }

    /// The end of the stream: what was held back, masked.
    pub fn finish(&mut self) -> Vec<u8> {
        let shown = self.release(self.held.len());
        self.covered = 0;
        shown
    }

    /// Shows the first `decided` held bytes, with every byte under any form masked, and drops them.
    fn release(&mut self, decided: usize) -> Vec<u8> {
        let mut shown = Vec::with_capacity(decided);
        let mut done = self.covered;
        for (start, end) in self.spans().into_iter().filter(|(start, _)| *start < decided) {
            // Overlapping forms are one mask, also with one begun in an earlier call.
            if start >= done {
                shown.extend_from_slice(self.held.get(done..start).unwrap_or_default());
                shown.extend_from_slice(MASK);
            }
            done = done.max(end);
        }
        shown.extend_from_slice(self.held.get(done..decided).unwrap_or_default());
        self.held.drain(..decided);
        self.covered = done.saturating_sub(decided);
        shown
    }

    /// Where forms lie in the held bytes, by start; they may overlap.
    fn spans(&self) -> Vec<(usize, usize)> {
        let Some(search) = &self.search else { return vec![(0, self.held.len())] };
        let mut spans: Vec<(usize, usize)> =
            search.find_overlapping_iter(&self.held).map(|m| (m.start(), m.end())).collect();
        spans.sort_unstable();
        spans
    }

    /// INVARIANT: no form that later bytes complete starts before this position, because a form
    /// that starts there has all that is held after it as its own proper start.
    fn decided(&self) -> usize {
        let longest = self.forms.iter().map(Vec::len).max().unwrap_or(0);
        let first = self.held.len().saturating_sub(longest.saturating_sub(1));
        (first..self.held.len())
            .find(|start| {
                let suffix = self.held.get(*start..).unwrap_or_default();
                self.forms.iter().any(|form| form.len() > suffix.len() && form.starts_with(suffix))
            })
            .unwrap_or(self.held.len())
    }
}

fn add_forms(value: &[u8], forms: &mut BTreeSet<Vec<u8>>) {
    forms.insert(value.to_vec());
    let hexadecimal = hex::encode(value);
    forms.insert(hexadecimal.to_uppercase().into_bytes());
    forms.insert(hexadecimal.into_bytes());
    let mut json = Vec::new();
    for part in value.utf8_chunks() {
        let quoted = serde_json::to_string(part.valid()).unwrap_or_default();
        json.extend_from_slice(quoted.trim_start_matches('"').as_bytes());
        if json.last() == Some(&b'"') {
            json.pop();
        }
        json.extend_from_slice(part.invalid());
    }
    forms.insert(json);
    for upper in [true, false] {
        for plus in [true, false] {
            forms.insert(percent_encoded(value, upper, plus));
        }
    }
    for engine in [
        &base64::engine::general_purpose::STANDARD_NO_PAD,
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
    ] {
        for alignment in 0..3 {
            if let Some(form) = base64_at(engine, value, alignment) {
                forms.insert(form);
            }
        }
    }
}

/// The base64 characters that depend on nothing but `value` when `alignment` bytes stand before it
/// in a group of three.
fn base64_at(
    engine: &base64::engine::GeneralPurpose,
    value: &[u8],
    alignment: usize,
) -> Option<Vec<u8>> {
    let mut padded = vec![0; alignment];
    padded.extend_from_slice(value);
    let encoded = engine.encode(&padded).into_bytes();
    // 8 * alignment leading bits are not ours; a character is six bits.
    let first = (8 * alignment).div_ceil(6);
    let last = 8 * padded.len() / 6;
    let form = encoded.get(first..last)?;
    (form.len() >= MIN_SECRET_BYTES).then(|| form.to_vec())
}

/// RFC 3986 percent-encoding of everything but unreserved characters; `plus` writes a space as `+`
/// as forms do.
fn percent_encoded(value: &[u8], upper: bool, plus: bool) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(value.len());
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(*byte);
            }
            b' ' if plus => encoded.push(b'+'),
            _ if upper => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => encoded.extend_from_slice(format!("%{byte:02x}").as_bytes()),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Vec<u8> {
        // Made here, so that no scanner finds a secret in this file.
        [&b"tok_"[..], &[b'Q'; 3], b"/+\"x y\\", &[b'7'; 9]].concat()
    }

    fn masked(secrets: &[Vec<u8>], text: &[u8], chunk: usize) -> Vec<u8> {
        let secrets: Vec<Secret> = secrets.iter().cloned().map(Secret::new).collect();
        let mut masker = Masker::new(&secrets);
        let mut shown = Vec::new();
        for part in text.chunks(chunk) {
            shown.extend(masker.push(part));
        }
        shown.extend(masker.finish());
        shown
    }

    #[test]
    fn every_form_is_masked_however_the_writes_are_split() {
        let secret = secret();
        let standard = &base64::engine::general_purpose::STANDARD;
        let mut forms = vec![
            secret.clone(),
            hex::encode(&secret).into_bytes(),
            hex::encode_upper(&secret).into_bytes(),
            percent_encoded(&secret, true, false),
            percent_encoded(&secret, false, true),
            serde_json::to_vec(std::str::from_utf8(&secret).unwrap()).unwrap(),
        ];
        for before in ["", "u", "us", "use", "user:"] {
            let whole = [before.as_bytes(), &secret, b"@tail"].concat();
            forms.push(standard.encode(&whole).into_bytes());
            forms.push(base64::engine::general_purpose::URL_SAFE.encode(&whole).into_bytes());
        }
        for form in forms {
            let text = [b"before ", &form[..], b" after"].concat();
            for chunk in [1, 2, 3, 7, text.len()] {
                let shown = masked(std::slice::from_ref(&secret), &text, chunk);
                let window = 10;
                assert!(shown.windows(MASK.len()).any(|w| w == MASK), "{shown:?}");
                assert!(shown.starts_with(b"before ") && shown.ends_with(b" after"));
                // Nothing of the form's middle is left.
                let middle = &form[form.len() / 2 - window / 2..form.len() / 2 + window / 2];
                assert!(!shown.windows(window).any(|w| w == middle), "{shown:?}");
            }
        }
    }

    #[test]
    fn innocent_text_passes_byte_for_byte() {
        let text = b"compiling tok_ QQQ tok_QQ 777\xff\x00 done";
        for chunk in [1, 5, text.len()] {
            assert_eq!(masked(&[secret()], text, chunk), text);
        }
        assert_eq!(masked(&[], text, 3), text);
    }

    #[test]
    fn overlapping_secrets_leave_no_tail() {
        let secrets = [b"abcdef".to_vec(), b"defghi".to_vec()];
        for chunk in 1..9 {
            assert_eq!(masked(&secrets, b"<abcdefghi>", chunk), b"<***>", "{chunk}");
            assert_eq!(masked(&secrets, b"<abcdefabcdef>", chunk), b"<******>", "{chunk}");
        }
    }

    #[test]
    fn a_secret_that_starts_another_is_masked_alone() {
        let secrets = [b"abcd".to_vec(), b"abcdefgh".to_vec()];
        for chunk in 1..9 {
            assert_eq!(masked(&secrets, b"abcdef abcdefgh abcd", chunk), b"***ef *** ***");
        }
    }

    #[test]
    fn each_long_line_of_a_key_is_masked() {
        let key = b"-----BEGIN-----\nMIIabcdefgh\nshort\n-----END-----".to_vec();
        assert_eq!(masked(&[key], b"x MIIabcdefgh short", 4), b"x *** short");
    }

    #[test]
    fn what_is_too_short_is_counted_not_masked() {
        let masker = Masker::new(&[Secret::new(*b"abc"), Secret::new(*b"")]);
        assert_eq!(masker.too_short(), 2);
        assert_eq!(masked(&[b"abc".to_vec()], b"abc", 1), b"abc");
    }

    #[test]
    fn text_is_not_held_longer_than_it_could_be_a_secret() {
        let mut masker = Masker::new(&[Secret::new(secret())]);
        assert_eq!(masker.push(b"line\n"), b"line\n");
        assert_eq!(masker.push(b"tok_"), b"");
        assert_eq!(masker.push(b"!"), b"tok_!");
    }
}
