//! Format: IAM user guide, "IAM identifiers", unique ids: `AKIA` long-term, `ASIA` temporary. The 16
//! characters after the prefix are base 32 (RFC 4648), so `0`, `1`, `8` and `9` never occur.

use std::ops::Range;

use penstock_check::redact;
use penstock_model::{Audience, Confidence, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{alphanumeric, distinct, entropy, is_placeholder, run, stands_alone},
};

/// How far from the id its secret half is looked for, in bytes.
const REACH: usize = 400;
/// Length of a secret access key.
const SECRET_LENGTH: usize = 40;
/// Entropy a secret access key has: forty random characters of base 64 lie above, words below.
const SECRET_ENTROPY: f64 = 4.2;

pub(crate) const DETECTOR: Detector = Detector::exact(&["AKIA", "ASIA"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, 17, base32);
    let id = sight.keyword.start..body.end;
    if body.len() != 16 || !stands_alone(sight.bytes, &id, alphanumeric) {
        return None;
    }
    let text = sight.slice(body);
    // AWS ends every id in its documentation with EXAMPLE; people vary the two best known ones.
    let documented = text.starts_with(b"IOSFODNN7") || text.starts_with(b"I44QH8DHB");
    if documented || is_placeholder(text) || distinct(text) < 7 {
        return None;
    }
    let temporary = sight.slice(sight.keyword.clone()) == b"ASIA";
    let shown = redact(sight.slice(id.clone()));
    let kind = if temporary { "temporary AWS access key" } else { "AWS access key" };
    let Some(secret) = secret_near(sight, &id) else {
        let message = format!("{kind} id `{shown}`; its secret half is not near it");
        let found = Found::new(id, message).severity(Severity::Low);
        return Some(found.confidence(Confidence::Medium).audience(Audience::Pedantic));
    };
    let message = format!("{kind} `{shown}` together with its secret half");
    let severity = if temporary { Severity::Medium } else { Severity::Critical };
    let mut found = Found::new(id, message).severity(severity);
    found.related.push((secret, "the secret half, which signs requests".to_owned()));
    Some(found)
}

/// Forty characters of base 64 that stand alone near the id and are no digest, path or word.
fn secret_near(sight: &Sight<'_>, id: &Range<usize>) -> Option<Range<usize>> {
    let window = sight.around(REACH);
    let mut at = window.start;
    let mut nearest: Option<Range<usize>> = None;
    while at < window.end {
        let word = run(sight.bytes, at, window.end - at, base64);
        if word.len() == SECRET_LENGTH
            && stands_alone(sight.bytes, &word, base64)
            && is_secret_half(sight.slice(word.clone()))
        {
            let distance = |range: &Range<usize>| {
                id.start.saturating_sub(range.end).max(range.start.saturating_sub(id.end))
            };
            if nearest.as_ref().is_none_or(|best| distance(&word) < distance(best)) {
                nearest = Some(word.clone());
            }
        }
        at = word.end.max(at) + 1;
    }
    nearest
}

fn is_secret_half(word: &[u8]) -> bool {
    let hexadecimal = word.iter().all(u8::is_ascii_hexdigit);
    let mixed = word.iter().any(u8::is_ascii_lowercase) && word.iter().any(u8::is_ascii_uppercase);
    !hexadecimal && mixed && entropy(word) >= SECRET_ENTROPY && !is_placeholder(word)
}

fn base32(byte: &u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

fn base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}
