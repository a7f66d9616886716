//! Evidence that should not count, put into the ledger by somebody who may append to it.

use penstock_attest::keys::KeyName;
use penstock_model::Sha256;
use penstock_statement::{
    ResourceDescriptor,
    predicate::{
        Approval, Decision, Deployment, Outcome, PolicyVersion, Provenance, RunOutcome, RunSeal,
        StepOutcome, TestCounts, TestResult, TestVerdict, Verdict,
    },
};

use crate::harness::{Hand, PIPELINE, World};

/// A pipeline whose run leaves an output and whose tests are hollow: its gate says no.
fn unlucky() -> World {
    let world = World::with(&PIPELINE.replace("3 passed", "0 passed"));
    world.penstock(["run"]).exits(3).says("gate staging      INDETERMINATE").says("tests-ran");
    world
}

/// The result of tests that never ran.
fn good_tests(world: &World) -> penstock_statement::Statement<TestResult> {
    let mut tests = world.newest_statement::<TestResult>();
    tests.predicate.result = TestVerdict::Passed;
    tests.predicate.counts = Some(TestCounts { passed: 3, ..TestCounts::default() });
    tests
}

#[test]
fn statements_by_an_unknown_key_count_for_nothing() {
    let world = unlucky();
    let stranger = Hand::stranger(&world);
    let forged = stranger.logs(&KeyName::Build, &good_tests(&world));
    world
        .penstock(["gate", "staging"])
        .exits(3)
        .says("tests-ran")
        .says(&forged.short())
        .says("which the policy does not list");

    // A whole release of the stranger's: its seal is not even found.
    let seal = stranger.logs(&KeyName::Build, &world.newest_statement::<RunSeal>()).to_string();
    world.penstock(["gate", "staging", &seal]).exits(2).says("no release begins with");

    // The stranger's decision lets nothing in.
    let mut allowed = world.newest_statement::<Decision>();
    allowed.predicate.outcome = Outcome::Allow;
    stranger.logs(&KeyName::Gate, &allowed);
    let release = allowed.predicate.run.to_string();
    world.penstock(["promote", "staging", &release]).exits(3).says("not deployed");
    assert_eq!(world.deployed("staging"), None);
    world.log_verifies();
}

#[test]
fn a_policy_by_an_unknown_key_is_refused_aloud() {
    let world = World::released();
    let mut next = world.newest_statement::<PolicyVersion>();
    let text = world.policy_with(&[("approvals = 1", "approvals = 0")]);
    next.subject = vec![ResourceDescriptor::sha256("policy.toml", &Sha256::of(text.as_bytes()))];
    next.predicate.previous = Some(Sha256::of(next.predicate.text.as_bytes()));
    next.predicate.version = 2;
    next.predicate.text = text;
    Hand::stranger(&world).logs(&KeyName::Policy, &next);
    let index = world.entries() - 1;
    world
        .penstock(["gate", "production"])
        .exits(1)
        .says(&format!("REFUSED   policy in ledger entry {index}: "))
        .says("which the policy does not list")
        .says("HELD");
    // Nor does the key of another role make policy.
    Hand::misusing(&world, "gate", &KeyName::Policy).logs(&KeyName::Policy, &next);
    world.penstock(["gate", "production"]).exits(1).says("REFUSED").says("HELD");
    world.penstock(["run"]).exits(0).says("policy    v1");
    world.log_verifies();
}

#[test]
fn a_key_speaks_for_its_role_only() {
    let world = unlucky();
    let forger = Hand::misusing(&world, "gate", &KeyName::Build);
    let forged = forger.logs(&KeyName::Build, &good_tests(&world));
    world
        .penstock(["gate", "staging"])
        .exits(3)
        .says("tests-ran")
        .says(&forged.short())
        .says("key `gate` has role `gate`");

    let mut allowed = world.newest_statement::<Decision>();
    allowed.predicate.outcome = Outcome::Allow;
    let release = allowed.predicate.run.to_string();
    Hand::misusing(&world, "build", &KeyName::Gate).logs(&KeyName::Gate, &allowed);
    world.penstock(["promote", "staging", &release]).exits(3).says("not deployed");
    assert_eq!(world.deployed("staging"), None);
    world.log_verifies();
}

