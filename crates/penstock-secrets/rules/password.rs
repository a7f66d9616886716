//! Passwords in assignments: what is one is said in `src/assignment`.

use crate::{
    Detector,
    assignment::{
        COMMANDS, LOGINS, Promise, SCHEMES, SIGNERS, find, find_in_call, find_in_command,
        find_in_scheme, find_in_sql,
    },
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
        "login(",
        "logon(",
        "userinfo(",
        "createuser(",
        "create_user(",
        "authenticate(",
        "basicauth(",
        "basic_auth(",
        "passwordcredentials(",
        "passwordauthentication(",
        "auth=(",
        "basiccredentials(",
        "jwt.sign(",
        "jwt.encode(",
        "jwt.verify(",
        "jwt.decode(",
        "\"basic ",
        "'basic ",
        "\"bearer ",
        "'bearer ",
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
    let is_one_of =
        |texts: &[&str]| texts.iter().any(|t| keyword.eq_ignore_ascii_case(t.as_bytes()));
    if is_one_of(&LOGINS) || is_one_of(&SIGNERS) {
        return find_in_call(sight);
    }
    if is_one_of(&SCHEMES) {
        return find_in_scheme(sight);
    }
    if COMMANDS.iter().any(|command| keyword.eq_ignore_ascii_case(command.as_bytes())) {
        return find_in_command(sight);
    }
    find(sight, |promise| promise == Promise::Password)
}
