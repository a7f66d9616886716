use penstock_statement::{
    ResourceDescriptor,
    predicate::{Outcome, TestCounts, TestVerdict},
};

use crate::world::{World, id, oid, reason};

#[test]
fn hollow_tests_show_nothing() {
    let hollow = |counts: Option<TestCounts>| {
        let mut world = World::level2();
        world.input.tests[0].statement.predicate.counts = counts;
        world.input.tests[0].statement.predicate.result = TestVerdict::Warned;
        world.input.run.as_mut().unwrap().statement.predicate.steps[0].tests = counts;
        world
    };
    hollow(None).expect("tests-ran", Outcome::Indeterminate, "nothing shows that a test ran");
    let skipped = TestCounts { passed: 0, failed: 0, skipped: 12 };
    hollow(Some(skipped)).expect("tests-ran", Outcome::Indeterminate, "without a single test");
}

#[test]
fn a_test_result_must_agree_with_the_seal() {
    let mut world = World::new();
    world.input.tests[0].statement.predicate.counts =
        Some(TestCounts { passed: 400, failed: 0, skipped: 0 });
    world.expect("tests-ran", Outcome::Deny, "count differently");
}

#[test]
fn failed_tests_and_too_few_tests_deny() {
    let with = |counts: TestCounts, minimum: u64| {
        let mut world = World::with(|rules| rules.tests.minimum = minimum);
        world.input.tests[0].statement.predicate.counts = Some(counts);
        world.input.run.as_mut().unwrap().statement.predicate.steps[0].tests = Some(counts);
        world
    };
    let failed = TestCounts { passed: 11, failed: 1, skipped: 0 };
    with(failed, 1).expect("tests-ran", Outcome::Deny, "1 tests of `test` failed");
    let few = TestCounts { passed: 12, failed: 0, skipped: 0 };
    with(few, 13).expect("tests-ran", Outcome::Deny, "the policy demands 13");
}

#[test]
fn a_dropped_test_step_is_named_as_dropped() {
    let mut world = World::level2();
    world.input.run.as_mut().unwrap().statement.predicate.steps.remove(0);
    world.expect("tests-ran", Outcome::Deny, "`test`: the change dropped it");
    world.input.admitted.as_mut().unwrap().statement.predicate.steps.remove(0);
    world.expect("tests-ran", Outcome::Deny, "`test`: the pipeline has no such step");
}

#[test]
fn a_good_test_result_of_something_else_says_nothing() {
    let mut world = World::new();
    world.input.tests[0].statement.subject = vec![ResourceDescriptor::git_commit(&oid("other"))];
    world.expect("tests-ran", Outcome::Indeterminate, "no test result is about step `test`");
    let mut world = World::new();
    world.input.tests[0].statement.predicate.configuration =
        vec![ResourceDescriptor::sha256("step test", &id("an easier definition"))];
    world.expect("tests-ran", Outcome::Indeterminate, "no test result");
    let mut world = World::new();
    world.input.tests[0].statement.predicate.step = "lint".to_owned();
    world.expect("tests-ran", Outcome::Indeterminate, "no test result");
}

#[test]
fn fewer_tests_or_another_definition_than_before_are_shown() {
    let mut world = World::new();
    let before = &mut world.input.admitted.as_mut().unwrap().statement.predicate.steps[0];
    before.tests = Some(TestCounts { passed: 409, failed: 0, skipped: 0 });
    before.definition = id("an older definition");
    let decision = world.expect("tests-ran", Outcome::Allow, "12 tests passed in test");
    let warning = reason(&decision, "tests-ran").warning.clone().unwrap();
    assert!(warning.contains("passed 12 tests, 409 in the release before"), "{warning}");
    assert!(warning.contains("definition of `test` changed"), "{warning}");
}
