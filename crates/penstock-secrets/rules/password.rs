//! Passwords in assignments: what is one is said in `src/assignment`.

use crate::{
    Detector,
    assignment::{COMMANDS, Promise, find, find_in_command, find_in_sql},
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
        "curl ",
        "sshpass ",
        "mysql",
        "docker login",
        "podman login",
        "net use",
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
    let keyword = sight.slice(sight.keyword.clone());
    if COMMANDS.iter().any(|command| keyword.eq_ignore_ascii_case(command.as_bytes())) {
        return find_in_command(sight);
    }
    find(sight, |promise| promise == Promise::Password)
}
