use crate::{Case, GateRule, Judgement, command};
use penstock_config::policy::Profile;

pub(super) const RULE: GateRule = GateRule {
    id: "policy-current",
    title: "the rules are the newest version of the policy",
    remediation: "ask the gate again: it reads the newest version",
    controls: &["CM-3", "CM-6"],
    control_areas: &[7, 9],
    threats: &["T3", "T9"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let (pinned, current) = (&case.input.policy, &case.input.current_policy);
    if pinned != current {
        return Judgement::deny(format!(
            "judged by version {}, but version {} ({}) is in force",
            pinned.version,
            current.version,
            current.digest.short()
        ))
        .next(command::gate(&case.input.environment, &case.release_name()));
    }
    if case.policy.version != pinned.version || case.policy.digest() != pinned.digest {
        return Judgement::deny(format!(
            "the policy at hand (version {}, {}) is not version {} of the ledger",
            case.policy.version,
            case.policy.digest().short(),
            pinned.version
        ));
    }
    let message = format!("version {}, the newest", pinned.version);
    match case.seal() {
        Some(seal) if seal.predicate().policy != *pinned => Judgement::allow(message)
            .warning(format!("the run began under version {}", seal.predicate().policy.version))
            .using(seal),
        _ => Judgement::allow(message),
    }
}
