use std::fmt;

use penstock_model::{GitOid, ProjectId, RepoPath, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LostEvents, MonitorLog, PolicyRef, TestCounts, TracedDenial};
use crate::{DigestSet, Predicate, ResourceDescriptor};

/// `run/v0.1`: the run seal. It is written once, when the last process of a run is gone, and is the
/// immutable unit of release: every gate rule joins through it.
///
/// Subjects are the digests of every output; of a run without outputs, the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunSeal {
    /// The project.
    pub project: ProjectId,
    /// A name for this run, unique within the ledger.
    pub invocation: String,
    /// The commit that was built. Absent when the work tree was built: such a run claims no
    /// commit and passes no gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<GitOid>,
    /// The commit's tree at the project's directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<GitOid>,
    /// Digest of the exact `penstock.toml`.
    pub configuration: Sha256,
    /// The policy pinned when the run began.
    pub policy: PolicyRef,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Every step, in the order of the plan; those that never started included.
    pub steps: Vec<SealedStep>,
    /// Whether only some of the pipeline's steps were asked for.
    pub partial: bool,
    /// Who could reach the signing keys while the steps ran.
    pub custody: Custody,
    /// When the run began.
    pub started_on: Timestamp,
    /// When its last process was gone.
    pub finished_on: Timestamp,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Every step succeeded.
    Succeeded,
    /// One did not.
    Failed,
}

/// One step's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedStep {
    /// Its name.
    pub name: String,
    /// Digest of the step's definition, defaults filled in (canonical JSON of its parameters): the
    /// same digest in two runs means the definition is unchanged.
    pub definition: Sha256,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What was really in force while it ran; absent if it never started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// What it left behind.
    pub outputs: Vec<SealedOutput>,
    /// Its output on the terminal, masked, by digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<ResourceDescriptor>,
    /// What its log says about tests, where the step names a runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    /// The secrets that were read for it, in the order they were read; never a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretRead>,
    /// How much was recorded of what it did; the record itself is a `runtime-trace`. Absent if nothing
    /// watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<SealedTrace>,
    /// What was varied in a second build that gave the same outputs; empty if there was none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reproduced: Vec<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// The record of a step: which it is, and how much is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedTrace {
    /// Evidence id of the `runtime-trace`.
    pub statement: Sha256,
    /// Programs it started.
    pub processes: u64,
    /// Files it read outside its own places and inputs.
    pub read: u64,
    /// Things it tried and was not let, equal ones once.
    pub denied: u64,
    /// Files with credentials it asked for, of those.
    pub credentials: u64,
    /// What is missing from the record.
    pub lost: LostEvents,
}

impl SealedTrace {
    /// What a seal says of a record.
    pub fn of(statement: Sha256, log: &MonitorLog) -> Self {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let credentials =
            log.denied.iter().filter(|denial| denial.kind == TracedDenial::CREDENTIAL);
        Self {
            statement,
            processes: count(log.process.len()),
            read: count(log.file_access.len()),
            denied: count(log.denied.len()),
            credentials: count(credentials.count()),
            lost: log.lost,
        }
    }
}

/// A secret that was read for a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretRead {
    /// The name the step sees.
    pub name: String,
    /// Where its value came from, as the configuration names it: `vault:kv/ci#npm`.
    pub source: String,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StepOutcome {
    /// Exit status 0 and every declared output there.
    Succeeded,
    /// Another exit status.
    Failed {
        /// Which.
        status: i32,
    },
    /// Ended by a signal it did not get from us.
    Killed {
        /// Which.
        signal: i32,
    },
    /// Its time was up.
    TimedOut,
    /// The run was cancelled.
    Cancelled,
    /// It could not be started, or a step it needs did not succeed.
    NotStarted {
        /// Why.
        reason: String,
    },
    /// It ended well, but a declared output is missing, not what it may be, or another one when it
    /// was built again.
    BadOutput {
        /// Which, and why.
        reason: String,
    },
}

impl fmt::Display for StepOutcome {
    /// In words, as they go on after a step's name; reasons are not made printable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed { status } => write!(f, "exit status {status}"),
            Self::Killed { signal } => write!(f, "killed by signal {signal}"),
            Self::TimedOut => f.write_str("its time was up"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::NotStarted { reason } | Self::BadOutput { reason } => f.write_str(reason),
        }
    }
}

/// A file or directory that left a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedOutput {
    /// The declared path.
    pub path: RepoPath,
    /// `sha256` of a file; `gitTree` (SHA-256 object format) of a directory.
    pub digest: DigestSet,
    /// Bytes of content.
    pub size: u64,
    /// Whether it is a file its owner may execute.
    pub executable: bool,
}

/// What kept a step apart, as applied, never as wished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Isolation {
    /// The rung of the ladder: 1 is the strongest.
    pub rung: u8,
    /// Kernel release.
    pub kernel: String,
    /// Each mechanism.
    pub mechanisms: Vec<Mechanism>,
    /// What was wanted and not given, in words.
    pub degradations: Vec<String>,
}

/// One mechanism of isolation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mechanism {
    /// Its name: `landlock`.
    pub name: String,
    /// Whether it was in force.
    pub applied: bool,
    /// Its version, the digest of its rules, or why it was not applied.
    pub detail: String,
}

/// Who could reach the signing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Custody {
    /// The signer is another process of the same user, opened after the steps were gone. Caps
    /// maturity at 2 and SLSA at Build L1.
    SameUser,
    /// The signer runs apart, out of reach of whoever runs the steps.
    Apart,
}

impl Predicate for RunSeal {
    const TYPE: &'static str = "https://penstock.dev/run/v0.1";
}
