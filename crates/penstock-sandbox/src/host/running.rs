//! A step's processes: started, attended to, gone.

use std::{
    fs::File,
    io::{self, Read as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pipe::{PipeFlags, pipe_with},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal, set_child_subreaper},
};

use super::{
    alone::{Alone, Scratch},
    barrier,
    cgroup::Cgroup,
    descriptor,
    identity::Plan,
    init::Init,
    monitor::Monitor,
    process::{Accounting, Side, end_descendants, fork_into, wait_accounted},
    report::{self, Confined, LISTENER, Report},
    root::Trees,
    step::Refusal,
    watch::Watch,
};
use crate::{Outcome, StepSpec, Trace};

/// In the order in which they are reported.
pub(super) const NAMESPACES: &[(&str, libc::c_int)] = &[
    ("user-namespace", libc::CLONE_NEWUSER),
    ("mount-namespace", libc::CLONE_NEWNS),
    ("pid-namespace", libc::CLONE_NEWPID),
    ("network-namespace", libc::CLONE_NEWNET),
    ("ipc-namespace", libc::CLONE_NEWIPC),
    ("uts-namespace", libc::CLONE_NEWUTS),
    ("cgroup-namespace", libc::CLONE_NEWCGROUP),
];

/// How often the disk under the workspace is looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);

/// What a step is started with.
pub(super) struct Start<'a> {
    pub(super) plan: Plan,
    /// Any directory.
    pub(super) base: &'a Path,
    /// `None` is a probe: everything but a command.
    pub(super) spec: Option<&'a StepSpec>,
    pub(super) trees: Trees,
    pub(super) egress: Option<OwnedFd>,
    /// For a step without namespaces.
    pub(super) alone: Option<WithoutNamespaces<'a>>,
    /// What bounds all of it together.
    pub(super) cgroup: Option<&'a Cgroup>,
}

/// What a step without namespaces has instead.
#[derive(Clone, Copy)]
pub(super) struct WithoutNamespaces<'a> {
    pub(super) scratch: &'a Scratch,
    /// User and group it becomes; `None` stays who the step-host is.
    pub(super) user: Option<(u32, u32)>,
    /// `false` where it was allowed to run without confinement.
    pub(super) confined: bool,
}

/// What ends a step before it ends itself.
#[derive(Default)]
pub(super) struct Bounds {
    deadline: Option<Instant>,
    watch: Option<Watch>,
    looked: Option<Instant>,
}

pub(super) struct Running<'a> {
    /// Init, or without namespaces the step's own command.
    leader: Pid,
    pidfd: OwnedFd,
    status: File,
    spec: Option<&'a StepSpec>,
    /// Where the listener of the step's filter comes from; until it has come.
    hand: Option<OwnedFd>,
    monitor: Option<Monitor>,
    alone: Option<WithoutNamespaces<'a>>,
    /// The proxy's control socket, where it is us who hand over.
    egress: Option<OwnedFd>,
    /// The leader reads its end of this as the end of the step-host.
    go: OwnedFd,
}

pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) confined: Option<Confined>,
    pub(super) accounting: Accounting,
    pub(super) trace: Trace,
}

