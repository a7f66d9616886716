use penstock_model::{IdentityStrength, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyRef;
use crate::Predicate;

/// `approval/v0.1`: one person's word on one release for one environment.
///
/// Subjects are all digests of the release. It counts only for exactly these digests, this
/// environment, this policy and this held decision; a later `reject` of the same person wins; it
/// never waives a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// The environment.
    pub environment: String,
    /// The policy in force when the person decided.
    pub policy: PolicyRef,
    /// Evidence id of the decision that was held and is answered here.
    pub decision: Sha256,
    /// Evidence id of the run seal: the release.
    pub run: Sha256,
    /// The word.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The person, as named in the policy.
    pub person: String,
    /// How that identity was established.
    pub identity_strength: IdentityStrength,
    /// When it was given, by the clock of who gave it.
    pub approved_on: Timestamp,
    /// When it stops counting.
    pub expires: Timestamp,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may go there.
    Approve,
    /// It may not.
    Reject,
}

impl Predicate for Approval {
    const TYPE: &'static str = "https://penstock.dev/approval/v0.1";
}
