use penstock_model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Expiry, text::of_form};

/// A place a release can enter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its turn: a release enters the environment with the next lower order first.
    #[schemars(range(min = 1, max = 1000))]
    pub order: u32,
    /// What a release must prove.
    #[serde(default)]
    pub profile: Profile,
    /// How many persons who are not in the change must approve.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub approvals: u32,
    /// Whether a denial binds.
    #[serde(default)]
    pub mode: Mode,
    /// Since when the mode is what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Expiry>,
    /// Who answers for the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Words>")]
    pub owner: Option<String>,
    /// Where a release goes.
    #[serde(default)]
    pub target: Target,
    /// Times in which nothing is let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Freeze>,
}

of_form!(Words, "sentence");

/// What a release must prove: the set of gate rules, and what they do with what cannot be told.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Profile {
    /// What cannot be told is a warning.
    #[default]
    #[serde(rename = "level-2")]
    Level2,
    /// What cannot be told keeps a release out.
    #[serde(rename = "level-3")]
    Level3,
    /// As `level-3`, with every gate rule there is.
    #[serde(rename = "level-4")]
    Level4,
}

impl Profile {
    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Level2 => "level-2",
            Self::Level3 => "level-3",
            Self::Level4 => "level-4",
        }
    }
}

/// Whether a denial binds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Decide and record; nothing is stopped.
    Observe,
    /// Decide, record and say so loudly; nothing is stopped.
    Warn,
    /// Only an allowance deploys.
    #[default]
    Enforce,
}

impl Mode {
    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }
}

/// Where a release goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What kind of place it is.
    pub kind: TargetKind,
    /// The directory; beneath the project's state directory if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Directory>")]
    pub path: Option<String>,
    /// How many releases stay there to roll back to.
    #[serde(default = "Target::default_keep")]
    #[schemars(range(min = 1, max = 1000))]
    pub keep: u32,
}

of_form!(Directory, "directory");

impl Target {
    fn default_keep() -> u32 {
        3
    }
}

impl Default for Target {
    fn default() -> Self {
        Self { kind: TargetKind::Directory, path: None, keep: Self::default_keep() }
    }
}

/// What kind of place a release goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// A directory on this machine: releases by digest, one of them current.
    Directory,
}

/// A time in which nothing is let in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Its first moment.
    #[schemars(extend("format" = "time"))]
    pub from: Timestamp,
    /// The first moment after it.
    #[schemars(extend("format" = "time"))]
    pub to: Timestamp,
    /// Why.
    #[schemars(extend("format" = "sentence"))]
    pub reason: String,
}

impl Freeze {
    /// Whether `now` lies in it.
    pub fn covers(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.to
    }
}
