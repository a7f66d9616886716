//! Runs the steps of a plan: each in its own copy of the commit's tree, independent ones at the
//! same time, and takes over what they leave behind.

mod log;
mod schedule;
mod step;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use penstock_model::{GitOid, Secret, Sha256, Timestamp};
use penstock_sandbox::{CancelToken, Toolchains, outputs::Output};
use penstock_statement::predicate::{RunSeal, SealedStep, StepOutcome};

use crate::{
    crates::Crates,
    home::Home,
    plan::Plan,
    timeline::{Event, Timeline},
};

/// Everything the steps of one run share.
pub struct Workshop<'a> {
    /// This executable; `exe step-host` is the step-host.
    pub exe: &'a Path,
    /// The state directory.
    pub home: &'a Home,
    /// The run's name.
    pub invocation: &'a str,
    /// What the steps are given.
    pub source: Source<'a>,
    /// Compilers and interpreters of the person who runs this, read-only.
    pub toolchains: Toolchains,
    /// Packages steps may use without a network, verified.
    pub crates: Crates,
    /// The instant every file of the tree bears, and `SOURCE_DATE_EPOCH`.
    pub epoch: Timestamp,
    /// How many steps may run at once; at least one does.
    pub jobs: usize,
    /// Ends everything.
    pub cancel: &'a CancelToken,
    /// Looks a secret up in the caller's environment.
    pub lookup: &'a (dyn Fn(&str) -> Option<OsString> + Sync),
    /// The run this one is compared with.
    pub before: Option<&'a RunSeal>,
    /// Who is told.
    pub timeline: &'a dyn Timeline,
}

/// The files steps start from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The tree of a commit.
    Commit {
        /// A directory of the repository; each thread opens its own.
        repository: &'a Path,
        /// The tree.
        tree: &'a GitOid,
    },
    /// The work tree as it is: tracked and untracked files, ignored ones left out.
    WorkTree {
        /// The project's directory.
        directory: &'a Path,
    },
}

/// What became of one step.
#[derive(Clone, Debug)]
pub struct Done {
    /// The record, as it is sealed.
    pub sealed: SealedStep,
    /// What it left behind, taken over.
    pub outputs: Vec<Output>,
}

impl Done {
    /// Whether the steps that need it may run.
    pub fn succeeded(&self) -> bool {
        self.sealed.outcome == StepOutcome::Succeeded
    }
}

impl Workshop<'_> {
    /// Runs every step of the plan, in its order where one needs another, and returns when the last
    /// process of the last one is gone. After a failure nothing new is started; what never started
    /// says why.
    pub fn run(&self, plan: &Plan) -> Vec<Done> {
        let done = schedule::run(plan, self.jobs, &|planned, needs| {
            let done = self.step(planned, needs);
            self.tell(&done.sealed);
            done
        });
        let never_began = |done: &&Done| !self.directory(&done.sealed.name).exists();
        for done in done.iter().filter(never_began) {
            self.tell(&done.sealed);
        }
        done
    }

    /// Tells that a step is over.
    fn tell(&self, step: &SealedStep) {
        let before = self.before.and_then(|seal| seal.steps.iter().find(|s| s.name == step.name));
        self.timeline.event(&Event::StepEnded { step, before });
    }

    /// The directory of one step of this run.
    fn directory(&self, step: &str) -> PathBuf {
        self.home.run(self.invocation).join(step)
    }

    /// The values of a step's secrets, by the name the step sees.
    fn secrets(
        &self,
        wanted: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Secret>, String> {
        use std::os::unix::ffi::OsStringExt as _;

        let one = |(name, variable): (&String, &String)| match (self.lookup)(variable) {
            Some(value) if !value.is_empty() => Ok((name.clone(), Secret::new(value.into_vec()))),
            _ => Err(format!("secret `{name}` wants the variable `{variable}`, which is not set")),
        };
        wanted.iter().map(one).collect()
    }
}

/// A record of a step that never ran.
fn not_started(name: &str, definition: Sha256, reason: String) -> Done {
    Done {
        sealed: SealedStep {
            name: name.to_owned(),
            definition,
            outcome: StepOutcome::NotStarted { reason },
            isolation: None,
            outputs: Vec::new(),
            log: None,
            tests: None,
            duration_ms: 0,
        },
        outputs: Vec::new(),
    }
}
