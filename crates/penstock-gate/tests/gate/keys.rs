use penstock_gate::Refused;
use penstock_model::Role;
use penstock_statement::predicate::Outcome;

use crate::world::{World, id, key, reason};

#[test]
fn evidence_by_a_key_of_the_wrong_role_is_named_and_does_not_count() {
    let mut world = World::new();
    world.input.provenance[0].key = key("eve");
    world.input.provenance[0].role = Role::Person;
    let decision = world.expect("trusted-provenance", Outcome::Deny, "key `eve` of role person");
    assert!(reason(&decision, "refused-evidence").warning.is_some());
    // Nor does it help to claim the role.
    world.input.provenance[0].role = Role::Build;
    world.expect("trusted-provenance", Outcome::Deny, "key `eve` of role person");
}

#[test]
fn evidence_by_an_unknown_or_revoked_key_does_not_count() {
    let mut world = World::new();
    world.input.checks[0].key = id("nobody's key");
    world.expect("check-complete", Outcome::Indeterminate, "the policy does not know key");
    let world =
        World::with(|rules| rules.keys.get_mut("build").unwrap().revoked_compromised = true);
    let decision = world.expect("sealed-run", Outcome::Deny, "revoked as compromised");
    assert_eq!(decision.outcome, Outcome::Deny);
}

#[test]
fn what_did_not_verify_is_shown_and_neither_helps_nor_harms() {
    let mut world = World::new();
    world.input.refused.push(Refused {
        evidence: id("forgery"),
        predicate_type: "https://slsa.dev/provenance/v1".to_owned(),
        reason: "the signature does not verify".to_owned(),
    });
    let decision = world.decide();
    assert_eq!(decision.outcome, Outcome::Allow);
    let warning = reason(&decision, "refused-evidence").warning.clone().unwrap();
    assert!(warning.contains(&id("forgery").short()) && warning.contains("signature"), "{warning}");
    world.input.provenance.clear();
    world.expect("trusted-provenance", Outcome::Deny, "the signature does not verify");
}
