//! Format: Google Cloud docs, "API keys"; which keys are meant to be seen: Firebase docs, "Learn about
//! using and managing API keys for Firebase".

use penstock_check::redact;
use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    detector::{Found, Sight},
    token::{base64url, is_placeholder, run, stands_alone},
};

/// How far from the key the settings of a Firebase client are looked for, in bytes.
const REACH: usize = 600;

pub(crate) const DETECTOR: Detector = Detector::exact(&["AIza"], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, 36, base64url);
    let key = sight.keyword.start..body.end;
    if body.len() != 35
        || !stands_alone(sight.bytes, &key, base64url)
        || is_placeholder(sight.slice(body))
    {
        return None;
    }
    let shown = redact(sight.slice(key.clone()));
    Some(if identifies_a_client(sight) {
        let message = format!("Google API key `{shown}` of a Firebase client, which is not secret");
        Found::new(key, message).severity(Severity::Low).audience(Audience::Auditor)
    } else if sight.is_made_up() {
        let message = format!("Google API key `{shown}` made for tests or as an example");
        Found::new(key, message).severity(Severity::Low).audience(Audience::Pedantic)
    } else {
        Found::new(key, format!("Google API key `{shown}`"))
    })
}

/// Firebase clients carry their key in the open; rules on the server decide what it may do.
fn identifies_a_client(sight: &Sight<'_>) -> bool {
    const MARKS: [&[u8]; 7] = [
        b"authDomain",
        b"storageBucket",
        b"messagingSenderId",
        b"firebaseapp.com",
        b"mobilesdk_app_id",
        b"GCM_SENDER_ID",
        b"google_app_id",
    ];
    let name = sight.path.name();
    let window = sight.slice(sight.around(REACH));
    name.starts_with(b"google-services")
        || name.starts_with(b"GoogleService-Info")
        || MARKS.iter().any(|mark| window.windows(mark.len()).any(|part| part == *mark))
}
