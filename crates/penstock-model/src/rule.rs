use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Area;

/// How bad it is if the finding is true.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Hardening; tracked.
    Low,
    /// A weakness that needs something else to be used.
    Medium,
    /// Usable by an attacker within reach.
    High,
    /// Usable by anyone, now.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name in reports and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure the rule is that the finding is true.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Usually right.
    Medium,
    /// Decided by shape, checksum or structure.
    High,
}

/// For whom a finding is worth reading.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody; the default.
    Regular,
    /// Teams that want the last corner swept.
    Pedantic,
    /// Reviewers who want everything that could matter.
    Auditor,
}

/// Whether a fix may be applied without a person reading it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// Behaviour is provably unchanged.
    Safe,
    /// A person must read it first.
    Unsafe,
}

/// A rule's stable name, `area/kebab-name`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RuleId(String);

impl RuleId {
    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash, if this version knows that area.
    pub fn area(&self) -> Option<Area> {
        self.0.split_once('/').and_then(|(area, _)| Area::named(area))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for RuleId {
    type Err = RuleIdError;

    fn from_str(text: &str) -> Result<Self, RuleIdError> {
        let kebab = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && !part.ends_with('-')
                && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        };
        match text.split_once('/') {
            Some((area, name)) if text.len() <= 80 && kebab(area) && kebab(name) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(RuleIdError(text.chars().take(80).collect())),
        }
    }
}

impl TryFrom<String> for RuleId {
    type Error = RuleIdError;

    fn try_from(text: String) -> Result<Self, RuleIdError> {
        text.parse()
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> Self {
        id.0
    }
}

/// Text that is no rule id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rule id: `area/kebab-name`")]
pub struct RuleIdError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_ids_are_area_and_kebab_name() {
        assert_eq!("ci/unpinned-action".parse::<RuleId>().map(|id| id.area()), Ok(Some(Area::Ci)));
        for wrong in ["ci", "ci/", "/x", "ci/Unpinned", "ci/x-", "ci/a/b", "ci/a b"] {
            assert!(wrong.parse::<RuleId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn severities_are_ordered_from_mild_to_grave() {
        assert!(Severity::ALL.is_sorted());
    }
}
