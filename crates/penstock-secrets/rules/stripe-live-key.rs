//! Format: Stripe docs, "API keys". Keys had 24 characters after the prefix and have up to 247 now.

use penstock_check::redact;
use penstock_model::Severity;

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{alphanumeric, base64url, is_placeholder, run, stands_alone},
};

pub(crate) const DETECTOR: Detector = Detector { keywords: &["sk_live_", "rk_live_"], find };

fn find(sight: &Sight<'_>) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, 248, alphanumeric);
    let key = sight.keyword.start..body.end;
    if !(24..=247).contains(&body.len())
        || !stands_alone(sight.bytes, &key, base64url)
        || is_placeholder(sight.slice(body))
    {
        return None;
    }
    let shown = redact(sight.slice(key.clone()));
    Some(if sight.slice(sight.keyword.clone()) == b"rk_live_" {
        let message = format!("restricted Stripe key `{shown}` for live payments");
        Found::new(key, message).severity(Severity::High)
    } else {
        Found::new(key, format!("secret Stripe key `{shown}` for live payments"))
    })
}
