//! Confinement without namespaces: Landlock, and seccomp whose questions the step-host answers.
//!
//! For machines that bar user namespaces. The step sees the host's file system and process table by
//! name, reads what a list grants, writes to its own places only, reaches no address but through us,
//! and signals nobody else. What names give away is said among the degradations.

mod keeper;
mod landlock;
mod scratch;

use std::{
    fs::File,
    io,
    os::fd::{AsFd as _, OwnedFd},
    process::Command,
};

use rustix::{
    fs::Mode,
    process::{Signal, set_parent_process_death_signal, umask},
};

use super::{
    descriptor,
    init::{ready, why_not},
    monitor, privilege,
    process::{exit_now, leave_if_orphaned},
    report::{Confined, During as _, LISTENER, Report, SetupFailure, tell},
    seccomp,
};
use crate::{Mechanism, StepSpec};

pub(super) use keeper::split;
pub(super) use landlock::is_there;
pub(super) use scratch::Scratch;

/// What is weaker without namespaces, whatever the machine.
const RESIDUAL: &[&str] = &[
    "names, sizes and times of the host's files can be seen",
    "names and arguments of the host's processes can be seen",
    "the step runs no server that itself could reach over the network",
];

/// What the step's own process is to do before it becomes the command.
pub(super) struct Alone<'a> {
    pub(super) spec: &'a StepSpec,
    pub(super) scratch: &'a Scratch,
    /// User and group the step becomes; `None` stays who the step-host is.
    pub(super) user: Option<(u32, u32)>,
    pub(super) confined: bool,
    pub(super) hand: OwnedFd,
    /// One byte when the step may begin; the end when the step-host is gone.
    pub(super) go: OwnedFd,
    pub(super) status: File,
}

impl Alone<'_> {
    pub(super) fn run(mut self) -> ! {
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
        let reason = self.execute();
        let _ = tell(&mut self.status, &Report::NotStarted { reason });
        exit_now(127)
    }

    fn confine(&mut self) -> Result<Confined, SetupFailure> {
        let mut byte = [0_u8; 1];
        if rustix::io::read(&self.go, &mut byte).means("waiting for the step-host")? == 0 {
            exit_now(1)
        }
        privilege::limit(&self.spec.limits).means("limiting resources")?;
        umask(Mode::from_raw_mode(0o022));
        privilege::drop_as(self.user).means("dropping privileges")?;
        // Becoming another user clears it.
        set_parent_process_death_signal(Some(Signal::KILL))
            .means("asking to die with the parent")?;
        leave_if_orphaned(self.go.as_fd());
        ready(self.spec).means("preparing the command's process")?;
        let mut confined = Confined::default();
        for mechanism in ["capabilities-dropped", "no-new-privileges", "resource-limits"] {
            confined.mechanisms.push(Mechanism::applied(mechanism, None));
        }
        if !self.confined {
            for mechanism in ["landlock", "seccomp"] {
                let why = "the step was allowed to run unconfined";
                confined.mechanisms.push(Mechanism::not_applied(mechanism, why));
            }
            confined.degradations.push("nothing confines the step".to_owned());
            return Ok(confined);
        }
        let applied = landlock::restrict(self.spec, self.scratch)
            .map_err(|error| io::Error::other(error.to_string()))
            .means("restricting with Landlock")?;
        confined.landlock_abi = applied.abi;
        let detail = Some(format!("ABI {}", applied.abi));
        confined.mechanisms.push(Mechanism::applied("landlock", detail));
        if !applied.fully {
            let what = format!("Landlock ABI {} lacks newer rights", applied.abi);
            confined.degradations.push(what);
        }
        confined.degradations.extend(RESIDUAL.iter().map(|&what| what.to_owned()));
        let (filter, listener) = seccomp::apply(&monitor::recorded_alone(self.spec.recording))
            .means("loading the seccomp filter")?;
        descriptor::send(self.hand.as_fd(), LISTENER, listener.as_fd())
            .during(|| "handing over the seccomp listener".to_owned())?;
        confined.mechanisms.push(Mechanism::applied("seccomp", Some(format!("sha256:{filter}"))));
        confined.mechanisms.push(Mechanism::applied("seccomp-notification", None));
        confined.seccomp_filter = Some(filter);
        Ok(confined)
    }

    /// Becomes the command; returns only with the reason why not.
    fn execute(&self) -> String {
        let Some((program, arguments)) = self.spec.argv.split_first() else {
            return "the step has no command".to_owned();
        };
        let mut directory = self.spec.workspace.clone();
        if let Some(inner) = &self.spec.directory {
            directory.push(inner.as_path());
        }
        if let Err(error) = std::env::set_current_dir(&directory) {
            return format!("`{}` cannot be entered: {error}", directory.display());
        }
        let mut command = Command::new(program);
        let home = self.scratch.home(self.spec);
        super::init::environment(&mut command, self.spec, home, self.scratch.temporary());
        // git stops where it may not read the machine's settings, which on another rung are not there;
        // git(1), "GIT_CONFIG_NOSYSTEM".
        command.env("GIT_CONFIG_NOSYSTEM", "1").envs(&self.spec.env);
        why_not(program, &command_error(command.args(arguments)))
    }
}

fn command_error(command: &mut Command) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    command.exec()
}
