use std::fmt;

use penstock_model::{ProjectId, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyRef;
use crate::{Predicate, ResourceDescriptor};

/// `decision/v0.1`: whether a release may enter an environment, and why.
///
/// Subjects are all digests of the release. The VSA written beside it is its projection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decision {
    /// The environment asked for.
    pub environment: String,
    /// The project the policy expects.
    pub project: ProjectId,
    /// Evidence id of the run seal: the release.
    pub run: Sha256,
    /// The rules that judged.
    pub policy: PolicyRef,
    /// The environment's profile, `level-2` to `level-4`.
    pub profile: String,
    /// Whether a denial binds.
    pub mode: Mode,
    /// What was decided.
    pub outcome: Outcome,
    /// One line per gate rule, in the order of the profile.
    pub reasons: Vec<Reason>,
    /// The exact commands that would change the outcome.
    pub next: Vec<String>,
    /// Every piece of evidence that was used, by evidence id.
    pub inputs: Vec<ResourceDescriptor>,
    /// When.
    pub decided_on: Timestamp,
}

/// What one gate rule said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reason {
    /// The gate rule's id.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How it came out for this release.
    pub outcome: Outcome,
    /// The facts it was decided by, one sentence.
    pub message: String,
    /// What to do about it, where it did not come out as allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Something accepted at this profile that a stricter one would not accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// How a gate or one of its rules came out. Ordered by precedence: the worst rule decides.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It may go.
    Allow,
    /// A person must decide first.
    Held,
    /// It cannot be told; the missing fact is named.
    Indeterminate,
    /// It may not.
    Deny,
}

impl Outcome {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Held => "held",
            Self::Indeterminate => "indeterminate",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether an environment's denial binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Decide and record; nothing is stopped.
    Observe,
    /// Decide, record and say so loudly; nothing is stopped.
    Warn,
    /// Only an allowance deploys.
    Enforce,
}

impl Predicate for Decision {
    const TYPE: &'static str = "https://penstock.dev/decision/v0.1";
}
