//! The road itself: one commit, from its check to its deployments.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_config::PenstockToml;
use penstock_gate::last_admitted;
use penstock_ledger::Receipt;
use penstock_model::{Report, Sha256, Timestamp};
use penstock_sandbox::{Toolchains, outputs};
use penstock_statement::{
    RawStatement, Verified,
    predicate::{Outcome, RunOutcome, RunSeal},
};
use rustix::fs::{FlockOperation, flock};

use crate::{
    archive::Archive,
    bill::Bill,
    check::Candidate,
    crates::Crates,
    deliver::{self, Delivered},
    error::{Refusal, RoadError},
    evidence::{self, RunFacts},
    gate,
    plan::Plan,
    recorder::Recorder,
    roots::Roots,
    secrets::{Sources, VAULT_TIMEOUT},
    session::Session,
    steps::{Done, Source, Workshop},
    timeline::{Event, Timeline},
};

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The steps; none means all.
    pub steps: Vec<String>,
    /// Whether the work tree is built instead of the commit.
    pub work_tree: bool,
    /// Where the evidence is written too.
    pub evidence_out: Option<PathBuf>,
    /// Whether what leaves outputs is built twice.
    pub twice: bool,
    /// The identities that secrets in age files are decrypted with.
    pub identity: Option<PathBuf>,
}

/// How a run came out, as an exit status: what failed, or what its gates said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunResult {
    /// All automatic work is done; perhaps a person is waited for.
    Done,
    /// A gate denied.
    Denied,
    /// A step failed, or a gate could not tell.
    Failed,
}

impl RunResult {
    /// The exit status (DECISIONS 12).
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Denied => 1,
            Self::Failed => 3,
        }
    }
}

/// Runs a project's pipeline and takes its release as far as its gates let it.
///
/// # Errors
/// What kept it from coming to a result; a step that fails and a gate that denies are results.
pub fn run(
    session: &Session<'_>,
    configuration: &PenstockToml,
    text: &str,
    request: &Request,
    timeline: &dyn Timeline,
) -> Result<RunResult, RoadError> {
    let plan = Plan::of(configuration, &request.steps)?;
    let started_on = session.now();
    let before = before(session)?;
    let isolation = penstock_sandbox::probe(&session.around.exe)?;
    timeline.event(&Event::Isolation(&isolation));
    let makes_release = !request.work_tree && !plan.partial;

    // What was suppressed when the policy was first adopted counts; what was added since is decided
    // by the policy's exceptions, never by having been there a while.
    let base = &session.pinned.policy.base;
    let report = if request.work_tree {
        None
    } else {
        let candidate = Candidate {
            project: session.project,
            commit: &session.project.head.id,
            configuration,
            policy: &session.pinned.policy,
            base: Some(base),
            now: started_on,
            version: &session.around.version,
        };
        let report = candidate.check()?;
        timeline.event(&Event::Checked(&report));
        Some(report)
    };

    let reserved = reserve(session, started_on)?;
    let invocation = reserved.invocation.clone();
    let compared = before.as_ref().map(Verified::predicate);
    let done = steps(session, &plan, request, &invocation, compared, timeline)?;
    let succeeded = done.iter().all(Done::succeeded);
    if !makes_release {
        timeline.event(&Event::NoRelease { work_tree: request.work_tree });
        return Ok(if succeeded { RunResult::Done } else { RunResult::Failed });
    }

    let facts = RunFacts {
        project: session.project.id.clone(),
        invocation,
        commit: Some(session.project.head.id.clone()),
        tree: Some(session.project.tree.clone()),
        source: session.project.source(),
        configuration: Sha256::of(text.as_bytes()),
        policy: session.pinned.reference.clone(),
        custody: session.custody(),
        version: session.around.version.clone(),
        started_on,
        finished_on: session.now(),
    };
    // The last process of the run is gone: only now does anything open a key.
    let signer = session.signer()?;
    let sealed = Sealing { session, signer: &signer, facts: &facts, plan: &plan, steps: &done }
        .seal(configuration, report.as_ref(), request, timeline)?;
    if sealed.predicate().outcome != RunOutcome::Succeeded {
        signer.finish()?;
        return Ok(RunResult::Failed);
    }
    let result = deliver_all(session, &signer, &sealed, timeline)?;
    signer.finish()?;
    Ok(result)
}

