//! A change that lowers its own gate: it is judged by the rules of the place it wants to enter.

use crate::harness::{ANA, BEN, PIPELINE, World, secret};

/// The change is run; its gate says no, and staging keeps what it has.
#[track_caller]
fn kept_out(world: &World, code: i32, reasons: &[&str]) {
    let ran = world.penstock(["run"]);
    ran.exits(code);
    for reason in reasons {
        ran.says(reason);
    }
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
    // Taken back, the next run works.
    world.git(["revert", "--no-edit", "HEAD"]);
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
}

/// The change also plants a critical finding, or its lowering would show nothing.
fn plant(world: &World) {
    world.write("config/credentials", secret());
    world.write("app.txt", "two\n");
}

fn pipeline_with(lines: &str) -> String {
    format!("{PIPELINE}\n{lines}")
}

#[test]
fn a_finding_keeps_a_release_out() {
    let world = World::released();
    plant(&world);
    world.commit("Plant");
    let reasons =
        ["critical secrets/aws-access-key config/credentials:2", "DENY", "1 critical open"];
    kept_out(&world, 1, &reasons);
}

#[test]
fn lowering_the_threshold() {
    let world = World::released();
    // Nothing is above its own `critical`; the policy's `high` still counts.
    let url = ["postgres", "://app:", "q7VtZ2mXbR9cLzK4pW", "@db.acme.io:5432/app"].concat();
    world.write("deploy/prod.env", format!("DATABASE_URL={url}\n"));
    world.write("app.txt", "two\n");
    world.write("penstock.toml", pipeline_with("[check]\nthreshold = \"critical\"\n"));
    world.commit("Look away");
    kept_out(&world, 1, &["check-complete", "1 high open, the threshold is high"]);
}

#[test]
fn requiring_less() {
    let world = World::released();
    plant(&world);
    world.write("penstock.toml", pipeline_with("[check]\nrequire = []\n"));
    world.commit("Require nothing");
    kept_out(&world, 1, &["1 critical open"]);
}

#[test]
fn excluding_the_file() {
    let world = World::released();
    plant(&world);
    world.write("penstock.toml", pipeline_with("[check]\nexclude = [\"config/**\"]\n"));
    world.commit("Exclude it");
    kept_out(&world, 1, &["1 critical open"]);
}

/// With an old rule set every newer rule would only advise.
#[test]
fn pinning_an_old_rule_set() {
    let world = World::released();
    plant(&world);
    world.write("penstock.toml", pipeline_with("[check]\nrules = \"2026.01\"\n"));
    world.commit("Pin an old rule set");
    kept_out(&world, 1, &["1 critical open"]);
}

#[test]
fn pinning_a_rule_set_nobody_has() {
    let world = World::released();
    world.write("penstock.toml", pipeline_with("[check]\nrules = \"9999.12\"\n"));
    world.commit("Pin what is to come");
    kept_out(&world, 2, &["is newer than the newest of this program"]);
}

/// What the base pins counts: the newer of both, and without one of the change's own none.
#[test]
fn a_pin_counts_once_it_is_in_the_base() {
    let world = World::empty("project");
    let pinned = |set: &str| pipeline_with(&format!("[check]\nrules = \"{set}\"\n"));
    world.write("penstock.toml", pinned("2026.10"));
    world.write("app.txt", "one\n");
    world.commit("Begin");
    world.penstock(["run"]).exits(0);
    plant(&world);
    world.commit("Plant");
    world.penstock(["run"]).exits(0).says("nothing open");
    world.write("penstock.toml", pinned("2026.11"));
    world.commit("Pin a newer one");
    world.penstock(["run"]).exits(1).says("1 critical open");
    world.write("penstock.toml", PIPELINE);
    world.commit("Pin none");
    world.penstock(["run"]).exits(1).says("1 critical open");
}

