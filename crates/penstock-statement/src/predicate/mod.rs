//! The predicates Penstock writes and reads, one file each.

mod approval;
mod check;
mod decision;
mod deployment;
mod policy;
mod provenance;
mod run;
mod runtime_trace;
mod source_change;
mod test_result;
mod vsa;

pub use approval::{Approval, Verdict};
pub use check::{CheckResult, SuppressedCount};
pub use decision::{Decision, Mode, Outcome, Reason};
pub use deployment::{BreakGlass, Deployment, DeploymentKind, TargetRef};
pub use policy::PolicyVersion;
pub use provenance::{
    BUILD_TYPE, BuildDefinition, BuildMetadata, Builder, ExternalParameters, Provenance,
    RunDetails, StepParameters,
};
pub use run::{
    Custody, Isolation, Mechanism, RunOutcome, RunSeal, SealedOutput, SealedStep, SealedTrace,
    SecretRead, StepOutcome,
};
pub use runtime_trace::{
    LostEvents, MONITOR, Monitor, MonitorLog, MonitoredProcess, RuntimeTrace, TraceMetadata,
    TracePolicy, TracedConnection, TracedDenial, TracedProcess,
};
pub use source_change::{ChangedCommit, Party, SignatureStatus, SourceChange};
pub use test_result::{TestCounts, TestResult, TestVerdict};
pub use vsa::{PolicyDescriptor, VerificationResult, VerificationSummary, Verifier};

use penstock_model::Sha256;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The predicate type of a CycloneDX document (in-toto predicate "CycloneDX":
/// <https://github.com/in-toto/attestation/blob/main/spec/predicates/cyclonedx.md>).
pub const CYCLONEDX: &str = "https://cyclonedx.org/bom";

/// Which rules something was judged by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRef {
    /// The version, from 1.
    pub version: u32,
    /// Digest of the policy's exact text.
    pub digest: Sha256,
}
