//! One step, from the step-host's side.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    time::Instant,
};

use super::{
    alone::{self, Scratch},
    barrier,
    cgroup::Cgroup,
    identity::{self, Handover, Plan},
    inputs,
    kept::{Kept, Which},
    process::end_descendants,
    report::{Confined, SetupFailure},
    root::Trees,
    running::{Bounds, End, NAMESPACES, Running, Start, WithoutNamespaces},
};
use crate::{
    Barrier, Identity, Isolation, Limits, Mechanism, Outcome, StepRecord, StepSpec, Usage,
    wire::Answer,
};

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
    let probed = Running::start(Start {
        plan,
        base,
        spec: None,
        trees: Trees::default(),
        egress: None,
        alone: None,
        cgroup: None,
    })
    .and_then(|mut running| running.attend(None, &mut Bounds::default()));
    match probed {
        Ok(End { confined: Some(confined), .. }) => {
            let cgroup = Cgroup::make(&Limits::default());
            Answer::Probed(Box::new(isolation(plan, None, &cgroup, confined)))
        }
        Ok(_) => Answer::Probed(Box::new(unconfined("init ended without a word".to_owned()))),
        Err(Refusal::Barred(barrier)) => Answer::Probed(Box::new(probe_alone(&barrier))),
        Err(Refusal::Setup(reason)) => Answer::Probed(Box::new(unconfined(reason))),
    }
}

