//! The first process of a step's namespaces: builds confinement, starts the command, outlives it by
//! one message. When it ends, the kernel ends every other process of the step.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::{CommandExt as _, ExitStatusExt as _},
    },
    path::Path,
    process::{Command, ExitStatus},
};

use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    process::{
        DumpableBehavior, Signal, WaitOptions, set_dumpable_behavior,
        set_parent_process_death_signal, setsid, umask,
    },
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use super::{
    handover,
    identity::Plan,
    landlock, monitor, network, privilege,
    process::{
        Side, close_on_exec, enter_cgroup_namespace, exit_now, fork_into, leave_if_orphaned,
        reset_signals,
    },
    report::{Confined, During as _, Report, SetupFailure, tell},
    root::{self, Trees},
};
use crate::{HOME, Limits, Mechanism, Network, Recording, StepSpec};

/// What init is to do. It is the step-host's memory, copied.
pub(super) struct Init<'a> {
    pub(super) plan: Plan,
    pub(super) base: &'a Path,
    /// `None` is a probe: everything but a command.
    pub(super) spec: Option<&'a StepSpec>,
    pub(super) trees: Trees,
    /// Where questions about the step's calls are to be answered.
    pub(super) hand: OwnedFd,
    /// The proxy's control socket, for a step that has one.
    pub(super) egress: Option<OwnedFd>,
    /// One byte when the maps of users are written; the end when the step-host is gone.
    pub(super) go: OwnedFd,
    pub(super) status: File,
}

impl Init<'_> {
    pub(super) fn run(mut self) -> ! {
        let spec = self.spec;
        let confined = match self.confine() {
            Ok(confined) => confined,
            Err(failure) => {
                let _ = tell(&mut self.status, &Report::Failed(failure));
                exit_now(1)
            }
        };
        if tell(&mut self.status, &Report::Confined(confined)).is_err() {
            exit_now(1)
        }
        let Some(spec) = spec else { exit_now(0) };
        let report = match fork_into(0) {
            Ok(Side::Child) => {
                let reason = execute(spec);
                let _ = tell(&mut self.status, &Report::NotStarted { reason });
                exit_now(127)
            }
            Ok(Side::Parent(command)) => reap_until(command),
            Err(error) => Report::NotStarted { reason: format!("fork: {error}") },
        };
        let _ = tell(&mut self.status, &Report::Datagrams { unheard: network::unheard() });
        let _ = tell(&mut self.status, &report);
        exit_now(0)
    }

    fn confine(&mut self) -> Result<Confined, SetupFailure> {
        set_parent_process_death_signal(Some(Signal::KILL))
            .means("asking to die with the parent")?;
        let mut byte = [0_u8; 1];
        if rustix::io::read(&self.go, &mut byte).means("waiting for the step-host")? == 0 {
            exit_now(1)
        }
        enter_cgroup_namespace().means("creating a control group namespace")?;
        network::up().means("bringing up the private loopback interface")?;
        if let Some(spec) = self.spec
            && let Network::Proxy { ports } = &spec.network
        {
            let egress = self.egress.take().ok_or(rustix::io::Errno::NOTCONN);
            let egress = egress.during(|| "finding the proxy".to_owned())?;
            network::lead_to(&egress, ports)
                .during(|| "leading the private network to the proxy".to_owned())?;
        }
        rustix::system::sethostname(b"penstock").means("naming the private host")?;
        let notes = root::build(self.base, self.spec, std::mem::take(&mut self.trees))?;

        let limits = self.spec.map_or_else(Limits::default, |spec| spec.limits);
        privilege::limit(&limits).means("limiting resources")?;
        umask(Mode::from_raw_mode(0o022));
        privilege::drop_all(self.plan).means("dropping privileges")?;
        // The step has init's user: it must not look into init, which holds the status pipe.
        set_dumpable_behavior(DumpableBehavior::NotDumpable).means("hiding init")?;
        // Becoming another user has cleared it.
        set_parent_process_death_signal(Some(Signal::KILL))
            .means("asking to die with the parent")?;
        leave_if_orphaned(self.go.as_fd());

        let mut confined = Confined { degradations: notes, ..Confined::default() };
        confined.mechanisms.push(Mechanism::applied("private-root", Some(private_root(self.spec))));
        confined.mechanisms.push(Mechanism::applied("capabilities-dropped", None));
        confined.mechanisms.push(Mechanism::applied("no-new-privileges", None));
        confined.mechanisms.push(Mechanism::applied("resource-limits", None));
        let workspace = self.spec.map_or(Path::new(crate::WORKSPACE), StepSpec::workspace_inside);
        match landlock::restrict(workspace) {
            Ok(landlock) if landlock.abi > 0 => {
                confined.landlock_abi = landlock.abi;
                let detail = Some(format!("ABI {}", landlock.abi));
                confined.mechanisms.push(Mechanism::applied("landlock", detail));
                if !landlock.fully {
                    let what = format!("Landlock ABI {} lacks newer rights", landlock.abi);
                    confined.degradations.push(what);
                }
            }
            Ok(_) => {
                confined
                    .mechanisms
                    .push(Mechanism::not_applied("landlock", "the kernel has it not enabled"));
                confined.degradations.push("no Landlock: the mounts are the only wall".to_owned());
            }
            Err(error) => {
                confined.mechanisms.push(Mechanism::not_applied("landlock", error.to_string()));
                confined.degradations.push("no Landlock: the mounts are the only wall".to_owned());
            }
        }
        let recording = self.spec.map_or(Recording::Denials, |spec| spec.recording);
        let filter = handover::load(&monitor::recorded(recording), self.hand.as_fd())
            .means("loading the seccomp filter")?;
        confined.mechanisms.push(Mechanism::applied("seccomp", Some(format!("sha256:{filter}"))));
        confined.seccomp_filter = Some(filter);
        Ok(confined)
    }
}

