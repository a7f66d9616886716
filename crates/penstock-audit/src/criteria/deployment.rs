use super::Criterion;
use crate::{
    break_glass::{self, Review},
    scope::{Shipped, Told},
};

pub(super) const DECIDED_BEFORE_DEPLOYMENT: Criterion = Criterion {
    id: "decided-before-deployment",
    area: 7,
    maturity: 2,
    title: "every deployment nobody forced rests on an allowance that came before it",
    controls: &["CM-3", "CM-4", "CA-2"],
    judge: |scope| {
        scope.every(
            "deployments",
            |shipped| !shipped.forced(),
            |shipped| match shipped.decision {
                None => Told::no("no decision").by(shipped.evidence),
                Some(decision) if shipped.allowed() => Told::yes("allowed").by(decision),
                Some(decision) => {
                    let outcome = decision.predicate().outcome;
                    Told::no(format!("deployed although its gate came out as {outcome}"))
                        .by(decision)
                }
            },
        )
    },
};

pub(super) const ORDER_KEPT: Criterion = Criterion {
    id: "order-kept",
    area: 7,
    maturity: 2,
    title: "every release went through the environment before, not forced there",
    controls: &["CM-4"],
    judge: |scope| {
        let policy = &scope.input.policy;
        scope.every(
            "deployments",
            |shipped| !shipped.forced(),
            |shipped| {
                let deployment = shipped.evidence.predicate();
                let Some(previous) = policy.previous(&deployment.environment) else {
                    return match policy.environments.contains_key(&deployment.environment) {
                        true => Told::yes("first environment"),
                        false => Told::unknown("the environment's place in the policy"),
                    };
                };
                let before = scope.deployments_of(deployment.run).iter().find(|d| {
                    d.index < shipped.evidence.index
                        && d.predicate().environment == previous
                        && d.predicate().break_glass.is_none()
                });
                match before {
                    Some(before) => Told::yes("in order").by(*before),
                    None => Told::no(format!("it was never in `{previous}` by its gate"))
                        .by(shipped.evidence),
                }
            },
        )
    },
};

pub(super) const APPROVED_BY_ANOTHER: Criterion = Criterion {
    id: "approved-by-another",
    area: 7,
    maturity: 2,
    title: "where approval is asked for, somebody with no hand in the change approved before",
    controls: &["AC-5", "CM-3"],
    judge: |scope| {
        scope.every(
            "deployments that need approval",
            |shipped| !shipped.forced() && needs_approval(shipped, &scope.input.policy),
            |shipped| {
                let Some(change) = scope.change_of(shipped) else {
                    return Told::unknown("the source change");
                };
                match scope.approvals_by_others(shipped).as_slice() {
                    [] => Told::no("nobody else approved it before").by(change),
                    approvals => approvals.iter().fold(Told::yes("approved"), |t, a| t.by(*a)),
                }
            },
        )
    },
};

pub(super) const APPROVERS_TOLD_APART: Criterion = Criterion {
    id: "approvers-told-apart",
    area: 7,
    maturity: 3,
    title: "the approvers are certainly other persons than those in the change",
    controls: &["AC-5"],
    judge: |scope| {
        if scope.input.policy.demo {
            return Told::unknown("real identities: these are demo identities");
        }
        scope.every(
            "deployments that need approval",
            |shipped| !shipped.forced() && needs_approval(shipped, &scope.input.policy),
            |shipped| {
                let approvals = scope.approvals_by_others(shipped);
                let strong = approvals.iter().find(|approval| {
                    let word = approval.predicate();
                    let person = scope.input.policy.people.get(&word.person);
                    word.identity_strength.separates_persons()
                        && person.is_some_and(|p| p.identity.separates_persons())
                });
                match (strong, approvals.is_empty()) {
                    (Some(approval), _) => Told::yes("told apart").by(*approval),
                    (None, true) => Told::no("nobody else approved it before"),
                    (None, false) => Told::unknown("an identity stronger than a key file"),
                }
            },
        )
    },
};

pub(super) const BREAK_GLASS_ANSWERED: Criterion = Criterion {
    id: "break-glass-answered",
    area: 7,
    maturity: 2,
    title: "whatever was forced in was reviewed by somebody else in time, and did not stay",
    controls: &["CM-3", "AU-6"],
    judge: |scope| {
        if scope.shipped.is_empty() {
            return Told::unknown("a deployment in scope");
        }
        let items = break_glass::items(scope);
        let evidence = items.iter().map(|item| item.evidence).collect();
        let unanswered = items.iter().filter(|i| i.is_unanswered()).count();
        let waiting = items.iter().filter(|i| i.review == Review::Waiting).count();
        let told = match (items.len(), unanswered, waiting) {
            (0, ..) => Told::yes("nothing was forced in"),
            (all, 0, 0) => Told::yes(format!("{all} reviewed")),
            (all, 0, n) => Told::yes(format!("{all} forced in, {n} still in time for review")),
            (all, n, _) => Told::no(format!("{n} of {all} not reviewed in time, or still there")),
        };
        Told { evidence, ..told }
    },
};

/// Whether the policy asks for an approval there. That the gate then did is the decision's affair.
fn needs_approval(shipped: &Shipped<'_>, policy: &penstock_config::Policy) -> bool {
    let environment = policy.environments.get(&shipped.evidence.predicate().environment);
    environment.is_none_or(|environment| environment.approvals > 0)
}
