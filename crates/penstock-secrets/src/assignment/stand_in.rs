//! What people write where a secret would be: variables, masks, placeholders, references, labels.

use std::{collections::HashSet, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use memchr::memmem;

use crate::words::wordiness;

/// Words of which a value that is no secret may consist.
static WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("stand_in/words.txt").split_whitespace().collect());

/// Pieces that say of a value that it is none.
const MARKS: &[&[u8]] = &[
    b"change",
    b"your",
    b"replace",
    b"insert",
    b"example",
    b"placeholder",
    b"redacted",
    b"dummy",
    b"fake",
    b"todo",
    b"fixme",
    b"sample",
    b"notreal",
    b"not-real",
    b"not_real",
    b"invalid",
    b"undefined",
    b"goes-here",
    b"goes_here",
    b"here",
    b"xxx",
    b"foobar",
    b"lorem",
    b"filtered",
    b"censored",
    b"removed",
    b"masked",
    b"***",
    b"...",
    b"mock",
    b"deadbeef",
    b"aws4_request",
    b"unused",
    b"ignored",
    b"omitted",
    b"wrong",
    b"incorrect",
    b"nonexist",
    b"expired",
    b"whatever",
    b"bogus",
];

/// Whether `value` is the name or the form of something that is elsewhere.
fn is_written_for_another(value: &[u8], quoted: bool) -> bool {
    is_variable(value)
        || is_protected(value)
        || is_reference(value)
        || !quoted && is_expression(value)
        || is_mask(value)
        || is_version(value)
        || is_constant(value)
        || ends_open(value)
}

/// Whether `value` stands for a secret instead of being one.
pub(crate) fn is_stand_in(value: &[u8], quoted: bool, name: &[u8], used: bool) -> bool {
    value.len() < 4
        || value
            .iter()
            .any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control() || *byte >= 0x80)
        || is_written_for_another(value, quoted)
        || has_mark(value)
        || is_of_known_words(value, name) && !(used && is_weak_choice(value))
        || is_of_name(value, name)
        || is_encoded_stand_in(value, name)
}

/// Pieces that say so in settings and programs, and are what is written for a secret in tests.
const MARKS_OF_TESTS: [&[u8]; 16] = [
    b"bogus",
    b"deadbeef",
    b"dummy",
    b"expired",
    b"fake",
    b"foobar",
    b"here",
    b"incorrect",
    b"invalid",
    b"mock",
    b"nonexist",
    b"sample",
    b"unused",
    b"whatever",
    b"wrong",
    b"your",
];

/// Whether `value` is no literal of its own, or an open request to put one there: what is not even a
/// bad password.
pub(crate) fn is_no_literal(value: &[u8], quoted: bool, made_up: bool) -> bool {
    let foreign = value.iter().any(|byte| *byte >= 0x80);
    value.len() < 3
        || value.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
        || foreign && !value.iter().any(u8::is_ascii_digit)
        || is_written_for_another(value, quoted)
        || asks_for_one(value, made_up)
}

/// `changeme`, `your-password`, `xxxx`.
fn asks_for_one(value: &[u8], made_up: bool) -> bool {
    let lower = value.to_ascii_lowercase();
    // What Tomcat's and Java's key stores come with is set in earnest, and so is this.
    if [&b"changeit"[..], b"foobar"].contains(&lower.as_slice()) {
        return false;
    }
    lower.starts_with(b"your")
        || memmem::find(&lower, b"_your").is_some()
        || memmem::find(&lower, b"-your").is_some()
        || memmem::find(&lower, b"xxxx").is_some()
        || lower.ends_with(b"-here")
        || lower.ends_with(b"_here")
        || MARKS.iter().any(|mark| {
            !(made_up && MARKS_OF_TESTS.contains(mark)) && memmem::find(&lower, mark).is_some()
        })
}

/// Whether it is a word that stands in explanations for whatever the reader has.
pub(crate) fn is_placeholder_word(value: &[u8]) -> bool {
    is_of_known_words(value, b"") && ![&b"bar"[..], b"baz", b"foo"].contains(&value)
}

/// Words that people do set as passwords where settings are used, although they also stand for one.
fn is_weak_choice(value: &[u8]) -> bool {
    const CHOICES: [&[u8]; 8] = [
        b"admin",
        b"administrator",
        b"guest",
        b"my-secret",
        b"mysecret",
        b"root",
        b"supersecret",
        b"test",
    ];
    CHOICES.iter().any(|choice| value.eq_ignore_ascii_case(choice))
}

/// Whether it is an identifier that is part of its own name but for signs and case: `SN_id_revPassphrase "id-revPassphrase"`.
fn is_of_name(value: &[u8], name: &[u8]) -> bool {
    let squashed = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let joined = value.iter().any(|byte| b"-_.".contains(byte));
    let (value, name) = (squashed(value), squashed(name));
    joined && value.len() >= 4 && name.windows(value.len()).any(|part| part == value)
}

