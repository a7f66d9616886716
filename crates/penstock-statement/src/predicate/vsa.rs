use std::collections::BTreeMap;

use penstock_model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DigestSet, Predicate, ResourceDescriptor};

/// SLSA Verification Summary v1 (<https://slsa.dev/spec/v1.2/verification_summary>): a decision in
/// the words other verifiers read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Who verified.
    pub verifier: Verifier,
    /// When.
    pub time_verified: Timestamp,
    /// What was verified: the project and the environment it wanted to enter.
    pub resource_uri: String,
    /// By which rules.
    pub policy: PolicyDescriptor,
    /// Every attestation that was used, by digest; optional in the summaries of others.
    #[serde(default)]
    pub input_attestations: Vec<ResourceDescriptor>,
    /// Allow is `PASSED`, everything else `FAILED`.
    pub verification_result: VerificationResult,
    /// At most one per SLSA track and never above what was verified; `FAILED` alone where the
    /// result is that.
    pub verified_levels: Vec<String>,
    /// The version of SLSA the levels are of, `<major>.<minor>`; empty where it is not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub slsa_version: String,
}

/// `verifier`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verifier {
    /// A URI.
    pub id: String,
    /// Component to version.
    #[serde(default)]
    pub version: BTreeMap<String, String>,
}

/// `policy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDescriptor {
    /// A name for it.
    pub uri: String,
    /// What it is; recommended, not required.
    #[serde(default, skip_serializing_if = "DigestSet::is_empty")]
    pub digest: DigestSet,
}

/// `verificationResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationResult {
    /// It met the policy.
    Passed,
    /// It did not, or that could not be told.
    Failed,
}

impl Predicate for VerificationSummary {
    const TYPE: &'static str = "https://slsa.dev/verification_summary/v1";
}
