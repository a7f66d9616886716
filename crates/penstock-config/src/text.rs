//! Values that are written as text in TOML and mean more than text.

use std::{borrow::Cow, fmt, str::FromStr, time::Duration};

use penstock_model::{RepoPath, Sha256, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::form::{self, TextError};

/// A type that is only a schema: text of a form, where the field itself is a plain `String`.
macro_rules! of_form {
    ($name:ident, $form:literal) => {
        struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $form })
            }
        }
    };
}

pub(crate) use of_form;

/// Implements what every textual type shares: conversion, display and a schema with its form.
macro_rules! textual {
    ($type:ident, $form:literal, $description:literal) => {
        impl TryFrom<String> for $type {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $form, "description": $description })
            }
        }
    };
}

pub(crate) use textual;

/// A pattern of paths relative to the project: `*` and `?` within a component, `**` across them,
/// `[…]` and `{a,b}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Glob(String);

textual!(Glob, "glob", "A pattern of paths relative to the project.");

impl Glob {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Glob {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::check("glob", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A root file system by its digest; never a path, since a change must open nothing of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RootDigest(Sha256);

textual!(RootDigest, "root-digest", "The digest that `penstock root add` printed.");

impl RootDigest {
    /// The digest.
    pub fn digest(&self) -> Sha256 {
        self.0
    }
}

impl FromStr for RootDigest {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::check("root-digest", text)?;
        text.parse().map(Self).map_err(|_| form::refusal("root-digest", text))
    }
}

impl fmt::Display for RootDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

/// A file or directory a step leaves behind: one exact path beneath the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OutputPath(String);

textual!(OutputPath, "output", "An exact path of a file or directory beneath the project.");

impl OutputPath {
    /// The path as written, without a trailing `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path.
    pub fn path(&self) -> Option<RepoPath> {
        form::output(&self.0)
    }

    /// Whether one of the two is the other or lies beneath it.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self.path(), other.path()) {
            (Some(a), Some(b)) => a.is_within(&b) || b.is_within(&a),
            _ => false,
        }
    }
}

impl FromStr for OutputPath {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::check("output", text)?;
        Ok(Self(text.strip_suffix('/').unwrap_or(text).to_owned()))
    }
}

impl fmt::Display for OutputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How long a step may run: whole seconds, minutes or hours, 24 hours at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timeout(Duration);

textual!(Timeout, "duration", "A whole number and `s`, `m` or `h`: `10m`.");

impl Timeout {
    /// The time.
    pub fn duration(self) -> Duration {
        self.0
    }

    /// The time in whole seconds.
    pub fn seconds(self) -> u64 {
        self.0.as_secs()
    }
}

impl Default for Timeout {
    /// Half an hour.
    fn default() -> Self {
        Self(Duration::from_secs(30 * 60))
    }
}

impl FromStr for Timeout {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::duration(text).map(Self).ok_or_else(|| form::refusal("duration", text))
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds() {
            seconds if seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
            seconds if seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            seconds => write!(f, "{seconds}s"),
        }
    }
}

/// The instant from which something no longer counts; a day means its first moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expiry(pub Timestamp);

textual!(Expiry, "expiry", "A day (`2027-01-01`: its first moment in UTC) or a time.");

impl Expiry {
    /// Whether it has come by `now`.
    pub fn has_passed(self, now: Timestamp) -> bool {
        self.0 <= now
    }
}

impl FromStr for Expiry {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::expiry(text).map(Self).ok_or_else(|| form::refusal("expiry", text))
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
