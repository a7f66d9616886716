use std::collections::BTreeMap;

use penstock_model::Sha256;
use penstock_statement::{
    Statement,
    predicate::{RunOutcome, RunSeal, SealedStep, SealedTrace},
};

use super::{RunFacts, release_subjects};
use crate::steps::Done;

/// The run seal. `traces` are the evidence ids of the steps' records, by the steps' names.
pub fn seal(
    facts: &RunFacts,
    partial: bool,
    steps: &[Done],
    traces: &BTreeMap<String, Sha256>,
) -> Statement<RunSeal> {
    let succeeded = steps.iter().all(Done::succeeded);
    let outputs = steps.iter().flat_map(|done| done.sealed.outputs.iter().cloned());
    Statement::new(
        release_subjects(facts, outputs),
        RunSeal {
            project: facts.project.clone(),
            invocation: facts.invocation.clone(),
            commit: facts.commit.clone(),
            tree: facts.tree.clone(),
            configuration: facts.configuration,
            policy: facts.policy.clone(),
            outcome: if succeeded { RunOutcome::Succeeded } else { RunOutcome::Failed },
            steps: steps.iter().map(|done| sealed(done, traces)).collect(),
            partial,
            custody: facts.custody,
            started_on: facts.started_on,
            finished_on: facts.finished_on,
        },
    )
}

fn sealed(done: &Done, traces: &BTreeMap<String, Sha256>) -> SealedStep {
    let record = traces.get(&done.sealed.name).zip(done.watched.as_ref());
    let trace = record.map(|(id, watched)| SealedTrace::of(*id, &watched.log));
    SealedStep { trace, ..done.sealed.clone() }
}
