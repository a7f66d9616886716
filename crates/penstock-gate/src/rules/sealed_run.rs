use penstock_config::policy::Profile;
use penstock_statement::{
    Predicate,
    predicate::{RunOutcome, RunSeal, StepOutcome},
};

use crate::{Case, GateRule, Judgement, case::descriptor};

pub(super) const RULE: GateRule = GateRule {
    id: "sealed-run",
    title: "the whole run ended well and was sealed",
    remediation: "`penstock run` on a clean commit, and ask for the release it seals",
    controls: &["SI-7", "SA-11", "CM-3"],
    control_areas: &[6],
    threats: &["T3", "T4"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(evidence) = case.seal() else {
        let note = case.refused_note(RunSeal::TYPE);
        return Judgement::deny(format!(
            "there is no run seal {}{note}",
            case.input.release.short()
        ));
    };
    let seal = evidence.predicate();
    match fault(case, seal) {
        Some(fault) => Judgement::deny(fault),
        None => Judgement::allow(format!(
            "run {}: all {} steps succeeded",
            seal.invocation,
            seal.steps.len()
        )),
    }
    .using(evidence)
}

fn fault(case: &Case<'_>, seal: &RunSeal) -> Option<String> {
    if seal.project != case.policy.project {
        return Some(format!(
            "the run is of project `{}`, the policy governs `{}`",
            seal.project, case.policy.project
        ));
    }
    if seal.outcome != RunOutcome::Succeeded {
        return Some(format!("run {} failed", seal.invocation));
    }
    if seal.partial {
        return Some(format!("run {} ran only some steps of the pipeline", seal.invocation));
    }
    if seal.steps.is_empty() {
        return Some(format!("run {} has no step", seal.invocation));
    }
    // The outcome above is a summary; the steps are what happened.
    if let Some(step) = seal.steps.iter().find(|s| s.outcome != StepOutcome::Succeeded) {
        return Some(format!("step `{}` did not succeed", step.name));
    }
    if seal.commit.is_none() || seal.tree.is_none() {
        return Some("the work tree was built, not a commit".to_owned());
    }
    let subjects = &case.seal()?.statement.subject;
    let unclaimed = case
        .outputs()
        .find(|(_, output)| !subjects.iter().any(|s| s.same_digest(&descriptor(output))));
    unclaimed.map(|(_, output)| format!("the seal does not speak for its output `{}`", output.path))
}
