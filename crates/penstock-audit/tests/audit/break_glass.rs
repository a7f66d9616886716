use penstock_audit::{Audit, AuditInput, Review, human};
use penstock_model::{Answer, Timestamp};
use penstock_statement::predicate::Verdict;

use crate::world::{approval, contradicts, criterion, deployment, force, spoiled, time};

/// Production was forced on 2 June: the review is due on the 4th, the end is the 5th.
fn forced(now: &str, and: impl FnOnce(&mut AuditInput)) -> Audit {
    spoiled(|input| {
        force(input);
        input.now = time(now);
        and(input);
    })
}

fn reviewed_by(person: &str, on: Timestamp) -> impl FnOnce(&mut AuditInput) {
    let person = person.to_owned();
    move |input| {
        let mut word = approval(&person, 22, &input.policy_ref);
        word.statement.predicate.approved_on = on;
        word.statement.predicate.verdict = Verdict::Reject;
        input.approvals.push(word);
    }
}

fn replaced(input: &mut AuditInput) {
    let mut next = deployment("production", 23, &input.policy_ref);
    next.statement.predicate.deployed_on = time("2026-06-03T12:00:00Z");
    input.deployments.push(next);
}

#[test]
fn what_was_forced_in_is_the_first_thing_anybody_reads() {
    let audit = forced("2026-06-10T00:00:00Z", |_| {});
    let text = human(&audit);
    assert!(text.starts_with("BREAK-GLASS  1 forced past a gate\n"), "{text}");
    for words in [
        "by ana: checkout is down",
        "overrode approvals",
        "REVIEW OVERDUE since 2026-06-04T00:00:00Z",
        "OVERSTAYED its end 2026-06-05T00:00:00Z",
    ] {
        assert!(text.contains(words), "{text}");
    }
    contradicts(&audit, "break-glass-answered", "1 of 1 not reviewed in time");
}

#[test]
fn a_review_is_somebody_else_s_word_in_time() {
    let in_time = time("2026-06-03T00:00:00Z");
    let audit = forced("2026-06-03T13:00:00Z", |input| {
        reviewed_by("eve", in_time)(input);
        replaced(input);
    });
    assert_eq!(audit.break_glass[0].review, Review::Done { by: "eve".to_owned() });
    assert!(audit.break_glass[0].resolved && !audit.break_glass[0].overstayed);
    assert_eq!(criterion(&audit, "break-glass-answered").answer, Answer::Yes);
    let own = forced("2026-06-10T00:00:00Z", reviewed_by("ana", in_time));
    assert_eq!(own.break_glass[0].review, Review::Overdue);
    let late = forced("2026-06-10T00:00:00Z", reviewed_by("eve", time("2026-06-06T00:00:00Z")));
    assert_eq!(late.break_glass[0].review, Review::Late { by: "eve".to_owned() });
    contradicts(&late, "break-glass-answered", "not reviewed in time");
    // Approved before it was forced in: that was no review.
    let before = forced("2026-06-10T00:00:00Z", |input| {
        reviewed_by("eve", in_time)(input);
        input.approvals[0].index = 20;
    });
    assert_eq!(before.break_glass[0].review, Review::Overdue);
}

#[test]
fn until_the_deadline_it_waits_without_being_held_against_anybody() {
    let audit = forced("2026-06-04T00:00:00Z", |_| {});
    assert_eq!(audit.break_glass[0].review, Review::Waiting);
    assert_eq!(criterion(&audit, "break-glass-answered").answer, Answer::Yes);
    assert!(human(&audit).contains("review due 2026-06-04T00:00:00Z · ends"));
}

#[test]
fn what_stays_past_its_end_is_told_even_after_its_review() {
    let review = || reviewed_by("eve", time("2026-06-03T00:00:00Z"));
    let audit = forced("2026-06-05T00:00:01Z", review());
    assert!(audit.break_glass[0].overstayed);
    contradicts(&audit, "break-glass-answered", "or still there");
    // Replaced too late.
    let audit = forced("2026-06-10T00:00:00Z", |input| {
        review()(input);
        replaced(input);
        input.deployments[2].statement.predicate.deployed_on = time("2026-06-06T00:00:00Z");
    });
    assert!(audit.break_glass[0].resolved && audit.break_glass[0].overstayed);
}

#[test]
fn forcing_again_resolves_nothing() {
    let audit = forced("2026-06-10T00:00:00Z", |input| {
        replaced(input);
        let glass = input.deployments[1].statement.predicate.break_glass.clone();
        input.deployments[2].statement.predicate.break_glass = glass;
    });
    assert_eq!(audit.break_glass.len(), 2);
    assert!(audit.break_glass.iter().all(|item| !item.resolved));
}

#[test]
fn what_is_not_put_right_is_told_in_every_later_period() {
    let period = penstock_audit::Period {
        from: time("2026-07-01T00:00:00Z"),
        to: time("2026-08-01T00:00:00Z"),
    };
    let audit = forced("2026-08-01T00:00:00Z", |input| input.period = Some(period));
    assert_eq!((audit.population.deployed, audit.break_glass.len()), (0, 1));
}