#[test]
fn ignoring_it_in_the_configuration() {
    let world = World::released();
    plant(&world);
    let ignore = "[[check.ignore]]\nrule = \"secrets/aws-access-key\"\nreason = \"trust me\"\n";
    world.write("penstock.toml", pipeline_with(ignore));
    world.commit("Ignore it");
    kept_out(&world, 1, &["1 critical open"]);
}

/// A baseline the change brings along, with every finding of it in it.
#[test]
fn adding_it_to_the_baseline() {
    let world = World::released();
    plant(&world);
    world.penstock(["init", "--baseline"]).exits(0).says(" new");
    world.commit("Accept it");
    kept_out(&world, 1, &["DENY", "critical secrets/aws-access-key"]);
}

/// The ignore files of other tools count no more than our own.
#[test]
fn ignoring_it_for_another_tool() {
    let world = World::released();
    plant(&world);
    world.write(".gitleaks.toml", "[allowlist]\npaths = ['''.*''']\n");
    world.write(".gitleaksignore", "config/credentials:aws-access-token:2\n");
    world.write(".trivyignore", "aws-access-key-id\n");
    world.commit("Ignore it elsewhere");
    kept_out(&world, 1, &["DENY", "critical secrets/aws-access-key"]);
}

#[test]
fn applying_bare_ignores() {
    let world = World::released();
    plant(&world);
    let bare = "# gitleaks:allow\n";
    world.write("config/credentials", secret().replace('\n', &format!(" {bare}")));
    world.write("penstock.toml", pipeline_with("[check]\nbare-ignores = [\"gitleaks\"]\n"));
    world.commit("Apply them");
    kept_out(&world, 1, &["DENY", "critical secrets/aws-access-key"]);
}

/// An ignore that came in before its finding vouches for nothing.
#[test]
fn ignoring_it_in_advance() {
    let world = World::released();
    let ignore = "[[check.ignore]]\nrule = \"secrets/aws-access-key\"\nreason = \"trust me\"\n";
    world.write("penstock.toml", pipeline_with(ignore));
    world.commit("Prepare");
    world.penstock(["run"]).exits(0);
    plant(&world);
    world.commit("Plant");
    kept_out(&world, 1, &["1 critical open"]);
}

#[test]
fn ignoring_it_inline() {
    let world = World::released();
    plant(&world);
    let comment = "# penstock: ignore[secrets/aws-access-key] it is fine\n";
    world.write(
        "config/credentials",
        format!("{}{comment}", secret()).replace('\n', &format!(" {comment}")),
    );
    world.commit("Ignore it inline");
    kept_out(&world, 1, &["critical open"]);
}

/// What was suppressed when the policy was first adopted was decided then; a second copy was not.
#[test]
fn a_second_copy_of_what_was_suppressed_before() {
    let world = World::empty("project");
    world.write("penstock.toml", PIPELINE);
    world.write("app.txt", "one\n");
    let comment = "# penstock: ignore[secrets/aws-access-key] the honeypot's\n";
    world.write("honeypot", format!("{comment}{}", secret().replace("[default]\n", "")));
    world.commit("Begin");
    world.penstock(["run"]).exits(0).says("1 suppressed");
    world.write("honeypot2", format!("{comment}{}", secret().replace("[default]\n", "")));
    world.commit("Copy it");
    kept_out(&world, 1, &["1 critical open"]);
}

#[test]
fn adding_a_person_or_a_key_in_the_tree() {
    let world = World::released();
    world.penstock(["gate", "production"]).exits(1).says("HELD");
    let text = world.policy_with(&[
        ("approvals = 1", "approvals = 0"),
        ("threshold = \"high\"", "threshold = \"critical\""),
    ]);
    for place in ["policy.toml", ".penstock-policy.toml", "penstock/policy.toml"] {
        world.write(place, &text);
    }
    world.commit("Make myself the judge");
    world.penstock(["run"]).exits(0).says("policy    v1").says("gate production   HELD");
    assert_eq!(world.deployed("production"), None);
    // Nor does the pipeline's own file know such words.
    world.write("penstock.toml", pipeline_with("[people.eve]\nname = \"Eve\"\n"));
    world.commit("Say it elsewhere");
    world.penstock(["run"]).exits(2).says("penstock.toml:13:2: unknown key `people`");
    world.log_verifies();
}

