//! Format: <https://docs.pypi.org/api/secrets/>: `pypi-` and a macaroon in the binary form 2 of
//! libmacaroons (<https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt>), base 64.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use penstock_check::redact;
use penstock_model::Severity;

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{base64url, run, run_before},
};

/// Longest token looked at: caveats make it grow, real ones stay far below.
const MAX_TOKEN: usize = 8192;
/// Base 64 whose last character may carry bits that mean nothing, and with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(crate) const DETECTOR: Detector =
    // The first bytes of every macaroon of form 2 that names its location.
    Detector::exact(&["pypi-AgE"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    // Part of a longer word it is none; and so a file of beginnings is read once.
    if !run_before(sight.bytes, sight.keyword.start, 1, base64url).is_empty() {
        return None;
    }
    let body = run(sight.bytes, sight.keyword.start + 5, MAX_TOKEN, base64url);
    let macaroon = BASE64.decode(sight.slice(body.clone())).ok()?;
    let location = location(&macaroon)?;
    let token = sight.keyword.start..body.end;
    let shown = redact(sight.slice(token.clone()));
    let message = format!("API token `{shown}` of {location}, a well-formed macaroon");
    let found = Found::new(token, message);
    Some(if location == "pypi.org" { found } else { found.severity(Severity::Low) })
}

/// The location of a well-formed macaroon of one of PyPI's hosts.
fn location(macaroon: &[u8]) -> Option<&'static str> {
    const LOCATION: u8 = 1;
    const IDENTIFIER: u8 = 2;
    const SIGNATURE: u8 = 6;
    let rest = macaroon.strip_prefix(&[2])?;
    let (LOCATION, location, rest) = field(rest)? else { return None };
    let (IDENTIFIER, _, rest) = field(rest)? else { return None };
    // An end mark closes the header, one each caveat, and one more all caveats.
    let mut rest = rest.strip_prefix(&[0])?;
    while !rest.starts_with(&[0]) {
        let (_, _, after) = field(rest)?;
        rest = after.strip_prefix(&[0]).unwrap_or(after);
    }
    let (SIGNATURE, signature, []) = field(rest.strip_prefix(&[0])?)? else { return None };
    if signature.len() != 32 {
        return None;
    }
    ["pypi.org", "test.pypi.org"].into_iter().find(|name| name.as_bytes() == location)
}

/// The first field: its type, its content, and what follows.
fn field(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (length, rest) = match *rest {
        [low @ 0..=0x7f, ..] => (usize::from(low), rest.get(1..)?),
        [low, high @ 0..=0x7f, ..] => {
            (usize::from(low & 0x7f) | usize::from(high) << 7, rest.get(2..)?)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*kind, content, rest))
}
