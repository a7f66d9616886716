use penstock_config::policy::Profile;
use penstock_statement::{
    Verified,
    predicate::{SealedStep, StepOutcome},
};

use crate::{Case, GateRule, Judgement, novelty::novelties, record_fault};

/// As many of a step's novelties are named.
const SHOWN: usize = 6;

pub(super) const RULE: GateRule = GateRule {
    id: "isolation",
    title: "every step was confined, and the record of it is complete",
    remediation: "`penstock doctor` says what this machine lacks; run again where it is there",
    controls: &["CM-7", "SC-7", "AU-12"],
    control_areas: &[1],
    threats: &["T1", "T3", "T5"],
    effective: None,
    from: Profile::Level2,
    judge,
};

/// Level 2 lets a step in that nothing confined, or whose record has gaps or is not there, and says
/// so; from level 3 on it is refused.
fn judge(case: &Case<'_>) -> Judgement {
    let Some(seal) = case.seal() else {
        return Judgement::deny("without the run seal the isolation of the steps is not known");
    };
    let ran = |step: &&SealedStep| !matches!(step.outcome, StepOutcome::NotStarted { .. });
    let steps = || seal.predicate().steps.iter().filter(ran);
    let strict = case.environment.profile >= Profile::Level3;
    let invocation = &seal.predicate().invocation;
    let fault = |step| fault(step).or_else(|| record_fault(invocation, step, case.traces()));
    let judgement = match steps().find_map(fault) {
        Some(fault) if strict => Judgement::deny(fault),
        Some(fault) => Judgement::allow(fault.clone()).warning(fault),
        None => match steps().filter_map(|step| step.isolation.as_ref()).map(|i| i.rung).max() {
            Some(weakest) => Judgement::allow(format!("every step on rung {weakest} or stronger")),
            None => Judgement::indeterminate("the run seal names no step that ran"),
        },
    };
    // Of what was never looked at before, an approver should know; whether it is meant, they do.
    let judgement =
        steps().filter_map(|step| novel(case, step)).fold(judgement, Judgement::warning);
    judgement.using(seal)
}

/// What a step did that it did not do in the release that the environment has.
fn novel(case: &Case<'_>, step: &SealedStep) -> Option<String> {
    let admitted = case.admitted().ok()??.predicate();
    let before = admitted.steps.iter().find(|before| before.name == step.name)?;
    let record = |step: &SealedStep| {
        let id = step.trace?.statement;
        case.traces().find(|trace| trace.evidence == id).map(Verified::predicate)
    };
    let new = novelties(record(before)?, record(step)?);
    let named: Vec<&str> = new.iter().take(SHOWN).map(String::as_str).collect();
    let more = match new.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!new.is_empty()).then(|| {
        format!("step `{}` does what it did not before: {}{more}", step.name, named.join(", "))
    })
}

fn fault(step: &SealedStep) -> Option<String> {
    let name = &step.name;
    let Some(isolation) = &step.isolation else {
        return Some(format!("step `{name}` does not say what confined it"));
    };
    // Rung 1 is the strongest; what a version after this one calls a rung is not known here.
    if !(1..=2).contains(&isolation.rung) {
        return Some(format!("step `{name}` ran on rung {}: nothing confined it", isolation.rung));
    }
    None
}
