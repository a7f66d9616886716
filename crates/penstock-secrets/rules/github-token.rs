//! Formats: GitHub docs, "GitHub's token formats"; the checksum is described in
//! <https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>; installation
//! tokens that carry a JWT since April 2026 in
//! <https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/>.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use penstock_check::redact;
use penstock_model::{Confidence, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{
        alphanumeric, base64url, has_base62_checksum, is_placeholder, run, run_before, stands_alone,
    },
};

/// Longest token of the opaque kind: GitHub asks integrators to allow for 255 characters.
const MAX_OPAQUE: usize = 255;
/// Longest token that carries a JWT; they have about 520 characters now.
const MAX_JWT: usize = 4096;

pub(crate) const DETECTOR: Detector =
    Detector::exact(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    match sight.slice(sight.keyword.clone()) {
        b"github_pat_" => fine_grained(sight),
        b"ghp_" => opaque(sight, "personal access token").map(|f| f.severity(Severity::Critical)),
        b"gho_" => opaque(sight, "OAuth token"),
        b"ghu_" => opaque(sight, "token of a user for an app"),
        b"ghr_" => opaque(sight, "refresh token of an app"),
        // It ends within the hour, so only what is written while a job runs can be used.
        b"ghs_" => opaque(sight, "installation token of an app")
            .or_else(|| stateless(sight))
            .map(|found| found.severity(Severity::Medium)),
        _ => None,
    }
}

/// Base 62, the last six characters a checksum of the others.
fn opaque(sight: &Sight<'_>, what: &str) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, MAX_OPAQUE, alphanumeric);
    if body.len() < 36 || !has_base62_checksum(sight.slice(body.clone())) {
        return None;
    }
    let token = sight.keyword.start..body.end;
    let shown = redact(sight.slice(token.clone()));
    let message = format!("GitHub {what} `{shown}`, its checksum is right");
    Some(Found::new(token, message))
}

/// `ghs_<app id>_<JWT>`.
fn stateless(sight: &Sight<'_>) -> Option<Found> {
    // Part of a longer word it is none; and so a file of beginnings is read once.
    if !run_before(sight.bytes, sight.keyword.start, 1, base64url).is_empty() {
        return None;
    }
    let app = run(sight.bytes, sight.keyword.end, 20, u8::is_ascii_digit);
    let header = run(sight.bytes, app.end + 1, MAX_JWT, base64url);
    let payload = run(sight.bytes, header.end + 1, MAX_JWT, base64url);
    let signature = run(sight.bytes, payload.end + 1, MAX_JWT, base64url);
    let joints = [(app.end, b'_'), (header.end, b'.'), (payload.end, b'.')];
    let joined = joints.iter().all(|(at, mark)| sight.bytes.get(*at) == Some(mark));
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(sight.slice(header)).ok()?;
    let is_header = decoded.starts_with(b"{") && decoded.windows(5).any(|part| part == b"\"alg\"");
    if app.is_empty() || !joined || !is_header || payload.len() < 16 || signature.len() < 40 {
        return None;
    }
    let token = sight.keyword.start..signature.end;
    let message = "GitHub installation token of an app, carrying a JWT".to_owned();
    Some(Found::new(token, message))
}

/// `github_pat_` with 22 and 59 characters. GitHub does not publish how its checksum is formed.
fn fine_grained(sight: &Sight<'_>) -> Option<Found> {
    let id = run(sight.bytes, sight.keyword.end, 23, alphanumeric);
    let body = run(sight.bytes, id.end + 1, 60, alphanumeric);
    let token = sight.keyword.start..body.end;
    let fits = id.len() == 22 && body.len() == 59 && sight.bytes.get(id.end) == Some(&b'_');
    if !fits
        || !stands_alone(sight.bytes, &token, alphanumeric)
        || is_placeholder(sight.slice(body))
    {
        return None;
    }
    let shown = redact(sight.slice(token.clone()));
    let message = format!("GitHub fine-grained personal access token `{shown}`");
    let found = Found::new(token, message);
    Some(found.severity(Severity::Critical).confidence(Confidence::Medium))
}
