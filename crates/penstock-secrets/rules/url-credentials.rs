//! Format: RFC 3986, section 3.2.1 (user information); names that lead nowhere: RFC 2606 and 6761.

use std::ops::Range;

use penstock_model::{Audience, Confidence, Severity};

use crate::{
    Detector,
    detector::{Found, Sight, Value},
    token::{is_placeholder, run, run_before},
};

/// Longest scheme and longest authority looked at.
const MAX_SCHEME: usize = 24;
const MAX_AUTHORITY: usize = 512;
/// Shortest password worth a finding: shorter ones are letters in an explanation.
const MIN_PASSWORD: usize = 3;

pub(crate) const DETECTOR: Detector = Detector::exact(&["://"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let authority = run(sight.bytes, sight.keyword.end, MAX_AUTHORITY, authority_byte);
    // Most addresses name a host and nothing else: they leave here.
    let at = sight.slice(authority.clone()).iter().rposition(|byte| *byte == b'@')?;
    let user_info = authority.start..authority.start + at;
    let colon = sight.slice(user_info.clone()).iter().position(|byte| *byte == b':')?;
    let user = user_info.start..user_info.start + colon;
    let password = user.end + 1..user_info.end;
    let scheme = run_before(sight.bytes, sight.keyword.start, MAX_SCHEME, scheme_byte);
    let host = host(sight, user_info.end + 1..authority.end);
    let value = sight.slice(password.clone());
    if scheme.len() < 2
        || host.is_empty()
        || !host.bytes().any(|byte| byte.is_ascii_alphanumeric())
        || stands_for_something_else(sight, value)
        || is_pattern(sight.slice(user.clone()), value, &host)
    {
        return None;
    }
    let scheme = String::from_utf8_lossy(sight.slice(scheme)).into_owned();
    let user = String::from_utf8_lossy(sight.slice(user)).into_owned();
    let shown = if user.is_empty() { "somebody".to_owned() } else { format!("`{user}`") };
    let message = format!("password of {shown} at `{host}` in a {scheme} address");
    let context = format!("{scheme}://{user}@{host}");
    let mut found = Found::new(password, message);
    found.value = Value::Chosen { context };
    let value = sight.slice(found.range.clone());
    Some(if sight.is_made_up() {
        found.severity(Severity::Low).audience(Audience::Pedantic)
    } else if is_weak(value, user.as_bytes()) || is_near(&host) || leads_nowhere(&host) {
        found.severity(Severity::Low).confidence(Confidence::Low).audience(Audience::Pedantic)
    } else {
        found
    })
}

/// What may stand in an authority as people write it, and nothing that ends an address in text.
fn authority_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&*+,;=:@%{}<>[]()^#|".contains(byte)
}

fn scheme_byte(byte: &u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'.' | b'-')
}

/// The host without its port, in lower case.
fn host(sight: &Sight<'_>, range: Range<usize>) -> String {
    let bytes = sight.slice(range);
    let (bytes, in_brackets) = match bytes.strip_prefix(b"[") {
        Some(address) => (address, true),
        None => (bytes, false),
    };
    let belongs = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_' | b'%')
            || in_brackets && *byte == b':'
    };
    let end = bytes.iter().position(|byte| !belongs(byte)).unwrap_or(bytes.len());
    let host = bytes.get(..end).unwrap_or_default();
    String::from_utf8_lossy(host).trim_end_matches('.').to_ascii_lowercase()
}

/// A variable, a format, a mask, a piece of a pattern, or a word for "password".
fn stands_for_something_else(sight: &Sight<'_>, value: &[u8]) -> bool {
    let substituted = value.iter().any(|byte| b"${}<>[]()^|*#".contains(byte))
        || percent_format(value)
        || value.starts_with(b"%") && value.ends_with(b"%");
    // A detector of its own recognises these, wherever they stand.
    let known = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "npm_"]
        .iter()
        .any(|prefix| value.starts_with(prefix.as_bytes()));
    let before = sight.slice(sight.keyword.start.saturating_sub(64)..sight.keyword.start);
    let interpolated = before.ends_with(b"}") || before.ends_with(b")");
    value.len() < MIN_PASSWORD || substituted || known || interpolated || is_mask(value)
}

/// `user:password@host`: how an address is written, not one.
fn is_pattern(user: &[u8], value: &[u8], host: &str) -> bool {
    const USERS: [&str; 10] =
        ["login", "me", "name", "u", "user", "userid", "userlogin", "username", "usr", "uname"];
    let lower = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).to_ascii_lowercase();
        text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()
    };
    let bare = |text: String| -> String {
        let rest = ["my", "your", "the", "some", "db"].iter().find_map(|p| text.strip_prefix(p));
        rest.unwrap_or(&text).trim_start_matches(['-', '_']).to_owned()
    };
    let (user, word) = (bare(lower(user)), bare(lower(value)));
    let says_password =
        ["pass", "password", "passwd", "pwd", "pw", "pswd", "key", "token", "secret"]
            .iter()
            .any(|end| word.ends_with(end))
            || matches!(word.as_str(), "auth" | "credentials" | "name" | "string" | "user");
    let shouted = value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    let is_this_machine = host == "localhost" || host == "::1" || host.starts_with("127.");
    // The secret is what stands before it.
    let is_marker = value == b"x-oauth-basic";
    shouted
        || is_marker
        || value.starts_with(b"your")
        || says_password
            && (USERS.contains(&user.as_str())
                || user.is_empty()
                || leads_nowhere(host) && !is_this_machine && word != "secret")
}

/// A `%` that begins no percent-encoding: `%s`, `%(password)s`.
fn percent_format(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(at + 1..at + 3).unwrap_or_default();
        if digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return true;
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    false
}

/// `xxxx`, `....`, `____`, or a placeholder of the longer kind.
fn is_mask(value: &[u8]) -> bool {
    let first = value.first();
    value.iter().all(|byte| Some(byte) == first) || value.len() >= 8 && is_placeholder(value)
}

/// Reserved names and the machine itself.
fn leads_nowhere(host: &str) -> bool {
    const ENDS: [&str; 9] = [
        "example",
        "example.com",
        "example.net",
        "example.org",
        "invalid",
        "localhost",
        "test",
        "domain.com",
        "host.com",
    ];
    let number = |part: &str| part.parse::<u8>().is_ok();
    let loopback = host.starts_with("127.") && host.split('.').all(number);
    let whole = ["host", "hostname", "server", "domain", "myhost", "0.0.0.0", "ip", "proxy"];
    loopback
        || host == "::1"
        || whole.contains(&host)
        || ENDS
            .iter()
            .any(|end| host.strip_suffix(end).is_some_and(|h| h.is_empty() || h.ends_with('.')))
}

/// A name without a dot, or one that only a private network knows: a service of the same set-up.
fn is_near(host: &str) -> bool {
    !host.contains('.')
        || host.starts_with("10.")
        || host.starts_with("192.168.")
        || host.starts_with("172.")
        || [".local", ".internal", ".lan", ".svc", ".localdomain"].iter().any(|e| host.ends_with(e))
}

/// A default nobody meant to be secret: equal to the user's name, or one short word.
fn is_weak(value: &[u8], user: &[u8]) -> bool {
    let one_class =
        value.iter().all(u8::is_ascii_lowercase) || value.iter().all(u8::is_ascii_digit);
    // `hunter2`
    let numbered = matches!(value, [word @ .., digit] if digit.is_ascii_digit()
        && word.len() < 10
        && word.iter().all(u8::is_ascii_lowercase));
    value.eq_ignore_ascii_case(user) || numbered || one_class && value.len() < 12
}
