use penstock_audit::Status;
use penstock_model::Answer;
use penstock_statement::predicate::Custody;

use crate::world::{area, force, spoiled, under};

#[test]
fn the_whole_is_its_weakest_counted_area() {
    let maturity = spoiled(|_| {}).maturity;
    // Everything is at 3 but the supply chain, whose advisories nobody matched.
    assert_eq!((maturity.proved, maturity.at_most, maturity.wanted), (2, 4, 3));
    assert_eq!(maturity.counted, [1, 2, 3, 4, 5, 6, 7, 9]);
    assert_eq!(maturity.not_counted, [8, 10, 11, 12, 13]);
    assert!(maturity.next[0].contains("advisories"), "{:?}", maturity.next);
}

#[test]
fn areas_without_evidence_prove_nothing() {
    let audit = spoiled(|_| {});
    for number in [8, 10, 11, 12, 13] {
        let area = area(&audit, number);
        assert_eq!((area.maturity.proved, area.status), (1, Status::NotEvidenced));
        assert_eq!(area.maturity.missing.len(), 1);
    }
}

#[test]
fn a_contradiction_bounds_the_area_and_the_whole() {
    let audit = spoiled(|input| input.log.witnessed = false);
    assert_eq!((area(&audit, 9).maturity.proved, area(&audit, 9).maturity.at_most), (2, 2));
    assert_eq!(audit.maturity.at_most, 2);
    assert_eq!(area(&audit, 9).status, Status::Contradicted, "3 is wanted");
    let audit = spoiled(|input| input.checks.clear());
    assert_eq!((audit.maturity.proved, audit.maturity.at_most), (1, 1));
}

#[test]
fn what_cannot_be_told_is_neither_proved_nor_excluded() {
    let audit = spoiled(|input| input.log.consistent = Answer::unknown("the last tile"));
    let maturity = &area(&audit, 9).maturity;
    assert_eq!((maturity.proved, maturity.at_most), (1, 4));
    assert!(maturity.missing[0].contains("the last tile"), "{maturity:?}");
}

#[test]
fn a_signer_of_the_same_user_caps_every_area_at_two() {
    let audit = spoiled(|input| input.runs[0].statement.predicate.custody = Custody::SameUser);
    for area in &audit.areas {
        assert!(area.maturity.proved <= 2 && area.maturity.at_most <= 2, "{}", area.name);
    }
    assert_eq!((audit.maturity.proved, audit.maturity.at_most), (2, 2));
    assert!(audit.maturity.next[0].contains("a signer of its own"), "{:?}", audit.maturity.next);
}

#[test]
fn nobody_gets_beyond_what_this_version_has_criteria_for() {
    let audit = spoiled(|_| {});
    let maturity = &area(&audit, 1).maturity;
    assert_eq!((maturity.proved, maturity.at_most), (3, 4));
    assert_eq!(maturity.missing, ["this version has no criterion that would prove 4 here"]);
}

#[test]
fn what_is_wanted_follows_the_tier_and_decides_what_contradicts() {
    for (tier, wanted) in [(1, 3), (2, 3), (3, 2), (4, 1)] {
        let audit = under(|rules| rules.service.tier = tier);
        assert_eq!((audit.maturity.tier, audit.maturity.wanted), (tier, wanted));
    }
    let mut input = crate::world::input();
    input.log.witnessed = false;
    let mut rules = input.policy.rules().clone();
    rules.service.tier = 3;
    input.policy = penstock_config::Policy::from_rules(&rules).unwrap();
    assert_eq!(area(&penstock_audit::audit(&input), 9).status, Status::Evidenced, "2 is wanted");
}

#[test]
fn an_emergency_that_was_not_answered_costs_the_second_maturity() {
    let audit = spoiled(force);
    assert_eq!(area(&audit, 7).maturity.at_most, 1);
    assert_eq!(area(&audit, 7).status, Status::Contradicted);
}
