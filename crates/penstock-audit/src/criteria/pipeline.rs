use penstock_statement::predicate::{SealedStep, StepOutcome};

use super::Criterion;
use crate::scope::{Scope, Told};

pub(super) const STEPS_ISOLATED: Criterion = Criterion {
    id: "steps-isolated",
    area: 1,
    maturity: 2,
    title: "every step ran isolated, by mechanisms that were really in force",
    controls: &["CM-7", "SC-7"],
    judge: |scope| {
        steps(scope, |step| match &step.isolation {
            Some(i) if i.mechanisms.iter().any(|m| m.applied) => None,
            _ => Some(format!("step `{}` ran without any isolation", step.name)),
        })
    },
};

pub(super) const STRONGEST_ISOLATION: Criterion = Criterion {
    id: "strongest-isolation",
    area: 1,
    maturity: 3,
    title: "every step ran on the strongest rung, nothing degraded",
    controls: &["CM-2", "SC-7"],
    judge: |scope| {
        steps(scope, |step| match &step.isolation {
            None => Some(format!("step `{}` ran without any isolation", step.name)),
            Some(i) if i.rung != 1 => Some(format!("step `{}` ran on rung {}", step.name, i.rung)),
            Some(i) => i.degradations.first().map(|d| format!("step `{}`: {d}", step.name)),
        })
    },
};

fn steps(scope: &Scope<'_>, fault: fn(&SealedStep) -> Option<String>) -> Told {
    scope.every(
        "deployments",
        |_| true,
        |shipped| {
            let Some(seal) = shipped.seal else { return Told::unknown("its run seal") };
            let started =
                |step: &&SealedStep| !matches!(step.outcome, StepOutcome::NotStarted { .. });
            match seal.predicate().steps.iter().filter(started).find_map(fault) {
                Some(fault) => Told::no(fault),
                None => Told::yes("isolated"),
            }
            .by(seal)
        },
    )
}
