use penstock_config::Policy;
use penstock_model::{Answer, Report, Timestamp};
use penstock_statement::{
    Verified,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyRef, Provenance, RunSeal, SourceChange,
        TestResult,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything an audit is computed from: what the ledger holds about one project, verified.
///
/// All of it, not only the period's: a deployment of May may rest on a run of April.
#[derive(Clone, Debug)]
pub struct AuditInput {
    /// The instant the audit calls now.
    pub now: Timestamp,
    /// The stretch of time whose deployments are audited; everything if absent.
    pub period: Option<Period>,
    /// The policy in force.
    pub policy: Policy,
    /// Its version and digest.
    pub policy_ref: PolicyRef,
    /// Every run seal.
    pub runs: Vec<Verified<RunSeal>>,
    /// Every check.
    pub checks: Vec<Verified<CheckResult>>,
    /// Every test result.
    pub tests: Vec<Verified<TestResult>>,
    /// All provenance.
    pub provenance: Vec<Verified<Provenance>>,
    /// Every SBOM (CycloneDX), its document not looked at.
    pub sboms: Vec<Verified<Value>>,
    /// Every source change.
    pub source_changes: Vec<Verified<SourceChange>>,
    /// Every approval and rejection.
    pub approvals: Vec<Verified<Approval>>,
    /// Every decision.
    pub decisions: Vec<Verified<Decision>>,
    /// Every deployment: the population.
    pub deployments: Vec<Verified<Deployment>>,
    /// What is known of the ledger itself.
    pub log: LogStatus,
    /// A check of the repository as it is now.
    pub report: Option<Report>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Period {
    /// Whether `time` lies in it.
    pub fn covers(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }
}

/// What is known of the ledger itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogStatus {
    /// How many entries it has.
    pub size: u64,
    /// Whether all of it was verified and agrees with the last checkpoint that was seen.
    pub consistent: Answer,
    /// Whether somebody else cosigned its checkpoint. Without a witness the ledger does not bind
    /// the holder of the log key.
    pub witnessed: bool,
}
