//! Keys and tokens in assignments: what is one is said in `src/assignment`.

use crate::{
    Detector,
    assignment::{Promise, find},
    detector::{Found, Sight},
};

pub(crate) const DETECTOR: Detector = Detector::folded(
    &[
        "secret",
        "token",
        "apikey",
        "key=",
        "key:",
        "key\"",
        "key'",
        "key ",
        "key)",
        "key,",
        "key>",
        "key]",
        "key<",
        "key\\",
        "key&",
        "_key_",
        "credential",
        "creds",
        "auth=",
        "auth:",
        "auth\"",
        "auth'",
        "auth ",
        "authorization",
        "salt",
        "nonce",
        "bearer",
    ],
    find_generic,
)
.yielding();

fn find_generic(sight: &Sight<'_>) -> Option<Found> {
    find(sight, |promise| promise != Promise::Password)
}
