use penstock_model::{Area, Severity, SkipReason, SuppressionAuthority};
use penstock_statement::{
    ResourceDescriptor,
    predicate::{Outcome, SuppressedCount},
};

use crate::world::{World, id, oid, reason};

#[test]
fn a_check_of_another_commit_or_tree_says_nothing() {
    let (commit, tree) = (oid("candidate"), oid("tree of candidate"));
    let commit = ResourceDescriptor::git_commit(&commit);
    let tree = ResourceDescriptor::git_tree(&tree);
    for subjects in [
        vec![commit.clone(), ResourceDescriptor::git_tree(&oid("other tree"))],
        vec![ResourceDescriptor::git_commit(&oid("other")), tree.clone()],
        vec![commit],
        vec![tree],
    ] {
        let mut world = World::new();
        world.input.checks[0].statement.subject = subjects;
        world.expect("check-complete", Outcome::Indeterminate, "no check is about commit");
    }
}

#[test]
fn open_findings_at_the_policy_s_threshold_deny() {
    for (severity, outcome) in [
        (Severity::Critical, Outcome::Deny),
        (Severity::High, Outcome::Deny),
        (Severity::Medium, Outcome::Allow),
    ] {
        let mut world = World::new();
        world.input.checks[0].statement.predicate.counts.insert(severity, 1);
        world.expect("check-complete", outcome, "");
    }
}

#[test]
fn a_proposed_suppression_still_counts_as_open() {
    let mut world = World::new();
    let check = &mut world.input.checks[0].statement.predicate;
    check.counts.insert(Severity::High, 1);
    check.suppressed =
        vec![SuppressedCount { authority: SuppressionAuthority::Proposed, count: 1 }];
    world.expect("check-complete", Outcome::Deny, "1 high open");
}

#[test]
fn a_check_that_took_the_candidate_s_own_suppressions_is_refused() {
    let mut world = World::new();
    world.input.checks[0].statement.predicate.base = Some(oid("candidate"));
    world.expect("check-complete", Outcome::Deny, "took the suppressions of commit");
    // Without a base every suppression was proposed: nothing was taken.
    world.input.checks[0].statement.predicate.base = None;
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn an_exception_the_policy_does_not_have_excuses_nothing() {
    let mut world = World::new();
    world.input.checks[0].statement.predicate.suppressed =
        vec![SuppressedCount { authority: SuppressionAuthority::Policy, count: 2 }];
    world.expect("check-complete", Outcome::Deny, "excuses 2 by exceptions");
}

#[test]
fn an_incomplete_check_cannot_tell() {
    type Spoil = fn(&mut penstock_statement::predicate::CheckResult);
    let cases: [(&str, Spoil); 5] = [
        ("not complete", |c| c.complete = false),
        ("`secrets` is required and did not run", |c| c.areas.retain(|a| *a != Area::Secrets)),
        ("read no file", |c| c.coverage.files = 0),
        ("does not count findings of severity critical", |c| {
            c.counts.remove(&Severity::Critical);
        }),
        ("does not count findings of severity low", |c| c.counts.clear()),
    ];
    for (words, spoil) in cases {
        // Also at the mildest profile: this is missing, not doubtful.
        let mut world = World::level2();
        spoil(&mut world.input.checks[0].statement.predicate);
        world.expect("check-complete", Outcome::Indeterminate, words);
    }
}

#[test]
fn what_a_check_could_not_answer_is_a_warning_only_at_level_2() {
    type Spoil = fn(&mut penstock_statement::predicate::CheckResult);
    let cases: [(&str, Spoil); 3] = [
        ("questions of the check have no answer", |c| c.unresolved = 3),
        ("excluded by the commit's own configuration", |c| {
            c.coverage.skipped.insert(SkipReason::Excluded, 7);
        }),
        ("another penstock.toml", |c| c.configuration = id("other")),
    ];
    for (words, spoil) in cases {
        let mut world = World::level2();
        spoil(&mut world.input.checks[0].statement.predicate);
        let decision = world.expect("check-complete", Outcome::Allow, "");
        let warning = reason(&decision, "check-complete").warning.clone().unwrap();
        assert!(warning.contains(words), "{warning}");
        let mut world = World::new();
        spoil(&mut world.input.checks[0].statement.predicate);
        world.expect("check-complete", Outcome::Indeterminate, words);
    }
}

#[test]
fn the_newest_check_counts() {
    let mut world = World::new();
    let mut later = world.evidence().check();
    later.index += 1;
    later.evidence = id("later check");
    later.statement.predicate.counts.insert(Severity::Critical, 1);
    world.input.checks.insert(0, later);
    world.expect("check-complete", Outcome::Deny, "1 critical open");
}
