use penstock_model::{IdentityStrength, Role};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{Approval, ChangedCommit, Outcome, SignatureStatus, SourceChange, Verdict},
};

use crate::world::{World, evidence::party, id, key, now, oid, output, production, reason};

fn change(world: &mut World) -> &mut SourceChange {
    &mut world.input.source_change.as_mut().unwrap().statement.predicate
}

fn commit(world: &mut World) -> &mut ChangedCommit {
    &mut change(world).commits[0]
}

fn approval(world: &mut World) -> &mut Verified<Approval> {
    &mut world.input.approvals[0]
}

#[test]
fn without_an_approval_the_release_is_held_and_the_command_is_given() {
    let mut world = World::new();
    world.input.approvals.clear();
    let decision =
        world.expect("approvals", Outcome::Held, "approval 0 of 1: somebody who did not");
    assert_eq!(decision.outcome, Outcome::Held);
    let command = format!("penstock approve production {}", id("seal").short());
    assert_eq!(decision.next, std::slice::from_ref(&command));
    assert_eq!(reason(&decision, "approvals").remedy, Some(format!("`{command}`")));
    assert!(reason(&decision, "approvals").message.contains("(not ana, bob, cy, dora)"));
    world.input.short_is_ambiguous = true;
    assert_eq!(world.decide().next, [format!("penstock approve production {}", id("seal"))]);
}

#[test]
fn nobody_is_sent_to_approve_what_cannot_pass() {
    let mut world = World::new();
    world.input.approvals.clear();
    world.input.provenance.clear();
    let decision = world.decide();
    assert_eq!(decision.outcome, Outcome::Deny);
    assert_eq!(decision.next, Vec::<String>::new());
}

#[test]
fn where_nobody_can_approve_the_remedy_is_the_policy() {
    let mut world = World::with(|rules| {
        rules.people.retain(|name, _| name == "ana");
        rules.keys.retain(|label, _| !["bob", "cy", "dora", "eve", "finn"].contains(&&**label));
        production(rules).profile = penstock_config::policy::Profile::Level2;
    });
    world.input.approvals.clear();
    let decision = world.expect("approvals", Outcome::Held, "0 of 1");
    let remedy = reason(&decision, "approvals").remedy.clone().unwrap();
    assert!(remedy.starts_with("nobody in the policy can: add a person"), "{remedy}");
}

#[test]
fn whoever_had_a_hand_in_the_change_or_the_policy_cannot_approve_it() {
    for (person, why) in [
        ("ana", "wrote part of the change"),
        ("bob", "committed part of the change"),
        ("cy", "wrote part of the change"),
        ("dora", "edited or adopted the policy"),
    ] {
        for mut world in [World::new(), World::level2()] {
            world.input.approvals = vec![world.evidence().approval(person)];
            world.expect("approvals", Outcome::Held, &format!("{person} ({why})"));
        }
    }
}

#[test]
fn the_policy_knows_who_wrote_it_whatever_the_statement_says() {
    let mut world = World::new();
    commit(&mut world).author.email = "EVE@example.org".to_owned();
    commit(&mut world).author.person = None;
    world.expect("approvals", Outcome::Held, "eve (wrote part of the change)");
    // Nor is a person of the policy left out by being called somebody else.
    commit(&mut world).author.person = Some("ana".to_owned());
    world.expect("approvals", Outcome::Held, "eve (wrote part of the change)");
    // A person the statement names beyond the address is believed to be in it too.
    let mut world = World::new();
    commit(&mut world).author.person = Some("eve".to_owned());
    world.expect("approvals", Outcome::Held, "eve (wrote part of the change)");
}

#[test]
fn an_approval_counts_only_for_what_was_approved() {
    type Spoil = fn(&mut Verified<Approval>);
    let cases: [(&str, Spoil); 9] = [
        ("approved other digests", |a| a.statement.predicate.run = id("another release")),
        ("approved other digests", |a| {
            a.statement.subject = vec![ResourceDescriptor::sha256("dist/app", &id("other"))];
        }),
        ("approved other digests", |a| {
            a.statement.subject.push(ResourceDescriptor::sha256("more", &id("more")));
        }),
        ("approved for `staging`", |a| {
            a.statement.predicate.environment = "staging".to_owned();
        }),
        ("approved under version 1", |a| a.statement.predicate.policy.version = 1),
        ("approved under version 2", |a| {
            a.statement.predicate.policy.digest = id("another text of version 2");
        }),
        ("answers no held decision", |a| a.statement.predicate.decision = id("unknown")),
        ("expired", |a| a.statement.predicate.expires = now()),
        ("nobody in the policy", |a| a.statement.predicate.person = "mallory".to_owned()),
    ];
    for (words, spoil) in cases {
        for mut world in [World::new(), World::level2()] {
            spoil(approval(&mut world));
            world.expect("approvals", Outcome::Held, words);
        }
    }
}

