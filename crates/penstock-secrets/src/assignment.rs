//! A name that promises a secret, an operator and the value: in any language and any format of
//! settings, from the place where a keyword stands.
//!
//! Nothing is parsed: a few hundred bytes around the keyword are looked at, so that a fragment, a
//! template or a file with an error is read as well as a whole one, and the cost does not depend on
//! the file.

mod call;
mod command;
mod name;
mod operator;
mod stand_in;
mod strength;
mod syntax;
mod value;
mod verdict;
mod weak;

use std::ops::Range;

use crate::detector::{Found, Sight, Value};

pub(crate) use call::{LOGINS, SCHEMES, SIGNERS, find_in_call, find_in_scheme};
pub(crate) use command::{COMMANDS, find_in_command};
pub(crate) use name::{Meaning, Promise};
pub(crate) use operator::Operator;
pub(crate) use stand_in::is_stand_in;
pub(crate) use strength::{Strength, strength};
pub(crate) use syntax::{Material, Syntax};
pub(crate) use value::Literal;
pub(crate) use verdict::verdict;

/// A generated value of so many bytes cannot be found by trying.
const MIN_PLAIN: usize = 16;

/// The longest value that is judged, in bytes: a longer one is a text or a form that a rule of its
/// own knows.
const MAX_SECRET: usize = 512;

/// A name with the literal it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The whole name: `spring.datasource.password`.
    pub(crate) name: Range<usize>,
    /// What the name promises.
    pub(crate) meaning: Meaning,
    /// How the value is given to it.
    pub(crate) operator: Operator,
    /// The value, without the scheme of an `Authorization` header.
    pub(crate) value: Literal,
}

/// The secret in the assignment whose name holds the keyword, if its name promises one of the kind
/// `wanted`.
pub(crate) fn find(sight: &Sight<'_>, wanted: fn(Promise) -> bool) -> Option<Found> {
    let material = sight.material();
    let keyword = trim(sight);
    let assignment = Assignment::read(sight.bytes, &keyword, material)?;
    if !wanted(assignment.meaning.promise) {
        return None;
    }
    found(sight, assignment, material)
}

/// What is reported of an assignment.
fn found(sight: &Sight<'_>, assignment: Assignment, material: Material) -> Option<Found> {
    let value = &assignment.value.range;
    if value.len() > MAX_SECRET || !sight.notes.may_judge(value) {
        return None;
    }
    let verdict = verdict(sight, &assignment, material)?;
    let name = String::from_utf8_lossy(sight.slice(assignment.name.clone())).into_owned();
    let value = assignment.value.range;
    let what = match assignment.meaning.promise {
        Promise::Password => "password",
        Promise::Secret | Promise::Key => "secret",
        Promise::Vague => "credential",
        Promise::Salt => "salt or seed",
    };
    let generated = verdict.strength >= Strength::Uuid;
    let adjective = match verdict.strength {
        Strength::Word | Strength::Number => "easily guessed ",
        Strength::Chosen => "",
        Strength::Uuid | Strength::Generated => "generated ",
    };
    let article = if adjective.starts_with('e') { "an" } else { "a" };
    let message = format!("{article} {adjective}{what} is written into `{name}`");
    let long = value.len() >= MIN_PLAIN && generated;
    let mut found = Found::new(value, message);
    if !long {
        // What could be guessed must not enter a fingerprint.
        found.value = Value::Chosen { context: name };
    }
    Some(found.severity(verdict.severity).confidence(verdict.confidence).audience(verdict.audience))
}

/// The password behind `IDENTIFIED BY`.
pub(crate) fn find_in_sql(sight: &Sight<'_>) -> Option<Found> {
    let material = sight.material();
    let value = value::quoted(sight.bytes, value::skip_blanks(sight.bytes, sight.keyword.end))?;
    // `identified by the `id``: a sentence.
    if value.quote == Some(b'`') {
        return None;
    }
    let meaning = Meaning { promise: Promise::Password, exact: true };
    let name = sight.keyword.clone();
    let assignment = Assignment { name, meaning, operator: Operator::Assign, value };
    found(sight, assignment, material)
}

/// The letters of the keyword: `key=` is only found together with what follows it.
fn trim(sight: &Sight<'_>) -> Range<usize> {
    let keyword = sight.slice(sight.keyword.clone());
    let end =
        keyword.iter().rposition(u8::is_ascii_alphanumeric).map_or(keyword.len(), |at| at + 1);
    sight.keyword.start..sight.keyword.start + end
}

impl Assignment {
    /// Reads the assignment whose name holds `keyword`.
    pub(crate) fn read(bytes: &[u8], keyword: &Range<usize>, material: Material) -> Option<Self> {
        // Most places are none: what follows the name says so.
        let rest = bytes.get(keyword.end..)?;
        let length =
            rest.iter().take(name::MAX_AFTER).take_while(|b| name::right_byte(**b)).count();
        if !operator::can_begin(*rest.get(length)?) {
            return None;
        }
        let name = name::whole(bytes, keyword);
        let (operator, mut value) = operator::read(bytes, &name, material)?;
        let text = bytes.get(name.clone())?;
        let is_hash = || bytes.get(value.range.clone()).is_some_and(strength::is_digest);
        if name::is_file(text)
            || (material.digests || name::is_path(text)) && is_hash()
            || operator == Operator::Call && name::is_verb(text)
        {
            return None;
        }
        let inside = keyword.start - name.start..keyword.end - name.start;
        let mut meaning = match name::meaning(text, inside) {
            // `checkPassword(…)` names no password, and is given one.
            None if operator == Operator::Call && weak::takes(text)
                || operator == Operator::Compare =>
            {
                name::taken(text)?
            }
            meaning => meaning?,
        };
        if strip_scheme(bytes, &mut value, material) && meaning.promise == Promise::Vague {
            meaning.promise = Promise::Secret;
        }
        Some(Self { name, meaning, operator, value })
    }
}

/// Takes `Bearer`, `Basic` and `Token` off a value; whether one was there.
fn strip_scheme(bytes: &[u8], value: &mut Literal, material: Material) -> bool {
    const SCHEMES: [&[u8]; 5] = [b"bearer", b"basic", b"token", b"jwt", b"apikey"];
    let Some(text) = bytes.get(value.range.clone()) else { return false };
    let word = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_scheme = text
        .get(..word)
        .is_some_and(|text| SCHEMES.iter().any(|scheme| text.eq_ignore_ascii_case(scheme)));
    match text.get(word) {
        Some(b' ') if is_scheme => {
            value.range.start += word + 1;
            true
        }
        // A value without quotes ended at the blank.
        None if is_scheme && value.quote.is_none() && bytes.get(value.end) == Some(&b' ') => {
            let after = Material { syntax: Syntax::Shell, ..material };
            let rest = value::literal(bytes, value.end + 1, after);
            let found = rest.is_some();
            *value = rest.unwrap_or_else(|| value.clone());
            found
        }
        _ => false,
    }
}
