use penstock_model::{Answer, Role, Sha256, Timestamp};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyRef, Provenance, RunSeal, RuntimeTrace,
        SourceChange, TestResult,
    },
};

/// Everything a decision is made from, apart from the policy itself.
///
/// Whoever builds it only gathers: every verified statement that could matter goes in, in any
/// order, and the rules say which of them count. Leaving one out can only make a decision stricter.
#[derive(Clone, Debug)]
pub struct Input {
    /// The environment the release wants to enter.
    pub environment: String,
    /// The instant the decision calls now.
    pub now: Timestamp,
    /// Evidence id of the run seal that was asked for: the release.
    pub release: Sha256,
    /// Whether the first twelve digits of `release` also begin another release's id; then the
    /// commands shown carry all sixty-four.
    pub short_is_ambiguous: bool,
    /// The digests that were asked for: each must be an output of the release.
    pub subjects: Vec<ResourceDescriptor>,
    /// The run seal.
    pub run: Option<Verified<RunSeal>>,
    /// The records of its steps, and of the steps of [`Input::admitted`].
    pub traces: Vec<Verified<RuntimeTrace>>,
    /// Provenance about any output of the release.
    pub provenance: Vec<Verified<Provenance>>,
    /// Checks of the commit or of its tree.
    pub checks: Vec<Verified<CheckResult>>,
    /// Test results about the release or its commit.
    pub tests: Vec<Verified<TestResult>>,
    /// The change from [`last_admitted`] to the candidate; the newest one for this environment.
    pub source_change: Option<Verified<SourceChange>>,
    /// Every approval and rejection of this release, for any environment.
    pub approvals: Vec<Verified<Approval>>,
    /// Every decision about this release, for any environment: approvals answer them.
    pub decisions: Vec<Verified<Decision>>,
    /// The project's deployments to this environment and to the one before it.
    pub deployments: Vec<Verified<Deployment>>,
    /// The run seal of [`last_admitted`]: what this release is compared with.
    pub admitted: Option<Verified<RunSeal>>,
    /// Evidence about these digests that did not verify.
    pub refused: Vec<Refused>,
    /// The policy this decision is made by: the one handed to `decide`.
    pub policy: PolicyRef,
    /// The newest policy version in the ledger.
    pub current_policy: PolicyRef,
    /// The persons who adopted or edited the policy this decision is made by.
    pub policy_editors: Vec<String>,
    /// Whether the evidence above is all the ledger holds: the ledger was verified, no entry about
    /// these digests is missing its bundle.
    pub complete_ledger: Answer,
}

/// Evidence about the release that does not count, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Its evidence id.
    pub evidence: Sha256,
    /// What it claims to be.
    pub predicate_type: String,
    /// The verifier's words, without a final full stop.
    pub reason: String,
}

/// The deployment a change is measured from: the newest of the project's `deployments` to
/// `environment` that nobody forced.
///
/// What was forced in was never admitted by a gate: the next change is measured from before it, so
/// that nobody's commits escape review by way of an emergency.
pub fn last_admitted<'a>(
    deployments: impl IntoIterator<Item = &'a Verified<Deployment>>,
    environment: &str,
) -> Option<&'a Verified<Deployment>> {
    deployments
        .into_iter()
        .filter(|d| d.role == Role::Gate && d.predicate().environment == environment)
        .filter(|d| d.predicate().break_glass.is_none())
        .max_by_key(|d| d.index)
}
