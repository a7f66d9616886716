use penstock_config::policy::Profile;
use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{RunSeal, SealedStep, StepOutcome, TestCounts, TestResult, TestVerdict},
};

use crate::{Case, GateRule, Judgement};

pub(super) const RULE: GateRule = GateRule {
    id: "tests-ran",
    title: "the tests the policy names really ran and passed",
    remediation: "make the step run its tests and print their counts, commit, `penstock run`",
    controls: &["SA-11", "CM-4"],
    control_areas: &[5],
    threats: &["T3", "T6"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(seal) = case.seal() else {
        return Judgement::indeterminate("without the run seal no test is known to have run");
    };
    let steps = &case.policy.tests.steps;
    if steps.is_empty() {
        return case.cannot_tell(
            "the policy names no test step",
            "no test is demanded: the policy names no test step",
        );
    }
    let mut total = 0_u64;
    let mut judgement = Judgement::allow("");
    for step in steps {
        let (of_step, passed) = of_step(case, seal, step);
        total = total.saturating_add(passed);
        judgement = judgement.and(of_step);
    }
    if judgement.message.is_empty() {
        judgement.message = format!("{total} tests passed in {}", steps.join(", "));
        judgement = match case.admitted() {
            Ok(None) => judgement,
            Ok(Some(admitted)) => judgement.using(admitted),
            Err(missing) => judgement.warning(format!("not compared: {missing}")),
        };
    }
    judgement.using(seal)
}

/// The judgement on one step, without a message if it allows, and how many tests passed.
fn of_step(case: &Case<'_>, seal: &Verified<RunSeal>, name: &str) -> (Judgement, u64) {
    let Some(step) = step_of(seal, name) else {
        let dropped = case.admitted().is_ok_and(|a| a.is_some_and(|a| step_of(a, name).is_some()));
        let how = if dropped { "the change dropped it" } else { "the pipeline has no such step" };
        let judgement = Judgement::deny(format!("the policy names the test step `{name}`: {how}"))
            .remedy(format!("put step `{name}` back, or change the policy first"));
        return (judgement, 0);
    };
    if step.outcome != StepOutcome::Succeeded {
        return (Judgement::deny(format!("the test step `{name}` did not succeed")), 0);
    }
    let Some(evidence) = result_of(case, seal, step) else {
        let note = case.refused_note(TestResult::TYPE);
        let message = format!("no test result is about step `{name}` of this run{note}");
        return (Judgement::indeterminate(message), 0);
    };
    let result = evidence.predicate();
    let (Some(counts), Some(sealed)) = (result.counts, step.tests) else {
        let message = format!("step `{name}` passed, but nothing shows that a test ran");
        return (Judgement::indeterminate(message).using(evidence), 0);
    };
    let minimum = case.policy.tests.minimum;
    let judgement = if counts != sealed {
        Judgement::deny(format!("the test result of `{name}` and the run seal count differently"))
    } else if result.result == TestVerdict::Failed || counts.failed > 0 {
        Judgement::deny(format!("{} tests of `{name}` failed", counts.failed))
    } else if counts.passed == 0 {
        Judgement::indeterminate(format!(
            "step `{name}` passed without a single test: nothing was shown"
        ))
    } else if counts.passed < minimum {
        Judgement::deny(format!(
            "{} tests of `{name}` passed, the policy demands {minimum}",
            counts.passed
        ))
    } else {
        compared(case, step, counts).into_iter().fold(Judgement::allow(""), Judgement::warning)
    };
    (judgement.using(evidence), counts.passed)
}

fn step_of<'a>(seal: &'a Verified<RunSeal>, name: &str) -> Option<&'a SealedStep> {
    seal.predicate().steps.iter().find(|step| step.name == name)
}

/// The newest result of exactly this step of this release.
///
/// The commit or an output must be its subject and the step's definition its configuration: a good
/// result of another commit, or of the step before it was changed, says nothing.
fn result_of<'a>(
    case: &Case<'a>,
    seal: &Verified<RunSeal>,
    step: &SealedStep,
) -> Option<&'a Verified<TestResult>> {
    let definition = ResourceDescriptor::sha256("", &step.definition);
    let commit = seal.predicate().commit.as_ref().map(ResourceDescriptor::git_commit);
    case.tests()
        .filter(|test| test.predicate().step == step.name)
        .filter(|test| test.predicate().configuration.iter().any(|c| c.same_digest(&definition)))
        .filter(|test| {
            let subjects = &test.statement.subject;
            commit.as_ref().is_some_and(|commit| subjects.iter().any(|s| s.same_digest(commit)))
                || case.covers_release(subjects)
        })
        .max_by_key(|test| test.index)
}

/// What a reviewer wants to know against the release before.
fn compared(case: &Case<'_>, step: &SealedStep, counts: TestCounts) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some(before) = case.admitted().ok().flatten().and_then(|a| step_of(a, &step.name)) else {
        return warnings;
    };
    if let Some(tests) = before.tests
        && counts.passed < tests.passed
    {
        warnings.push(format!(
            "`{}` passed {} tests, {} in the release before",
            step.name, counts.passed, tests.passed
        ));
    }
    if before.definition != step.definition {
        warnings.push(format!("the definition of `{}` changed since then", step.name));
    }
    warnings
}
