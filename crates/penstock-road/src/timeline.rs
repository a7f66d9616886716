//! What a run tells while it happens, for whoever shows it.

use penstock_model::{Report, Sha256};
use penstock_sandbox::Isolation;
use penstock_statement::predicate::{Decision, Deployment, SealedStep};

use crate::{bill::Bill, egress::Reached};

/// Something a run did or found, in the order it happened.
pub enum Event<'a> {
    /// What this machine lets steps be confined with.
    Isolation(&'a Isolation),
    /// The check of the commit's tree.
    Checked(&'a Report),
    /// A step begins.
    StepStarted {
        /// Its name.
        step: &'a str,
    },
    /// A line a step printed, masked, without its line feed.
    StepOutput {
        /// Its name.
        step: &'a str,
        /// The line; any bytes.
        line: &'a [u8],
    },
    /// Something about a step whoever runs it should know.
    StepNote {
        /// Its name.
        step: &'a str,
        /// What.
        note: &'a str,
    },
    /// What a step asked of the network, once it is over; only of steps that reach something.
    StepReached {
        /// Its name.
        step: &'a str,
        /// What it asked for.
        reached: &'a Reached,
    },
    /// A step is over.
    StepEnded {
        /// Its record.
        step: &'a SealedStep,
        /// The same step in the last admitted release, to compare with.
        before: Option<&'a SealedStep>,
    },
    /// Nothing becomes a release: the work tree was built, or only some of the steps ran.
    NoRelease {
        /// Whether it was the work tree.
        work_tree: bool,
    },
    /// The run is sealed, but no step leaves anything behind.
    NothingToDeploy,
    /// What the lock files name.
    Billed(&'a Bill),
    /// Evidence was signed and logged.
    Logged {
        /// How many statements.
        statements: usize,
        /// First and last index in the ledger.
        range: (u64, u64),
        /// The build key.
        key: &'a Sha256,
        /// The run seal.
        seal: &'a Sha256,
        /// Whether the run succeeded, so that its seal is a release.
        released: bool,
    },
    /// A gate decided.
    Decided {
        /// What it decided.
        decision: &'a Decision,
        /// Where a deployment followed.
        deployed: Option<&'a Deployment>,
    },
}

/// Who is told. Steps run at the same time, so it is told from several threads.
pub trait Timeline: Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}