impl<'a> Running<'a> {
    pub(super) fn start(start: Start<'a>) -> Result<Self, Refusal> {
        let Start { plan, base, spec, trees, egress, alone, cgroup } = start;
        let pipe = |_: ()| pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from);
        let (wait, go) = pipe(()).map_err(|error| Refusal::from_io("pipe", &error))?;
        let (status, tell) = pipe(()).map_err(|error| Refusal::from_io("pipe", &error))?;
        let (hand, theirs) =
            UnixStream::pair().map_err(|error| Refusal::from_io("socketpair", &error))?;
        let (hand, theirs) = (OwnedFd::from(hand), OwnedFd::from(theirs));
        let namespaces = match alone {
            // Init makes the one of control groups, when it is where it stays.
            None => NAMESPACES.iter().fold(0, |all, (_, flag)| all | flag) & !libc::CLONE_NEWCGROUP,
            Some(_) => {
                // What the step leaves behind becomes ours to end.
                set_child_subreaper(Some(rustix::process::getpid()))
                    .map_err(|errno| Refusal::from_io("becoming the reaper", &errno.into()))?;
                0
            }
        };
        let side = fork_into(namespaces).map_err(|error| {
            let errno = error.raw_os_error().unwrap_or_default();
            Refusal::Barred(barrier::diagnose("creating namespaces", errno))
        })?;
        match side {
            Side::Child => {
                drop((go, status, hand));
                let (hand, status) = (theirs, File::from(tell));
                if let (Some(without), Some(spec)) = (alone, spec) {
                    let WithoutNamespaces { scratch, user, confined } = without;
                    drop(egress);
                    Alone { spec, scratch, user, confined, hand, go: wait, status }.run()
                }
                Init { plan, base, spec, trees, hand, egress, go: wait, status }.run()
            }
            Side::Parent(leader) => {
                drop((wait, tell, theirs));
                let pidfd = pidfd_open(leader, PidfdFlags::empty())
                    .map_err(|errno| Refusal::from_io("pidfd_open", &errno.into()))?;
                let (status, hand) = (File::from(status), Some(hand));
                let egress = egress.filter(|_| alone.is_some());
                let monitor = None;
                let running =
                    Self { leader, pidfd, status, spec, hand, monitor, alone, egress, go };
                if alone.is_none() {
                    plan.map(leader).map_err(|error| {
                        Refusal::Barred(barrier::diagnose(
                            "mapping users",
                            error.raw_os_error().unwrap_or_default(),
                        ))
                    })?;
                }
                if let Some(cgroup) = cgroup {
                    cgroup.take(leader).map_err(|error| {
                        Refusal::from_io("putting the step into its control group", &error)
                    })?;
                }
                rustix::io::write(&running.go, &[1])
                    .map_err(|errno| Refusal::from_io("starting init", &errno.into()))?;
                Ok(running)
            }
        }
    }

    /// Returns when the last process of the step is gone: init is waited for by the kernel until
    /// every other process of its namespace has ended.
    pub(super) fn attend(
        &mut self,
        control: Option<&UnixStream>,
        bounds: &mut Bounds,
    ) -> Result<End, Refusal> {
        let mut killed_for = None;
        let mut told = Vec::new();
        let mut status_open = true;
        loop {
            let ready = self.wait(
                status_open,
                control.filter(|_| killed_for.is_none()),
                bounds.wait(killed_for.is_some()).as_ref(),
            )?;
            // First, since the step waits for it; and most often the only one.
            if !ready.question.is_empty() {
                self.answer(ready.question);
            }
            if ready.listener {
                self.take_listener();
            }
            if ready.status {
                status_open = self.listen(&mut told);
            }
            if ready.ended {
                break;
            }
            if killed_for.is_none() {
                killed_for =
                    if ready.cancelled { Some(Outcome::Cancelled) } else { bounds.exceeded() };
                if killed_for.is_some() {
                    self.kill();
                }
            }
        }
        while status_open && self.listen(&mut told) {}
        let mut accounting = wait_accounted(self.leader)
            .map_err(|error| Refusal::from_io("waiting for the step", &error))?;
        if self.alone.is_some() {
            if let Some(monitor) = &mut self.monitor {
                monitor.close();
            }
            end_descendants();
            accounting = accounting.of_all_children();
        }
        self.end(&told, killed_for, accounting)
    }

    /// What became of it, from all that init told.
    fn end(
        &mut self,
        told: &[u8],
        killed_for: Option<Outcome>,
        accounting: Accounting,
    ) -> Result<End, Refusal> {
        let mut confined = None;
        let mut outcome = None;
        let mut datagrams = 0;
        for report in report::parse(told) {
            let said = match report {
                Report::Failed(failure) => return Err(failure.into()),
                Report::Confined(what) => {
                    confined = Some(what);
                    continue;
                }
                Report::Datagrams { unheard } => {
                    datagrams = unheard;
                    continue;
                }
                Report::NotStarted { reason } => Outcome::NotStarted { reason },
                Report::Exited { status: 0 } => Outcome::Succeeded,
                Report::Exited { status } => Outcome::Failed { status },
                Report::Signalled { signal } => Outcome::Killed { signal },
            };
            // The command's process says first that it did not start, then it ends.
            outcome = outcome.or(Some(said));
        }
        let outcome = outcome.or(killed_for).unwrap_or_else(|| {
            let status = accounting.status;
            match (self.alone, libc::WIFSIGNALED(status), libc::WEXITSTATUS(status)) {
                (_, true, _) => Outcome::Killed { signal: libc::WTERMSIG(status) },
                (None, false, _) => Outcome::Killed { signal: libc::SIGKILL },
                (Some(_), false, 0) => Outcome::Succeeded,
                (Some(_), false, status) => {
                    Outcome::Failed { status: u8::try_from(status).unwrap_or(u8::MAX) }
                }
            }
        });
        let trace = self.monitor.take().map(|monitor| monitor.finish(datagrams));
        Ok(End { outcome, confined, accounting, trace: trace.unwrap_or_default() })
    }

    /// Waits for something to do.
    fn wait(
        &self,
        status_open: bool,
        control: Option<&UnixStream>,
        timeout: Option<&Timespec>,
    ) -> Result<Ready, Refusal> {
        let sources = [
            Some(self.pidfd.as_fd()),
            self.monitor.as_ref().and_then(Monitor::listener),
            status_open.then(|| self.status.as_fd()),
            control.map(|control| control.as_fd()),
            self.hand.as_ref().map(|hand| hand.as_fd()),
        ];
        let there = sources.iter().flatten();
        let mut fds: Vec<PollFd<'_>> =
            there.map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        match poll(&mut fds, timeout) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(Refusal::from_io("poll", &errno.into())),
        }
        let mut events = fds.iter().map(PollFd::revents);
        let [ended, question, status, cancelled, listener] =
            sources.map(|source| source.and_then(|_| events.next()).unwrap_or(PollFlags::empty()));
        Ok(Ready {
            ended: !ended.is_empty(),
            question,
            status: !status.is_empty(),
            cancelled: !cancelled.is_empty(),
            listener: !listener.is_empty(),
        })
    }

    /// Answers a question, or lets go of a listener that nobody can ask at any more.
    fn answer(&mut self, what: PollFlags) {
        let Some(monitor) = &mut self.monitor else { return };
        let gone = !what.contains(PollFlags::IN) || monitor.attend().is_err();
        if gone {
            monitor.close();
        }
    }

    /// Takes the listener of the step's filter. Without it, what is asked about fails in the step.
    fn take_listener(&mut self) {
        let Some(hand) = self.hand.take() else { return };
        let listener = descriptor::receive(hand.as_fd(), &mut [0; LISTENER.len()]);
        let (Ok(listener), Some(spec)) = (listener, self.spec) else { return };
        let leader = self.leader.as_raw_nonzero().get().unsigned_abs();
        self.monitor = Some(match self.alone {
            None => Monitor::new(listener, spec, Some(leader)),
            Some(WithoutNamespaces { scratch, user, .. }) => {
                let own = [scratch.home(spec).to_owned(), scratch.temporary().to_owned()];
                Monitor::new_alone(listener, spec, &own, user, self.egress.take())
            }
        });
    }

    fn kill(&self) {
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Reads what init tells; `false` at the end of it.
    fn listen(&mut self, told: &mut Vec<u8>) -> bool {
        let mut buffer = [0; 4096];
        match self.status.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                told.extend_from_slice(buffer.get(..count).unwrap_or_default());
                true
            }
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        }
    }
}

