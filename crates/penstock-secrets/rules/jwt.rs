//! JSON Web Tokens in compact form: RFC 7519 and RFC 7515, section 7.1. What a token may do is read
//! from its claims; nothing is verified, and no clock is asked whether it has expired.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use penstock_check::redact;
use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    random::looks_random,
    token::{base64url, run, run_before},
};

/// Longest part that is looked at.
const MAX_PART: usize = 8192;
/// The lifetime, in seconds, above which a token is as good as one that never ends: 90 days.
const LONG: u64 = 90 * 24 * 3600;

// Base 64 of `{"`, with which every header that is written without blanks begins.
pub(crate) const DETECTOR: Detector = Detector::exact(&["eyJ"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    // Part of a longer word it is none; and so a file of beginnings is read once.
    let joined = |byte: &u8| base64url(byte) || matches!(byte, b'.' | b'+' | b'/');
    if !run_before(sight.bytes, sight.keyword.start, 1, joined).is_empty() {
        return None;
    }
    let header = run(sight.bytes, sight.keyword.start, MAX_PART, base64url);
    let payload = run(sight.bytes, header.end + 1, MAX_PART, base64url);
    let signature = run(sight.bytes, payload.end + 1, MAX_PART, base64url);
    let joints = [header.end, payload.end];
    if !joints.iter().all(|at| sight.bytes.get(*at) == Some(&b'.')) {
        return None;
    }
    let decode = |part| BASE64_URL_SAFE_NO_PAD.decode(sight.slice(part)).ok();
    let (head, claims) = (decode(header.clone())?, decode(payload)?);
    let is_token = text(&head, "alg").is_some() && claims.starts_with(b"{");
    let signed = signature.len() >= 40 && looks_random(sight.slice(signature.clone()));
    if !is_token || !signed || text(&head, "alg") == Some(b"none") || is_meant_to_be_seen(&claims) {
        return None;
    }
    let token = header.start..signature.end;
    let shown = redact(sight.slice(token.clone()));
    if sight.is_made_up() {
        let message = format!("JSON Web Token `{shown}` made for tests or as an example");
        let found = Found::new(token, message);
        return Some(found.severity(Severity::Low).audience(Audience::Pedantic));
    }
    let (what, severity) = power(&claims);
    Some(Found::new(token, format!("{what} `{shown}`")).severity(severity))
}

/// The sample of jwt.io, which half the documentation there is repeats, and Supabase's key for
/// browsers (<https://supabase.com/docs/guides/api/api-keys>).
fn is_meant_to_be_seen(claims: &[u8]) -> bool {
    text(claims, "name") == Some(b"John Doe")
        || text(claims, "sub") == Some(b"1234567890")
        || text(claims, "role") == Some(b"anon")
}

/// What the claims say the holder may do.
fn power(claims: &[u8]) -> (&'static str, Severity) {
    let issuer = text(claims, "iss").unwrap_or_default();
    let lifetime = number(claims, "exp").map(|end| {
        let start = number(claims, "iat").or_else(|| number(claims, "nbf"));
        start.map_or(0, |start| end.saturating_sub(start))
    });
    if text(claims, "role") == Some(b"service_role") {
        (
            "Supabase key of the service role, which passes by row level security,",
            Severity::Critical,
        )
    } else if issuer == b"kubernetes/serviceaccount" {
        ("Kubernetes service account token, which never expires,", Severity::Critical)
    } else {
        match lifetime {
            None => ("JSON Web Token that never expires", Severity::High),
            Some(lifetime) if lifetime > LONG => {
                ("JSON Web Token that lives for months", Severity::High)
            }
            Some(_) => ("JSON Web Token", Severity::Medium),
        }
    }
}

/// The value of a member that is a string without escapes, wherever it stands in the object.
fn text<'a>(json: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let value = value(json, name)?.strip_prefix(b"\"")?;
    let end = value.iter().position(|byte| *byte == b'"')?;
    value.get(..end)
}

/// The value of a member that is a whole number.
fn number(json: &[u8], name: &str) -> Option<u64> {
    let value = value(json, name)?;
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(value.get(..digits)?).ok()?.parse().ok()
}

/// What stands behind `"name":`.
fn value<'a>(json: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let name = format!("\"{name}\"");
    let at = json.windows(name.len()).position(|part| part == name.as_bytes())?;
    let rest = json.get(at + name.len()..)?.trim_ascii_start();
    Some(rest.strip_prefix(b":")?.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use penstock_check::template;
    use penstock_model::RepoPath;

    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signature = template::expand("{{base64url:43}}", claims).unwrap();
        format!("{}.{}.{signature}", encode(header), encode(claims))
    }

    fn found(text: &str) -> Vec<(Option<Severity>, String)> {
        let path = RepoPath::new("src/app.conf").unwrap();
        let all = crate::scan::scan(&path, text.as_bytes());
        let mine = all.into_iter().filter(|(rule, _)| rule.id == "secrets/jwt");
        mine.map(|(_, found)| (found.severity, found.message)).collect()
    }

    #[test]
    fn severity_follows_the_claims() {
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        for (claims, severity, words) in [
            (
                r#"{"iss":"supabase","role":"service_role","exp":2}"#,
                Severity::Critical,
                "service role",
            ),
            (r#"{"iss":"kubernetes/serviceaccount","sub":"s"}"#, Severity::Critical, "Kubernetes"),
            (r#"{"sub":"u"}"#, Severity::High, "never expires"),
            (r#"{"iat": 1700000000, "exp": 1800000000}"#, Severity::High, "months"),
            (r#"{"iat":1700000000,"exp":1700003600}"#, Severity::Medium, "Token `"),
        ] {
            let all = found(&format!("token: \"{}\"", token(header, claims)));
            assert_eq!(all.len(), 1, "{claims}");
            assert_eq!(all[0].0, Some(severity), "{claims}");
            assert!(all[0].1.contains(words), "{claims}: {}", all[0].1);
        }
    }

    #[test]
    fn what_opens_nothing_is_not_reported() {
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        let sample = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        for text in [
            token(header, sample),
            token(header, r#"{"iss":"supabase","role":"anon"}"#),
            token(r#"{"alg":"none"}"#, r#"{"sub":"u"}"#),
            token(r#"{"typ":"JWT"}"#, r#"{"sub":"u"}"#),
            token(header, "[1,2,3,4,5,6]"),
            token(header, r#"{"sub":"u"}"#).rsplit_once('.').unwrap().0.to_owned(),
            format!("x{}", token(header, r#"{"sub":"u"}"#)),
            "eyJ".repeat(4000),
            "eyJ.eyJ.eyJ".to_owned(),
        ] {
            assert_eq!(found(&text), [], "{text:.80}");
        }
    }
}