/// Whether it is such a word in base 64: `dXNlcjpwYXNzd29yZA==`.
fn is_encoded_stand_in(value: &[u8], name: &[u8]) -> bool {
    if value.len() < 8 || !value.len().is_multiple_of(4) {
        return false;
    }
    STANDARD.decode(value).is_ok_and(|text| {
        text.iter().all(u8::is_ascii_graphic) && (has_mark(&text) || is_of_known_words(&text, name))
    })
}

/// A variable, a format or a template of any language.
fn is_variable(value: &[u8]) -> bool {
    let has = |needle: &[u8]| memmem::find(value, needle).is_some();
    let identifier = |text: &[u8]| {
        !text.is_empty()
            && text
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':' | b'>'))
    };
    let wrapped =
        |open: u8, close: u8| value.first() == Some(&open) && value.last() == Some(&close);
    let marks: [&[u8]; 23] = [
        b"\\d", b"\\w", b"\\s", b".*", b".+", b"[^", b"${", b"$(", b"{{", b"}}", b"<%", b"%>",
        b"%(", b"#{", b"@{", b"%s", b"%d", b"%v", b"%@", b"\\(", b"$[", b"[[", b"%{",
    ];
    marks.iter().any(|mark| has(mark))
        || wrapped(b'<', b'>')
        || wrapped(b'[', b']')
        || wrapped(b'{', b'}')
        || wrapped(b'(', b')')
        || wrapped(b'%', b'%')
        || wrapped(b'@', b'@')
        || wrapped(b'$', b'$')
        || value.starts_with(b"__") && value.ends_with(b"__")
        || is_between_strings(value)
        || matches!(value, [b'$', rest @ ..] if identifier(rest) && wordiness(rest) > 0)
        || matches!(value, [b'*' | b'&' | b':' | b'@', rest @ ..] if identifier(rest) && wordiness(rest) > 0 && !rest.iter().any(u8::is_ascii_digit))
        || matches!(value, [b'<', rest @ ..] if rest.first().is_some_and(u8::is_ascii_alphabetic))
        || in_braces(value)
}

/// What stands between two strings that are joined, taken for one: `"…:"+password+"…"`.
fn is_between_strings(value: &[u8]) -> bool {
    let joins = |byte: Option<&u8>| matches!(byte, Some(b'+' | b'.' | b'&'));
    let inner = value.get(1..).unwrap_or_default();
    let names = inner.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'$' | b' '))
        && inner.iter().all(|b| b.is_ascii_alphanumeric() || b"_.()[]$ +&->".contains(b))
        && wordiness(value) > 0;
    value.starts_with(b"'.")
        || value.ends_with(b".'")
        || joins(value.first()) && names && (joins(value.last()) || value.last() == Some(&b'('))
}

/// `{name}` anywhere.
fn in_braces(value: &[u8]) -> bool {
    let Some(open) = value.iter().position(|byte| *byte == b'{') else { return false };
    let rest = value.get(open + 1..).unwrap_or_default();
    let close = rest.iter().position(|byte| *byte == b'}');
    close.is_some_and(|close| {
        let inner = rest.get(..close).unwrap_or_default();
        inner.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
    })
}

/// Encrypted, hashed, public, or in a store: to be seen by anybody.
fn is_protected(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"$2a$",
        b"$2b$",
        b"$2y$",
        b"$1$",
        b"$5$",
        b"$6$",
        b"$argon2",
        b"$apr1$",
        b"$pbkdf2",
        b"$scrypt",
        b"$y$",
        b"$S$",
        b"$P$",
        b"$H$",
        b"pbkdf2",
        b"scrypt:",
        b"bcrypt",
        b"argon2",
        b"sha1$",
        b"sha256$",
        b"sha512$",
        b"sha1:",
        b"sha256:",
        b"sha512:",
        b"sha1-",
        b"sha256-",
        b"sha384-",
        b"sha512-",
        b"md5$",
        b"md5:",
        b"{ssha",
        b"{sha",
        b"{bcrypt}",
        b"{crypt}",
        b"{md5}",
        b"{cipher}",
        b"scram-sha",
        b"enc(",
        b"enc[",
        b"enc:",
        b"vault:",
        b"arn:",
        b"op://",
        b"kms:",
        b"ssm:",
        b"env:",
        b"$ansible_vault",
        b"-----begin",
        b"ssh-rsa",
        b"ssh-ed25519",
        b"ssh-dss",
        b"ecdsa-sha2",
        b"rsa-sha2",
        b"curve25519",
        b"hmac-sha",
        b"data:",
        b"$8$",
        b"$9$",
        b"pk_live",
        b"pk_test",
        b"pk.",
        b"akia",
        b"urn:",
    ];
    let head = value.get(..value.len().min(16)).unwrap_or_default().to_ascii_lowercase();
    STARTS.iter().any(|start| head.starts_with(start))
        // PostgreSQL's own form of a hash.
        || value.len() == 35 && head.starts_with(b"md5") && value.iter().skip(3).all(u8::is_ascii_hexdigit)
        // A certificate or a public key in DER begins so in base 64.
        || value.len() > 200 && (value.starts_with(b"MIIC") || value.starts_with(b"MIID") || value.starts_with(b"MIIB") || value.starts_with(b"MIGf"))
}

