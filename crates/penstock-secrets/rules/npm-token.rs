//! Format: <https://github.blog/security/announcing-npms-new-access-token-format/>; the older one is
//! a UUID after `_authToken=` (npm docs, "npmrc").

use penstock_check::redact;

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{has_base62_checksum, is_placeholder, run, stands_alone},
};

pub(crate) const DETECTOR: Detector = Detector::exact(&["npm_", ":_authToken="], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    match sight.slice(sight.keyword.clone()) {
        b"npm_" => current(sight),
        _ => older(sight),
    }
}

fn current(sight: &Sight<'_>) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, 36, u8::is_ascii_alphanumeric);
    if body.len() != 36 || !has_base62_checksum(sight.slice(body.clone())) {
        return None;
    }
    let token = sight.keyword.start..body.end;
    let shown = redact(sight.slice(token.clone()));
    let message = format!("npm access token `{shown}`, its checksum is right");
    Some(Found::new(token, message))
}

/// `//registry/:_authToken=<UUID>`.
fn older(sight: &Sight<'_>) -> Option<Found> {
    let quote = usize::from(sight.bytes.get(sight.keyword.end) == Some(&b'"'));
    let uuid = run(sight.bytes, sight.keyword.end + quote, 37, |byte| {
        byte.is_ascii_hexdigit() || *byte == b'-'
    });
    let text = sight.slice(uuid.clone());
    let mut groups = text.split(|byte| *byte == b'-').map(<[u8]>::len);
    let is_uuid = [8, 4, 4, 4, 12].iter().all(|length| groups.next() == Some(*length));
    if uuid.len() != 36
        || !is_uuid
        || is_placeholder(text)
        || !stands_alone(sight.bytes, &uuid, u8::is_ascii_alphanumeric)
    {
        return None;
    }
    let message = format!("token of an npm registry `{}`", redact(text));
    Some(Found::new(uuid, message))
}
