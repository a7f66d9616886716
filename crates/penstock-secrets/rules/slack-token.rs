//! Formats: Slack docs, "Tokens" and "Sending messages using incoming webhooks".

use std::ops::Range;

use penstock_check::redact;
use penstock_model::{Confidence, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{alphanumeric, base64url, has_sequence, is_placeholder, run, stands_alone},
};

pub(crate) const DETECTOR: Detector =
    Detector::exact(&["xoxb-", "xoxp-", "xapp-", "hooks.slack.com/services/"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    match sight.slice(sight.keyword.clone()) {
        b"xoxb-" => token(sight, "bot token", 1..=2, 24),
        b"xoxp-" => token(sight, "user token", 2..=3, 24),
        b"xapp-" => app_token(sight),
        _ => webhook(sight),
    }
}

/// Groups of 10 to 13 digits, then random characters.
fn token(
    sight: &Sight<'_>,
    what: &str,
    groups: std::ops::RangeInclusive<usize>,
    least: usize,
) -> Option<Found> {
    let mut at = sight.keyword.end;
    let mut count = 0;
    loop {
        let digits = run(sight.bytes, at, 14, u8::is_ascii_digit);
        let dash = sight.bytes.get(digits.end) == Some(&b'-');
        if !(10..=13).contains(&digits.len()) || !dash {
            break;
        }
        count += 1;
        at = digits.end + 1;
    }
    let random = run(sight.bytes, at, 65, alphanumeric);
    let fits = groups.contains(&count) && (least..=64).contains(&random.len());
    report(sight, random, what).filter(|_| fits)
}

/// `xapp-1-A…-<digits>-<64 hexadecimal digits>`.
fn app_token(sight: &Sight<'_>) -> Option<Found> {
    let version = run(sight.bytes, sight.keyword.end, 2, u8::is_ascii_digit);
    let app = run(sight.bytes, version.end + 1, 14, alphanumeric);
    let digits = run(sight.bytes, app.end + 1, 14, u8::is_ascii_digit);
    let random = run(sight.bytes, digits.end + 1, 65, u8::is_ascii_hexdigit);
    let joined =
        [version.end, app.end, digits.end].iter().all(|at| sight.bytes.get(*at) == Some(&b'-'));
    let fits = joined && sight.bytes.get(app.start) == Some(&b'A') && random.len() == 64;
    report(sight, random, "app token").filter(|_| fits)
}

/// `https://hooks.slack.com/services/T…/B…/<24 characters>`.
fn webhook(sight: &Sight<'_>) -> Option<Found> {
    let team = run(sight.bytes, sight.keyword.end, 14, alphanumeric);
    let hook = run(sight.bytes, team.end + 1, 14, alphanumeric);
    let random = run(sight.bytes, hook.end + 1, 33, alphanumeric);
    let slashes = [team.end, hook.end].iter().all(|at| sight.bytes.get(*at) == Some(&b'/'));
    let initials = sight.bytes.get(team.start) == Some(&b'T')
        && sight.bytes.get(hook.start) == Some(&b'B')
        && team.len() >= 8
        && hook.len() >= 8;
    if !slashes || !initials || !(22..=32).contains(&random.len()) {
        return None;
    }
    // It can only write into one channel, under a name of the sender's choice.
    report(sight, random, "incoming webhook").map(|found| found.severity(Severity::Medium))
}

fn report(sight: &Sight<'_>, random: Range<usize>, what: &str) -> Option<Found> {
    let token = sight.keyword.start..random.end;
    // Numbers in a row are made up; a real workspace's are not.
    let counted = has_sequence(sight.slice(token.clone()));
    if counted
        || is_placeholder(sight.slice(random))
        || !stands_alone(sight.bytes, &token, base64url)
    {
        return None;
    }
    let shown = redact(sight.slice(token.clone()));
    let message = format!("Slack {what} `{shown}`");
    Some(Found::new(token, message).confidence(Confidence::High))
}
