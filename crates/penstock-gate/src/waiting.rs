use penstock_model::Sha256;
use penstock_statement::{
    Verified,
    predicate::{Decision, Outcome, PolicyRef},
};

/// The decision an approval given now must answer: the newest about this release and environment,
/// if it is held under this policy. `None`: nothing waits for a person; ask the gate first.
pub fn waiting<'a>(
    decisions: &'a [Verified<Decision>],
    environment: &str,
    release: Sha256,
    policy: &PolicyRef,
) -> Option<&'a Verified<Decision>> {
    let newest = decisions
        .iter()
        .filter(|d| d.predicate().run == release && d.predicate().environment == environment)
        .max_by_key(|d| d.index)?;
    let decision = newest.predicate();
    (decision.outcome == Outcome::Held && decision.policy == *policy).then_some(newest)
}