/// Replaces this process by the command; returns only with the reason why it did not.
fn execute(spec: &StepSpec) -> String {
    let Some((program, arguments)) = spec.argv.split_first() else {
        return "the step has no command".to_owned();
    };
    if let Err(error) = ready(spec) {
        return format!("preparing the command's process: {error}");
    }
    let mut directory = spec.workspace_inside().to_owned();
    if let Some(inner) = &spec.directory {
        directory.push(inner.as_path());
    }
    if let Err(error) = std::env::set_current_dir(&directory) {
        return format!("`{}` cannot be entered: {error}", directory.display());
    }
    let mut command = Command::new(program);
    environment(&mut command, spec, Path::new(HOME), Path::new("/tmp"));
    let error = command.args(arguments).exec();
    if spec.root.is_some() && error.kind() == io::ErrorKind::NotFound {
        let name = program.to_string_lossy();
        return format!(
            "command `{name}`, or what it is interpreted by, is not in the step's root"
        );
    }
    why_not(program, &error)
}

/// How the private root was made.
fn private_root(spec: Option<&StepSpec>) -> String {
    let own = spec.is_some_and(|spec| spec.root.is_some());
    format!("tmpfs, pivot_root{}", if own { ", a tree of the step's own" } else { "" })
}

/// Why a program was not executed.
pub(super) fn why_not(program: &OsStr, error: &io::Error) -> String {
    let name = program.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "command `{name}` was not found in the sandbox, which shows the system's folders and \
             known toolchains only"
        ),
        _ => format!("command `{name}` cannot be executed: {error}"),
    }
}

/// The variables of a step: nothing of the caller's.
pub(super) fn environment(command: &mut Command, spec: &StepSpec, home: &Path, temporary: &Path) {
    // Another time zone than any on a map: the rule of POSIX needs no table of zones.
    let (user, zone) = if spec.varied { ("rebuild", "PEN-17:30") } else { ("build", "UTC") };
    command
        .env_clear()
        .env("PATH", spec.toolchains.search_path())
        .env("HOME", home)
        .env("USER", user)
        .env("LOGNAME", user)
        .env("LANG", "C.UTF-8")
        .env("TZ", zone)
        .envs(spec.varied.then_some(("PENSTOCK_AGAIN", "1")))
        .env("TMPDIR", temporary)
        .envs(spec.toolchains.env())
        .envs(spec.source_date_epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch.to_string())))
        .envs(&spec.env);
}

/// A session of its own, signals as they are by default, no input but the one it was given, and no
/// descriptor but the streams.
pub(super) fn ready(spec: &StepSpec) -> io::Result<()> {
    setsid()?;
    reset_signals();
    if spec.varied {
        umask(Mode::from_raw_mode(0o002));
        on_one_processor()?;
    }
    if !spec.input {
        read_nothing()?;
    }
    close_on_exec()
}

/// Has this process and all it starts use the last of its processors alone.
fn on_one_processor() -> io::Result<()> {
    let ours = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| ours.is_set(*cpu));
    let mut one = CpuSet::new();
    one.set(last.unwrap_or(0));
    Ok(sched_setaffinity(None, &one)?)
}

/// Gives up the standard input.
pub(super) fn read_nothing() -> io::Result<()> {
    let null = openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(())
}

/// Waits for everything that ends here, orphans included, until the command itself has ended.
fn reap_until(command: rustix::process::Pid) -> Report {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == command => {
                let status = ExitStatus::from_raw(status.as_raw());
                return match (status.code(), status.signal()) {
                    (Some(code), _) => {
                        Report::Exited { status: u8::try_from(code).unwrap_or(u8::MAX) }
                    }
                    (None, signal) => Report::Signalled { signal: signal.unwrap_or_default() },
                };
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Report::NotStarted { reason: format!("wait: {errno}") },
        }
    }
}