/// What the second rung gives, tried with a program that does nothing.
fn probe_alone(barrier: &Barrier) -> Isolation {
    let why = || format!("{barrier}; {}", barrier.remedy());
    if !alone::is_there() {
        return unconfined(why());
    }
    let mut spec = StepSpec::new("probe", ["/bin/true"], "/usr");
    // In place: nothing is given to anybody.
    spec.place = Some(crate::Place(spec.workspace.clone()));
    match without_namespaces(&spec, None, None, barrier, true) {
        Ok(StepRecord { outcome: Outcome::Succeeded, isolation, .. }) => isolation,
        Ok(record) => unconfined(format!("{}; Landlock: {:?}", why(), record.outcome)),
        Err(Refusal::Barred(second)) => unconfined(format!("{}; {second}", why())),
        Err(Refusal::Setup(reason)) => unconfined(format!("{}; {reason}", why())),
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

/// On the strongest rung that the machine gives and the specification accepts.
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
    let mut spec = StepSpec { workspace, ..spec.clone() };
    if spec.root.is_some() {
        // Made for another system, and the person's.
        spec.toolchains = spec.toolchains.made_alone();
    }
    let _places = inputs::prepare(&spec.workspace, &spec.inputs).map_err(Refusal::Setup)?;
    let barrier = if spec.strongest_rung <= 1 {
        // Away again before the next rung is tried, which needs none.
        let _stand_ins =
            inputs::stand_in(&spec.workspace, &spec.protected).map_err(Refusal::Setup)?;
        let again = egress.as_ref().map(OwnedFd::try_clone).transpose();
        let again = again.map_err(|error| Refusal::from_io("dup", &error))?;
        match in_namespaces(&spec, again, Some(control)) {
            Err(Refusal::Barred(barrier)) => barrier,
            other => return other,
        }
    } else {
        Barrier::NotWanted
    };
    if spec.root.is_some() {
        // Never in the host's instead.
        return Err(Refusal::Setup(format!(
            "a step with a root of its own needs namespaces: {barrier}; {}",
            barrier.remedy()
        )));
    }
    if spec.strongest_rung <= 2 && alone::is_there() {
        return without_namespaces(&spec, egress, Some(control), &barrier, true);
    }
    if spec.allow_unconfined {
        return without_namespaces(&spec, egress, Some(control), &barrier, false);
    }
    Err(Refusal::Barred(barrier))
}

/// Rung 1.
fn in_namespaces(
    spec: &StepSpec,
    egress: Option<OwnedFd>,
    control: Option<&UnixStream>,
) -> Result<StepRecord, Refusal> {
    let plan = match &spec.place {
        Some(_) => Plan::choose_in_place(&spec.workspace),
        None => Plan::choose(),
    };
    let mut workspace = None;
    let mut home = None;
    if plan.is_separate() {
        identity::give_streams(spec);
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
    let trees = Trees { workspace, home };
    let base = &spec.workspace;
    let cgroup = Cgroup::make(&spec.limits);
    let group = cgroup.as_ref().ok();
    let kept = keep(spec, Which::Unmounted)?;
    let start = Start { plan, base, spec: Some(spec), trees, egress, alone: None, cgroup: group };
    let record = attend(start, spec, control, |confined| isolation(plan, given, &cgroup, confined));
    put_back(kept, record, || ())
}

/// Copies what is to be put back, if anything is.
fn keep(spec: &StepSpec, which: Which) -> Result<Option<Kept>, Refusal> {
    if spec.protected.is_empty() {
        return Ok(None);
    }
    let kept = Kept::of(&spec.workspace, &spec.protected, which)
        .map_err(|error| Refusal::from_io("keeping the protected places", &error))?;
    Ok((!kept.is_empty()).then_some(kept))
}

/// Puts it back, now that the step is over, and says so. `free` makes room on the disk.
fn put_back(
    kept: Option<Kept>,
    record: Result<StepRecord, Refusal>,
    free: impl FnOnce(),
) -> Result<StepRecord, Refusal> {
    let Some(kept) = kept else { return record };
    if record.is_err() {
        // It may have run for a while all the same.
        end_descendants();
    }
    let mut done = kept.put_back();
    if !done.is_complete() {
        // A step that has filled the disk leaves no room to write to.
        free();
        done = kept.put_back().after(done);
    }
    let mut record = record?;
    let isolation = &mut record.isolation;
    isolation.mechanisms.push(Mechanism::applied("put-back", Some(kept.detail())));
    isolation.degradations.extend(kept.notes());
    done.tell(&mut record);
    Ok(record)
}

/// Rung 2; or 0, where nothing confines the step and that was allowed.
fn without_namespaces(
    spec: &StepSpec,
    egress: Option<OwnedFd>,
    control: Option<&UnixStream>,
    barrier: &Barrier,
    confined: bool,
) -> Result<StepRecord, Refusal> {
    let plan = Plan::choose_alone();
    // Files in place stay their owner's, so the step stays that owner.
    let user = plan.separate_user().filter(|_| spec.place.is_none() && spec.kept_home.is_none());
    if user.is_some() {
        identity::give_streams(spec);
        identity::give(&spec.workspace)
            .map_err(|error| Refusal::from_io("giving the workspace to the step's user", &error))?;
    }
    let scratch = Scratch::make(spec, user)
        .map_err(|error| Refusal::from_io("making a private home", &error))?;
    // Where nothing confines it, nothing is said to be protected.
    let kept = if confined { keep(spec, Which::All)? } else { None };
    if control.is_some() {
        alone::split(|| {
            let _ = kept.as_ref().map(Kept::put_back);
            scratch.remove();
        })
        .map_err(|error| Refusal::from_io("watching over the step-host", &error))?;
    }
    let without = WithoutNamespaces { scratch: &scratch, user, confined };
    let cgroup = Cgroup::make(&spec.limits);
    let start = Start {
        plan,
        base: &spec.workspace,
        spec: Some(spec),
        trees: Trees::default(),
        egress,
        alone: Some(without),
        cgroup: cgroup.as_ref().ok(),
    };
    let record = attend(start, spec, control, |applied| {
        isolation_alone(spec, &without, barrier, &cgroup, applied)
    });
    put_back(kept, record, || scratch.remove())
}

fn attend(
    start: Start<'_>,
    spec: &StepSpec,
    control: Option<&UnixStream>,
    isolation: impl FnOnce(Confined) -> Isolation,
) -> Result<StepRecord, Refusal> {
    let started = Instant::now();
    let mut bounds = Bounds::new(started, spec);
    let mut running = Running::start(start)?;
    let end = running.attend(control, &mut bounds)?;
    let usage = Usage {
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        user_ms: end.accounting.user_us / 1000,
        system_ms: end.accounting.system_us / 1000,
        peak_process_kib: end.accounting.peak_kib,
        peak_supervisor_kib: peak_kib(),
    };
    Ok(StepRecord {
        outcome: end.outcome,
        isolation: isolation(end.confined.unwrap_or_default()),
        usage,
        trace: end.trace,
        output_dropped_bytes: 0,
    })
}

/// The largest resident set of this process so far, in KiB (proc(5), `VmHWM`).
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn isolation(
    plan: Plan,
    given: Option<bool>,
    cgroup: &Result<Cgroup, String>,
    confined: Confined,
) -> Isolation {
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
    bounded(cgroup, &mut mechanisms, &mut degradations);
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

/// What bounds all processes together.
fn bounded(
    cgroup: &Result<Cgroup, String>,
    mechanisms: &mut Vec<Mechanism>,
    degradations: &mut Vec<String>,
) {
    match cgroup {
        Ok(group) => {
            mechanisms.push(Mechanism::applied("cgroup-limits", Some(group.bounds.clone())));
            if !group.bounds_memory {
                degradations.push("memory of all processes together is not bounded".to_owned());
            }
        }
        Err(reason) => {
            mechanisms.push(Mechanism::not_applied("cgroup-limits", reason.clone()));
            degradations
                .push("memory of all processes together is not bounded (no cgroup)".to_owned());
        }
    }
}

/// Without namespaces: rung 2 where it is confined, else 0.
fn isolation_alone(
    spec: &StepSpec,
    without: &WithoutNamespaces<'_>,
    barrier: &Barrier,
    cgroup: &Result<Cgroup, String>,
    confined: Confined,
) -> Isolation {
    let why = barrier.to_string();
    let mut mechanisms: Vec<Mechanism> =
        NAMESPACES.iter().map(|(name, _)| Mechanism::not_applied(name, why.clone())).collect();
    mechanisms.extend(confined.mechanisms);
    let mut degradations = confined.degradations;
    degradations.insert(0, format!("no namespaces: {why}; {}", barrier.remedy()));
    let own = rustix::process::geteuid().as_raw();
    let (host_uid, host_gid) =
        without.user.unwrap_or_else(|| (own, rustix::process::getegid().as_raw()));
    if without.user.is_some() {
        let detail = Some("workspace files given away".to_owned());
        mechanisms.push(Mechanism::applied("separate-user", detail));
    } else {
        let why = "the step is the user who runs it";
        mechanisms.push(Mechanism::not_applied("separate-user", why));
    }
    bounded(cgroup, &mut mechanisms, &mut degradations);
    if host_uid == 0 {
        degradations.push("the step is user 0: its number of processes is not bounded".to_owned());
    }
    if !spec.protected.is_empty() {
        let how = if without.confined {
            "protected paths can be changed and are put back after the step; not if both processes of \
             the step-host are killed at once"
        } else {
            "protected paths are not protected"
        };
        degradations.push(how.to_owned());
    }
    let (kernel, machine) = system();
    Isolation {
        rung: if without.confined { 2 } else { 0 },
        mechanisms,
        kernel,
        machine,
        seccomp_filter: confined.seccomp_filter,
        landlock_abi: confined.landlock_abi,
        identity: Some(Identity { inside_uid: host_uid, host_uid, host_gid }),
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
