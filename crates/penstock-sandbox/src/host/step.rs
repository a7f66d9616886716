//! One step, from the step-host's side.

use std::{
    fs::File,
    io::{self, Read as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pipe::{PipeFlags, pipe_with},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

use super::{
    barrier,
    identity::{self, Handover, Plan},
    init::Init,
    inputs,
    process::{Side, fork_into, wait_accounted},
    report::{self, Confined, Report, SetupFailure},
    watch::Watch,
};
use crate::{Barrier, Isolation, Mechanism, Outcome, StepRecord, StepSpec, Usage, wire::Answer};

/// In the order in which they are reported.
const NAMESPACES: &[(&str, libc::c_int)] = &[
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

/// Why there is no record.
enum Refusal {
    Barred(Barrier),
    Setup(String),
}

impl From<SetupFailure> for Refusal {
    fn from(failure: SetupFailure) -> Self {
        if failure.means {
            Self::Barred(barrier::diagnose(&failure.call, failure.errno))
        } else {
            Self::Setup(failure.reason())
        }
    }
}

impl Refusal {
    fn from_io(call: &str, error: &io::Error) -> Self {
        Self::Setup(format!("{call}: {error}"))
    }
}

/// Everything but a command.
pub(super) fn probe() -> Answer {
    let base = ["/tmp", "/var", "/usr"].map(Path::new).into_iter().find(|path| path.is_dir());
    let plan = Plan::choose();
    let probed = Running::start(plan, base.unwrap_or(Path::new("/")), None, None)
        .and_then(|mut running| running.attend(None, &mut Bounds::default()));
    match probed {
        Ok(end) => match end.confined {
            Some(confined) => Answer::Probed(Box::new(isolation(plan, None, confined))),
            None => Answer::Probed(Box::new(unconfined("init ended without a word".to_owned()))),
        },
        Err(Refusal::Barred(barrier)) => {
            let why = format!("{barrier}; {}", barrier.remedy());
            Answer::Probed(Box::new(unconfined(why)))
        }
        Err(Refusal::Setup(reason)) => Answer::Probed(Box::new(unconfined(reason))),
    }
}

/// Runs a step to its end, or to the end of the caller's side of `control`.
pub(super) fn run(spec: StepSpec, control: &UnixStream) -> Answer {
    match try_run(&spec, control) {
        Ok(record) => Answer::Ended(Box::new(record)),
        Err(Refusal::Barred(barrier)) => Answer::Barred(barrier),
        Err(Refusal::Setup(reason)) => Answer::Setup { reason },
    }
}

fn try_run(spec: &StepSpec, control: &UnixStream) -> Result<StepRecord, Refusal> {
    // The new root is mounted on it for a moment, so a relative path or a link must not remain.
    let workspace: PathBuf = spec
        .workspace
        .canonicalize()
        .map_err(|error| Refusal::from_io(&spec.workspace.display().to_string(), &error))?;
    let spec = StepSpec { workspace, ..spec.clone() };
    let _places = inputs::prepare(&spec.workspace, &spec.inputs).map_err(Refusal::Setup)?;
    let plan = Plan::choose();
    let mut handover = None;
    if plan.is_separate() {
        identity::give_streams();
        let handed = identity::hand_over(&spec.workspace)
            .map_err(|error| Refusal::from_io("giving the workspace to the step's user", &error))?;
        handover = Some(handed);
    }
    let given = handover.as_ref().map(|handed| matches!(handed, Handover::Given));
    let tree = handover.and_then(|handed| match handed {
        Handover::Mapped(tree) => Some(tree),
        Handover::Given => None,
    });
    let started = Instant::now();
    let mut bounds = Bounds {
        deadline: (spec.timeout_seconds > 0)
            .then(|| started.checked_add(Duration::from_secs(spec.timeout_seconds)))
            .flatten(),
        watch: Watch::new(&spec.workspace, spec.limits.workspace_bytes).ok(),
    };
    let mut running = Running::start(plan, &spec.workspace, Some(&spec), tree)?;
    let end = running.attend(Some(control), &mut bounds)?;
    let usage = Usage {
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        user_ms: end.accounting.user_us / 1000,
        system_ms: end.accounting.system_us / 1000,
        peak_process_kib: end.accounting.peak_kib,
    };
    let confined = end.confined.unwrap_or_default();
    Ok(StepRecord {
        outcome: end.outcome,
        isolation: isolation(plan, given, confined),
        usage,
        output_dropped_bytes: 0,
    })
}

#[derive(Default)]
struct Bounds {
    deadline: Option<Instant>,
    watch: Option<Watch>,
}

struct Running {
    init: Pid,
    pidfd: OwnedFd,
    status: File,
    /// Init reads its end of this as the end of the step-host.
    _go: OwnedFd,
}

struct End {
    outcome: Outcome,
    confined: Option<Confined>,
    accounting: super::process::Accounting,
}

impl Running {
    fn start(
        plan: Plan,
        base: &Path,
        spec: Option<&StepSpec>,
        workspace: Option<OwnedFd>,
    ) -> Result<Self, Refusal> {
        let pipe = |_: ()| pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from);
        let (wait, go) = pipe(()).map_err(|error| Refusal::from_io("pipe", &error))?;
        let (status, tell) = pipe(()).map_err(|error| Refusal::from_io("pipe", &error))?;
        let namespaces = NAMESPACES.iter().fold(0, |flags, (_, flag)| flags | flag);
        let side = fork_into(namespaces).map_err(|error| {
            let errno = error.raw_os_error().unwrap_or_default();
            Refusal::Barred(barrier::diagnose("creating namespaces", errno))
        })?;
        match side {
            Side::Child => {
                drop((go, status));
                Init { plan, base, spec, workspace, go: wait, status: File::from(tell) }.run()
            }
            Side::Parent(init) => {
                drop((wait, tell));
                let pidfd = pidfd_open(init, PidfdFlags::empty())
                    .map_err(|errno| Refusal::from_io("pidfd_open", &errno.into()))?;
                let running = Self { init, pidfd, status: File::from(status), _go: go };
                plan.map(init).map_err(|error| {
                    Refusal::Barred(barrier::diagnose(
                        "mapping users",
                        error.raw_os_error().unwrap_or_default(),
                    ))
                })?;
                rustix::io::write(&running._go, &[1])
                    .map_err(|errno| Refusal::from_io("starting init", &errno.into()))?;
                Ok(running)
            }
        }
    }

    /// Returns when the last process of the step is gone: init is waited for by the kernel until
    /// every other process of its namespace has ended.
    fn attend(
        &mut self,
        control: Option<&UnixStream>,
        bounds: &mut Bounds,
    ) -> Result<End, Refusal> {
        let mut killed_for = None;
        let mut told = Vec::new();
        let mut status_open = true;
        loop {
            let mut fds = vec![PollFd::from_borrowed_fd(self.pidfd.as_fd(), PollFlags::IN)];
            let status_at = status_open.then(|| {
                fds.push(PollFd::from_borrowed_fd(self.status.as_fd(), PollFlags::IN));
                fds.len() - 1
            });
            let control_at = control.filter(|_| killed_for.is_none()).map(|control| {
                fds.push(PollFd::from_borrowed_fd(control.as_fd(), PollFlags::IN));
                fds.len() - 1
            });
            match poll(&mut fds, bounds.wait(killed_for.is_some()).as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(Refusal::from_io("poll", &errno.into())),
            }
            let ready = |at: Option<usize>| {
                at.and_then(|at| fds.get(at)).is_some_and(|fd| !fd.revents().is_empty())
            };
            let (ended, status, cancelled) = (ready(Some(0)), ready(status_at), ready(control_at));
            if status {
                status_open = self.listen(&mut told);
            }
            if ended {
                break;
            }
            if killed_for.is_none() {
                killed_for = if cancelled { Some(Outcome::Cancelled) } else { bounds.exceeded() };
                if killed_for.is_some() {
                    self.kill();
                }
            }
        }
        while status_open && self.listen(&mut told) {}
        let accounting = wait_accounted(self.init)
            .map_err(|error| Refusal::from_io("waiting for init", &error))?;
        let mut confined = None;
        let mut outcome = None;
        for report in report::parse(&told) {
            let said = match report {
                Report::Failed(failure) => return Err(failure.into()),
                Report::Confined(what) => {
                    confined = Some(what);
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
        let outcome = outcome.or(killed_for).unwrap_or_else(|| Outcome::Killed {
            signal: if libc::WIFSIGNALED(accounting.status) {
                libc::WTERMSIG(accounting.status)
            } else {
                libc::SIGKILL
            },
        });
        Ok(End { outcome, confined, accounting })
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

impl Drop for Running {
    /// Nothing outlives the step, also when it could not be attended to.
    fn drop(&mut self) {
        self.kill();
    }
}

impl Bounds {
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

    fn exceeded(&mut self) -> Option<Outcome> {
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Some(Outcome::TimedOut);
        }
        let full = self.watch.as_mut().is_some_and(Watch::exceeded);
        full.then_some(Outcome::WorkspaceFull)
    }
}

fn isolation(plan: Plan, given: Option<bool>, confined: Confined) -> Isolation {
    let mut mechanisms: Vec<Mechanism> =
        NAMESPACES.iter().map(|(name, _)| Mechanism::applied(name, None)).collect();
    mechanisms.extend(confined.mechanisms);
    let mut degradations = confined.degradations;
    if plan.is_separate() {
        let how = match given {
            Some(true) => "workspace files given away",
            Some(false) => "workspace owners mapped by its mount",
            None => "probed without a workspace",
        };
        mechanisms.push(Mechanism::applied("separate-user", Some(how.to_owned())));
    } else if rustix::process::geteuid().is_root() {
        let why = "user id 65530 does not exist in this container, or a capability is missing";
        mechanisms.push(Mechanism::not_applied("separate-user", why));
        degradations.push(
            "the step is the host's user 0 without capabilities; its number of processes is not \
             bounded"
                .to_owned(),
        );
    } else {
        mechanisms.push(Mechanism::not_applied(
            "separate-user",
            "only root can give a step another user",
        ));
        if rustix::process::getgroups()
            .is_ok_and(|groups| groups.iter().any(|group| *group != rustix::process::getegid()))
        {
            degradations.push("the caller's supplementary groups are kept".to_owned());
        }
    }
    mechanisms.push(Mechanism::not_applied("cgroup-limits", "this version uses no control groups"));
    degradations.push("memory of all processes together is not bounded (no cgroup)".to_owned());
    let (kernel, machine) = system();
    Isolation {
        rung: 1,
        mechanisms,
        kernel,
        machine,
        seccomp_filter: confined.seccomp_filter,
        landlock_abi: confined.landlock_abi,
        identity: Some(plan.identity()),
        degradations,
    }
}

fn unconfined(why: String) -> Isolation {
    let (kernel, machine) = system();
    Isolation {
        rung: 0,
        mechanisms: NAMESPACES
            .iter()
            .map(|(name, _)| Mechanism::not_applied(name, why.clone()))
            .collect(),
        kernel,
        machine,
        seccomp_filter: None,
        landlock_abi: 0,
        identity: None,
        degradations: vec![why],
    }
}

fn system() -> (String, String) {
    let name = rustix::system::uname();
    (name.release().to_string_lossy().into_owned(), name.machine().to_string_lossy().into_owned())
}
