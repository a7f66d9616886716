//! A change cannot lower its own gate (DECISIONS 1): whatever its evidence says, what is demanded of
//! it comes from the policy.

use penstock_config::policy::{Key, Profile};
use penstock_model::{Area, Role, Severity};
use penstock_statement::predicate::{Mode, Outcome};

use crate::world::{World, id, key, oid, production, reason};

#[test]
fn the_profile_and_the_mode_are_the_policy_s() {
    let mut world = World::new();
    // What a candidate would like to be judged by, in every place its evidence has for it.
    let held = &mut world.input.decisions[0].statement.predicate;
    held.profile = "level-1".to_owned();
    held.mode = Mode::Observe;
    let seal = &mut world.input.run.as_mut().unwrap().statement.predicate;
    seal.policy.version = 1;
    seal.policy.digest = id("a mild policy");
    let decision = world.decide();
    assert_eq!((decision.profile.as_str(), decision.mode), ("level-3", Mode::Enforce));
    assert_eq!(decision.policy, world.input.policy);
    assert_eq!(decision.reasons.len(), 14, "every rule of level 3 was asked");
    let warning = reason(&decision, "policy-current").warning.clone().unwrap();
    assert!(warning.contains("began under version 1"), "{warning}");
}

#[test]
fn a_milder_policy_text_is_refused_even_with_the_right_version() {
    let strict = World::new();
    let mut mild = World::with(|rules| {
        production(rules).profile = Profile::Level2;
        production(rules).approvals = 0;
    });
    mild.input.policy = strict.input.policy.clone();
    mild.input.current_policy = strict.input.current_policy.clone();
    mild.expect("policy-current", Outcome::Deny, "is not version 2 of the ledger");
}

#[test]
fn a_key_the_change_brings_along_opens_nothing() {
    let mut world = World::new();
    world.input.provenance[0].key = id("key of the change");
    world.expect("trusted-provenance", Outcome::Deny, "the policy does not know key");
    let mut world = World::new();
    world.input.approvals[0].key = id("key of the change");
    world.expect("approvals", Outcome::Held, "approval 0 of 1");
    // Only a policy version that lists it makes it count.
    let mut world = World::with(|rules| {
        let (id, public) = (id("key of the change"), "a2V5IG9mIHRoZSBjaGFuZ2U=".to_owned());
        let key =
            Key { id, public, role: Role::Build, predicates: None, revoked_compromised: false };
        rules.keys.insert("second-build".to_owned(), key);
    });
    world.input.provenance[0].key = id("key of the change");
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn dropping_the_test_step_does_not_drop_the_demand() {
    let mut world = World::new();
    world.input.run.as_mut().unwrap().statement.predicate.steps.remove(0);
    world.input.tests.clear();
    world.expect("tests-ran", Outcome::Deny, "the change dropped it");
}

#[test]
fn requiring_fewer_areas_in_the_change_does_not_lower_what_is_required() {
    let mut world = World::new();
    let check = &mut world.input.checks[0].statement.predicate;
    check.areas = vec![Area::Ci];
    check.complete = true;
    world.expect("check-complete", Outcome::Indeterminate, "`secrets` is required");
}

#[test]
fn the_threshold_is_the_policy_s() {
    let mut world = World::with(|rules| rules.check.threshold = Severity::Low);
    world.input.checks[0].statement.predicate.counts.insert(Severity::Low, 1);
    world.expect("check-complete", Outcome::Deny, "1 low open, the threshold is low");
}

#[test]
fn an_added_ignore_or_an_edited_baseline_is_only_proposed() {
    // The ignore: a base that already holds it is no base the policy names.
    let mut world = World::new();
    world.input.checks[0].statement.predicate.base = Some(oid("candidate"));
    world.expect("check-complete", Outcome::Deny, "the policy accepts");
    // The baseline: what the change itself wants suppressed is counted as open.
    let mut world = World::new();
    world.input.checks[0].statement.predicate.counts.insert(Severity::Critical, 1);
    world.expect("check-complete", Outcome::Deny, "1 critical open");
}

#[test]
fn editing_the_approvals_in_the_change_makes_nobody_an_approver() {
    let mut world = World::new();
    let commit = &mut world.input.source_change.as_mut().unwrap().statement.predicate.commits[0];
    commit.edits_policy = true;
    commit.edits_pipeline = true;
    // The author wrote a policy text that needs nobody else; the pinned one still does.
    world.input.approvals = vec![world.evidence().approval("ana")];
    world.expect("approvals", Outcome::Held, "ana (wrote part of the change)");
    assert_eq!(key("ana"), world.input.approvals[0].key);
}
