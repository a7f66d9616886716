//! Without namespaces, the kernel ends no step together with its step-host: one of two processes does,
//! and puts protected places back.

use std::fs;

use penstock_sandbox::{
    Attempt, CancelToken, Launch, Outcome, Protected, SandboxError, StandIn, StepRecord, run_step,
};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::{
    death::{Runner, ended, init_of, parent},
    support::{Place, exe, marker, processes_with},
};

const KEPT: &str = "kept\n";

fn place() -> Place {
    let place = Place::new();
    fs::create_dir(place.workspace().join(".git")).unwrap();
    fs::write(place.workspace().join(".git/config"), KEPT).unwrap();
    place
}

/// Leaves something behind, and goes on when it is told to.
fn script(marker: &str) -> String {
    format!(
        "echo hostile > .git/config; (setsid sleep {marker} > /dev/null 2>&1 &); echo started; \
         while [ ! -e go ]; do :; done"
    )
}

fn config(place: &Place) -> String {
    fs::read_to_string(place.workspace().join(".git/config")).unwrap()
}

/// Runs it and kills one of the processes as soon as it has begun.
fn killing(
    place: &Place,
    marker: &str,
    whom: impl Fn(i32) -> i32,
) -> Result<StepRecord, SandboxError> {
    let mut spec = place.spec(&script(marker));
    spec.strongest_rung = 2;
    spec.place = Some(penstock_sandbox::Place(place.workspace()));
    let inside = ".git/config".parse().unwrap();
    spec.protected = vec![Protected { inside, stand_in: StandIn::PutBack }];
    let cancel = CancelToken::new().unwrap();
    run_step(&Launch::new(&exe()), &spec, &cancel, &mut |_, _| {
        let whom = Pid::from_raw(whom(init_of(marker))).unwrap();
        kill_process(whom, Signal::KILL).unwrap();
        fs::write(place.workspace().join("go"), "").unwrap();
    })
}

#[test]
fn nothing_is_left_when_the_one_that_runs_the_step_is_killed() {
    let (place, marker) = (place(), marker(40));
    let result = killing(&place, &marker, |worker| worker);
    assert!(matches!(result, Err(SandboxError::NoRecord { .. })), "{result:?}");
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
    assert_eq!(config(&place), KEPT);
}

#[test]
fn the_step_goes_on_when_the_one_that_watches_is_killed() {
    let (place, marker) = (place(), marker(41));
    let record = killing(&place, &marker, |worker| parent(worker).unwrap()).unwrap();
    assert_eq!(record.outcome, Outcome::Succeeded);
    let path = place.workspace().canonicalize().unwrap().join(".git/config");
    let attempt = Attempt::PutBack { path: path.to_str().unwrap().to_owned() };
    assert!(record.trace.denied.iter().any(|denial| denial.attempt == attempt));
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
    assert_eq!(config(&place), KEPT);
}

#[test]
fn nothing_is_left_when_the_caller_is_killed() {
    let (place, marker) = (place(), marker(42));
    let mut runner = Runner::start_as("run-alone", &place, &script(&marker));
    let worker = Pid::from_raw(init_of(&marker)).unwrap();
    let worker = pidfd_open(worker, PidfdFlags::empty()).unwrap();
    runner.child.kill().unwrap();
    runner.child.wait().unwrap();
    assert!(ended(&worker));
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
    assert_eq!(config(&place), KEPT);
}
