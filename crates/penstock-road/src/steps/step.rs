//! One step: its copy of the tree, its run, its outputs.

use std::{collections::BTreeMap, fs, io, os::fd::AsFd, path::Path};

use penstock_git::Repository;
use penstock_model::{RepoPath, Secret, Sha256};
use penstock_sandbox::{
    self as sandbox, Launch, Outcome, ReadOnlyInput, Recording, StepRecord, StepSpec,
    mask::Forms,
    outputs::{self, Output, OutputDigest},
};
use penstock_statement::{
    DigestSet, ResourceDescriptor,
    predicate::{Isolation, Mechanism, SealedOutput, SealedStep, StepOutcome},
};

use super::{Done, Source, Workshop, leaks::Leaks, log::Log, not_started, watched::Watched};
use crate::{
    egress::{Proxy, Wanted},
    inputs::Inputs,
    plan::PlannedStep,
    roots,
    secrets::Fetched,
    timeline::Event,
};

/// One time that a step is run.
#[derive(Clone, Copy)]
pub(super) struct Build<'a> {
    /// What it is called to whoever looks on.
    pub(super) label: &'a str,
    /// Its own, for log and workspace.
    pub(super) directory: &'a Path,
    /// Where its outputs are taken.
    pub(super) store: &'a Path,
    /// Whether it is the second one.
    pub(super) varied: bool,
}

impl Workshop<'_> {
    /// Runs one step to its end. Whatever goes wrong is in the record.
    pub(super) fn step(&self, planned: &PlannedStep, needs: &BTreeMap<String, Done>) -> Done {
        self.timeline.event(&Event::StepStarted { step: planned.name() });
        let first = Build {
            label: planned.name(),
            directory: &self.directory(planned.name()),
            store: &self.home.artifacts(),
            varied: false,
        };
        let mut done = self.build(planned, needs, &first);
        if self.twice && done.succeeded() && !done.outputs.is_empty() {
            self.again(planned, needs, &first, &mut done);
        }
        done
    }

    /// One build of a step, to its end.
    pub(super) fn build(
        &self,
        planned: &PlannedStep,
        needs: &BTreeMap<String, Done>,
        build: &Build<'_>,
    ) -> Done {
        let mut secrets = Fetched::default();
        let mut done = self
            .try_build(planned, needs, build, &mut secrets)
            .unwrap_or_else(|reason| not_started(planned.name(), planned.definition(), reason));
        // That they were read is recorded whatever came of it.
        done.sealed.secrets = secrets.read;
        // What a step was given and left is of no use once its outputs are taken over; what it
        // printed stays.
        _ = fs::remove_dir_all(build.directory.join("workspace"));
        done
    }

    fn try_build(
        &self,
        planned: &PlannedStep,
        needs: &BTreeMap<String, Done>,
        build: &Build<'_>,
        secrets: &mut Fetched,
    ) -> Result<Done, String> {
        let Build { label, directory, store, varied } = *build;
        let failed = |what: &str| {
            let what = what.to_owned();
            move |error: io::Error| format!("{what}: {error}")
        };
        let workspace = directory.join("workspace");
        fs::create_dir_all(&workspace).map_err(failed("cannot make the workspace"))?;
        let root = self.roots.of_step(planned)?;
        if let Some(root) = root {
            let note =
                format!("in root sha256:{} ({})", root.record.digest.short(), root.record.name);
            self.timeline.event(&Event::StepNote { step: planned.name(), note: &note });
        }
        self.fill(&workspace, planned)?;
        let fetched = self.secrets.fetch(&planned.secrets, secrets);
        for note in secrets.notes.drain(..) {
            self.timeline.event(&Event::StepNote { step: label, note: &note });
        }
        fetched.map_err(|error| error.to_string())?;
        // The values themselves are dropped here, with all but what the step is given.
        let (names, values): (Vec<String>, Vec<Secret>) =
            std::mem::take(&mut secrets.values).into_iter().unzip();
        let mut spec = self.spec(planned, needs, &workspace, names.iter().zip(&values))?;
        spec.varied = varied;
        let forms = Forms::new(&values);
        drop(values);
        let proxy = self.proxy(planned)?;
        let egress = proxy.as_ref().map(Proxy::handoff).transpose();
        let egress = egress.map_err(failed("cannot reach the proxy"))?;
        if let Some(proxy) = &proxy {
            let own: Vec<String> = spec.env.keys().cloned().collect();
            proxy.lead(&mut spec, &own);
        }
        if let Some(root) = root {
            roots::give(root, &mut spec);
        }

        let log_path = directory.join("log");
        let mut log = Log::create(&log_path, label, &forms, self.timeline)
            .map_err(failed("cannot keep the log"))?;
        let handed = egress.as_ref().map(AsFd::as_fd);
        let launch = Launch { egress: handed, ..Launch::new(self.exe) };
        let record = sandbox::run_step(&launch, &spec, self.cancel, &mut |stream, bytes| {
            log.write(stream, bytes);
        });
        drop(egress);
        let logged = log.finish();
        let reached = proxy.map(Proxy::finish).transpose().map_err(|error| error.to_string())?;
        if let Some(reached) = &reached {
            self.timeline.event(&Event::StepReached { step: label, reached });
        }
        let record = record.map_err(|error| error.to_string())?;
        logged.map_err(failed("cannot keep the log"))?;
        let text = fs::read(&log_path).map_err(failed("cannot read the log"))?;

        let watched = Watched::new(&record, reached, &forms);
        drop(spec);
        let leaks = Leaks { forms, names: &names };
        let (outcome, outputs) = self.take_over(planned, &record, &workspace, &leaks, store);
        let tests =
            planned.runner.and_then(|runner| runner.counts(&String::from_utf8_lossy(&text)));
        let sealed = SealedStep {
            name: planned.name().to_owned(),
            definition: planned.definition(),
            outcome,
            isolation: Some(isolation(&record.isolation)),
            outputs: outputs.iter().map(sealed_output).collect(),
            log: Some(ResourceDescriptor::sha256(
                format!("{}.log", planned.name()),
                &Sha256::of(&text),
            )),
            tests,
            secrets: Vec::new(),
            // Known when its record is signed.
            trace: None,
            reproduced: Vec::new(),
            duration_ms: record.usage.duration_ms,
        };
        Ok(Done { sealed, outputs, watched: Some(watched), root: root.map(roots::described) })
    }

    /// The proxy of a step that reaches something.
    fn proxy(&self, planned: &PlannedStep) -> Result<Option<Proxy>, String> {
        if planned.reach.is_empty() {
            return Ok(None);
        }
        let rules = planned.reach.iter().map(String::as_str);
        let wanted = Wanted::new(rules, planned.intercept, self.secrets.lookup)
            .map_err(|error| error.to_string())?;
        Proxy::start(self.exe, &wanted).map(Some).map_err(|error| error.to_string())
    }

    /// Puts the step's files into its empty workspace.
    fn fill(&self, workspace: &Path, planned: &PlannedStep) -> Result<(), String> {
        let inputs = Inputs::new(&planned.parameters.inputs)?;
        let wanted = |path: &RepoPath| inputs.contain(path);
        match self.source {
            Source::Commit { repository, tree } => {
                // A repository cannot be shared between threads.
                let repository = Repository::discover(repository).map_err(|e| e.to_string())?;
                repository
                    .materialise(tree, workspace, self.epoch, &wanted)
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            }
            Source::WorkTree { directory } => inputs.copy_work_tree(directory, workspace),
        }
    }

    fn spec<'s>(
        &self,
        planned: &PlannedStep,
        needs: &BTreeMap<String, Done>,
        workspace: &Path,
        secrets: impl Iterator<Item = (&'s String, &'s Secret)>,
    ) -> Result<StepSpec, String> {
        let parameters = &planned.parameters;
        let mut spec = StepSpec::new(planned.name(), parameters.argv.iter(), workspace);
        spec.home = self.crates.shown().to_vec();
        spec.toolchains = self.toolchains.clone();
        spec.recording = Recording::Everything;
        spec.env = parameters.env.clone();
        for (name, value) in secrets {
            let value = std::str::from_utf8(value.expose())
                .map_err(|_| format!("secret `{name}` is not UTF-8"))?;
            spec.env.insert(name.clone(), value.to_owned());
        }
        spec.source_date_epoch = Some(self.epoch.unix());
        spec.timeout_seconds = parameters.timeout_seconds;
        spec.inputs = needs
            .values()
            .flat_map(|done| &done.outputs)
            .map(|output| ReadOnlyInput {
                host: output.stored.clone(),
                inside: output.path.clone(),
            })
            .collect();
        Ok(spec)
    }

    /// Takes the outputs of a step that ended well, unless a secret of its is in them.
    fn take_over(
        &self,
        planned: &PlannedStep,
        record: &StepRecord,
        workspace: &Path,
        leaks: &Leaks<'_>,
        store: &Path,
    ) -> (StepOutcome, Vec<Output>) {
        let outcome = outcome(&record.outcome);
        if outcome != StepOutcome::Succeeded || planned.outputs.is_empty() {
            return (outcome, Vec::new());
        }
        let note = &mut |note: &str| {
            self.timeline.event(&Event::StepNote { step: planned.name(), note });
        };
        if let Err(error) = leaks.refuse(workspace, &planned.outputs, note) {
            return (StepOutcome::BadOutput { reason: error.to_string() }, Vec::new());
        }
        match outputs::collect(workspace, &planned.outputs, store) {
            Ok(outputs) => (outcome, outputs),
            Err(error) => (StepOutcome::BadOutput { reason: error.to_string() }, Vec::new()),
        }
    }
}