/// A path, an address, a host, a file, an identifier with dots.
fn is_reference(value: &[u8]) -> bool {
    let words = wordiness(value);
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let readable = words > i32::try_from(letters).unwrap_or(0) * 5;
    let has = |needle: &[u8]| memmem::find(value, needle).is_some();
    let is_query = matches!(value, [b'?', rest @ ..] if rest.contains(&b'='));
    if is_query
        || has(b"://")
        || [&b"./"[..], b"../", b"~/", b"//", b"#/"].iter().any(|start| value.starts_with(start))
    {
        return true;
    }
    if readable
        && (value.contains(&b'/') || has(b":\\") || has(b"\\\\") || has(b"->") || has(b"::"))
    {
        return true;
    }
    const FILES: [&[u8]; 36] = [
        b".pem",
        b".key",
        b".crt",
        b".cer",
        b".json",
        b".txt",
        b".yml",
        b".yaml",
        b".php",
        b".html",
        b".py",
        b".js",
        b".ts",
        b".xml",
        b".jks",
        b".p12",
        b".pfx",
        b".conf",
        b".cfg",
        b".ini",
        b".log",
        b".png",
        b".svg",
        b".css",
        b".com",
        b".org",
        b".net",
        b".io",
        b".local",
        b".sh",
        b".md",
        b".rb",
        b".go",
        b".java",
        b".properties",
        b".enc",
    ];
    if FILES.iter().any(|end| value.len() > end.len() && value.ends_with(end)) {
        return true;
    }
    // `user.password.label`: parts of letters only.
    let parts = value.split(|byte| *byte == b'.');
    let name = |part: &[u8]| {
        !part.is_empty()
            && part
                .iter()
                .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'[' | b']'))
    };
    readable && value.contains(&b'.') && parts.clone().all(name)
}

/// Part of a program, where a value without quotes was expected.
fn is_expression(value: &[u8]) -> bool {
    let has = |needle: &[u8]| memmem::find(value, needle).is_some();
    has(b"()")
        || has(b"(\"")
        || has(b"('")
        || has(b"[\"")
        || has(b"['")
        || has(b"=>")
        || has(b"&&")
        || has(b"||")
        || value
            .first()
            .is_some_and(|b| matches!(b, b'{' | b'[' | b'(' | b'<' | b'|' | b'>' | b'`'))
        || matches!(value, [b'!', rest @ ..] if rest.first().is_some_and(u8::is_ascii_alphabetic) && wordiness(rest) > 0 && !rest.iter().any(u8::is_ascii_digit))
        || value.contains(&b'(') && wordiness(value) > 0
        || value.ends_with(b"{")
}

/// One character again and again, or nothing but signs.
fn is_mask(value: &[u8]) -> bool {
    let first = value.first().map(u8::to_ascii_lowercase);
    value.iter().all(|byte| Some(byte.to_ascii_lowercase()) == first)
        || !value.iter().any(u8::is_ascii_alphanumeric)
}

/// `^9.0.0`, `>=2.1`: which versions of a package with such a name will do.
fn is_version(value: &[u8]) -> bool {
    let digits = |text: &[u8]| {
        text.first().is_some_and(u8::is_ascii_digit)
            && text.iter().all(|b| b.is_ascii_alphanumeric() || b".-+*".contains(b))
    };
    matches!(value, [b'^' | b'~' | b'>' | b'<' | b'=', rest @ ..] if digits(rest.strip_prefix(b"=").unwrap_or(rest)))
}

/// `MYSQL_ROOT_PASSWORD`: the name of a variable or a constant.
fn is_constant(value: &[u8]) -> bool {
    value.contains(&b'_')
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && value.split(|byte| *byte == b'_').filter(|part| part.len() > 2).count() >= 2
        && (wordiness(value) > 0 || !value.iter().any(u8::is_ascii_digit))
}

