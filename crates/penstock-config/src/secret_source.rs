//! Where a secret comes from.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    form::{self, TextError},
    shown::is_hidden,
    text::textual,
};

/// Where a step's secret comes from. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum SecretSource {
    /// A file encrypted with age: `age:secrets.age` for all of it, `age:secrets.age#NPM_TOKEN` for
    /// the value of one `NAME=value` line of it. A relative path is a file of the project, as it is
    /// in what is built; an absolute one a file of the machine.
    Age {
        /// The path, with `/` between its parts.
        path: String,
        /// The name on the line that is meant; the whole text if absent.
        key: Option<String>,
    },
    /// A variable of the environment Penstock was called in: `env:API_TOKEN`.
    Env(String),
    /// A descriptor Penstock was called with, read to its end: `fd:3`.
    Fd(u32),
    /// A field of a secret in the policy's Vault or OpenBao, in a KV engine of version 2:
    /// `vault:kv/ci/release#npm`.
    Vault {
        /// Where the engine is mounted: `kv`.
        mount: String,
        /// The secret's path in it: `ci/release`.
        path: String,
        /// Which of its fields: `npm`.
        field: String,
    },
}

textual!(
    SecretSource,
    "secret-source",
    "Where the value comes from: `env:NAME`, `fd:3`, `age:FILE#NAME` or `vault:MOUNT/PATH#FIELD`."
);

impl SecretSource {
    /// Whether the caller hands it over: what may hold what Penstock itself logs in with.
    pub fn is_the_callers(&self) -> bool {
        matches!(self, Self::Env(_) | Self::Fd(_))
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("age", file) => {
                let (path, key) = match file.split_once('#') {
                    Some((path, key)) => (path, Some(key)),
                    None => (file, None),
                };
                let right = is_path(path) && key.is_none_or(form::variable);
                right.then(|| Self::Age { path: path.to_owned(), key: key.map(str::to_owned) })
            }
            ("env", name) => form::variable(name).then(|| Self::Env(name.to_owned())),
            ("fd", number) => {
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                let number: u32 = number.parse().ok().filter(|_| digits)?;
                // The first three are the terminal.
                (3..1 << 20).contains(&number).then_some(Self::Fd(number))
            }
            ("vault", place) => {
                let (place, field) = place.split_once('#')?;
                let (mount, path) = place.split_once('/')?;
                let right = [mount, path, field].iter().all(|part| form::url_path(part));
                (right && !mount.contains('/') && !field.contains('/')).then(|| Self::Vault {
                    mount: mount.to_owned(),
                    path: path.to_owned(),
                    field: field.to_owned(),
                })
            }
            _ => None,
        }
    }
}

/// A path that stays where it begins and can be read in a message.
fn is_path(text: &str) -> bool {
    let relative = text.strip_prefix('/').unwrap_or(text);
    text.len() <= 1024
        && !text.chars().any(is_hidden)
        && !relative.split('/').any(|part| matches!(part, "" | "." | ".."))
}

impl FromStr for SecretSource {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::read(text).ok_or_else(|| form::refusal("secret-source", text))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { path, key: None } => write!(f, "age:{path}"),
            Self::Age { path, key: Some(key) } => write!(f, "age:{path}#{key}"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Fd(number) => write!(f, "fd:{number}"),
            Self::Vault { mount, path, field } => write!(f, "vault:{mount}/{path}#{field}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_back_as_it_is_written() {
        for text in [
            "env:NPM_TOKEN",
            "fd:3",
            "age:secrets.age",
            "age:deploy/secrets.age#NPM_TOKEN",
            "age:/etc/ci/secrets.age#A",
            "vault:kv/ci#npm",
            "vault:kv/team/ci-1#npm.token",
        ] {
            assert_eq!(text.parse::<SecretSource>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_source_or_leads_elsewhere_is_refused() {
        for text in [
            "NPM_TOKEN",
            "env:",
            "env:A-B",
            "evn:A",
            "fd:0",
            "fd:2",
            "fd:+3",
            "fd:3x",
            "fd:",
            "fd:99999999999",
            "age:",
            "age:../x.age",
            "age:a/./b",
            "age://x",
            "age:a//b",
            "age:x#",
            "age:x#a b",
            "vault:kv",
            "vault:kv#x",
            "vault:/ci#x",
            "vault:kv/ci",
            "vault:kv/../sys#x",
            "vault:kv/ci?version=1#x",
            "vault:kv/%2e%2e/sys#x",
            "vault:kv/ci#",
            "vault:kv/ci#a/b",
            "vault:kv/a b#x",
            "vault:kv//a#x",
        ] {
            assert!(text.parse::<SecretSource>().is_err(), "{text}");
        }
    }
}
