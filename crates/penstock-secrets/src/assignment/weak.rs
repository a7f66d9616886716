//! Values that a person wrote for a test, an example or a first try: short, a word, or the word for a
//! password itself. They open something all the same, and are shown to pedantic readers.
//!
//! What such a value looks like says little, so the name, the operator and the place have to say it.

use super::{
    Assignment, Material, Operator, Promise, Syntax,
    stand_in::{is_no_literal, is_placeholder_word},
    strength::{Strength, strength},
};
use crate::detector::Sight;

/// What stands behind names of secrets and is none: types, kinds of fields, states, schemes, rules.
const LABELS: [&str; 96] = [
    "any",
    "apikey",
    "array",
    "auth",
    "auto",
    "basic",
    "bearer",
    "blank",
    "body",
    "bool",
    "boolean",
    "bot",
    "byte",
    "bytes",
    "cert",
    "certificate",
    "char",
    "confirmation",
    "confirmed",
    "cookie",
    "csrf",
    "current",
    "data",
    "date",
    "default",
    "digest",
    "disabled",
    "email",
    "empty",
    "enabled",
    "encrypted",
    "env",
    "error",
    "expired",
    "external",
    "false",
    "field",
    "file",
    "float",
    "form",
    "function",
    "hash",
    "hashed",
    "header",
    "hidden",
    "hint",
    "id",
    "input",
    "int",
    "integer",
    "invalid",
    "json",
    "jwt",
    "kerberos",
    "key",
    "label",
    "ldap",
    "length",
    "local",
    "mandatory",
    "manual",
    "md5",
    "missing",
    "name",
    "nil",
    "no",
    "none",
    "null",
    "number",
    "oauth",
    "oauth2",
    "object",
    "off",
    "on",
    "only",
    "optional",
    "path",
    "plain",
    "prompt",
    "query",
    "raw",
    "read",
    "realm",
    "required",
    "saml",
    "str",
    "string",
    "text",
    "true",
    "type",
    "undefined",
    "username",
    "value",
    "varchar",
    "visible",
    "yes",
];

/// Verbs whose argument is the password itself: `setPassword("…")`.
const GIVING: [&str; 16] = [
    "add", "change", "check", "encrypt", "generate", "hash", "is", "reset", "set", "store",
    "update", "use", "valid", "validate", "verify", "with",
];

/// Whether the name of a function says that it takes a password and does not return one.
pub(crate) fn takes(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| matches!(byte, b'.' | b':' | b'>')).next().unwrap_or(name);
    let lower = last.to_ascii_lowercase();
    GIVING.iter().any(|verb| {
        lower.strip_prefix(verb.as_bytes()).is_some_and(|rest| {
            // `issue_password` is not `is` and `sue_password`.
            let separate = last.get(verb.len()).is_some_and(|b| !b.is_ascii_lowercase());
            !rest.is_empty() && (separate || rest.starts_with(b"pass"))
        })
    })
}

/// Whether a value that is no good secret is one all the same.
pub(super) fn is_weak(sight: &Sight<'_>, assignment: &Assignment, material: Material) -> bool {
    let value = sight.slice(assignment.value.range.clone());
    let quoted = assignment.value.quote.is_some();
    let made_up = sight.is_made_up();
    if material.translations
        || value.len() > 64
        || is_no_literal(value, quoted, made_up)
        || is_label(value)
        || !quoted
            && matches!(material.syntax, Syntax::Code | Syntax::Json | Syntax::Prose)
            && assignment.operator != Operator::Inline
    {
        return false;
    }
    // `Kind::Secret => "…"` gives a constant its text.
    let between = sight.slice(assignment.name.end..assignment.value.range.start);
    if sight.slice(assignment.name.start.saturating_sub(2)..assignment.name.start) == b"::"
        || sight.path.name().ends_with(b".rs") && contains(between, b"=>")
    {
        return false;
    }
    // `client_secret: "client_secret"` maps a name to itself.
    let name = sight.slice(assignment.name.clone());
    if name.eq_ignore_ascii_case(value) && name.iter().any(|b| matches!(b, b'_' | b'-')) {
        return false;
    }
    let weak = Weak {
        value,
        name,
        operator: assignment.operator,
        exact: assignment.meaning.exact,
        material,
        made_up,
        in_call: is_first_argument(sight.bytes, assignment.name.start),
    };
    match assignment.meaning.promise {
        Promise::Password => weak.password(),
        Promise::Secret if weak.is_token() => weak.token(),
        Promise::Secret => weak.secret(),
        Promise::Key => weak.key(),
        Promise::Salt => weak.salt(),
        Promise::Vague => false,
    }
}