#[test]
fn a_release_is_approved_with_all_its_digests() {
    let mut world = World::new();
    let seal = world.input.run.as_mut().unwrap();
    let mut second = seal.statement.predicate.steps[1].outputs[0].clone();
    second.digest.insert("sha256".to_owned(), id("second output").to_string());
    seal.statement.predicate.steps[1].outputs.push(second);
    let decision = world.expect("approvals", Outcome::Held, "eve (approved other digests)");
    assert_ne!(decision.outcome, Outcome::Allow);
}

#[test]
fn an_approval_must_answer_a_held_decision_of_this_release_environment_and_policy() {
    type Spoil = fn(&mut penstock_statement::predicate::Decision);
    let cases: [Spoil; 6] = [
        |d| d.outcome = Outcome::Deny,
        |d| d.outcome = Outcome::Allow,
        |d| d.run = id("another release"),
        |d| d.environment = "staging".to_owned(),
        |d| d.policy.version = 1,
        |d| d.project = "git+https://example.org/team/other".parse().unwrap(),
    ];
    for spoil in cases {
        let mut world = World::new();
        spoil(&mut world.input.decisions[0].statement.predicate);
        world.expect("approvals", Outcome::Held, "answers no held decision");
    }
}

#[test]
fn the_approval_survives_the_decision_it_leads_to() {
    let mut world = World::new();
    let mut allowed = world.evidence().held();
    allowed.evidence = id("allowed");
    allowed.index = 70;
    allowed.statement.predicate.outcome = Outcome::Allow;
    world.input.decisions.push(allowed);
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn a_later_rejection_by_the_same_person_wins_and_a_later_approval_lifts_it() {
    let mut world = World::new();
    let rejection = world.evidence().rejection("eve", 61);
    world.input.approvals.push(rejection);
    world.expect("approvals", Outcome::Deny, "eve rejected it: it breaks billing");
    // Ledger order decides, not the order they are handed over in.
    world.input.approvals.reverse();
    world.expect("approvals", Outcome::Deny, "eve rejected it");
    let mut again = world.evidence().approval("eve");
    again.index = 62;
    world.input.approvals.push(again);
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn a_rejection_that_ran_out_does_not_bring_the_approval_back() {
    let mut world = World::new();
    let mut rejection = world.evidence().rejection("eve", 61);
    rejection.statement.predicate.expires = now();
    world.input.approvals.push(rejection);
    world.expect("approvals", Outcome::Held, "eve (rejected it later)");
}

#[test]
fn anybody_s_rejection_stops_it_even_where_no_approval_is_asked_for() {
    let mut world = World::new();
    let mut rejection = world.evidence().rejection("ana", 61);
    rejection.statement.predicate.policy.version = 1;
    world.input.approvals.push(rejection);
    world.expect("approvals", Outcome::Deny, "ana rejected it");
    let mut world = World::new();
    world.input.environment = "staging".to_owned();
    let mut rejection = world.evidence().rejection("eve", 61);
    rejection.statement.predicate.environment = "staging".to_owned();
    world.input.approvals.push(rejection);
    world.expect("approvals", Outcome::Deny, "eve rejected it");
}

#[test]
fn a_rejection_by_a_key_that_is_not_theirs_stops_nothing() {
    let mut world = World::new();
    let mut rejection = world.evidence().rejection("eve", 61);
    rejection.key = key("finn");
    world.input.approvals.push(rejection);
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn two_approvals_by_one_person_are_one() {
    let two = || World::with(|rules| production(rules).approvals = 2);
    let mut world = two();
    let mut again = world.evidence().approval("eve");
    again.evidence = id("again");
    again.index = 61;
    world.input.approvals.push(again);
    world.expect("approvals", Outcome::Held, "approval 1 of 2");
    let mut world = two();
    let other = world.evidence().approval("finn");
    world.input.approvals.push(other);
    world.expect("approvals", Outcome::Allow, "eve, finn");
}

#[test]
fn a_key_speaks_for_nobody_but_its_holder() {
    let mut world = World::new();
    approval(&mut world).key = key("ana");
    let decision = world.expect("approvals", Outcome::Held, "is not theirs");
    assert!(reason(&decision, "approvals").message.contains("eve (key"));
    // Signed by the build key in the name of a person.
    let mut world = World::new();
    approval(&mut world).key = key("build");
    approval(&mut world).role = Role::Person;
    world.expect("approvals", Outcome::Held, "approval 0 of 1");
}

#[test]
fn over_bare_keys_two_persons_cannot_be_told_apart() {
    let decision = World::bare_keys().expect("approvals", Outcome::Allow, "approval 1 of 1: eve");
    let warning = reason(&decision, "approvals").warning.clone().unwrap();
    assert!(warning.contains("cannot be told") && warning.contains("eve by bare-key"), "{warning}");
    for identity in [IdentityStrength::BareKey, IdentityStrength::Asserted] {
        let world = World::with(|rules| rules.people.get_mut("eve").unwrap().identity = identity);
        world.expect("approvals", Outcome::Indeterminate, "cannot be told");
        // The statement cannot claim more than the policy knows, and may admit to less.
        let mut world = World::new();
        approval(&mut world).statement.predicate.identity_strength = identity;
        world.expect("approvals", Outcome::Indeterminate, "cannot be told");
    }
}

#[test]
fn somebody_adopted_the_policy_and_must_be_known() {
    let mut world = World::new();
    world.input.policy_editors.clear();
    world.expect("approvals", Outcome::Indeterminate, "who adopted the policy is not known");
}

#[test]
fn what_is_not_known_of_the_change_is_a_warning_at_level_2_and_no_pass_above() {
    type Spoil = fn(&mut SourceChange);
    let cases: [(&str, Spoil); 5] = [
        ("shallow clone", |c| c.gap = Some("a shallow clone".to_owned())),
        ("`mallory@example.org`: nobody in the policy", |c| {
            c.commits[0].co_authors =
                vec![penstock_statement::predicate::Party { person: None, ..party("mallory") }];
        }),
        ("no commit of its own", |c| c.commits.clear()),
        ("does not list its own last commit", |c| c.commits[0].id = oid("other")),
        ("1 of 1 commits carry no verified signature", |c| {
            c.commits[0].signature = SignatureStatus::Unsigned;
        }),
    ];
    for (words, spoil) in cases {
        let mut world = World::level2();
        spoil(change(&mut world));
        let decision = world.expect("approvals", Outcome::Allow, "approval 1 of 1");
        let warning = reason(&decision, "approvals").warning.clone().unwrap();
        assert!(warning.contains(words), "{warning}");
        let mut world = World::new();
        spoil(change(&mut world));
        world.expect("approvals", Outcome::Indeterminate, words);
    }
}

#[test]
fn a_change_measured_for_something_else_says_nothing() {
    type Spoil = fn(&mut SourceChange);
    let cases: [(&str, Spoil); 5] = [
        ("of project", |c| {
            c.project = "git+https://example.org/team/other".parse().unwrap();
        }),
        ("measured for `staging`", |c| c.environment = "staging".to_owned()),
        ("ends at another commit", |c| c.to = oid("other")),
        // Beginning at the candidate's own parent would leave its other commits out.
        ("was last admitted to `production`", |c| c.from = Some(oid("parent"))),
        ("was last admitted to `production`", |c| c.from = None),
    ];
    for (words, spoil) in cases {
        for mut world in [World::new(), World::level2()] {
            spoil(change(&mut world));
            world.expect("approvals", Outcome::Indeterminate, words);
        }
    }
}

#[test]
fn what_was_forced_in_does_not_shorten_the_next_change() {
    let mut world = World::new();
    let mut forced = world.evidence().deployment("production", 20, "forced seal");
    forced.statement.predicate.break_glass = Some(penstock_statement::predicate::BreakGlass {
        reason: "outage".to_owned(),
        by: "ana".to_owned(),
        overridden: vec!["approvals".to_owned()],
        expires: now(),
        review_by: now(),
    });
    world.input.deployments.push(forced);
    assert_eq!(world.decide().outcome, Outcome::Allow, "still measured from what was admitted");
    change(&mut world).from = Some(oid("forced"));
    world.expect("approvals", Outcome::Indeterminate, "was last admitted");
}

#[test]
fn level_3_wants_known_persons_and_level_4_their_signatures() {
    let mut world = World::new();
    commit(&mut world).author.email = "mallory@example.org".to_owned();
    world.expect("known-persons", Outcome::Indeterminate, "nobody in the policy");
    let mut world = World::new();
    commit(&mut world).signature = SignatureStatus::Invalid;
    world.expect("known-persons", Outcome::Deny, "does not verify");
    let unsigned = |profile| {
        let mut world = World::with(|rules| production(rules).profile = profile);
        commit(&mut world).signature = SignatureStatus::Unsigned;
        world
    };
    use penstock_config::policy::Profile;
    unsigned(Profile::Level3).expect("known-persons", Outcome::Allow, "ana, bob, cy");
    unsigned(Profile::Level4).expect("known-persons", Outcome::Indeterminate, "no verified");
}

#[test]
fn an_approval_never_waives_a_finding() {
    let mut world = World::new();
    world.input.checks[0].statement.predicate.counts.insert(penstock_model::Severity::High, 1);
    assert_eq!(approval(&mut world).predicate().verdict, Verdict::Approve);
    assert_eq!(world.decide().outcome, Outcome::Deny);
    assert_eq!(world.input.approvals[0].statement.subject, [output()]);
}

#[test]
fn an_approval_answers_the_newest_decision_if_that_is_held() {
    let world = World::new();
    let policy = &world.input.policy;
    let waiting = |decisions: &[_], policy| {
        penstock_gate::waiting(decisions, "production", id("seal"), policy).map(|d| d.evidence)
    };
    let held = world.evidence().held();
    assert_eq!(waiting(std::slice::from_ref(&held), policy), Some(id("held")));
    let mut denied = held.clone();
    denied.index += 1;
    denied.statement.predicate.outcome = Outcome::Deny;
    assert_eq!(waiting(&[denied, held.clone()], policy), None);
    let mut other = policy.clone();
    other.version += 1;
    assert_eq!(waiting(std::slice::from_ref(&held), &other), None);
    let mut staging = held.clone();
    staging.statement.predicate.environment = "staging".to_owned();
    assert_eq!(waiting(&[staging], policy), None);
}
