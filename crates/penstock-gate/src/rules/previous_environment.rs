use penstock_config::policy::Profile;
use penstock_statement::predicate::{DeploymentKind, Outcome};

use crate::{Case, GateRule, Judgement, command};

pub(super) const RULE: GateRule = GateRule {
    id: "previous-environment",
    title: "the same release runs in the environment before",
    remediation: "promote it there first",
    controls: &["CM-4", "CM-3", "CA-2"],
    control_areas: &[7],
    threats: &["T10"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.policy.previous(&case.input.environment) else {
        return Judgement::allow(format!("`{}` is the first environment", case.input.environment));
    };
    let release = case.input.release;
    let promote = command::promote(previous, &case.release_name());
    let there = || {
        case.deployments().filter(|d| {
            d.predicate().environment == previous && d.predicate().project == case.policy.project
        })
    };
    let of_release = || {
        there()
            .filter(|d| d.predicate().run == release && case.covers_release(&d.statement.subject))
    };
    let admitted =
        of_release().filter(|d| d.predicate().break_glass.is_none()).max_by_key(|d| d.index);
    let Some(admitted) = admitted else {
        let Some(forced) = of_release().max_by_key(|d| d.index) else {
            return Judgement::deny(format!("it was never deployed to `{previous}`"))
                .remedy(format!("`{promote}`"))
                .next(promote);
        };
        let by = forced.predicate().break_glass.as_ref().map_or("", |b| b.by.as_str());
        return Judgement::deny(format!(
            "{by} forced it into `{previous}`; its gate never allowed it"
        ))
        .remedy(format!("`{promote}`, so that the gate of `{previous}` admits it"))
        .next(promote)
        .using(forced);
    };
    let rolled_back = there().find(|d| {
        let deployment = d.predicate();
        d.index > admitted.index
            && deployment.kind == DeploymentKind::Rollback
            && deployment.previous == Some(release)
    });
    if let Some(rollback) = rolled_back {
        return Judgement::deny(format!("it was rolled back from `{previous}` since"))
            .remedy("find out why; a fixed release goes its own way from the start")
            .using(admitted)
            .using(rollback);
    }
    let message = format!("deployed to `{previous}` {}", admitted.predicate().deployed_on);
    let judgement = match case.decision(admitted.predicate().decision) {
        Some(decision) if decision.predicate().outcome != Outcome::Allow => case.cannot_tell(
            &message,
            format!(
                "the gate of `{previous}` came out as {} and did not bind",
                decision.predicate().outcome
            ),
        ),
        _ => Judgement::allow(message),
    };
    judgement.using(admitted)
}
