use penstock_statement::{
    ResourceDescriptor,
    predicate::{Custody, Outcome, RunOutcome, StepOutcome},
};

use crate::world::{World, id, reason};

#[test]
fn without_the_seal_there_is_no_release() {
    let mut world = World::new();
    world.input.run = None;
    world.expect("sealed-run", Outcome::Deny, "no run seal");
}

#[test]
fn a_seal_that_was_not_asked_for_is_not_the_release() {
    let mut world = World::new();
    world.input.release = id("another seal");
    let decision = world.expect("sealed-run", Outcome::Deny, "not the run seal that was asked for");
    assert_ne!(reason(&decision, "trusted-provenance").outcome, Outcome::Allow);
}

#[test]
fn a_failed_run_releases_nothing() {
    let mut world = World::new();
    world.input.run.as_mut().unwrap().statement.predicate.outcome = RunOutcome::Failed;
    world.expect("sealed-run", Outcome::Deny, "failed");
}

#[test]
fn a_step_that_did_not_succeed_outweighs_a_good_summary() {
    for outcome in [
        StepOutcome::Failed { status: 1 },
        StepOutcome::Killed { signal: 9 },
        StepOutcome::TimedOut,
        StepOutcome::Cancelled,
        StepOutcome::NotStarted { reason: "x".to_owned() },
        StepOutcome::BadOutput { reason: "x".to_owned() },
    ] {
        let mut world = World::new();
        world.input.run.as_mut().unwrap().statement.predicate.steps[1].outcome = outcome;
        world.expect("sealed-run", Outcome::Deny, "`build` did not succeed");
    }
}

#[test]
fn a_partial_run_releases_nothing() {
    let mut world = World::new();
    world.input.run.as_mut().unwrap().statement.predicate.partial = true;
    world.expect("sealed-run", Outcome::Deny, "only some steps");
}

#[test]
fn a_dirty_work_tree_releases_nothing() {
    for spoil in [true, false] {
        let mut world = World::new();
        let seal = &mut world.input.run.as_mut().unwrap().statement.predicate;
        if spoil {
            seal.commit = None;
        } else {
            seal.tree = None;
        }
        let decision = world.expect("sealed-run", Outcome::Deny, "work tree");
        assert_eq!(reason(&decision, "commit-known").outcome, Outcome::Deny);
        assert_eq!(reason(&decision, "check-complete").outcome, Outcome::Indeterminate);
    }
}

#[test]
fn a_run_of_another_project_is_another_project_s() {
    let mut world = World::new();
    world.input.run.as_mut().unwrap().statement.predicate.project =
        "git+https://example.org/team/other".parse().unwrap();
    world.expect("sealed-run", Outcome::Deny, "of project");
}

#[test]
fn a_seal_that_does_not_speak_for_its_output_is_refused() {
    let mut world = World::new();
    world.input.run.as_mut().unwrap().statement.subject =
        vec![ResourceDescriptor::sha256("dist/app", &id("other bytes"))];
    world.expect("sealed-run", Outcome::Deny, "does not speak for its output `dist/app`");
}

#[test]
fn the_same_user_as_signer_is_not_enough_for_level_3() {
    let same_user = |world: &mut World| {
        world.input.run.as_mut().unwrap().statement.predicate.custody = Custody::SameUser;
    };
    let mut world = World::new();
    same_user(&mut world);
    world.expect("custody", Outcome::Deny, "same user");
    let mut world = World::level2();
    same_user(&mut world);
    assert_eq!(world.decide().outcome, Outcome::Allow);
}