/// A type, a state, or a title as people read it: `Password`.
pub(super) fn is_label(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let plural = lower.strip_suffix(b"s").is_some_and(is_word_for_secret);
    let titled = matches!(value, [first, rest @ ..] if first.is_ascii_uppercase()
        && rest.iter().all(u8::is_ascii_lowercase));
    std::str::from_utf8(&lower).is_ok_and(|text| LABELS.binary_search(&text).is_ok())
        || titled && is_word_for_secret(&lower)
        || plural && !matches!(value, [b'p' | b'P', b'a', b's', b's'])
        // `current-password`, `new-password`: what a browser may fill in.
        || lower.ends_with(b"-password")
}

/// The name of a secret, not one: `password`, `userPassword`, `client_secret`.
pub(super) fn is_word_for_secret(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [
        &b"password"[..],
        b"passwd",
        b"pass",
        b"pwd",
        b"passphrase",
        b"secret",
        b"token",
        b"key",
        b"salt",
        b"nonce",
    ]
    .iter()
    .any(|word| lower.ends_with(word))
}

/// Everything that is weighed.
struct Weak<'a> {
    value: &'a [u8],
    name: &'a [u8],
    operator: Operator,
    exact: bool,
    material: Material,
    made_up: bool,
    /// Whether the name is the first argument of a call.
    in_call: bool,
}

