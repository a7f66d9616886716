//! Formats: GitLab docs, "Token overview", token prefixes; the routable form with its checksum is in
//! GitLab's handbook, "Cells: Routable Tokens", and since version 17.10 may carry a version.

use std::ops::Range;

use penstock_check::redact;
use penstock_model::{Confidence, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{base64url, has_base36_checksum, is_placeholder, run, run_before, stands_alone},
};

pub(crate) const DETECTOR: Detector =
    Detector::exact(&["glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glagent-", "gloas-"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let prefix = sight.slice(sight.keyword.clone());
    // What it is, how many characters follow the prefix in the older form, and how bad it is.
    let (what, length, severity) = match prefix {
        b"glpat-" => ("personal access token", 20, Severity::Critical),
        b"gldt-" => ("deploy token", 20, Severity::High),
        b"glrt-" => ("runner authentication token", 20, Severity::High),
        b"glptt-" => ("pipeline trigger token", 40, Severity::Medium),
        b"glsoat-" => ("SCIM token", 20, Severity::High),
        b"glagent-" => ("agent token for Kubernetes", 50, Severity::High),
        b"gloas-" => ("OAuth application secret", 64, Severity::High),
        _ => return None,
    };
    let (token, confidence) = match routable(sight) {
        Some(token) => (token, Confidence::High),
        None => (older(sight, length)?, Confidence::Medium),
    };
    let shown = redact(sight.slice(token.clone()));
    let message = format!("GitLab {what} `{shown}`");
    Some(Found::new(token, message).severity(severity).confidence(confidence))
}

/// Prefix and random characters. A runner token may tell its type first: `glrt-t1_`.
fn older(sight: &Sight<'_>, length: usize) -> Option<Range<usize>> {
    let kind = match sight.slice(sight.keyword.end..sight.keyword.end + 3) {
        [b't', b'1'..=b'9', b'_'] => 3,
        _ => 0,
    };
    let body = run(sight.bytes, sight.keyword.end + kind, length + 1, base64url);
    let token = sight.keyword.start..body.end;
    // A hyphen or dot after it is the rest of a longer name; a full stop ends a sentence.
    let fits = body.len() == length && stands_alone(sight.bytes, &token, base64url);
    (fits && !is_placeholder(sight.slice(body))).then_some(token)
}

/// `<prefix><payload>.<length><checksum>` or `<prefix><payload>.<version>.<length><checksum>`. An
/// instance may put its own name before the prefix, and that name is part of what is summed.
fn routable(sight: &Sight<'_>) -> Option<Range<usize>> {
    let payload = run(sight.bytes, sight.keyword.end, 300, base64url);
    let mut end = run(sight.bytes, payload.end + 1, 9, u8::is_ascii_alphanumeric);
    if end.len() == 2 && sight.bytes.get(end.end) == Some(&b'.') {
        end = run(sight.bytes, end.end + 1, 9, u8::is_ascii_alphanumeric);
    }
    if payload.len() < 27 || sight.bytes.get(payload.end) != Some(&b'.') || end.len() != 9 {
        return None;
    }
    let own = run_before(sight.bytes, sight.keyword.start, 20, base64url);
    [sight.keyword.start, own.start]
        .into_iter()
        .map(|start| start..end.end)
        .find(|token| has_base36_checksum(sight.slice(token.clone())))
}