/// Takes a release through the environments in their order, as far as it gets.
///
/// # Errors
/// A gate that cannot be asked, a target that fails.
pub fn deliver_all(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    timeline: &dyn Timeline,
) -> Result<RunResult, RoadError> {
    if seal.predicate().steps.iter().all(|step| step.outputs.is_empty()) {
        timeline.event(&Event::NothingToDeploy);
        return Ok(RunResult::Done);
    }
    for (name, _) in session.pinned.policy.environments_in_order() {
        let decision = gate::judge(session, signer, seal, name)?;
        let delivered = deliver::deploy(session, signer, seal, name)?;
        let deployment = match &delivered {
            Delivered::Yes(deployment) => Some(deployment.as_ref()),
            Delivered::No(_) => None,
        };
        timeline.event(&Event::Decided { decision: decision.predicate(), deployed: deployment });
        if deployment.is_none() {
            return Ok(match decision.predicate().outcome {
                // Allowed and not deployed: the window closed in between.
                Outcome::Allow | Outcome::Held => RunResult::Done,
                Outcome::Deny => RunResult::Denied,
                Outcome::Indeterminate => RunResult::Failed,
            });
        }
    }
    Ok(RunResult::Done)
}

/// The run that is in the first environment by its gate's leave: what this one is compared with.
fn before(session: &Session<'_>) -> Result<Option<Verified<RunSeal>>, RoadError> {
    let environments = session.pinned.policy.environments_in_order();
    let Some((first, _)) = environments.first() else { return Ok(None) };
    let deployments = gate::deployments(session, first)?.verified;
    match last_admitted(&deployments, first) {
        Some(deployment) => {
            Archive::new(&session.ledger, &session.trust).by_id(&deployment.predicate().run)
        }
        None => Ok(None),
    }
}

/// A run's name, and the lock that says its processes are alive.
struct Reserved {
    invocation: String,
    _alive: File,
}

