use penstock_model::{ProjectId, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyRef;
use crate::Predicate;

/// `deployment/v0.1`: a release was put into an environment.
///
/// Subjects are all digests of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// The environment.
    pub environment: String,
    /// The project.
    pub project: ProjectId,
    /// Where it went.
    pub target: TargetRef,
    /// Evidence id of the run seal: the release.
    pub run: Sha256,
    /// Evidence id of the decision it was done on.
    pub decision: Sha256,
    /// The policy in force.
    pub policy: PolicyRef,
    /// Forward or back.
    pub kind: DeploymentKind,
    /// Evidence id of the run seal that was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sha256>,
    /// Present when the gate did not allow it and a person took the responsibility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// When.
    pub deployed_on: Timestamp,
}

/// Where a release was put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetRef {
    /// The kind of target: `directory`.
    pub kind: String,
    /// Which one.
    pub uri: String,
}

/// Whether a deployment moved forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentKind {
    /// A release that was not there before.
    Deploy,
    /// A release that had been there, verified again.
    Rollback,
}

/// A deployment somebody forced, with what they must answer for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BreakGlass {
    /// Why it could not wait.
    pub reason: String,
    /// Who: a person of the policy, or the account's name where no person was given.
    pub by: String,
    /// Which gate rules were overridden.
    pub overridden: Vec<String>,
    /// When the exception ends: the release must pass its gate or be replaced by then.
    pub expires: Timestamp,
    /// By when somebody else must have reviewed it.
    pub review_by: Timestamp,
}

impl Predicate for Deployment {
    const TYPE: &'static str = "https://penstock.dev/deployment/v0.1";
}
