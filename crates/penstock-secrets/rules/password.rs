//! Passwords in assignments: what is one is said in `src/assignment`.

use crate::{
    Detector,
    assignment::{Promise, find},
    detector::{Found, Sight},
};

pub(crate) const DETECTOR: Detector = Detector::folded(
    &["pass", "pwd", "kennwort", "senha", "contrase", "wachtwoord", "psw"],
    find_password,
)
.yielding();

fn find_password(sight: &Sight<'_>) -> Option<Found> {
    find(sight, |promise| promise == Promise::Password)
}
