//! Passwords that no name announces: the second argument of `login("…", "…")`, the key of
//! `jwt.sign(…, "…")`, the pair of `auth=("…", "…")`, and what follows `Basic ` and `Bearer ` in a string.

use std::ops::Range;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Assignment, Literal, Meaning, Operator, Promise, Syntax, found,
    value::{self, quoted, skip_lines},
    weak::{is_label, is_word_for_secret},
};
use crate::detector::{Found, Sight};

/// How far the arguments of a call are read, in bytes.
const MAX_ARGUMENTS: usize = 240;

/// What is called with a user's name and a password, as keywords in lower case.
pub(crate) const LOGINS: [&str; 12] = [
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
];

/// What is called with a text and the key it is signed with.
pub(crate) const SIGNERS: [&str; 4] = ["jwt.sign(", "jwt.encode(", "jwt.verify(", "jwt.decode("];

/// Schemes of `Authorization`, as keywords in lower case.
pub(crate) const SCHEMES: [&str; 4] = ["\"basic ", "'basic ", BEARER, "'bearer "];
const BEARER: &str = "\"bearer ";

/// The second argument of the call that the keyword begins.
pub(crate) fn find_in_call(sight: &Sight<'_>) -> Option<Found> {
    let keyword = sight.slice(sight.keyword.clone()).to_ascii_lowercase();
    let signs = SIGNERS.iter().any(|signer| keyword == signer.as_bytes());
    let material = sight.material();
    if matches!(material.syntax, Syntax::Json | Syntax::Markup) {
        return None;
    }
    // `page.login("/login", "…")` opens an address.
    let first = quoted(sight.bytes, sight.keyword.end).map(|first| sight.slice(first.range));
    if first.is_some_and(|text| text.contains(&b'/')) {
        return None;
    }
    let from = second(sight, sight.keyword.end)?;
    let value = quoted(sight.bytes, from)?;
    let ends = sight.bytes.get(skip_lines(sight.bytes, value.end))?;
    let text = sight.slice(value.range.clone());
    let own = is_word_for_secret(text);
    // A route, an address of mail or the title of a field; `login("user", "password")` is shown in
    // explanations and used in tests.
    let is_other = text.contains(&b'/')
        || text.contains(&b'@') && text.contains(&b'.')
        || is_label(text)
        || own && !signs && !sight.is_made_up();
    if !matches!(ends, b')' | b',') || is_other {
        return None;
    }
    let promise = if signs { Promise::Secret } else { Promise::Password };
    let name = sight.keyword.start..sight.keyword.end - 1;
    let meaning = Meaning { promise, exact: true };
    found(sight, Assignment { name, meaning, operator: Operator::Taken, value }, material)
}

/// Where the second argument begins, whatever the first is.
fn second(sight: &Sight<'_>, from: usize) -> Option<usize> {
    let rest = sight.slice(from..sight.bytes.len().min(from + MAX_ARGUMENTS));
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => at = quoted(sight.bytes, from + at)?.end - from,
            b'(' | b'[' | b'{' => (depth, at) = (depth + 1, at + 1),
            b')' | b']' | b'}' => (depth, at) = (depth.checked_sub(1)?, at + 1),
            b',' if depth == 0 => return (at > 0).then(|| skip_lines(sight.bytes, from + at + 1)),
            b';' => return None,
            _ => at += 1,
        }
    }
    None
}

/// User and password in base 64 behind `"Basic `, or what follows `"Bearer `.
pub(crate) fn find_in_scheme(sight: &Sight<'_>) -> Option<Found> {
    let quote = *sight.bytes.get(sight.keyword.start)?;
    let rest =
        sight.slice(sight.keyword.end..sight.bytes.len().min(sight.keyword.end + value::MAX_VALUE));
    if sight.keyword.len() == BEARER.len() {
        let ends = |byte: &u8| *byte == quote || byte.is_ascii_whitespace();
        let length = rest.iter().position(ends)?;
        let range = sight.keyword.end..sight.keyword.end + length;
        let is_whole = rest.get(length) == Some(&quote);
        return is_whole.then(|| taken(sight, range, quote, Promise::Secret))?;
    }
    let length =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).count();
    let text = rest.get(..length)?;
    let pair = STANDARD.decode(text).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let password = pair.get(colon + 1..)?;
    if rest.get(length) != Some(&quote)
        || password.len() < 3
        || !pair.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    {
        return None;
    }
    let range = sight.keyword.end..sight.keyword.end + length;
    taken(sight, range, quote, Promise::Password)
}

/// What stands behind a scheme, judged.
fn taken(sight: &Sight<'_>, range: Range<usize>, quote: u8, promise: Promise) -> Option<Found> {
    let name = sight.keyword.start + 1..sight.keyword.end - 1;
    let meaning = Meaning { promise, exact: true };
    let value = Literal { end: range.end, range, quote: Some(quote) };
    let material = sight.material();
    found(sight, Assignment { name, meaning, operator: Operator::Taken, value }, material)
}

#[cfg(test)]
mod tests {
    use penstock_model::RepoPath;

    use super::*;
    use crate::detector::Notes;

    fn taken_in(
        text: &str,
        keyword: &str,
        find: fn(&Sight<'_>) -> Option<Found>,
    ) -> Option<String> {
        let at = text.to_ascii_lowercase().find(keyword).unwrap();
        let sight = Sight {
            bytes: text.as_bytes(),
            keyword: at..at + keyword.len(),
            path: &RepoPath::new("tests/test_a.py").unwrap(),
            notes: &Notes::default(),
        };
        find(&sight).map(|found| text[found.range].to_owned())
    }

    #[test]
    fn the_second_argument_is_taken_whatever_the_first_is() {
        let login = |text| taken_in(text, "login(", find_in_call);
        assert_eq!(login("a.login(\"bob\", \"tiger\")").as_deref(), Some("tiger"));
        assert_eq!(login("a.login(f(1, [2]), 'tiger', x)").as_deref(), Some("tiger"));
        assert_eq!(login("a.login({a: \")\"},\n  'tiger')").as_deref(), Some("tiger"));
        for text in [
            "a.login(\"bob\")",
            "a.login(\"bob\", password)",
            "a.login(\"bob\", \"tiger\" + x)",
            "a.login(\"/login\", \"tiger\")",
            "a.login(\"bob\", \"bob@acme.io\")",
            "a.login(\"bob\"); b(\"x\", \"tiger\")",
            "a.login(",
            "a.login((((",
        ] {
            assert_eq!(login(text), None, "{text}");
        }
        let far = format!("a.login({}, \"tiger\")", "x".repeat(MAX_ARGUMENTS));
        assert_eq!(login(&far), None);
    }

    #[test]
    fn behind_basic_a_user_and_a_password_must_stand() {
        let basic = |pair: &[u8]| {
            let text = format!("\"Basic {}\"", STANDARD.encode(pair));
            taken_in(&text, "\"basic ", find_in_scheme).is_some()
        };
        assert!(basic(b"alice:wonder"));
        assert!(!basic(b"alice"));
        assert!(!basic(b"alice:"));
        assert!(!basic(b"alice:\xff\xfe\xfd"));
        assert_eq!(taken_in("\"Basic realm\"", "\"basic ", find_in_scheme), None);
        assert_eq!(taken_in("\"Basic YWxpY2U6d29uZGVy", "\"basic ", find_in_scheme), None);
    }
}
