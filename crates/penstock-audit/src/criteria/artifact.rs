use penstock_statement::{
    Predicate, ResourceDescriptor,
    predicate::{Outcome, Provenance, RunOutcome, StepOutcome},
};

use super::Criterion;
use crate::scope::Told;

pub(super) const WHOLE_RUN_SEALED: Criterion = Criterion {
    id: "whole-run-sealed",
    area: 6,
    maturity: 2,
    title: "every deployed release is the seal of a whole, successful run of a commit",
    controls: &["SI-7", "SA-10"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let Some(seal) = shipped.seal else { return Told::no("it has no run seal") };
                let run = seal.predicate();
                let succeeded = run.outcome == RunOutcome::Succeeded
                    && run.steps.iter().all(|s| s.outcome == StepOutcome::Succeeded);
                if !succeeded {
                    return Told::no("its run failed").by(seal);
                }
                if run.partial {
                    return Told::no("its run was partial").by(seal);
                }
                if run.commit.is_none() {
                    return Told::no("it was built from no commit").by(seal);
                }
                Told::yes("sealed").by(seal)
            },
        )
    },
};

pub(super) const PROVENANCE_OF_EVERY_OUTPUT: Criterion = Criterion {
    id: "provenance-of-every-output",
    area: 6,
    maturity: 2,
    title: "every output of every deployed release has provenance joined to its run",
    controls: &["SR-4", "SI-7", "CM-14"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let Some(seal) = shipped.seal else { return Told::unknown("its run seal") };
                let mut told = Told::yes("complete");
                for output in seal.predicate().steps.iter().flat_map(|step| &step.outputs) {
                    let digest = ResourceDescriptor {
                        digest: output.digest.clone(),
                        ..ResourceDescriptor::default()
                    };
                    match scope.provenance_of(shipped, &digest) {
                        Some(provenance) => told = told.by(provenance),
                        None => return Told::no(format!("`{}` has none", output.path)).by(seal),
                    }
                }
                told
            },
        )
    },
};

pub(super) const PROVENANCE_VERIFIED_BY_GATE: Criterion = Criterion {
    id: "provenance-verified-by-gate",
    area: 6,
    maturity: 3,
    title: "every deployment rests on a gate that verified its provenance",
    controls: &["SI-7", "CM-14"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let Some(decision) = shipped.decision else { return Told::no("no decision") };
                let verified = decision
                    .predicate()
                    .reasons
                    .iter()
                    .any(|r| r.rule == "trusted-provenance" && r.outcome == Outcome::Allow);
                let used = decision
                    .predicate()
                    .inputs
                    .iter()
                    .any(|input| input.name.as_deref() == Some(Provenance::TYPE));
                match verified && used {
                    true => Told::yes("verified"),
                    false => Told::no("its gate did not accept its provenance"),
                }
                .by(decision)
            },
        )
    },
};