#[test]
fn dropping_the_test_step() {
    let world = World::released();
    let start = PIPELINE.find("[steps.test]").unwrap();
    let end = PIPELINE.find("[steps.build]").unwrap();
    let without =
        [&PIPELINE[..start], &PIPELINE[end..]].concat().replace("needs = [\"test\"]\n", "");
    world.write("penstock.toml", without);
    world.write("app.txt", "two\n");
    world.commit("Save time");
    kept_out(&world, 1, &["the policy names the test step `test`: the change dropped it"]);
}

#[test]
fn hollow_tests() {
    for (said, code, reason) in [
        ("echo nothing to see", 3, "nothing shows that a test ran"),
        ("echo '0 passed, 0 failed'", 3, "passed without a single test"),
        ("echo '3 passed, 1 failed'", 1, "1 tests of `test` failed"),
    ] {
        let world = World::released();
        world.write("penstock.toml", PIPELINE.replace("echo '3 passed, 0 failed'", said));
        world.write("app.txt", "two\n");
        world.commit("Test less");
        kept_out(&world, code, &["tests-ran", reason]);
    }
}

#[test]
fn fewer_tests_are_said_aloud() {
    let world = World::released();
    world.write("penstock.toml", PIPELINE.replace("3 passed", "2 passed"));
    world.commit("Test less");
    world
        .penstock(["run"])
        .exits(0)
        .says("2 tests passed (last release 3)")
        .says("definition CHANGED since the last release")
        .says("`test` passed 2 tests, 3 in the release before");
}

#[test]
fn what_is_built_is_the_commit() {
    let world = World::released();
    world.write("app.txt", "dirty\n");
    world.write("untracked.txt", "dirty\n");
    world.penstock(["run"]).exits(0).says(
        "the work tree differs (1 modified, 0 deleted, 1 untracked) and is not what is built",
    );
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    // The dirty tree can be built; nothing is claimed of it and nothing let in.
    let entries = world.entries();
    world
        .penstock(["run", "--worktree"])
        .exits(0)
        .says("evidence  none: the work tree was built")
        .says("no release");
    assert_eq!(world.entries(), entries);
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    // Nor is a part of the pipeline a release.
    world.penstock(["run", "test"]).exits(0).says("only some of the steps ran");
    assert_eq!(world.entries(), entries);
    world.log_verifies();
}

/// Whose hand is in the change is read from the commits, whatever the configuration says.
#[test]
fn editing_the_pipeline_is_part_of_the_change() {
    let world = World::released();
    world.add_ben();
    world.write("penstock.toml", PIPELINE.replace("3 passed", "4 passed"));
    world.commit_by(BEN, ANA, "More tests");
    world.penstock(["run"]).exits(0).says("HELD");
    let release = world.release();
    world
        .penstock(["approve", "production", &release, "--as", "ben"])
        .says("HELD")
        .says("not counted: ben");
    world.log_verifies();
}

/// A dependency that begins to look for keys and to start programs changes no line of the project.
#[test]
fn what_a_step_never_did_before_is_said_aloud() {
    let world = World::released();
    let build = "run = \"od app.txt; cat ~/.ssh/id_ed25519 || mkdir dist && cp app.txt dist/app\"";
    let was = "run = \"mkdir dist && cp app.txt dist/app\"";
    world.write("penstock.toml", PIPELINE.replace(was, build));
    world.commit("Look around");
    world
        .penstock(["run"])
        .exits(0)
        .says("step `build` does what it did not before: is not let: credential /home/build/.ssh")
        .says("/od");
    world.write("app.txt", "two\n");
    world.commit("Go on");
    let ran = world.penstock(["run"]);
    assert!(!ran.out.contains("did not before"), "{}", ran.out);
}
