//! One step, from the step-host's side.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    time::Instant,
};

use super::{
    barrier,
    identity::{self, Handover, Plan},
    inputs,
    report::{Confined, SetupFailure},
    root::Trees,
    running::{Bounds, NAMESPACES, Running, Start},
};
use crate::{Barrier, Isolation, Mechanism, StepRecord, StepSpec, Usage, wire::Answer};

/// Why there is no record.
pub(super) enum Refusal {
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
    pub(super) fn from_io(call: &str, error: &io::Error) -> Self {
        Self::Setup(format!("{call}: {error}"))
    }
}

/// Everything but a command.
pub(super) fn probe() -> Answer {
    let base = ["/tmp", "/var", "/usr"].map(Path::new).into_iter().find(|path| path.is_dir());
    let plan = Plan::choose();
    let base = base.unwrap_or(Path::new("/"));
    let probed =
        Running::start(Start { plan, base, spec: None, trees: Trees::default(), egress: None })
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
pub(super) fn run(spec: StepSpec, egress: Option<OwnedFd>, control: &UnixStream) -> Answer {
    match try_run(&spec, egress, control) {
        Ok(record) => Answer::Ended(Box::new(record)),
        Err(Refusal::Barred(barrier)) => Answer::Barred(barrier),
        Err(Refusal::Setup(reason)) => Answer::Setup { reason },
    }
}

fn try_run(
    spec: &StepSpec,
    egress: Option<OwnedFd>,
    control: &UnixStream,
) -> Result<StepRecord, Refusal> {
    // The new root is mounted on it for a moment, so a relative path or a link must not remain.
    let workspace: PathBuf = spec
        .workspace
        .canonicalize()
        .map_err(|error| Refusal::from_io(&spec.workspace.display().to_string(), &error))?;
    let spec = StepSpec { workspace, ..spec.clone() };
    let mut places = inputs::prepare(&spec.workspace, &spec.inputs).map_err(Refusal::Setup)?;
    places.stand_in(&spec.protected).map_err(Refusal::Setup)?;
    let plan = match &spec.place {
        Some(_) => Plan::choose_in_place(&spec.workspace),
        None => Plan::choose(),
    };
    let mut workspace = None;
    let mut home = None;
    if plan.is_separate() {
        identity::give_streams();
        let give = |path: &Path, what: &str| {
            identity::hand_over(path).map_err(|error| Refusal::from_io(what, &error))
        };
        workspace = Some(give(&spec.workspace, "giving the workspace to the step's user")?);
        if let Some(kept) = &spec.kept_home {
            home = give(&kept.0, "giving the kept home to the step's user")?.mapped();
        }
    }
    let given = workspace.as_ref().map(|handed| matches!(handed, Handover::Given));
    let workspace = workspace.and_then(Handover::mapped);
    let started = Instant::now();
    let mut bounds = Bounds::new(started, &spec);
    let trees = Trees { workspace, home };
    let start = Start { plan, base: &spec.workspace, spec: Some(&spec), trees, egress };
    let mut running = Running::start(start)?;
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
        trace: end.trace,
        output_dropped_bytes: 0,
    })
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
