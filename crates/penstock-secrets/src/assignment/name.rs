//! What the name of a setting says about its value.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

/// What kind of secret a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Something a person may have chosen.
    Password,
    /// A secret or a token.
    Secret,
    /// A key whose name says what it opens.
    Key,
    /// `key` or `auth` and no more: only a value that was surely generated counts.
    Vague,
    /// Salts, nonces, seeds.
    Salt,
}

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) promise: Promise,
    /// Nothing stands behind the word, or only such as `_PROD` and `2`.
    pub(crate) exact: bool,
}

/// Longest name read, in bytes before and after the keyword.
const MAX_BEFORE: usize = 80;
pub(super) const MAX_AFTER: usize = 48;

/// The whole name around a keyword: letters, digits and `_-.$`, in any script.
pub(crate) fn whole(bytes: &[u8], keyword: &Range<usize>) -> Range<usize> {
    let before = bytes.get(..keyword.start).unwrap_or_default();
    let left = before.iter().rev().take(MAX_BEFORE).take_while(|b| left_byte(**b)).count();
    let after = bytes.get(keyword.end..).unwrap_or_default();
    let mut right = after.iter().take(MAX_AFTER).take_while(|b| right_byte(**b)).count();
    while right > 0 && matches!(after.get(right - 1), Some(b'-' | b'.')) {
        right -= 1;
    }
    keyword.start - left..keyword.end + right
}

fn left_byte(byte: u8) -> bool {
    right_byte(byte) || matches!(byte, b'$' | b'/')
}

pub(super) fn right_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// Whether it is the name of a file: a key in a list of files.
pub(crate) fn is_file(name: &[u8]) -> bool {
    const EXTENSIONS: [&[u8]; 34] = [
        b"c", b"cc", b"cpp", b"cs", b"css", b"go", b"h", b"hpp", b"html", b"java", b"js", b"json",
        b"jsx", b"kt", b"lock", b"map", b"md", b"mjs", b"php", b"py", b"pyc", b"rb", b"rs",
        b"scss", b"sh", b"so", b"svg", b"swift", b"toml", b"ts", b"tsx", b"txt", b"yaml", b"yml",
    ];
    let mut parts = name.rsplitn(2, |byte| *byte == b'.');
    let (last, stem) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    !stem.is_empty() && EXTENSIONS.contains(&last)
}

/// Whether it is a path of several parts.
pub(crate) fn is_path(name: &[u8]) -> bool {
    name.iter().skip(1).any(|byte| *byte == b'/')
}

/// Whether it is the method `pass`, which hands something on.
pub(crate) fn is_verb(name: &[u8]) -> bool {
    name == b"pass" || name.ends_with(b".pass")
}

/// What the words after the decisive one may be: they leave it what it is.
static NEUTRAL: LazyLock<HashSet<&str>> = LazyLock::new(|| set(include_str!("name/neutral.txt")));

/// What turns a name into something that is no secret, wherever it stands behind the word.
static NOT_AFTER: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set(include_str!("name/not_after.txt")));

/// What turns a name into something that is no secret, when it stands before the word.
static NOT_BEFORE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set(include_str!("name/not_before.txt")));

/// What makes a `key` one that opens something.
static OPENING: LazyLock<HashSet<&str>> = LazyLock::new(|| set(include_str!("name/opening.txt")));

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// What a name promises; nothing if it promises no secret. `keyword` lies within `name`.
pub(crate) fn meaning(name: &[u8], keyword: Range<usize>) -> Option<Meaning> {
    let words = words(name);
    let place = words.iter().rposition(|word| {
        word.range.start <= keyword.start && keyword.start < word.range.end
            || keyword.start <= word.range.start && word.range.end <= keyword.end
    })?;
    // The last word that names a secret decides: in `token_secret_name` it is `name` that matters.
    let (place, promise) = (place..words.len()).rev().find_map(|at| {
        let word = words.get(at)?;
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", |word| &word.text);
        Some((at, promise(&word.text, before)?))
    })?;
    let after = words.get(place + 1..).unwrap_or_default();
    let before = words.get(..place).unwrap_or_default();
    let is_no = |word: &str| NOT_AFTER.contains(word);
    if after.iter().any(|word| is_no(&word.text))
        || before.iter().rev().take(3).any(|word| NOT_BEFORE.contains(word.text.as_str()))
    {
        return None;
    }
    let exact = after.iter().all(|word| {
        NEUTRAL.contains(word.text.as_str()) || word.text.bytes().all(|b| b.is_ascii_digit())
    });
    Some(Meaning { promise, exact })
}

