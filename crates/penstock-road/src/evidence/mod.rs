//! The statements one run makes, from what it did. Pure: nothing is signed or stored here.

mod check;
mod provenance;
mod seal;
mod tests;
mod trace;

pub use check::check_result;
pub use provenance::{builder_id, provenance};
pub use seal::seal;
pub use tests::test_result;
pub use trace::runtime_trace;

use penstock_model::{GitOid, ProjectId, Sha256, Timestamp};
use penstock_statement::{
    ResourceDescriptor,
    predicate::{Custody, PolicyRef, SealedOutput},
};

/// What every statement of one run has in common.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The project.
    pub project: ProjectId,
    /// The run's name.
    pub invocation: String,
    /// The commit that was built; `None` for the work tree.
    pub commit: Option<GitOid>,
    /// The commit's tree at the project's directory.
    pub tree: Option<GitOid>,
    /// Where the source is: `git+https://…@<commit>`.
    pub source: String,
    /// Digest of the exact `penstock.toml`.
    pub configuration: Sha256,
    /// The policy pinned when the run began.
    pub policy: PolicyRef,
    /// Who could reach the signing keys.
    pub custody: Custody,
    /// The version of this program.
    pub version: String,
    /// When the run began.
    pub started_on: Timestamp,
    /// When its last process was gone.
    pub finished_on: Timestamp,
}

/// The subject an output becomes.
fn subject(output: &SealedOutput) -> ResourceDescriptor {
    ResourceDescriptor {
        name: Some(output.path.to_string()),
        digest: output.digest.clone(),
        ..ResourceDescriptor::default()
    }
}

/// The digests a release consists of: every output of every step; for a run without outputs, the
/// commit. A run of the work tree without outputs is about nothing but its own configuration.
fn release_subjects(
    facts: &RunFacts,
    outputs: impl Iterator<Item = SealedOutput>,
) -> Vec<ResourceDescriptor> {
    let mut subjects: Vec<ResourceDescriptor> = outputs.map(|output| subject(&output)).collect();
    if subjects.is_empty() {
        subjects.push(match &facts.commit {
            Some(commit) => ResourceDescriptor::git_commit(commit),
            None => ResourceDescriptor::sha256("penstock.toml", &facts.configuration),
        });
    }
    subjects
}
