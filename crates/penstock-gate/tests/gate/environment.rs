use penstock_model::{Answer, Severity};
use penstock_statement::predicate::{DeploymentKind, Outcome};

use crate::world::{World, id, production, reason, time};

#[test]
fn the_environment_before_comes_first() {
    let mut world = World::new();
    world.input.deployments.pop();
    let decision =
        world.expect("previous-environment", Outcome::Deny, "never deployed to `staging`");
    assert_eq!(decision.next, [format!("penstock promote staging {}", id("seal").short())]);
    world.input.deployments.push(world.evidence().deployment("staging", 40, "another seal"));
    world.expect("previous-environment", Outcome::Deny, "never deployed to `staging`");
}

#[test]
fn what_was_forced_into_staging_has_not_been_there() {
    let mut world = World::new();
    let glass = penstock_statement::predicate::BreakGlass {
        reason: "outage".to_owned(),
        by: "ana".to_owned(),
        overridden: vec!["tests-ran".to_owned()],
        expires: time("2026-11-24T00:00:00Z"),
        review_by: time("2026-11-24T00:00:00Z"),
    };
    world.input.deployments[1].statement.predicate.break_glass = Some(glass);
    world.expect("previous-environment", Outcome::Deny, "ana forced it into `staging`");
    // Resolved: its gate let it in afterwards.
    world.input.deployments.push(world.evidence().deployment("staging", 41, "seal"));
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn a_gate_before_that_did_not_bind_is_shown() {
    let observed = |mut world: World| {
        let mut decision = world.evidence().held();
        decision.evidence = id("earlier decision");
        decision.statement.predicate.environment = "staging".to_owned();
        decision.statement.predicate.outcome = Outcome::Deny;
        world.input.decisions.push(decision);
        world
    };
    let decision =
        observed(World::level2()).expect("previous-environment", Outcome::Allow, "deployed to");
    let warning = reason(&decision, "previous-environment").warning.clone().unwrap();
    assert_eq!(warning, "the gate of `staging` came out as deny and did not bind");
    observed(World::new()).expect("previous-environment", Outcome::Indeterminate, "did not bind");
}

#[test]
fn what_was_rolled_back_from_staging_goes_no_further() {
    let mut world = World::new();
    let mut back = world.evidence().deployment("staging", 42, "admitted seal");
    back.statement.predicate.kind = DeploymentKind::Rollback;
    back.statement.predicate.previous = Some(id("seal"));
    world.input.deployments.push(back);
    world.expect("previous-environment", Outcome::Deny, "rolled back from `staging`");
}

#[test]
fn the_first_environment_has_none_before_it() {
    let mut world = World::new();
    world.input.environment = "staging".to_owned();
    let decision = world.expect("previous-environment", Outcome::Allow, "first environment");
    assert_eq!(reason(&decision, "approvals").message, "no approval is asked for");
}

#[test]
fn a_freeze_window_is_closed_at_its_end_and_not_after() {
    let freeze = penstock_config::policy::Freeze {
        from: time("2026-11-23T14:00:00Z"),
        to: time("2026-11-23T15:00:00Z"),
        reason: "release night".to_owned(),
    };
    let mut world = World::with(|rules| production(rules).freeze.push(freeze));
    world.expect("freeze-window", Outcome::Deny, "release night");
    for open in ["2026-11-23T13:59:59Z", "2026-11-23T15:00:00Z"] {
        world.input.now = time(open);
        assert_eq!(reason(&world.decide(), "freeze-window").outcome, Outcome::Allow, "{open}");
    }
}

#[test]
fn only_the_newest_policy_decides() {
    let mut world = World::new();
    world.input.current_policy.version += 1;
    world.expect("policy-current", Outcome::Deny, "version 3");
    let mut world = World::new();
    world.input.current_policy.digest = id("another text of the same version");
    world.expect("policy-current", Outcome::Deny, "");
    // The text handed over is not the one that is pinned.
    let mut world = World::new();
    world.input.policy.digest = id("another text");
    world.input.current_policy.digest = id("another text");
    world.expect("policy-current", Outcome::Deny, "is not version 2 of the ledger");
}

#[test]
fn an_unknown_environment_is_no_environment() {
    let mut world = World::new();
    world.input.environment = "prod".to_owned();
    world.expect("environment", Outcome::Deny, "no environment `prod`");
}

#[test]
fn a_ledger_that_does_not_hold_together_denies() {
    let mut world = World::level2();
    world.input.complete_ledger = Answer::No;
    world.expect("evidence-complete", Outcome::Deny, "");
    world.input.complete_ledger = Answer::unknown("the last tile");
    assert_eq!(world.decide().outcome, Outcome::Allow);
    let mut world = World::new();
    world.input.complete_ledger = Answer::unknown("the last tile");
    world.expect("evidence-complete", Outcome::Indeterminate, "the last tile");
}

/// The release is admitted to production, then the next one; now it comes back without a change or
/// an approval of its own.
fn coming_back() -> World {
    let mut world = World::new();
    world.input.approvals.clear();
    world.input.source_change = None;
    let deployments = [("seal", 60), ("next seal", 61)];
    for (run, index) in deployments {
        world.input.deployments.push(world.evidence().deployment("production", index, run));
    }
    let mut allowed = world.evidence().held();
    allowed.evidence = id("earlier decision");
    allowed.statement.predicate.outcome = Outcome::Allow;
    world.input.decisions = vec![allowed];
    world
}

#[test]
fn going_back_to_what_was_admitted_needs_no_second_approval() {
    let world = coming_back();
    world.expect("approvals", Outcome::Allow, "approved when it was admitted here");
    world.expect("known-persons", Outcome::Allow, "judged when it was admitted here");
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn going_back_still_proves_everything_else() {
    let mut world = coming_back();
    world.input.checks[0].statement.predicate.counts.insert(Severity::Critical, 1);
    assert_eq!(world.decide().outcome, Outcome::Deny);
    let mut world = coming_back();
    let rejection = world.evidence().rejection("eve", 70);
    world.input.approvals.push(rejection);
    assert_eq!(world.decide().outcome, Outcome::Deny);
}

#[test]
fn what_was_forced_in_rolled_back_or_admitted_by_another_policy_needs_its_approval() {
    type Spoil = fn(&mut World);
    let cases: [Spoil; 7] = [
        |w| w.input.decisions.clear(),
        |w| w.input.decisions[0].statement.predicate.outcome = Outcome::Deny,
        |w| w.input.decisions[0].statement.predicate.run = id("next seal"),
        |w| {
            w.input.deployments[2].statement.predicate.break_glass =
                Some(penstock_statement::predicate::BreakGlass {
                    reason: "outage".to_owned(),
                    by: "ana".to_owned(),
                    overridden: Vec::new(),
                    expires: time("2026-11-24T00:00:00Z"),
                    review_by: time("2026-11-24T00:00:00Z"),
                });
        },
        |w| {
            let back = &mut w.input.deployments[3].statement.predicate;
            back.kind = DeploymentKind::Rollback;
            back.previous = Some(id("seal"));
        },
        |w| w.input.decisions[0].statement.predicate.policy.version = 1,
        |w| w.input.deployments[2].statement.predicate.environment = "staging".to_owned(),
    ];
    for spoil in cases {
        let mut world = coming_back();
        spoil(&mut world);
        assert_ne!(world.decide().outcome, Outcome::Allow);
    }
}
