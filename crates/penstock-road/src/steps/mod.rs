//! Runs the steps of a plan: each in its own copy of the commit's tree, independent ones at the
//! same time, and takes over what they leave behind.

mod difference;
mod leaks;
mod log;
mod schedule;
mod step;
mod twice;
mod watched;

use std::path::{Path, PathBuf};

use penstock_model::{GitOid, Sha256, Timestamp};
use penstock_sandbox::{CancelToken, Toolchains, outputs::Output};
use penstock_statement::{
    ResourceDescriptor,
    predicate::{RunSeal, SealedStep, StepOutcome},
};

pub use watched::Watched;

use crate::{
    crates::Crates,
    home::Home,
    plan::Plan,
    roots::Roots,
    secrets::Sources,
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
    /// Root file systems of steps that do not run in the machine's.
    pub roots: Roots,
    /// Packages steps may use without a network, verified.
    pub crates: Crates,
    /// The instant every file of the tree bears, and `SOURCE_DATE_EPOCH`.
    pub epoch: Timestamp,
    /// How many steps may run at once; at least one does.
    pub jobs: usize,
    /// Ends everything.
    pub cancel: &'a CancelToken,
    /// Where secrets of steps come from.
    pub secrets: Sources<'a>,
    /// The run this one is compared with.
    pub before: Option<&'a RunSeal>,
    /// Whether what leaves outputs is built a second time, and must leave the same.
    pub twice: bool,
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
    /// What it did, if it ran.
    pub watched: Option<Watched>,
    /// The root file system it ran in, if it was one of its own.
    pub root: Option<ResourceDescriptor>,
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
            secrets: Vec::new(),
            trace: None,
            reproduced: Vec::new(),
            duration_ms: 0,
        },
        outputs: Vec::new(),
        watched: None,
        root: None,
    }
}
