//! The forms text can have: what a value must look like, and how to tell somebody it does not.
//!
//! Each form has a name, which is its `format` in the JSON Schema: the same table checks a document
//! (with spans) and the types built from it.

use std::{borrow::Cow, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_model::{GitOid, ProjectId, RepoPath, RuleId, RuleSet, Sha256, Timestamp};

use crate::{
    SecretSource,
    shown::{is_hidden, shown},
};

/// Text that has not the form its place asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {noun}")]
pub struct TextError {
    /// The text, at most 80 characters of it.
    pub value: String,
    /// What it should have been: `a duration`.
    pub noun: &'static str,
    /// How to write it.
    pub help: &'static str,
}

struct Form {
    name: &'static str,
    noun: &'static str,
    help: &'static str,
    matches: fn(&str) -> bool,
}

/// Every form, by the name it has in the schemas.
const FORMS: &[Form] = &[
    Form {
        name: "argument",
        noun: "a command",
        help: "write the command, without NUL characters",
        matches: |text| !text.contains('\0'),
    },
    Form {
        name: "command",
        noun: "a command",
        help: "write the command, without NUL characters",
        matches: |text| !text.trim().is_empty() && !text.contains('\0'),
    },
    Form {
        name: "builder",
        noun: "a builder id",
        help: "write the URI that provenance names as its builder",
        matches: |text| {
            text.len() <= 512
                && text.contains(':')
                && !text.chars().any(|c| c.is_whitespace() || is_hidden(c))
        },
    },
    Form {
        name: "callers-secret",
        noun: "a source of what to log in with",
        help: "write `env:NAME` (a variable of the calling environment) or `fd:3` (a descriptor it \
               opened)",
        matches: |text| SecretSource::read(text).is_some_and(|source| source.is_the_callers()),
    },
    Form {
        name: "commit-key",
        noun: "a commit-signing key",
        help: "write an SSH fingerprint (`SHA256:…`) or an OpenPGP fingerprint of 40 or 64 \
               hexadecimal digits",
        matches: commit_key,
    },
    Form {
        name: "directory",
        noun: "a directory",
        help: "write an absolute path without `..`",
        matches: |text| {
            text.starts_with('/')
                && text.len() <= 1024
                && !text.chars().any(is_hidden)
                && !text.split('/').any(|part| matches!(part, "." | ".."))
        },
    },
    Form {
        name: "duration",
        noun: "a duration",
        help: "write a whole number and `s`, `m` or `h`, 24 hours at most: `10m`",
        matches: |text| duration(text).is_some(),
    },
    Form {
        name: "email",
        noun: "an e-mail address",
        help: "write it as it stands in commits: `ana@example.org`",
        matches: |text| {
            text.len() <= 254
                && text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
                && !text.chars().any(|c| c.is_whitespace() || is_hidden(c) || "<>".contains(c))
        },
    },
    Form {
        name: "expiry",
        noun: "a day or a time",
        help: "write a day as `2027-01-01` or a time as `2027-01-01T00:00:00Z`",
        matches: |text| expiry(text).is_some(),
    },
    Form {
        name: "fingerprint",
        noun: "a fingerprint",
        help: "copy it from the finding: `penstock/v1:` and 32 hexadecimal digits",
        matches: |text| {
            text.strip_prefix("penstock/v1:").is_some_and(|digits| lower_hex(digits, &[32]))
        },
    },
    Form {
        name: "git-commit",
        noun: "a commit id",
        help: "write all 40 (or 64) hexadecimal digits: `git rev-parse HEAD`",
        matches: |text| text.parse::<GitOid>().is_ok(),
    },
    Form {
        name: "glob",
        noun: "a pattern of paths",
        help: "write it relative to the project, with `*`, `**`, `?`, `[…]` or `{…}`: `src/**`",
        matches: glob,
    },
    Form {
        name: "label",
        noun: "a name",
        help: "begin with a letter, go on with lower-case letters, digits, `-`, `.` or `_`, \
               64 at most",
        matches: |text| name(text, b"-._"),
    },
    Form {
        name: "output",
        noun: "an output path",
        help: "write one exact path beneath the project, not the project itself, without `..`, \
               wildcards, control characters, `.git` or `.penstock`: `dist/app`",
        matches: |text| output(text).is_some(),
    },
    Form {
        name: "project-id",
        noun: "a project identity",
        help: "write `git+https://host/path#subdir` or `urn:penstock:<root commit>#subdir`, \
               normalised",
        matches: |text| text.parse::<ProjectId>().is_ok(),
    },
    Form {
        name: "project-name",
        noun: "a project name",
        help: "use letters, digits, `-`, `.` and `_`, beginning with a letter or digit, 64 at most",
        matches: |text| {
            text.len() <= 64
                && text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        },
    },
    Form {
        name: "public-key",
        noun: "a public key",
        help: "write the public key's DER form (SubjectPublicKeyInfo) in base64 on one line",
        matches: |text| {
            text.len() <= 4096 && BASE64_STANDARD.decode(text).is_ok_and(|k| !k.is_empty())
        },
    },
    Form {
        name: "reach",
        noun: "a host that can be allowed",
        help: "write a host name, with a port if it is not 443: `registry.npmjs.org`, \
               `*.example.org`, `mirror.example:8443`; a path with its scheme: \
               `http://mirror.example/simple/`, `https://mirror.example/simple/`; another protocol \
               with its port: `tcp://host:22`; a mirror within the company: \
               `private mirror.example`; TLS that stays closed: `opaque host`",
        matches: crate::reach::is_reach,
    },
    Form {
        name: "root-digest",
        noun: "the digest of a root file system",
        help: "write the line that `penstock root add` prints: `sha256:` and 64 lower-case \
               hexadecimal digits; a name or a path is not taken",
        matches: |text| text.starts_with("sha256:") && text.parse::<Sha256>().is_ok(),
    },
    Form {
        name: "rule",
        noun: "a rule id",
        help: "write `area/kebab-name`, as the finding names it",
        matches: |text| text.parse::<RuleId>().is_ok(),
    },
    Form {
        name: "rule-set",
        noun: "a rule set",
        help: "write the year and the month as `2026.11`; `penstock rules` names the newest",
        matches: |text| text.parse::<RuleSet>().is_ok(),
    },
    Form {
        name: "secret-source",
        noun: "a source of secrets",
        help: "write `env:NAME` (a variable of the calling environment), `fd:3` (a descriptor it \
               opened), `age:FILE` or `age:FILE#NAME` (an encrypted file), or \
               `vault:MOUNT/PATH#FIELD`",
        matches: |text| SecretSource::read(text).is_some(),
    },
    Form {
        name: "sentence",
        noun: "an explanation",
        help: "write a few words that a reviewer can judge, without control characters",
        matches: |text| {
            !text.trim().is_empty()
                && text.len() <= 2000
                && !text.chars().any(|c| c != '\n' && is_hidden(c))
        },
    },
    Form {
        name: "sha256",
        noun: "a SHA-256 digest",
        help: "write all 64 lower-case hexadecimal digits",
        matches: |text| text.parse::<Sha256>().is_ok(),
    },
    Form {
        name: "step",
        noun: "a step name",
        help: "begin with a letter, go on with lower-case letters, digits or `-`, 64 at most",
        matches: |text| name(text, b"-"),
    },
    Form {
        name: "time",
        noun: "a time",
        help: "write it as `2027-01-01T00:00:00Z`",
        matches: |text| text.parse::<Timestamp>().is_ok(),
    },
    Form {
        name: "value",
        noun: "a value of an environment variable",
        help: "remove the NUL character",
        matches: |text| !text.contains('\0'),
    },
    Form {
        name: "url-path",
        noun: "a path in an address",
        help: "use letters, digits, `-`, `.`, `_` and `/` between names, 256 at most",
        matches: url_path,
    },
    Form {
        name: "vault-address",
        noun: "an address of a Vault",
        help: "write `https://HOST` or `https://HOST:PORT`, nothing after it; `http://` only for \
               `127.0.0.1`, `[::1]` and `localhost`",
        matches: vault_address,
    },
    Form {
        name: "variable",
        noun: "the name of an environment variable",
        help: "use letters, digits and `_`, not beginning with a digit",
        matches: variable,
    },
];

/// Checks `text` against the form of that name. A name that is not in the table is refused, so that
/// a form cannot be forgotten here.
pub(crate) fn check(form: &str, text: &str) -> Result<(), TextError> {
    match find(form) {
        Some(form) if (form.matches)(text) => Ok(()),
        _ => Err(refusal(form, text)),
    }
}

/// The error for text that has not the form of that name.
pub(crate) fn refusal(form: &str, text: &str) -> TextError {
    let (noun, help) =
        find(form).map_or(("anything this version knows", ""), |form| (form.noun, form.help));
    TextError { value: shown(text), noun, help }
}

fn find(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

fn name(text: &str, others: &[u8]) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || others.contains(&b))
}

