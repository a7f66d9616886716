use penstock_audit::{CRITERIA, Status};
use penstock_model::{Answer, Area, Role};
use penstock_statement::predicate::{
    Mode, Outcome, Party, RunOutcome, SignatureStatus, StepOutcome, TestVerdict,
};

use crate::world::{area, cannot_tell, contradicts, counts, criterion, id, oid, spoiled, under};

#[test]
fn the_table_is_ordered_and_every_area_has_criteria_or_a_source_that_is_missing() {
    assert!(CRITERIA.is_sorted_by_key(|c| (c.area, c.maturity)));
    let audit = spoiled(|_| {});
    assert_eq!(audit.areas.len(), 13);
    for area in &audit.areas {
        let evidenced = !area.criteria.is_empty();
        assert_eq!(area.would_evidence.is_none(), evidenced, "{}", area.name);
        assert_eq!(evidenced, matches!(area.area.number(), 1..=7 | 9), "{}", area.name);
    }
    let mut ids: Vec<_> = CRITERIA.iter().map(|c| c.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CRITERIA.len());
}

#[test]
fn a_good_year_supports_every_criterion_but_the_one_nobody_can_answer() {
    let audit = spoiled(|_| {});
    for result in audit.criteria().filter(|c| c.id != "advisories-matched") {
        assert_eq!(result.answer, Answer::Yes, "{result:?}");
    }
    cannot_tell(&audit, "advisories-matched", "dependency advisories");
    for (number, status) in
        [(1, Status::Evidenced), (4, Status::NotEvidenced), (8, Status::NotEvidenced)]
    {
        assert_eq!(area(&audit, number).status, status, "{number}");
    }
}

#[test]
fn every_answer_names_the_evidence_it_rests_on() {
    let audit = spoiled(|_| {});
    for (criterion_id, evidence) in [
        ("checked-before-deployment", "check"),
        ("tests-really-ran", "test result"),
        ("provenance-of-every-output", "provenance"),
        ("contents-recorded", "sbom"),
        ("approved-by-another", "approval eve 15"),
        ("decided-before-deployment", "decision production"),
    ] {
        let result = criterion(&audit, criterion_id);
        assert!(result.evidence.contains(&id(evidence)), "{result:?}");
        assert!(result.evidence.is_sorted());
    }
}

#[test]
fn without_deployments_nothing_is_supported_or_contradicted() {
    let audit = spoiled(|input| input.deployments.clear());
    for result in audit.criteria() {
        let without = ["no-open-secret", "ledger-consistent", "witnessed"];
        if !without.contains(&result.id.as_str()) {
            assert!(matches!(result.answer, Answer::Unknown(_)), "{result:?}");
        }
    }
}

#[test]
fn each_fault_contradicts_its_criterion() {
    type Spoil = fn(&mut penstock_audit::AuditInput);
    let cases: [(&str, &str, Spoil); 22] = [
        ("steps-isolated", "without any isolation", |i| {
            i.runs[0].statement.predicate.steps[0].isolation = None;
        }),
        ("steps-isolated", "without any isolation", |i| {
            let step = &mut i.runs[0].statement.predicate.steps[0];
            step.isolation.as_mut().unwrap().mechanisms[0].applied = false;
        }),
        ("strongest-isolation", "on rung 3", |i| {
            let step = &mut i.runs[0].statement.predicate.steps[1];
            step.isolation.as_mut().unwrap().rung = 3;
        }),
        ("strongest-isolation", "no seccomp", |i| {
            let step = &mut i.runs[0].statement.predicate.steps[1];
            step.isolation.as_mut().unwrap().degradations.push("no seccomp".to_owned());
        }),
        ("persons-known", "nobody in the policy", |i| {
            i.source_changes[1].statement.predicate.commits[0].co_authors.push(Party {
                name: "Mallory".to_owned(),
                email: "mallory@example.org".to_owned(),
                person: Some("ana".to_owned()),
            });
        }),
        ("commits-signed", "no good signature", |i| {
            i.source_changes[1].statement.predicate.commits[0].signature =
                SignatureStatus::Unsigned;
        }),
        ("pipeline-edits-approved", "approved by nobody else", |i| {
            i.source_changes[0].statement.predicate.commits[0].edits_pipeline = true;
        }),
        ("secrets-checked", "did not search everything", |i| {
            i.checks[0].statement.predicate.areas = vec![Area::Ci];
        }),
        ("signing-keys-apart", "the user of the steps", |i| {
            i.runs[0].statement.predicate.custody =
                penstock_statement::predicate::Custody::SameUser;
        }),
        ("contents-recorded", "no SBOM", |i| i.sboms.clear()),
        ("checked-before-deployment", "no check", |i| i.checks.clear()),
        ("checked-before-deployment", "no check", |i| i.checks[0].index = 99),
        ("checked-before-deployment", "`secrets` was not checked", |i| {
            i.checks[0].statement.predicate.areas = vec![Area::Ci];
        }),
        ("tests-really-ran", "hollow", |i| {
            i.tests[0].statement.predicate.counts = counts(0);
        }),
        ("tests-really-ran", "failed", |i| {
            i.tests[0].statement.predicate.result = TestVerdict::Failed;
        }),
        ("gate-enforced", "did not enforce", |i| {
            i.decisions[1].statement.predicate.mode = Mode::Warn;
        }),
        ("whole-run-sealed", "failed", |i| {
            i.runs[0].statement.predicate.outcome = RunOutcome::Failed;
        }),
        ("whole-run-sealed", "failed", |i| {
            i.runs[0].statement.predicate.steps[0].outcome = StepOutcome::TimedOut;
        }),
        ("whole-run-sealed", "no commit", |i| i.runs[0].statement.predicate.commit = None),
        ("provenance-of-every-output", "`dist/app` has none", |i| i.provenance.clear()),
        ("provenance-verified-by-gate", "did not accept", |i| {
            i.decisions[0].statement.predicate.reasons[0].outcome = Outcome::Deny;
        }),
        ("ledger-consistent", "does not verify", |i| i.log.consistent = Answer::No),
    ];
    for (id, words, spoil) in cases {
        contradicts(&spoiled(spoil), id, words);
    }
}

