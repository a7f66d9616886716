use penstock_statement::{
    Statement,
    predicate::{RunOutcome, RunSeal},
};

use super::{RunFacts, release_subjects};
use crate::steps::Done;

/// The run seal.
pub fn seal(facts: &RunFacts, partial: bool, steps: &[Done]) -> Statement<RunSeal> {
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
            steps: steps.iter().map(|done| done.sealed.clone()).collect(),
            partial,
            custody: facts.custody,
            started_on: facts.started_on,
            finished_on: facts.finished_on,
        },
    )
}
