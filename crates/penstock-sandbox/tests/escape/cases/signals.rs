//! Signals to who is not the step's.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{Call, CallWith, Signal},
    Scene,
};

/// What a name of a process that is not there says.
const NOBODY: &str = "within, the number may as well be a process of its own that ended";

cases![
    to_a_process = Case::new("kill a process of the host", &["process", "kill", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[Signal(9)])),
    to_a_group = Case::new("kill its process group", &["process", "kill-group", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[Signal(9)])),
    to_a_thread = Case::new("kill by thread", &["process", "kill-thread", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[Signal(9)])),
    with_a_message = Case::new("a queued signal", &["process", "queue-signal", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[Signal(9)])),
    to_ours = Case::new("kill ours beside the step", &["process", "kill-ours", "1"])
        .recorded(&[Signal(9)]),
    to_everybody = Case::new("everybody at once", &["process", "ask-all", "1"])
        .open_to_everybody()
        .unrecorded("everybody is the step itself"),
    by_descriptor = Case::new("kill by descriptor", &["process", "kill-by-descriptor", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[CallWith("pidfd_open", "of another process")])),
    by_a_pipe = Case::new("the owner of a pipe's signals", &["process", "own-a-pipe", "{pid}"])
        .at(Scene::Victim)
        .open_to_everybody()
        .unrecorded(NOBODY)
        .but_at_rung_2(Recorded(&[Call("fcntl")])),
    by_a_timer = Case::new("a timer for another's thread", &["process", "time-thread", "{pid}"])
        .at(Scene::Victim)
        .unrecorded(NOBODY),
];