impl Weak<'_> {
    fn password(&self) -> bool {
        let own = is_word_for_secret(self.value);
        let given = match self.operator {
            Operator::Assign | Operator::Pair | Operator::Element | Operator::Inline => true,
            Operator::Compare | Operator::Default => true,
            Operator::Call => takes(self.name),
            Operator::Argument => self.made_up && self.in_call,
            // The function was chosen for it, and a word for a password was seen to.
            Operator::Taken => return self.value.len() >= 3,
            Operator::Flag | Operator::Space => self.material.syntax != Syntax::Prose && !own,
        };
        if !self.exact || !given {
            return false;
        }
        if self.material.syntax == Syntax::Prose {
            return !own && !is_placeholder_word(self.value) && self.operator == Operator::Assign;
        }
        if self.made_up {
            return true;
        }
        let settings = matches!(self.material.syntax, Syntax::Lines | Syntax::Yaml | Syntax::Shell);
        settings || self.value.len() >= 4 && !own && self.is_plain_word()
    }

    fn is_token(&self) -> bool {
        let lower = self.name.to_ascii_lowercase();
        [&b"token"[..], b"tokens", b"bearer"].iter().any(|end| lower.ends_with(end))
    }

    /// Tokens are issued, not chosen, and parsers call by that name what they read: the name has to
    /// say what the token opens, or the value that it is one.
    fn token(&self) -> bool {
        const OPENING: [&[u8]; 22] = [
            b"access",
            b"admin",
            b"api",
            b"app",
            b"auth",
            b"bearer",
            b"bot",
            b"deploy",
            b"expected",
            b"personal",
            b"private",
            b"refresh",
            b"registration",
            b"secret",
            b"security",
            b"service",
            b"session",
            b"subject",
            b"user",
            b"vault",
            b"verif",
            b"xoauth",
        ];
        // What makes a request happen once, pages and locks.
        const OTHER: [&[u8]; 7] = [
            b"clienttoken",
            b"requesttoken",
            b"nexttoken",
            b"creationtoken",
            b"locktoken",
            b"sequencetoken",
            b"client_request_token",
        ];
        let own = is_word_for_secret(self.value);
        if self.operator == Operator::Taken {
            return self.value.len() >= 4 && (!own || self.made_up && self.value != b"token");
        }
        let named = self.name.to_ascii_lowercase();
        let digits = self.value.iter().any(u8::is_ascii_digit);
        let letters = self.value.iter().any(u8::is_ascii_alphabetic);
        let told = digits && letters
            || [&b"tok"[..], b"secret"].iter().any(|word| contains(self.value, word));
        let opens = OPENING.iter().any(|word| contains(&named, word));
        self.exact
            && self.made_up
            && self.material.syntax != Syntax::Prose
            && self.is_given()
            && (told || self.operator != Operator::Compare)
            && self.value.len() >= 4
            && !OTHER.iter().any(|end| named.ends_with(end))
            && (told || opens && !self.value.contains(&b'_'))
    }

    fn secret(&self) -> bool {
        if self.operator == Operator::Taken {
            return self.value.len() >= 3;
        }
        let own = is_word_for_secret(self.value);
        let named = self.name.to_ascii_lowercase();
        let is_secret = named.ends_with(b"secret") || named.ends_with(b"secret_key");
        if !self.exact || !self.is_given() || self.material.syntax == Syntax::Prose {
            return false;
        }
        match self.material.syntax {
            // `secret: db` names a Secret of Kubernetes.
            Syntax::Yaml | Syntax::Json | Syntax::Markup => {
                let digits = self.value.iter().any(u8::is_ascii_digit);
                self.value.len() >= 6 && !own && digits && !self.value.contains(&b'-')
            }
            _ if self.made_up => self.value.len() >= 3,
            Syntax::Lines | Syntax::Shell => self.value.len() >= 5 && !own,
            _ => is_secret && self.value.len() >= 5 && !own && self.is_plain_word(),
        }
    }

    fn key(&self) -> bool {
        let own = is_word_for_secret(self.value);
        let number = strength(self.value) == Some(Strength::Number) && self.value.len() >= 10;
        let settings = matches!(self.material.syntax, Syntax::Lines | Syntax::Shell);
        let named = self.name.to_ascii_lowercase();
        let opens = [
            &b"api"[..],
            b"secret",
            b"sign",
            b"crypt",
            b"auth",
            b"access",
            b"private",
            b"master",
            b"hmac",
            b"jwt",
        ]
        .iter()
        .any(|word| contains(&named, word));
        self.exact
            && self.is_given()
            && opens
            && (!own || self.made_up && self.value == b"secret")
            && self.value.len() >= if self.made_up && contains(&named, b"secret") { 4 } else { 6 }
            && !self.value.contains(&b'_')
            && self.material.syntax != Syntax::Prose
            && (self.made_up || number || settings && self.is_plain_word())
    }

    fn salt(&self) -> bool {
        self.exact
            && matches!(self.operator, Operator::Assign | Operator::Pair)
            && self.value.len() >= 6
            && !is_word_for_secret(self.value)
            && self.material.syntax != Syntax::Prose
            && (self.made_up || strength(self.value) == Some(Strength::Chosen))
    }

    fn is_given(&self) -> bool {
        match self.operator {
            Operator::Assign | Operator::Pair | Operator::Inline | Operator::Default => true,
            Operator::Compare => self.made_up,
            Operator::Element | Operator::Taken => true,
            Operator::Call => takes(self.name),
            Operator::Argument | Operator::Flag | Operator::Space => false,
        }
    }

    /// One word in small letters, perhaps with digits: no constant, no identifier of a program.
    fn is_plain_word(&self) -> bool {
        self.value.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    }
}

/// `put("password", …)`, not one of a list.
fn is_first_argument(bytes: &[u8], name: usize) -> bool {
    let before = bytes.get(name.saturating_sub(8)..name).unwrap_or_default();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"));
    before.is_some_and(|before| before.trim_ascii_end().ends_with(b"("))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_told_from_values() {
        assert!(LABELS.is_sorted());
        for value in ["string", "Password", "current-password", "REQUIRED"] {
            assert!(is_label(value.as_bytes()), "{value}");
        }
        for value in ["password", "tiger", "^tiger", "foo"] {
            assert!(!is_label(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn functions_that_take_a_password_are_told_from_those_that_return_one() {
        for name in
            ["setPassword", "user.set_password", "setpassword", "WithPassword", "hash_password"]
        {
            assert!(takes(name.as_bytes()), "{name}");
        }
        for name in ["getPassword", "password", "issue_password", "t.password", "set"] {
            assert!(!takes(name.as_bytes()), "{name}");
        }
    }
}