/// The next of several settings on a line whose own are empty: `password= database=`.
fn ends_open(value: &[u8]) -> bool {
    matches!(value, [head @ .., b'=' | b':'] if head.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-')))
}

fn has_mark(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    // In a long random value three or four letters in a row mean nothing.
    let readable = wordiness(value) > 0;
    if memmem::find(&lower, b"xxxx").is_some() {
        return true;
    }
    MARKS.iter().any(|mark| {
        (mark.len() > 4 || readable || lower.len() < 12) && memmem::find(&lower, mark).is_some()
    })
}

/// Whether every word of it is one that only stands for something, or one of its own name's.
fn is_of_known_words(value: &[u8], name: &[u8]) -> bool {
    let own = name.to_ascii_lowercase();
    let mut known = false;
    let mut start = 0;
    let mut check = |word: &[u8]| {
        if word.is_empty() {
            return true;
        }
        known = true;
        let lower = word.to_ascii_lowercase();
        let stem = match lower.split_last() {
            // `user1`, `pass2`
            Some((last, stem))
                if last.is_ascii_digit() && !stem.last().is_some_and(u8::is_ascii_digit) =>
            {
                stem
            }
            _ => &lower[..],
        };
        let stem = String::from_utf8_lossy(stem);
        stem.len() <= 1
            || WORDS.contains(&*stem)
            || stem.len() >= 4 && memmem::find(&own, stem.as_bytes()).is_some()
    };
    // Signs of a password are no separators: `pass!word1`.
    let inner = value.get(1..).unwrap_or_default();
    if value.iter().any(|byte| b"!#%^&+=?~".contains(byte)) || inner.contains(&b'$') {
        return false;
    }
    let mut previous = 0_u8;
    for (at, byte) in value.iter().enumerate() {
        let camel = byte.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if camel || !byte.is_ascii_alphanumeric() {
            if !check(value.get(start..at).unwrap_or_default()) {
                return false;
            }
            start = if camel { at } else { at + 1 };
        }
        previous = *byte;
    }
    check(value.get(start..).unwrap_or_default()) && known
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_known() {
        for value in [
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "$(cat /run/pw)",
            "{{ password }}",
            "<password>",
            "%s",
            "%(pw)s",
            "%DB_PASSWORD%",
            "@password@",
            "__PASSWORD__",
            "#{password}",
            "prefix-{token}",
            "*default_pw",
            "changeme",
            "CHANGE_ME_NOW",
            "your-api-key",
            "<your token>",
            "********",
            "xxxxxxxx",
            "XXXX-XXXX",
            "...",
            "insert_token_here",
            "example-secret",
            "redacted",
            "password",
            "user_password",
            "myPassword",
            "secretKey",
            "API_TOKEN",
            "client_secret",
            "password1",
            "null",
            "undefined",
            "string",
            "none",
            "/run/secrets/db",
            "./key.pem",
            "https://acme.io/a",
            "config/keys",
            "user.password.label",
            "server.key",
            "$2a$10$abcdefghijklmnopqrstuv",
            "{SSHA}abcdefgh",
            "sha256-abcdefgh=",
            "ENC(abcdefgh)",
            "vault:secret/data",
            "arn:aws:kms:eu",
            "abc",
            "two words",
            "Contraseña",
        ] {
            assert!(is_stand_in(value.as_bytes(), true, b"password", false), "{value}");
        }
        for value in ["getPassword()", "os.environ['A']", "load(path)", "a=>b", "{", "[a,"] {
            assert!(is_stand_in(value.as_bytes(), false, b"password", false), "{value}");
        }
    }

    #[test]
    fn a_weak_choice_counts_where_settings_are_used_only() {
        for value in ["admin", "root", "mySecret"] {
            assert!(is_stand_in(value.as_bytes(), false, b"password", false), "{value}");
            assert!(!is_stand_in(value.as_bytes(), false, b"password", true), "{value}");
        }
        for value in ["changeme", "password", "null", "your-password", "$DB_PASSWORD"] {
            assert!(is_stand_in(value.as_bytes(), false, b"password", true), "{value}");
        }
    }

    #[test]
    fn identifiers_that_repeat_the_name_and_encoded_placeholders_are_stand_ins() {
        let identifier = (&b"id-it-revPassphrase"[..], &b"SN_id_it_revPassphrase"[..]);
        assert!(is_stand_in(identifier.0, true, identifier.1, true));
        let encoded =
            |text: &str| is_stand_in(STANDARD.encode(text).as_bytes(), true, b"auth", true);
        assert!(encoded("user:password"));
        assert!(encoded("changeme"));
        assert!(!encoded("acme-ci:Sailboat88"));
    }

    #[test]
    fn what_may_be_a_secret_is_not() {
        for value in ["hunter2", "admin123", "Passw0rd!", "swordfish", "tr0ub4dor&3", "P@ss/w0rd"] {
            assert!(!is_stand_in(value.as_bytes(), true, b"password", false), "{value}");
        }
    }
}
