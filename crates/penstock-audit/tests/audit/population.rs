use penstock_audit::Period;
use penstock_model::Role;
use penstock_statement::predicate::Outcome;

use crate::world::{contradicts, criterion, force, id, spoiled, time};

#[test]
fn every_deployment_stands_on_one_ground() {
    let audit = spoiled(|input| {
        for (index, name) in [(30, "observed"), (31, "unknown"), (32, "forced")] {
            let mut deployment = crate::world::deployment("staging", index, &input.policy_ref);
            deployment.statement.predicate.decision = id(name);
            input.deployments.push(deployment);
        }
        let mut observed = crate::world::decision("staging", 29, &input.policy_ref);
        observed.evidence = id("observed");
        observed.statement.predicate.outcome = Outcome::Deny;
        input.decisions.push(observed);
        let glass = {
            let mut other = crate::world::input();
            force(&mut other);
            other.deployments[1].statement.predicate.break_glass.clone()
        };
        input.deployments[4].statement.predicate.break_glass = glass;
    });
    let population = &audit.population;
    assert_eq!(
        (population.deployed, population.decided, population.not_enforced),
        (5, 2, 1),
        "{population:?}"
    );
    assert_eq!((population.break_glass, population.no_decision), (1, 1));
    assert_eq!(population.releases, 1);
    assert!(population.scope.contains("own deployments only"));
    contradicts(&audit, "every-deployment-decided", "3 of 5 deployments");
    contradicts(&audit, "decided-before-deployment", "2 of 4 deployments");
}

#[test]
fn a_decision_counts_only_for_its_release_and_environment_and_from_before() {
    type Spoil = fn(&mut penstock_audit::AuditInput);
    let cases: [Spoil; 4] = [
        |i| i.decisions[1].statement.predicate.run = id("another"),
        |i| i.decisions[1].statement.predicate.environment = "staging".to_owned(),
        |i| i.decisions[1].index = 22,
        |i| i.decisions[1].role = Role::Person,
    ];
    for spoil in cases {
        let audit = spoiled(spoil);
        assert_eq!((audit.population.decided, audit.population.no_decision), (1, 1));
    }
}

#[test]
fn a_period_takes_its_first_instant_in_and_its_last_out() {
    let within = |from: &str, to: &str| {
        let period = Period { from: time(from), to: time(to) };
        spoiled(|input| input.period = Some(period)).population.deployed
    };
    assert_eq!(within("2026-06-02T10:01:00Z", "2026-06-02T10:01:01Z"), 2);
    assert_eq!(within("2026-06-02T10:01:01Z", "2026-12-01T00:00:00Z"), 0);
    assert_eq!(within("2026-01-01T00:00:00Z", "2026-06-02T10:01:00Z"), 0);
}

#[test]
fn a_deployment_that_dates_itself_into_the_future_is_still_counted() {
    let audit = spoiled(|input| {
        input.deployments[1].statement.predicate.deployed_on = time("2030-01-01T00:00:00Z");
    });
    assert_eq!(audit.population.deployed, 2);
}

#[test]
fn another_project_s_deployments_are_not_this_project_s() {
    let audit = spoiled(|input| {
        input.deployments[0].statement.predicate.project =
            "git+https://example.org/team/other".parse().unwrap();
    });
    assert_eq!(audit.population.deployed, 1);
}

#[test]
fn identities_count_as_the_policy_knows_them() {
    let audit = spoiled(|input| {
        let stranger = crate::world::approval("mallory", 16, &input.policy_ref);
        input.approvals.push(stranger);
    });
    let identities: Vec<_> = audit.population.identities.into_iter().collect();
    assert_eq!(identities, [("asserted".to_owned(), 1), ("sso".to_owned(), 1)]);
    assert!(criterion(&spoiled(|_| {}), "approvers-told-apart").detail.contains("1 of 1"));
}
