use std::{
    io::{BufRead as _, BufReader},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
};

use penstock_sandbox::{CancelToken, Launch, Outcome, SandboxError, run_step};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

use crate::support::{Place, exe, marker, processes_with};

#[test]
fn nothing_that_a_step_leaves_behind_outlives_it() {
    let marker = marker(1);
    // In the background; in a session of its own; an orphan of an orphan; deaf to signals; with all
    // streams closed, so that no pipe tells of it.
    let ran = Place::new().run(&format!(
        "sleep {marker} & setsid sleep {marker} & (setsid sh -c 'sleep {marker} & sleep {marker}' &) ; \
         sh -c \"trap '' TERM HUP INT; sleep {marker}; sleep {marker}\" & \
         sleep {marker} > /dev/null 2>&1 < /dev/null & echo left"
    ));
    // It came to an end although others hold its output open.
    assert_eq!(ran.record.outcome, Outcome::Succeeded);
    assert_eq!(ran.stdout, "left\n");
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
}

#[test]
fn no_output_changes_once_the_step_is_over() {
    let place = Place::new();
    let ran = place.run(
        "echo 0 > out; (setsid sh -c 'while :; do echo hostile >> out; done' > /dev/null 2>&1 &); \
         while [ $(wc -l < out) -lt 3 ]; do :; done",
    );
    assert_eq!(ran.record.outcome, Outcome::Succeeded);
    let declared = ["out".parse().unwrap()];
    let collect = |store: &str| {
        penstock_sandbox::outputs::collect(
            &place.workspace(),
            &declared,
            &place.outside().join(store),
        )
        .unwrap()[0]
            .digest
    };
    let first = collect("one");
    // Work that takes longer than one round of the writer would.
    place.run("for i in 1 2 3 4 5 6 7 8 9; do ls -R /usr/bin > /dev/null; done");
    assert_eq!(collect("two"), first);
}

#[test]
fn a_timeout_and_a_cancellation_end_the_whole_tree() {
    for (test, cancelled) in [(2, true), (3, false)] {
        let marker = marker(test);
        let place = Place::new();
        let cancel = CancelToken::new().unwrap();
        let mut spec = place.spec(&format!(
            "setsid sleep {marker} & sleep {marker} & echo started; sleep {marker}"
        ));
        spec.timeout_seconds = if cancelled { 60 } else { 1 };
        let record = run_step(&Launch::new(&exe()), &spec, &cancel, &mut |_, _| {
            if cancelled {
                cancel.cancel();
            }
        })
        .unwrap();
        let expected = if cancelled { Outcome::Cancelled } else { Outcome::TimedOut };
        assert_eq!(record.outcome, expected);
        assert_eq!(processes_with(&marker), Vec::<i32>::new());
    }
}

/// A process that runs a step as the product does, and has seen its step start.
pub(crate) struct Runner {
    pub(crate) child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Runner {
    fn start(place: &Place, marker: &str) -> Self {
        let script = format!("setsid sleep {marker} & echo started; sleep {marker}");
        Self::start_as("run", place, &script)
    }

    /// `how` is the order to the test's own step-host.
    pub(crate) fn start_as(how: &str, place: &Place, script: &str) -> Self {
        let mut child = Command::new(exe())
            .args([how, place.workspace().to_str().unwrap(), "sh", "-c", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut runner = Self { child, output };
        assert_eq!(runner.line(), "started\n");
        runner
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first process of the namespace in which the step with this marker runs: the kernel lets it
/// end only after all others. Without namespaces, the one that runs the step.
pub(crate) fn init_of(marker: &str) -> i32 {
    let is_host = |pid: i32| {
        std::fs::read(format!("/proc/{pid}/cmdline")).unwrap().ends_with(b"\0step-host\0")
    };
    let parents = processes_with(marker).into_iter().filter_map(parent);
    parents.into_iter().find(|pid| is_host(*pid)).unwrap()
}

pub(crate) fn parent(pid: i32) -> Option<i32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:\t"))?.parse().ok()
}

/// Waits for the end of a process, at most half a minute.
pub(crate) fn ended(handle: &OwnedFd) -> bool {
    let patience = Timespec { tv_sec: 30, tv_nsec: 0 };
    poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&patience)).unwrap() == 1
}

#[test]
fn the_step_dies_with_the_process_that_runs_it() {
    let (place, marker) = (Place::new(), marker(4));
    let mut runner = Runner::start(&place, &marker);
    let init = Pid::from_raw(init_of(&marker)).unwrap();
    let init = pidfd_open(init, PidfdFlags::empty()).unwrap();
    runner.child.kill().unwrap();
    runner.child.wait().unwrap();
    assert!(ended(&init));
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
}

#[test]
fn the_step_dies_with_its_step_host_and_is_not_recorded() {
    let (place, marker) = (Place::new(), marker(5));
    let cancel = CancelToken::new().unwrap();
    let spec = place.spec(&format!("echo started; sleep {marker}"));
    let result = run_step(&Launch::new(&exe()), &spec, &cancel, &mut |_, _| {
        let step_host = parent(init_of(&marker)).unwrap();
        kill_process(Pid::from_raw(step_host).unwrap(), Signal::KILL).unwrap();
    });
    assert!(matches!(result, Err(SandboxError::NoRecord { .. })), "{result:?}");
    // The pipes ended, so every process that held them is gone.
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
}

#[test]
fn control_c_cancels() {
    for (test, signal) in [(6, Signal::INT), (7, Signal::TERM)] {
        let (place, marker) = (Place::new(), marker(test));
        let mut runner = Runner::start(&place, &marker);
        kill_process(Pid::from_child(&runner.child), signal).unwrap();
        assert_eq!(runner.line(), "Ok(Cancelled)\n");
        assert!(runner.child.wait().unwrap().success());
        assert_eq!(processes_with(&marker), Vec::<i32>::new());
    }
}
