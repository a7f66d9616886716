use penstock_statement::{
    ResourceDescriptor, Statement,
    predicate::{SealedStep, StepOutcome, TestResult, TestVerdict},
};

use super::{RunFacts, release_subjects};
use crate::steps::Done;

/// The `test-result` statement of a step the policy names as a test, about the whole release.
pub fn test_result(facts: &RunFacts, steps: &[Done], step: &SealedStep) -> Statement<TestResult> {
    let outputs = steps.iter().flat_map(|done| done.sealed.outputs.iter().cloned());
    let ran = step.tests.is_some_and(|counts| counts.passed > 0);
    let failed = step.tests.is_some_and(|counts| counts.failed > 0);
    let result = match step.outcome {
        StepOutcome::Succeeded if ran && !failed => TestVerdict::Passed,
        StepOutcome::Succeeded if !failed => TestVerdict::Warned,
        _ => TestVerdict::Failed,
    };
    Statement::new(
        release_subjects(facts, outputs),
        TestResult {
            result,
            configuration: vec![ResourceDescriptor::sha256(
                format!("step {}", step.name),
                &step.definition,
            )],
            step: step.name.clone(),
            counts: step.tests,
        },
    )
}
