//! Who may approve, and who may say what the rules are.

use std::fs;

use crate::harness::{ANA, BEN, World};

/// A release in staging that somebody wrote, held for production, with Ben a person.
fn held(author: (&str, &str), committer: (&str, &str), message: &str) -> (World, String) {
    let world = World::released();
    world.add_ben();
    world.write("app.txt", "two\n");
    world.commit_by(author, committer, message);
    world.penstock(["run"]).exits(0).says("HELD");
    let release = world.release();
    (world, release)
}

/// Ben approves, and the gate says why that is not enough.
#[track_caller]
fn ben_cannot(world: &World, release: &str) {
    world
        .penstock(["approve", "production", release, "--as", "ben"])
        .says("HELD")
        .says("not counted: ben (")
        .says("part of the change");
    world.penstock(["promote", "production", release]).exits(1).says("not deployed");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn the_author_cannot_approve() {
    let (world, release) = held(BEN, ANA, "Say two");
    ben_cannot(&world, &release);
}

#[test]
fn a_co_author_cannot_approve() {
    let (world, release) = held(ANA, ANA, "Say two\n\nCo-authored-by: Ben <BEN@example.org>\n");
    ben_cannot(&world, &release);
}

#[test]
fn the_committer_cannot_approve() {
    let (world, release) = held(ANA, BEN, "Say two");
    ben_cannot(&world, &release);
}

#[test]
fn whoever_adopted_or_edited_the_policy_cannot_approve() {
    let (world, release) = held(BEN, BEN, "Say two");
    // Ana has no part in this commit, but the first one is hers and so is the policy.
    world
        .penstock(["approve", "production", &release, "--as", "ana"])
        .says("HELD")
        .says("not counted: ana (");
    world.penstock(["promote", "production", &release]).exits(1);

    // Once production has the first commit, only the policy stands against her.
    let force = ["promote", "production", &release, "--break-glass", "x", "--as", "ben"];
    world.penstock(force).exits(0);
    world.log_verifies();
}

/// A policy edited by Ben in a commit and adopted by Ana: neither approves under it.
#[test]
fn an_editor_of_the_committed_policy_cannot_approve() {
    let world = World::released();
    world.add_ben();
    let text = world.policy_with(&[("minimum = 1", "minimum = 2")]);
    world.write("policy.toml", &text);
    world.commit_by(BEN, BEN, "Demand two tests");
    let file = world.repository().join("policy.toml");
    let adopt =
        |person| world.penstock(["policy", "adopt", file.to_str().unwrap(), "--as", person]);
    let entries = world.entries();
    adopt("ben").exits(2).says("`ben` edited this policy text in").says("another person");
    assert_eq!(world.entries(), entries, "nothing was adopted");
    adopt("ana").exits(0).says("version 3 is in force, adopted by ana");
    world.penstock(["run"]).exits(0).says("HELD");
    let release = world.release();
    for person in ["ana", "ben"] {
        world
            .penstock(["approve", "production", &release, "--as", person])
            .says("HELD")
            .says(&format!("{person} ("));
    }
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn an_approval_counts_for_its_release_only() {
    let (world, first) = held(ANA, ANA, "Say two");
    world.penstock(["approve", "production", &first, "--as", "ben"]).exits(0).says("ALLOW");
    world.write("app.txt", "three\n");
    world.commit("Say three");
    world.penstock(["run"]).exits(0).says("HELD");
    let second = world.release();
    world.penstock(["promote", "production", &second]).exits(1).says("not deployed");

    // The very words, filed under the other release's digests as well.
    let mut replayed = world.newest_statement::<penstock_statement::predicate::Approval>();
    replayed.subject = world.newest_statement::<penstock_statement::predicate::RunSeal>().subject;
    let ben = penstock_attest::keys::KeyName::person("ben").unwrap();
    crate::harness::Hand::insider(&world).logs(&ben, &replayed);
    world
        .penstock(["promote", "production", &second])
        .exits(1)
        .says("ben (approved other digests)");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn an_approval_dies_with_its_policy_and_its_time() {
    let (world, release) = held(ANA, ANA, "Say two");
    world.penstock(["approve", "production", &release, "--as", "ben"]).exits(0).says("ALLOW");
    world.adopt(&world.policy_with(&[("keep = 3", "keep = 4")]));
    world
        .penstock(["promote", "production", &release])
        .exits(1)
        .says("ben (approved under version 2 of the policy)");
    world.penstock(["approve", "production", &release, "--as", "ben"]).exits(0).says("ALLOW");
    world.wait_days(8);
    world.penstock(["promote", "production", &release]).exits(1).says("ben (expired");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn a_later_rejection_wins() {
    let (world, release) = held(ANA, ANA, "Say two");
    world.penstock(["approve", "production", &release, "--as", "ben"]).exits(0).says("ALLOW");
    world
        .penstock(["approve", "production", &release, "--as", "ben", "--reject", "--reason", "no"])
        .exits(0)
        .says("ben rejects")
        .says("DENY");
    world.penstock(["promote", "production", &release]).exits(1).says("ben rejected it: no");
    // Nobody else's approval lifts it; an approval wants a decision that holds.
    world
        .penstock(["approve", "production", &release, "--as", "ben"])
        .exits(2)
        .says("`production` does not wait for anybody");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn approving_is_refused_where_it_means_nothing() {
    let world = World::released();
    let release = world.release();
    let approve = |more: &[&str]| world.penstock([&["approve"], more].concat());
    approve(&["staging", &release])
        .exits(2)
        .says("does not wait for anybody")
        .says("ALLOW".to_lowercase().as_str());
    approve(&["nowhere", &release])
        .exits(2)
        .says("no environment `nowhere`")
        .says("production, staging");
    approve(&["production", "abcdef012345"]).exits(2).says("no release begins with `abcdef012345`");
    approve(&["production", &release, "--as", "zoe"]).exits(2).says("no person `zoe`: it has ana");
    fs::remove_file(world.state().join("keys/person-ana.pem")).unwrap();
    approve(&["production", &release, "--as", "ana"])
        .exits(2)
        .says("there is no key of `ana` here");
    world.log_verifies();
}

#[test]
fn a_policy_is_adopted_whole_and_in_order() {
    let world = World::released();
    let entries = world.entries();
    let file = world.beside("policy.toml");
    let adopt = |text: &str| {
        fs::write(&file, text).unwrap();
        world.penstock(["policy", "adopt", file.to_str().unwrap(), "--as", "ana"])
    };
    let next = world.policy_with(&[]);
    adopt(&next.replace("version = 2", "version = 3")).exits(2).says("set version = 2");
    adopt(&next.replace("version = 2", "version = 1")).exits(2);
    adopt(&next.replace("approvals", "aprovals")).exits(2).says("policy.toml:").says("approvals");
    adopt(&next.replace("urn:penstock:", "urn:penstock:0")).exits(2);
    adopt("").exits(2).says("policy.toml");
    world.penstock(["policy", "adopt", "not-there", "--as", "ana"]).says("not-there");
    assert_eq!(world.entries(), entries, "nothing was adopted");
    world.penstock(["policy", "show"]).exits(0).says("policy    v1");
}

/// A policy that is no demonstration is adopted from a commit, by somebody who did not write it.
#[test]
fn an_earnest_policy_is_adopted_from_a_commit() {
    let world = World::released();
    world.add_ben();
    world.adopt(&world.policy_with(&[("demo = true\n", "")]));
    let text = world.policy_with(&[("minimum = 1", "minimum = 2")]);
    let file = world.repository().join("policy.toml");
    world.write("policy.toml", &text);
    let adopt =
        |person| world.penstock(["policy", "adopt", file.to_str().unwrap(), "--as", person]);
    let entries = world.entries();
    adopt("ana").exits(2).says("is not committed as it is");
    world.commit_by(BEN, BEN, "Demand two tests");
    // Committed, but then changed again in the work tree.
    world.write("policy.toml", text.replace("minimum = 2", "minimum = 1"));
    adopt("ana").exits(2).says("is not committed as it is");
    world.write("policy.toml", &text);
    adopt("ben").exits(2).says("`ben` edited this policy text");
    assert_eq!(world.entries(), entries, "nothing was adopted");
    adopt("ana").exits(0).says("version 4 is in force, adopted by ana");
    world.log_verifies();
}