/// What a function with this name takes, if it ends with the word for a password.
pub(crate) fn taken(name: &[u8]) -> Option<Meaning> {
    let words = words(name);
    let last = words.last()?;
    (promise(&last.text, "")? == Promise::Password)
        .then_some(Meaning { promise: Promise::Password, exact: true })
}

/// What one word promises, after another.
fn promise(word: &str, before: &str) -> Option<Promise> {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends = |end: &str| stem.ends_with(end);
    let password = [
        "password",
        "passwd",
        "passwort",
        "kennwort",
        "senha",
        "contrasena",
        "contraseña",
        "passphrase",
        "passcode",
        "pwd",
        "passwords",
        "passw",
        "motdepasse",
        "psswd",
        "parol",
        "wachtwoord",
        "passwrd",
    ];
    // `NOPASSWD` asks for none.
    if matches!(stem, "nopasswd" | "nopassword" | "nopass" | "nopwd") {
        return None;
    }
    if password.iter().any(|end| ends(end)) {
        return Some(Promise::Password);
    }
    let no_pass = [
        "bypass",
        "compass",
        "trespass",
        "surpass",
        "encompass",
        "overpass",
        "onepass",
        "multipass",
    ];
    if matches!(stem, "psk" | "pw" | "bindpw" | "dbpw" | "rootpw" | "userpw" | "adminpw")
        || stem == "psw"
        || ends("pass") && !no_pass.iter().any(|word| ends(word))
    {
        return Some(Promise::Password);
    }
    if ends("secret") || stem == "secrets" || ends("token") || ends("apikey") || stem == "bearer" {
        return Some(Promise::Secret);
    }
    if let Some(qualifier) = stem.strip_suffix("key") {
        let opens = |word: &str| {
            OPENING.contains(word) || word.ends_with("api") || word.ends_with("secret")
        };
        if qualifier.ends_with("pub") || qualifier.ends_with("public") {
            return None;
        }
        let qualifier = if qualifier.is_empty() { before } else { qualifier };
        return Some(if opens(qualifier) { Promise::Key } else { Promise::Vague });
    }
    if ends("salt") || stem == "nonce" || stem == "seed" || stem == "pepper" || stem == "entropy" {
        return Some(Promise::Salt);
    }
    let vague = [
        "auth",
        "authorization",
        "credential",
        "credentials",
        "creds",
        "cred",
        "cookie",
        "signature",
        "sessionid",
        "hmac",
        "authtoken",
    ];
    vague.contains(&stem).then_some(Promise::Vague)
}

/// A word of a name, in lower case.
#[derive(Debug)]
struct Word {
    text: String,
    range: Range<usize>,
}

/// `dbPassword_2` is `db`, `password`, `2`.
fn words(name: &[u8]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut bytes = String::from_utf8_lossy(name).into_owned();
    // What is not UTF-8 keeps its place and is no letter.
    if bytes.len() != name.len() {
        bytes = name.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '_' }).collect();
    }
    let mut previous = ' ';
    let mut characters = bytes.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, c)| *c);
        let is_word = c.is_alphanumeric();
        let begins = c.is_uppercase() && (previous.is_lowercase() || previous.is_ascii_digit())
            || c.is_uppercase() && previous.is_uppercase() && next.is_lowercase();
        if is_word {
            if !open || begins {
                words.push(Word { text: String::new(), range: at..at });
            }
            if let Some(word) = words.last_mut() {
                word.text.extend(c.to_lowercase());
                word.range.end = at + c.len_utf8();
            }
        }
        open = is_word;
        previous = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_paths_are_told_from_settings() {
        for name in ["src/token.rs", "token.js", "a/secret.yml"] {
            assert!(is_file(name.as_bytes()), "{name}");
        }
        for name in ["spring.datasource.password", "api.key", "token", ".password", "db.token"] {
            assert!(!is_file(name.as_bytes()), "{name}");
        }
        assert!(is_path(b"src/auth/password"));
        assert!(!is_path(b"/password"));
        assert!(is_verb(b"base.pass"));
        assert!(!is_verb(b"db_pass") && !is_verb(b"setPass"));
    }
}
