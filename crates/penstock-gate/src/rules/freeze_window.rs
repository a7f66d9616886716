use crate::{Case, GateRule, Judgement};
use penstock_config::policy::Profile;

pub(super) const RULE: GateRule = GateRule {
    id: "freeze-window",
    title: "the environment is not frozen",
    remediation: "wait for the end of the window",
    controls: &["CM-3"],
    control_areas: &[7],
    threats: &["T10"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    match case.environment.freeze.iter().find(|window| window.covers(case.input.now)) {
        None => Judgement::allow("no freeze window is open"),
        Some(window) => Judgement::deny(format!(
            "`{}` is frozen from {} to {}: {}",
            case.input.environment, window.from, window.to, window.reason
        )),
    }
}