#[test]
fn what_a_key_of_another_role_said_does_not_count() {
    let audit = spoiled(|input| input.tests[0].role = Role::Person);
    contradicts(&audit, "tests-really-ran", "no result of test step `test`");
    let audit = spoiled(|input| input.approvals[0].role = Role::Build);
    contradicts(&audit, "approved-by-another", "nobody else approved");
    let audit = spoiled(|input| input.decisions[1].role = Role::Build);
    contradicts(&audit, "every-deployment-decided", "no decision");
}

#[test]
fn an_approval_by_the_author_after_the_fact_or_run_out_is_none() {
    type Spoil = fn(&mut penstock_audit::AuditInput);
    let cases: [Spoil; 6] = [
        |i| {
            i.approvals[0].statement.subject =
                vec![penstock_statement::ResourceDescriptor::sha256("dist/app", &id("other"))];
        },
        |i| i.approvals[0].statement.predicate.person = "ana".to_owned(),
        |i| i.approvals[0].index = 22,
        |i| i.approvals[0].statement.predicate.expires = crate::world::time("2026-06-02T10:00:00Z"),
        |i| i.approvals[0].statement.predicate.run = id("another"),
        |i| i.approvals[0].statement.predicate.environment = "staging".to_owned(),
    ];
    for spoil in cases {
        contradicts(
            &spoiled(spoil),
            "approved-by-another",
            "0 of 1 deployments that need approval",
        );
    }
}

#[test]
fn weak_and_demo_identities_tell_nobody_apart() {
    let weak = under(|rules| {
        rules.people.get_mut("eve").unwrap().identity = penstock_model::IdentityStrength::BareKey;
    });
    cannot_tell(&weak, "approvers-told-apart", "stronger than a key file");
    let demo = under(|rules| rules.demo = true);
    cannot_tell(&demo, "approvers-told-apart", "demo identities");
}

#[test]
fn what_is_missing_is_not_what_is_contradicted() {
    let audit = spoiled(|input| input.report = None);
    cannot_tell(&audit, "no-open-secret", "a check of the repository as it is now");
    assert_eq!(area(&audit, 3).status, Status::NotEvidenced);
    let audit = spoiled(|input| input.source_changes.clear());
    cannot_tell(&audit, "persons-known", "the source change");
    let audit = spoiled(|input| {
        input.source_changes[0].statement.predicate.gap = Some("a shallow clone".to_owned());
    });
    cannot_tell(&audit, "persons-known", "a shallow clone");
    let audit = spoiled(|input| input.source_changes[1].statement.predicate.to = oid("other"));
    cannot_tell(&audit, "approved-by-another", "the source change");
}

#[test]
fn a_release_that_skipped_staging_is_out_of_order() {
    let audit = spoiled(|input| drop(input.deployments.remove(0)));
    contradicts(&audit, "order-kept", "never in `staging`");
    let audit = spoiled(|input| {
        crate::world::force(input);
        let glass = input.deployments[1].statement.predicate.break_glass.take();
        input.deployments[0].statement.predicate.break_glass = glass;
    });
    contradicts(&audit, "order-kept", "never in `staging`");
}
