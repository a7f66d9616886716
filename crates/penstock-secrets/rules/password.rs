//! Passwords in assignments: what is one is said in `src/assignment`.

use crate::{
    Detector,
    assignment::{Promise, find, find_in_sql},
    detector::{Found, Sight},
};

pub(crate) const DETECTOR: Detector = Detector::folded(
    &[
        "pass",
        "pwd",
        "kennwort",
        "senha",
        "contrase",
        "wachtwoord",
        "psw",
        "bindpw",
        "dbpw",
        "rootpw",
        "userpw",
        "adminpw",
        "psk=",
        "_pw=",
        "_pw:",
        "identified by",
    ],
    find_password,
)
.yielding();

fn find_password(sight: &Sight<'_>) -> Option<Found> {
    if sight.slice(sight.keyword.clone()).ends_with(b" by")
        || sight.slice(sight.keyword.clone()).ends_with(b" BY")
    {
        return find_in_sql(sight);
    }
    find(sight, |promise| promise == Promise::Password)
}