impl Drop for Running<'_> {
    /// Nothing outlives the step, also when it could not be attended to.
    fn drop(&mut self) {
        self.kill();
    }
}

/// What there is to do.
struct Ready {
    ended: bool,
    question: PollFlags,
    status: bool,
    cancelled: bool,
    listener: bool,
}

impl Bounds {
    pub(super) fn new(started: Instant, spec: &StepSpec) -> Self {
        Self {
            deadline: (spec.timeout_seconds > 0)
                .then(|| started.checked_add(Duration::from_secs(spec.timeout_seconds)))
                .flatten(),
            watch: Watch::new(&spec.workspace, spec.limits.workspace_bytes).ok(),
            looked: Some(started),
        }
    }

    /// How long may be slept.
    fn wait(&self, killed: bool) -> Option<Timespec> {
        if killed {
            return None;
        }
        let deadline =
            self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let watch = self.watch.as_ref().map(|_| WATCH_INTERVAL);
        let wait = match (deadline, watch) {
            (Some(deadline), Some(watch)) => deadline.min(watch),
            (one, other) => one.or(other)?,
        };
        Timespec::try_from(wait).ok()
    }

    /// Why the step is to be ended, if it is. Cheap, since it is asked after every event.
    fn exceeded(&mut self) -> Option<Outcome> {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Some(Outcome::TimedOut);
        }
        if self.looked.is_some_and(|looked| now.saturating_duration_since(looked) < WATCH_INTERVAL)
        {
            return None;
        }
        self.looked = Some(now);
        let full = self.watch.as_mut().is_some_and(Watch::exceeded);
        full.then_some(Outcome::WorkspaceFull)
    }
}
