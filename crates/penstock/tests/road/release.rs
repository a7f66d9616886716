//! What a release goes through when all is well, and by force, and back.

use std::fs;

use penstock_statement::predicate::{BreakGlass, CYCLONEDX, Deployment, DeploymentKind};

use crate::harness::{World, files, flip, predicate_type};

#[test]
fn a_commit_gets_as_far_as_a_person_is_needed() {
    let world = World::released();
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

/// What a check takes as decided must not move with what was let in: the third release is judged
/// like the first.
#[test]
fn one_commit_follows_another() {
    let world = World::released();
    for (text, message) in [("two\n", "Say two"), ("three\n", "Say three")] {
        world.write("app.txt", text);
        world.commit(message);
        world.penstock(["run"]).exits(0).says("gate staging      ALLOW").says("HELD");
        assert_eq!(world.deployed("staging").as_deref(), Some(text));
    }
    world.log_verifies();
}

#[test]
fn a_second_person_takes_a_release_to_production() {
    let world = World::released();
    world.add_ben();
    // The version that made Ben a person is not the one the release was held under.
    let release = world.release();
    world.penstock(["gate", "production", &release]).exits(1).says("HELD");
    world
        .penstock(["approve", "production", &release, "--as", "ben"])
        .exits(0)
        .says("ben approves")
        .says("ALLOW")
        .says("penstock promote production");
    world.penstock(["promote", "production", &release]).exits(0).says("deployed");
    assert_eq!(world.deployed("production").as_deref(), Some("one\n"));
    world.log_verifies();
}

#[test]
fn promote_without_leave_deploys_nothing() {
    let world = World::released();
    let release = world.release();
    world.penstock(["promote", "production", &release]).exits(1).says("HELD").says("not deployed");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn break_glass_deploys_and_is_recorded_loudly() {
    let world = World::released();
    let release = world.release();
    let reason = "payments are down";
    world
        .penstock(["promote", "production", &release, "--break-glass", reason, "--as", "ana"])
        .exits(0)
        .says("BREAK-GLASS  by ana: payments are down; overridden: approvals");
    assert_eq!(world.deployed("production").as_deref(), Some("one\n"));
    let deployment = world.newest_statement::<Deployment>().predicate;
    assert_eq!(deployment.environment, "production");
    assert!(
        matches!(&deployment.break_glass, Some(BreakGlass { by, overridden, expires, review_by, .. })
            if by == "ana" && overridden == &["approvals"] && review_by >= expires),
        "{deployment:?}"
    );
    world.penstock(["audit"]).says(reason).says("ana");
    // It lets nothing else in: the gate says of the same release what it said before.
    world.penstock(["gate", "production", &release]).exits(1).says("HELD");
    world.log_verifies();
}

#[test]
fn break_glass_wants_a_reason_a_person_and_a_release_that_holds() {
    let world = World::released();
    let release = world.release();
    let promote = |more: &[&str]| {
        world.penstock([&["promote", "production", release.as_str()], more].concat())
    };
    promote(&["--break-glass", " "]).exits(2).says("wants a reason");
    promote(&["--break-glass", "x", "--as", "zoe"]).exits(2).says("no person `zoe`");
    promote(&["--break-glass", "x", "--expires", "0"]).exits(2);
    promote(&["--as", "ana"]).exits(2).says("--break-glass");
    flip(&world.artifact());
    promote(&["--break-glass", "x"]).exits(3).says("dist/app");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn rollback_goes_to_what_was_admitted_before() {
    let world = World::released();
    world.penstock(["rollback", "staging"]).exits(2).says("no earlier release in `staging`");
    world.write("app.txt", "two\n");
    world.commit("Say two");
    world.penstock(["run"]).exits(0);
    world.penstock(["rollback", "staging"]).exits(0).says("rolled back staging");
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    let deployment = world.newest_statement::<Deployment>().predicate;
    assert_eq!(deployment.kind, DeploymentKind::Rollback);
    // What was rolled back does not go on to the next environment.
    world.penstock(["gate", "production"]).exits(1).says("rolled back from `staging`");
    world.log_verifies();
}

#[test]
fn rollback_refuses_what_was_never_let_in() {
    let world = World::released();
    let release = world.release();
    world.penstock(["promote", "production", &release, "--break-glass", "x"]).exits(0);
    world
        .penstock(["rollback", "production", &release])
        .exits(2)
        .says("never deployed to `production` with its gate's leave");
    world.log_verifies();
}

#[test]
fn verify_answers_by_the_ledger() {
    let world = World::released();
    let app = world.beside("app");
    fs::write(&app, "one\n").unwrap();
    let app = app.to_str().unwrap();
    world.penstock(["verify", app]).exits(0).says("deployed   ok staging").says("\nverified");
    fs::write(app, "two\n").unwrap();
    world
        .penstock(["verify", app])
        .exits(1)
        .says("no run of this project made these bytes")
        .says("NOT verified");
    world.penstock(["verify", "not-there"]).exits(3).says("cannot read `not-there`");
}

#[test]
fn verify_answers_far_away_by_evidence_and_policy_alone() {
    let world = World::new();
    let evidence = world.beside("evidence");
    let policy = world.beside("policy.toml");
    let app = world.beside("app");
    world.penstock(["run".as_ref(), "--evidence-out".as_ref(), evidence.as_os_str()]).exits(0);
    let text = world.penstock(["policy", "show", "--toml"]).exits(0).out.clone();
    fs::write(&policy, &text).unwrap();
    fs::write(&app, "one\n").unwrap();
    fs::remove_dir_all(world.beside("state")).unwrap();
    fs::remove_dir_all(world.repository()).unwrap();
    fs::create_dir(world.repository()).unwrap();
    let verify = || {
        let (app, evidence, policy) = (app.as_os_str(), evidence.as_os_str(), policy.as_os_str());
        let [evidence_flag, policy_flag] = ["--evidence", "--policy"].map(AsRef::as_ref);
        world.penstock(["verify".as_ref(), app, evidence_flag, evidence, policy_flag, policy])
    };
    verify().exits(0).says("record     ok all of ").says("\nverified");
    assert!(!world.beside("state").exists(), "nothing is written");

    // Another file; a policy that gives the key another role.
    fs::write(&app, "two\n").unwrap();
    verify().exits(1).says("NOT verified");
    fs::write(&app, "one\n").unwrap();
    fs::write(&policy, text.replace("role = \"build\"", "role = \"gate\"")).unwrap();
    verify().exits(1).says("NOT verified").says("none that counts");
    fs::write(&policy, &text).unwrap();
    // Every piece of evidence but the bill of materials, which no question asks for.
    for file in files(&evidence) {
        let whole = fs::read(&file).unwrap();
        if predicate_type(&whole) != CYCLONEDX {
            flip(&file);
            verify().exits(1).says("NOT verified");
            fs::remove_file(&file).unwrap();
            verify().exits(1).says("NOT verified");
            fs::write(&file, &whole).unwrap();
        }
    }
    verify().exits(0);
}