/// A name for this run and a directory of that name that was not there before. Workspaces that runs
/// which were killed left behind are removed.
fn reserve(session: &Session<'_>, now: Timestamp) -> Result<Reserved, RoadError> {
    let runs = session.place.home.root().join("runs");
    fs::create_dir_all(&runs).map_err(|error| RoadError::io("make", &runs, &error))?;
    sweep(&runs);
    let stamp: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    for number in 0_u32.. {
        let name = match number {
            0 => format!("{stamp}-{}", std::process::id()),
            n => format!("{stamp}-{}-{n}", std::process::id()),
        };
        let directory = session.place.home.run(&name);
        let failed = |error: &io::Error| RoadError::io("make", &directory, error);
        match fs::create_dir(&directory) {
            Ok(()) => {
                let alive = File::create(directory.join("alive")).map_err(|e| failed(&e))?;
                flock(&alive, FlockOperation::LockExclusive).map_err(|e| failed(&e.into()))?;
                return Ok(Reserved { invocation: name, _alive: alive });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    Err(RoadError::io("make a run in", runs, &io::ErrorKind::AlreadyExists.into()))
}

/// Removes what killed runs left of their steps' workspaces; their logs stay. What cannot be removed
/// is only in the way.
fn sweep(runs: &Path) {
    let directories = |path: &Path| {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    for run in directories(runs) {
        let Ok(alive) = File::open(run.join("alive")) else { continue };
        if flock(&alive, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        _ = fs::remove_dir_all(run.join("crates"));
        for step in directories(&run) {
            _ = fs::remove_dir_all(step.join("workspace"));
        }
    }
}

/// Runs the steps.
fn steps(
    session: &Session<'_>,
    plan: &Plan,
    request: &Request,
    invocation: &str,
    before: Option<&RunSeal>,
    timeline: &dyn Timeline,
) -> Result<Vec<Done>, RoadError> {
    let around = session.around;
    let user_home = around.user_home.clone().unwrap_or_else(|| Path::new("/nonexistent").into());
    let directory = session.place.home.run(invocation);
    let cargo_home = (around.lookup)("CARGO_HOME").map(PathBuf::from);
    let crates = Crates::gather(
        &session.project.repository,
        &session.project.tree,
        &cargo_home.unwrap_or_else(|| user_home.join(".cargo")),
        &directory.join("crates"),
    )?;
    let source = if request.work_tree {
        Source::WorkTree { directory: &session.project.directory }
    } else {
        Source::Commit {
            repository: session.project.repository.root_dir(),
            tree: &session.project.tree,
        }
    };
    let workshop = Workshop {
        exe: &around.exe,
        home: &session.place.home,
        invocation,
        source,
        toolchains: Toolchains::find(&user_home, &around.path),
        roots: Roots::of(plan, &session.place.home),
        crates,
        epoch: session.project.head.committer.time,
        jobs: thread::available_parallelism().map_or(1, NonZeroUsize::get),
        cancel: &around.cancel,
        secrets: Sources {
            lookup: &*around.lookup,
            inherited: &around.inherited,
            identity: request.identity.as_deref(),
            vault: session.pinned.policy.vault.as_ref(),
            vault_timeout: VAULT_TIMEOUT,
            project: source,
            from_descriptors: Mutex::default(),
        },
        before,
        twice: request.twice,
        timeline,
    };
    let done = workshop.run(plan);
    // Only this run used them.
    _ = fs::remove_dir_all(directory.join("crates"));
    Ok(done)
}

/// Turns what a run did into signed evidence.
struct Sealing<'r, 's> {
    session: &'r Session<'s>,
    signer: &'r SignerClient,
    facts: &'r RunFacts,
    plan: &'r Plan,
    steps: &'r [Done],
}

impl Sealing<'_, '_> {
    /// Signs and logs everything a run leaves behind, in one commit: all of it or nothing. A run that
    /// failed leaves its check and its seal, never anything for release.
    fn seal(
        &self,
        configuration: &PenstockToml,
        report: Option<&Report>,
        request: &Request,
        timeline: &dyn Timeline,
    ) -> Result<Verified<RunSeal>, RoadError> {
        let session = self.session;
        self.make_durable()?;
        let mut recorder = Recorder::new(&session.ledger, self.signer, self.facts.finished_on);
        if let Some(report) = report {
            let digest = store_report(session, report)?;
            let check = evidence::check_result(
                self.facts,
                report,
                &digest,
                Some(&session.pinned.policy.base),
            );
            if let Some(check) = check {
                recorder.add(&KeyName::Build, &check)?;
            }
        }
        let mut traces = BTreeMap::new();
        for done in self.steps {
            if let Some(trace) = evidence::runtime_trace(self.facts, self.steps, done) {
                traces.insert(done.sealed.name.clone(), recorder.add(&KeyName::Build, &trace)?);
            }
        }
        let seal = evidence::seal(self.facts, self.plan.partial, self.steps, &traces);
        let release = recorder.add(&KeyName::Build, &seal)?;
        if seal.predicate.outcome == RunOutcome::Succeeded {
            let bill = Bill::of(session.project, &session.project.head.id)?;
            let provenance = evidence::provenance(
                self.facts,
                self.plan,
                self.steps,
                &release,
                &bill.dependencies(),
            );
            for statement in &provenance {
                recorder.add(&KeyName::Build, statement)?;
            }
            if !provenance.is_empty() {
                let subjects = seal.subject.clone();
                let name = &configuration.project.name;
                let sbom: RawStatement =
                    bill.statement(session.project, name, &session.around.version, subjects);
                recorder.add_foreign(&KeyName::Build, &sbom)?;
            }
            timeline.event(&Event::Billed(&bill));
        }
        for name in &session.pinned.policy.tests.steps {
            if let Some(step) = seal.predicate.steps.iter().find(|step| step.name == *name) {
                recorder
                    .add(&KeyName::Build, &evidence::test_result(self.facts, self.steps, step))?;
            }
        }
        if let Some(directory) = &request.evidence_out {
            write_out(directory, &recorder)?;
        }
        let statements = recorder.len();
        let receipts = recorder.commit()?;
        let range = range(&receipts);
        let archive = Archive::new(&session.ledger, &session.trust);
        let sealed = archive.by_id::<RunSeal>(&release)?.ok_or_else(|| Refusal::NoLongerHolds {
            release: release.short(),
            reason: "the build key that sealed it is not one the policy trusts".to_owned(),
        })?;
        let (key, seal) = (&sealed.key, &sealed.evidence);
        let released = sealed.predicate().outcome == RunOutcome::Succeeded;
        timeline.event(&Event::Logged { statements, range, key, seal, released });
        Ok(sealed)
    }

    /// Nothing is signed about bytes that a power failure could still take away.
    fn make_durable(&self) -> Result<(), RoadError> {
        for output in self.steps.iter().flat_map(|done| &done.outputs) {
            outputs::sync(&output.stored)
                .map_err(|error| RoadError::io("sync", &output.stored, &error))?;
        }
        Ok(())
    }
}

/// First and last index of what was logged.
fn range(receipts: &[Receipt]) -> (u64, u64) {
    let indices = receipts.iter().map(|receipt| receipt.index);
    (indices.clone().min().unwrap_or(0), indices.max().unwrap_or(0))
}

/// Keeps the full report by its digest.
fn store_report(session: &Session<'_>, report: &Report) -> Result<Sha256, RoadError> {
    let text = serde_json::to_vec(report).unwrap_or_default();
    let digest = Sha256::of(&text);
    let directory = session.place.home.root().join("reports");
    let path = directory.join(format!("{digest}.json"));
    let partial = directory.join(format!(".{digest}-{}", std::process::id()));
    fs::create_dir_all(&directory)
        .and_then(|()| fs::write(&partial, &text))
        .and_then(|()| fs::rename(&partial, &path))
        .and_then(|()| outputs::sync(&path))
        .map_err(|error| RoadError::io("write", &path, &error))?;
    Ok(digest)
}

/// Writes what is about to be logged into a directory, for a host that imports it.
fn write_out(directory: &Path, recorder: &Recorder<'_, '_>) -> Result<(), RoadError> {
    fs::create_dir_all(directory).map_err(|error| RoadError::io("make", directory, &error))?;
    for (id, bytes) in recorder.bundles() {
        let path = directory.join(format!("{id}.sigstore.json"));
        fs::write(&path, bytes).map_err(|error| RoadError::io("write", path, &error))?;
    }
    Ok(())
}