#[test]
fn the_build_key_cannot_approve() {
    let world = World::released();
    world.add_ben();
    let release = world.release();
    world.penstock(["gate", "production", &release]).exits(1).says("HELD");
    let seal = world.newest_statement::<RunSeal>();
    let decision = world.newest_statement::<Decision>();
    let approval = Approval {
        environment: "production".to_owned(),
        policy: decision.predicate.policy.clone(),
        decision: *world.evidence::<Decision>().last().unwrap(),
        run: release.parse().unwrap(),
        verdict: Verdict::Approve,
        reason: "forged".to_owned(),
        person: "ben".to_owned(),
        identity_strength: penstock_model::IdentityStrength::Hardware,
        approved_on: world.tick(),
        expires: world.tick().plus_seconds(3600 * 24),
    };
    let statement = penstock_statement::Statement::new(seal.subject, approval);
    let ben = KeyName::person("ben").unwrap();
    // Ana's own key, in Ben's name; and the build key as if it were a person's.
    for from in ["person-ana", "build"] {
        Hand::misusing(&world, from, &ben).logs(&ben, &statement);
        world.penstock(["promote", "production", &release]).exits(1).says("HELD");
    }
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn provenance_of_another_digest_lets_nothing_in() {
    let world = World::released();
    let (seal, provenance) = (world.newest_statement::<RunSeal>(), world.newest_statement());
    // A seal of other bytes, with the provenance of what was really built.
    let other = Sha256::of(b"something else\n");
    let mut forged = seal.clone();
    forged.subject = vec![ResourceDescriptor::sha256("dist/app", &other)];
    let step = forged.predicate.steps.iter_mut().find(|step| !step.outputs.is_empty()).unwrap();
    step.outputs[0].digest = [("sha256".to_owned(), other.to_string())].into();
    let insider = Hand::insider(&world);
    let release = insider.logs(&KeyName::Build, &forged);
    insider.logs::<Provenance>(&KeyName::Build, &provenance_for(&provenance, &release));
    let release = release.to_string();
    world
        .penstock(["promote", "staging", &release])
        .exits(1)
        .says("there is no provenance of this digest");
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
}

/// The same provenance, pointing to another seal.
fn provenance_for(
    provenance: &penstock_statement::Statement<Provenance>,
    seal: &Sha256,
) -> penstock_statement::Statement<Provenance> {
    let mut provenance = provenance.clone();
    let byproducts = provenance.predicate.run_details.byproducts.iter_mut();
    for byproduct in byproducts.filter(|b| b.name.as_deref() == Some(Provenance::SEAL)) {
        byproduct.digest = [("sha256".to_owned(), seal.to_string())].into();
    }
    provenance
}

#[test]
fn provenance_of_another_project_lets_nothing_in() {
    let world = World::released();
    let other = "git+https://example.org/other".parse().unwrap();
    let insider = Hand::insider(&world);
    let mut seal = world.newest_statement::<RunSeal>();
    let mut provenance = world.newest_statement::<Provenance>();
    // Only the provenance is of another project.
    seal.predicate.invocation = "forged".to_owned();
    provenance.predicate.run_details.metadata.invocation_id = "forged".to_owned();
    let release = insider.logs(&KeyName::Build, &seal);
    provenance.predicate.build_definition.external_parameters.project =
        "git+https://example.org/other".parse().unwrap();
    insider.logs(&KeyName::Build, &provenance_for(&provenance, &release));
    let gate = world.penstock(["gate", "staging", &release.to_string()]);
    gate.exits(1).says("its provenance is of project `git+https://example.org/other`");
    // The run is, too.
    seal.predicate.project = other;
    let release = insider.logs(&KeyName::Build, &seal).to_string();
    world.penstock(["gate", "staging", &release]).exits(2).says("no release begins with");
    world.penstock(["promote", "staging", &release]).exits(2);
    world.log_verifies();
}

#[test]
fn provenance_of_a_failed_run_lets_nothing_in() {
    let world = World::released();
    let insider = Hand::insider(&world);
    let mut seal = world.newest_statement::<RunSeal>();
    let provenance = world.newest_statement::<Provenance>();
    seal.predicate.outcome = RunOutcome::Failed;
    let failed = insider.logs(&KeyName::Build, &seal);
    insider.logs(&KeyName::Build, &provenance_for(&provenance, &failed));
    let failed = failed.to_string();
    world.penstock(["promote", "staging", &failed]).exits(1).says("failed").says("not deployed");
    world.penstock(["rollback", "staging", &failed]).exits(2).says("never deployed");
    let force = ["promote", "production", &failed, "--break-glass", "x"];
    world.penstock(force).exits(2).says("its run failed");

    // The outcome says one thing, a step another.
    seal.predicate.outcome = RunOutcome::Succeeded;
    seal.predicate.steps[0].outcome = StepOutcome::Failed { status: 1 };
    let lying = insider.logs(&KeyName::Build, &seal);
    insider.logs(&KeyName::Build, &provenance_for(&provenance, &lying));
    let lying = lying.to_string();
    world.penstock(["promote", "staging", &lying]).exits(1).says("`test` did not succeed");
    world.log_verifies();
}

/// A true statement filed under a digest it does not speak of is not found by it.
#[test]
fn a_forced_deployment_is_no_admission() {
    let world = unlucky();
    let release = world.release();
    world.penstock(["promote", "staging", &release, "--break-glass", "x"]).exits(0);
    assert!(world.newest_statement::<Deployment>().predicate.break_glass.is_some());
    world
        .penstock(["gate", "production", &release])
        .says("ana forced it into `staging`; its gate never allowed it");
    world.penstock(["promote", "production", &release]).says("not deployed");
    assert_eq!(world.deployed("production"), None);
}
