use penstock_config::policy::Profile;
use penstock_statement::predicate::{LostEvents, Outcome, RuntimeTrace, SealedStep};

use crate::world::{World, id, production, reason};

/// Makes one step another one.
type Spoil = fn(&mut SealedStep);

fn world(profile: Profile, spoil: Spoil) -> World {
    let mut world = World::with(|rules| production(rules).profile = profile);
    spoil(&mut world.input.run.as_mut().unwrap().statement.predicate.steps[1]);
    world
}

const SPOILED: [(&str, Spoil); 6] = [
    ("nothing confined it", |step| step.isolation.as_mut().unwrap().rung = 0),
    ("does not say what confined it", |step| step.isolation = None),
    ("lacks 2 events", |step| {
        let lost = LostEvents { unreadable: 1, connections: 1, ..LostEvents::default() };
        step.trace.as_mut().unwrap().lost = lost;
    }),
    ("nothing recorded what step `build` did", |step| step.trace = None),
    ("of step `build` is missing", |step| step.trace.as_mut().unwrap().statement = id("another")),
    ("is not what the seal says", |step| step.trace.as_mut().unwrap().denied += 1),
];

#[test]
fn level_2_shows_what_was_not_confined_or_not_recorded() {
    for (said, spoil) in SPOILED {
        let decision = world(Profile::Level2, spoil).decide();
        let reason = reason(&decision, "isolation");
        assert_eq!(reason.outcome, Outcome::Allow);
        assert!(reason.message.contains(said), "{}", reason.message);
    }
}

#[test]
fn level_3_refuses_it() {
    for (said, spoil) in SPOILED {
        let decision = world(Profile::Level3, spoil).decide();
        let reason = reason(&decision, "isolation");
        assert_eq!(reason.outcome, Outcome::Deny);
        assert!(reason.message.contains(said), "{}", reason.message);
    }
}

#[test]
fn a_rung_that_is_not_known_is_no_rung() {
    let decision =
        world(Profile::Level3, |step| step.isolation.as_mut().unwrap().rung = 7).decide();
    assert_eq!(reason(&decision, "isolation").outcome, Outcome::Deny);
}

#[test]
fn the_second_rung_is_a_rung() {
    for profile in [Profile::Level2, Profile::Level3] {
        let mut world = world(profile, |step| step.isolation.as_mut().unwrap().rung = 2);
        world.input.traces[1].statement.predicate.monitor.trace_policy.rung = 2;
        let decision = world.decide();
        let reason = reason(&decision, "isolation");
        assert_eq!(reason.outcome, Outcome::Allow);
        assert!(reason.message.contains("rung 2 or stronger"), "{}", reason.message);
    }
}

#[test]
fn a_record_that_is_not_the_sealed_one_is_none() {
    let spoiled: [fn(&mut RuntimeTrace); 4] = [
        |trace| trace.monitor.trace_policy.rung = 2,
        |trace| trace.monitored_process.event = "run-candidate/test".to_owned(),
        |trace| trace.monitored_process.event = "run-other/build".to_owned(),
        |trace| drop(trace.monitor_log.process.pop()),
    ];
    for spoil in spoiled {
        let mut world = World::new();
        spoil(&mut world.input.traces[1].statement.predicate);
        _ = world.expect("isolation", Outcome::Deny, "is not what the seal says");
    }
    let mut world = World::new();
    _ = world.input.traces.pop();
    _ = world.expect("isolation", Outcome::Deny, "of step `build` is missing");
}

/// The world in which the build step of the release before had this record.
fn after(change: impl FnOnce(&mut RuntimeTrace)) -> World {
    let mut world = World::new();
    let mut before = world.input.traces[1].clone();
    before.evidence = id("trace before");
    change(&mut before.statement.predicate);
    let seal = &mut world.input.admitted.as_mut().unwrap().statement.predicate;
    seal.steps[1].trace.as_mut().unwrap().statement = before.evidence;
    world.input.traces.push(before);
    world
}

fn warning(world: &World) -> Option<String> {
    let decision = world.decide();
    assert_eq!(reason(&decision, "isolation").outcome, Outcome::Allow);
    reason(&decision, "isolation").warning.clone()
}

#[test]
fn what_a_step_never_did_before_is_shown() {
    assert_eq!(warning(&after(|_| {})), None);
    // Of the step before, only the program is another one.
    let told = warning(&after(|before| {
        before.monitor_log.process[0].executable = Some("/usr/bin/cmake".to_owned());
    }));
    assert_eq!(
        told.as_deref(),
        Some("step `build` does what it did not before: runs /usr/bin/make")
    );
    // What it no longer does is nothing new.
    let more = after(|before| {
        let mut other = before.monitor_log.process[0].clone();
        other.executable = Some("/usr/bin/cmake".to_owned());
        before.monitor_log.process.push(other);
    });
    assert_eq!(warning(&more), None);
}

#[test]
fn nothing_is_new_where_names_cannot_be_compared() {
    let world = after(|before| {
        before.monitor_log.process.clear();
        before.monitor.trace_policy.rung = 2;
    });
    assert_eq!(warning(&world), None);
    assert_eq!(warning(&World::new()), None, "nothing is known of the steps before");
}
