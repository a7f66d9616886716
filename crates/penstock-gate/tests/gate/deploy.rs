use penstock_gate::{DeployRefusal, DeployRequest, MAX_DECISION_AGE, may_deploy, vsa};
use penstock_model::Role;
use penstock_statement::{
    Verified,
    predicate::{Custody, Decision, Mode, Outcome, VerificationResult},
};

use crate::world::{World, id, key, now, output, production, verified};

/// A world whose newest decision has that outcome.
fn decided(world: &mut World, outcome: Outcome) -> Vec<Verified<Decision>> {
    let mut decision = world.decide();
    decision.outcome = outcome;
    let newest = verified("newest", 80, ("gate", Role::Gate), vec![output()], decision);
    vec![world.evidence().held(), newest]
}

fn ask(world: &World, decisions: &[Verified<Decision>]) -> Result<Option<Mode>, DeployRefusal> {
    ask_at(world, decisions, now())
}

fn ask_at(
    world: &World,
    decisions: &[Verified<Decision>],
    now: penstock_model::Timestamp,
) -> Result<Option<Mode>, DeployRefusal> {
    let request = DeployRequest {
        environment: "production",
        release: id("seal"),
        subjects: &[output()],
        current_policy: &world.input.current_policy,
        now,
    };
    may_deploy(decisions, &request, &world.policy).map(|leave| leave.not_enforced)
}

#[test]
fn only_the_newest_decision_lets_a_release_in() {
    let mut world = World::new();
    let mut decisions = decided(&mut world, Outcome::Allow);
    assert_eq!(ask(&world, &decisions), Ok(None));
    let mut later = world.evidence().held();
    later.index = 90;
    later.statement.predicate.outcome = Outcome::Deny;
    decisions.insert(0, later);
    assert!(matches!(
        ask(&world, &decisions),
        Err(DeployRefusal::NotAllowed { outcome: Outcome::Deny, .. })
    ));
    assert!(matches!(ask(&world, &[]), Err(DeployRefusal::NoDecision { .. })));
}

#[test]
fn nothing_but_an_allowance_is_enough_where_the_environment_enforces() {
    for outcome in [Outcome::Held, Outcome::Indeterminate, Outcome::Deny] {
        let mut world = World::new();
        let mut decisions = decided(&mut world, outcome);
        // A decision does not say of itself that it does not bind.
        decisions[1].statement.predicate.mode = Mode::Observe;
        assert!(
            matches!(ask(&world, &decisions), Err(DeployRefusal::NotAllowed { .. })),
            "{outcome}"
        );
    }
}

#[test]
fn where_the_policy_only_warns_the_deployment_says_so() {
    let mut world = World::with(|rules| {
        production(rules).mode = penstock_config::policy::Mode::Warn;
    });
    let denied = decided(&mut world, Outcome::Deny);
    assert_eq!(ask(&world, &denied), Ok(Some(Mode::Warn)));
    let allowed = decided(&mut world, Outcome::Allow);
    assert_eq!(ask(&world, &allowed), Ok(None));
}

#[test]
fn a_decision_counts_for_its_release_environment_policy_project_and_digests() {
    type Spoil = fn(&mut Verified<Decision>);
    let cases: [(&str, Spoil); 8] = [
        ("no decision", |d| d.statement.predicate.run = id("another")),
        ("no decision", |d| d.statement.predicate.environment = "staging".to_owned()),
        ("no decision", |d| d.key = key("build")),
        ("no decision", |d| d.key = id("nobody's")),
        ("policy version 1", |d| d.statement.predicate.policy.version = 1),
        ("policy version 2", |d| d.statement.predicate.policy.digest = id("x")),
        ("about project", |d| {
            d.statement.predicate.project = "git+https://example.org/team/other".parse().unwrap();
        }),
        ("other digests", |d| {
            d.statement.subject =
                vec![penstock_statement::ResourceDescriptor::sha256("dist/app", &id("other"))];
        }),
    ];
    for (words, spoil) in cases {
        let mut world = World::new();
        let mut decisions = decided(&mut world, Outcome::Allow).split_off(1);
        spoil(&mut decisions[0]);
        let refusal = ask(&world, &decisions).unwrap_err();
        assert!(refusal.to_string().contains(words), "{refusal}");
    }
}

#[test]
fn an_old_decision_and_one_of_the_future_are_not_acted_on() {
    let mut world = World::new();
    let decisions = decided(&mut world, Outcome::Allow);
    assert_eq!(ask_at(&world, &decisions, now().plus_seconds(MAX_DECISION_AGE)), Ok(None));
    for seconds in [MAX_DECISION_AGE + 1, -3600] {
        let refusal = ask_at(&world, &decisions, now().plus_seconds(seconds)).unwrap_err();
        assert!(matches!(refusal, DeployRefusal::Stale { .. }), "{refusal}");
    }
}

#[test]
fn a_freeze_that_began_after_the_decision_still_stops_it() {
    let freeze = penstock_config::policy::Freeze {
        from: now().plus_seconds(60),
        to: now().plus_seconds(3600),
        reason: "release night".to_owned(),
    };
    let mut world = World::with(|rules| production(rules).freeze.push(freeze));
    let decisions = decided(&mut world, Outcome::Allow);
    assert_eq!(ask(&world, &decisions), Ok(None));
    let refusal = ask_at(&world, &decisions, now().plus_seconds(60)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`production` is frozen until 2026-11-23T15:02:00Z: release night"
    );
}

#[test]
fn a_summary_never_claims_more_than_was_verified() {
    let level = |world: &World| {
        let decision = world.decide();
        let summary = vsa(&decision, &world.input, &world.policy, "0.1.0");
        assert_eq!(summary.input_attestations, decision.inputs);
        (summary.verification_result, summary.verified_levels)
    };
    let passed = |level: &str| (VerificationResult::Passed, vec![level.to_owned()]);
    let mut world = World::level2();
    assert_eq!(level(&world), passed("SLSA_BUILD_LEVEL_3"));
    // The policy trusts the builder for 3, but the signer shared a user with the steps.
    world.input.run.as_mut().unwrap().statement.predicate.custody = Custody::SameUser;
    assert_eq!(level(&world), passed("SLSA_BUILD_LEVEL_1"));
    let weak = World::with(|rules| {
        rules.builders.values_mut().for_each(|b| b.slsa_build = 2);
    });
    assert_eq!(level(&weak), passed("SLSA_BUILD_LEVEL_2"));
    let mut held = World::new();
    held.input.approvals.clear();
    assert_eq!(level(&held), (VerificationResult::Failed, vec!["FAILED".to_owned()]));
}

#[test]
fn a_summary_names_project_environment_and_policy() {
    let world = World::new();
    let summary = vsa(&world.decide(), &world.input, &world.policy, "0.1.0");
    assert_eq!(summary.resource_uri, "git+https://example.org/team/app@production");
    assert_eq!(summary.policy.digest["sha256"], world.policy.digest().to_string());
    assert_eq!(summary.verifier.id, "https://penstock.dev/gate");
    assert_eq!(summary.slsa_version, "1.2");
    assert_eq!(summary.time_verified, now());
}
