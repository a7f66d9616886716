use penstock_statement::predicate::Outcome;

use crate::world::{World, id, output};

#[test]
fn a_release_that_proves_everything_is_allowed_without_a_warning() {
    let decision = World::new().decide();
    for reason in &decision.reasons {
        assert_eq!(reason.outcome, Outcome::Allow, "{reason:?}");
        assert_eq!(reason.warning, None, "{reason:?}");
    }
    assert_eq!(decision.outcome, Outcome::Allow);
    assert_eq!(decision.reasons.len(), 14);
    assert_eq!(decision.next, Vec::<String>::new());
    assert!(decision.inputs.is_sorted_by_key(|i| (i.name.clone(), i.digest.clone())));
    let used: Vec<_> = decision.inputs.iter().filter_map(|i| i.digest.get("sha256")).collect();
    for name in ["seal", "provenance", "check", "test result", "source change", "approval of eve"] {
        assert!(used.contains(&&id(name).to_string()), "{name}");
    }
    assert_eq!(World::new().decide(), decision, "the same input, the same decision");
}

#[test]
fn level_2_asks_less_than_level_3() {
    let decision = World::level2().decide();
    assert_eq!(decision.outcome, Outcome::Allow);
    let rules: Vec<_> = decision.reasons.iter().map(|r| r.rule.as_str()).collect();
    assert!(!rules.contains(&"custody") && !rules.contains(&"known-persons"), "{rules:?}");
}

#[test]
fn taking_any_one_piece_of_evidence_away_never_leaves_an_allowance() {
    type Remove = fn(&mut World);
    let pieces: [(&str, Remove); 12] = [
        ("run", |w| w.input.run = None),
        ("provenance", |w| w.input.provenance.clear()),
        ("checks", |w| w.input.checks.clear()),
        ("tests", |w| w.input.tests.clear()),
        ("source change", |w| w.input.source_change = None),
        ("approvals", |w| w.input.approvals.clear()),
        ("decisions", |w| w.input.decisions.clear()),
        ("staging deployment", |w| drop(w.input.deployments.pop())),
        ("admitted deployment", |w| drop(w.input.deployments.remove(0))),
        ("admitted seal", |w| w.input.admitted = None),
        ("subjects", |w| w.input.subjects.clear()),
        ("environments", |w| w.input.environment.clear()),
    ];
    for make in [World::new, World::level2, World::bare_keys] {
        assert_eq!(make().decide().outcome, Outcome::Allow);
        for (piece, remove) in pieces {
            let mut world = make();
            remove(&mut world);
            let decision = world.decide();
            assert_ne!(decision.outcome, Outcome::Allow, "without {piece}");
            let named = decision.reasons.iter().find(|r| r.outcome == decision.outcome).unwrap();
            assert!(!named.message.is_empty() && named.remedy.is_some(), "{piece}: {named:?}");
        }
    }
}

#[test]
fn outputs_are_compared_by_digest_and_not_by_name() {
    let mut world = World::new();
    world.input.subjects[0].name = Some("renamed".to_owned());
    assert_eq!(world.decide().outcome, Outcome::Allow);
    assert_ne!(output().name.as_deref(), Some("renamed"));
}