fn outcome(outcome: &Outcome) -> StepOutcome {
    match outcome {
        Outcome::Succeeded => StepOutcome::Succeeded,
        Outcome::Failed { status } => StepOutcome::Failed { status: i32::from(*status) },
        Outcome::Killed { signal } => StepOutcome::Killed { signal: *signal },
        Outcome::TimedOut => StepOutcome::TimedOut,
        Outcome::Cancelled => StepOutcome::Cancelled,
        Outcome::WorkspaceFull => {
            StepOutcome::BadOutput { reason: "its workspace grew over the limit".to_owned() }
        }
        Outcome::NotStarted { reason } => StepOutcome::NotStarted { reason: reason.clone() },
    }
}

fn sealed_output(output: &Output) -> SealedOutput {
    let (algorithm, digest) = match output.digest {
        OutputDigest::File(digest) => ("sha256", digest),
        OutputDigest::Directory(digest) => ("gitTree", digest),
    };
    SealedOutput {
        path: output.path.clone(),
        digest: DigestSet::from([(algorithm.to_owned(), digest.to_string())]),
        size: output.size,
        executable: output.executable,
    }
}

/// What was in force, in the words of the seal.
fn isolation(isolation: &sandbox::Isolation) -> Isolation {
    Isolation {
        rung: isolation.rung,
        kernel: isolation.kernel.clone(),
        mechanisms: isolation
            .mechanisms
            .iter()
            .map(|mechanism| Mechanism {
                name: mechanism.name.clone(),
                applied: mechanism.applied,
                detail: mechanism
                    .reason
                    .clone()
                    .or_else(|| mechanism.detail.clone())
                    .unwrap_or_default(),
            })
            .collect(),
        degradations: isolation.degradations.clone(),
    }
}
