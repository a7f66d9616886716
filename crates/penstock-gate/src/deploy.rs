use penstock_config::Policy;
use penstock_model::{Role, Sha256, Timestamp};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{Decision, Mode, Outcome, PolicyRef},
};

use crate::decide::mode;

/// How old a decision may be when it is acted on, in seconds: a day. What it was made from may have
/// changed since: a key revoked, a window closed.
pub const MAX_DECISION_AGE: i64 = 24 * 60 * 60;

/// How far ahead of our clock another gate's may be, in seconds.
const CLOCK_SKEW: i64 = 5 * 60;

/// What wants to be deployed, now.
#[derive(Clone, Debug)]
pub struct DeployRequest<'a> {
    /// The environment.
    pub environment: &'a str,
    /// Evidence id of the run seal: the release.
    pub release: Sha256,
    /// The digests about to be put there.
    pub subjects: &'a [ResourceDescriptor],
    /// The newest policy version in the ledger; `policy` of [`may_deploy`] is its text.
    pub current_policy: &'a PolicyRef,
    /// The instant the deployment calls now.
    pub now: Timestamp,
}

/// Leave to deploy, and on what.
#[derive(Clone, Copy, Debug)]
pub struct Leave<'a> {
    /// The decision the deployment must name.
    pub decision: &'a Verified<Decision>,
    /// Present when the gate did not allow it and the environment only observes or warns: say so.
    pub not_enforced: Option<Mode>,
}

/// Whether a release may be deployed on one of these decisions: the newest about this release and
/// environment must be of the newest policy, fresh, about these digests, and an allowance (or its
/// environment not enforce). The freeze window is asked once more, since a decision outlives a minute.
///
/// # Errors
/// [`DeployRefusal`] names what is wrong; breaking glass does not go through here.
pub fn may_deploy<'a>(
    decisions: &'a [Verified<Decision>],
    request: &DeployRequest<'_>,
    policy: &Policy,
) -> Result<Leave<'a>, DeployRefusal> {
    let environment = || request.environment.to_owned();
    let rules = policy
        .environments
        .get(request.environment)
        .ok_or_else(|| DeployRefusal::UnknownEnvironment { environment: environment() })?;
    let evidence = decisions
        .iter()
        .filter(|d| policy.key(&d.key).is_some_and(|(_, key)| key.role == Role::Gate))
        .filter(|d| d.predicate().run == request.release)
        .filter(|d| d.predicate().environment == request.environment)
        .max_by_key(|d| d.index)
        .ok_or_else(|| DeployRefusal::NoDecision {
            environment: environment(),
            release: request.release.short(),
        })?;
    let decision = evidence.predicate();
    if decision.project != policy.project {
        return Err(DeployRefusal::OtherProject { project: decision.project.to_string() });
    }
    if decision.policy != *request.current_policy || policy.digest() != decision.policy.digest {
        return Err(DeployRefusal::OtherPolicy {
            decided: decision.policy.version,
            current: request.current_policy.version,
        });
    }
    let decided = |subject: &ResourceDescriptor| {
        evidence.statement.subject.iter().any(|s| s.same_digest(subject))
    };
    if request.subjects.is_empty() || !request.subjects.iter().all(decided) {
        return Err(DeployRefusal::OtherDigests { release: request.release.short() });
    }
    let age = request.now.unix().saturating_sub(decision.decided_on.unix());
    if !(-CLOCK_SKEW..=MAX_DECISION_AGE).contains(&age) {
        return Err(DeployRefusal::Stale { decided_on: decision.decided_on, now: request.now });
    }
    // The mode is the policy's of now: a decision cannot say of itself that it does not bind.
    let not_enforced = Some(mode(rules)).filter(|mode| *mode != Mode::Enforce);
    if not_enforced.is_none()
        && let Some(window) = rules.freeze.iter().find(|window| window.covers(request.now))
    {
        return Err(DeployRefusal::Frozen {
            environment: environment(),
            until: window.to,
            reason: window.reason.clone(),
        });
    }
    match (decision.outcome, not_enforced) {
        (Outcome::Allow, _) => Ok(Leave { decision: evidence, not_enforced: None }),
        (_, Some(_)) => Ok(Leave { decision: evidence, not_enforced }),
        (outcome, None) => Err(DeployRefusal::NotAllowed { environment: environment(), outcome }),
    }
}

/// Why a release is not deployed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each field is")]
pub enum DeployRefusal {
    /// The environment is frozen now, whatever was decided before.
    #[error("`{environment}` is frozen until {until}: {reason}")]
    Frozen { environment: String, until: Timestamp, reason: String },
    /// Nobody asked the gate.
    #[error(
        "no decision lets release {release} into `{environment}`; ask: penstock gate {environment} {release}"
    )]
    NoDecision { environment: String, release: String },
    /// The newest decision is another one.
    #[error(
        "the gate of `{environment}` came out as {outcome}; its reasons: penstock gate {environment}"
    )]
    NotAllowed { environment: String, outcome: Outcome },
    /// The decision is about other digests.
    #[error("the decision on release {release} is about other digests than those to be deployed")]
    OtherDigests { release: String },
    /// The policy moved on.
    #[error(
        "the decision was made under policy version {decided}, version {current} is in force; ask the gate again"
    )]
    OtherPolicy { decided: u32, current: u32 },
    /// The decision is about another project.
    #[error("the decision is about project `{project}`")]
    OtherProject { project: String },
    /// The decision is too old, or of the future.
    #[error("the decision is of {decided_on}, now it is {now}; ask the gate again")]
    Stale { decided_on: Timestamp, now: Timestamp },
    /// The policy does not have it.
    #[error("the policy has no environment `{environment}`")]
    UnknownEnvironment { environment: String },
}