/// Names that mean nothing in a URL but themselves.
pub(crate) fn url_path(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    text.len() <= 256
        && text.split('/').all(|part| !matches!(part, "" | "." | "..") && part.bytes().all(plain))
}

/// Whether `host`, as it stands in an address, is this machine.
fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

fn vault_address(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "443"),
    };
    let name = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match literal {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(name),
    };
    let is_port = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let secure = scheme == "https" || scheme == "http" && is_loopback(host);
    secure && is_host && is_port && text.len() <= 256
}

pub(crate) fn variable(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn lower_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn commit_key(text: &str) -> bool {
    let ssh = text.strip_prefix("SHA256:").is_some_and(|digest| {
        digest.len() == 43
            && digest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    });
    ssh || lower_hex(&text.to_ascii_lowercase(), &[40, 64])
}

fn glob(text: &str) -> bool {
    let balanced = |open: char, close: char| {
        text.chars().try_fold(0_u32, |depth, c| match c {
            _ if c == open => Some(depth + 1),
            _ if c == close => depth.checked_sub(1),
            _ => Some(depth),
        }) == Some(0)
    };
    !text.is_empty()
        && text.len() <= 1024
        && !text.starts_with('/')
        && !text.chars().any(is_hidden)
        && !text.split('/').any(|part| matches!(part, "." | ".."))
        && balanced('{', '}')
        && balanced('[', ']')
}

pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let seconds = digits.parse::<u64>().ok().filter(|_| plain)?.checked_mul(unit)?;
    (1..=86_400).contains(&seconds).then(|| Duration::from_secs(seconds))
}

pub(crate) fn expiry(text: &str) -> Option<Timestamp> {
    let day = text.len() == 10 && !text.contains(['T', ':']);
    let text = if day { Cow::Owned(format!("{text}T00:00:00Z")) } else { Cow::Borrowed(text) };
    text.parse().ok()
}

pub(crate) fn output(text: &str) -> Option<RepoPath> {
    let path = text.strip_suffix('/').unwrap_or(text);
    let ours = path
        .split('/')
        .any(|part| part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case(".penstock"));
    if ours || path.contains(['*', '?']) || path.chars().any(is_hidden) || text.len() > 1024 {
        return None;
    }
    RepoPath::new(path.as_bytes()).ok()
}
