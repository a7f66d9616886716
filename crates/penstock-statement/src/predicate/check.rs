use std::collections::BTreeMap;

use penstock_model::{
    Area, Coverage, GitOid, NotChecked, ProjectId, Severity, Sha256, SuppressionAuthority,
    Timestamp, report::Tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Predicate, ResourceDescriptor};

/// `check/v0.1`: what a check of one commit's tree found and did not look at.
///
/// Subjects are the `gitCommit` and the `gitTree` that were really scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckResult {
    /// The project whose directory was scanned.
    pub project: ProjectId,
    /// The program and its rules.
    pub tool: Tool,
    /// Digest of the exact `penstock.toml` whose check settings were used.
    pub configuration: Sha256,
    /// The commit whose suppressions were taken as already decided; without it every suppression
    /// in the tree is only proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<GitOid>,
    /// The areas that ran, sorted.
    pub areas: Vec<Area>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Parts that did not happen.
    pub not_checked: Vec<NotChecked>,
    /// Whether every required part happened and every file was read.
    pub complete: bool,
    /// Open findings by severity; all four are present. Proposed suppressions count as open.
    pub counts: BTreeMap<Severity, u64>,
    /// Questions without an answer.
    pub unresolved: u64,
    /// Findings not acted on, by who decided so.
    pub suppressed: Vec<SuppressedCount>,
    /// The full report, by digest.
    pub report: ResourceDescriptor,
    /// When.
    pub checked_on: Timestamp,
}

/// How many findings were suppressed on one authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuppressedCount {
    /// Where the decision is written.
    pub authority: SuppressionAuthority,
    /// How many.
    pub count: u64,
}

impl Predicate for CheckResult {
    const TYPE: &'static str = "https://penstock.dev/check/v0.1";
}
