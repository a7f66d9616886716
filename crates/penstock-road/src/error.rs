//! What can go wrong on the road, and the exit status each fault has.

use std::{io, path::PathBuf};

use penstock_attest::{
    LogVerifierError, PublicKeyError, TrustError,
    keys::{KeyNameError, KeyStoreError},
    signer::SignerError,
};
use penstock_check::{CheckError, EngineError};
use penstock_config::ConfigErrors;
use penstock_deploy::{DeployError, ReleaseError};
use penstock_git::GitError;
use penstock_ledger::LedgerError;
use penstock_rootfs::RootError;
use penstock_sandbox::SandboxError;
use penstock_statement::StatementError;

use crate::{
    check::CandidateError, crates::CratesError, home::HomeError, plan::PlanError,
    project::ProjectError,
};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RoadError {
    /// The candidate could not be checked.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// The check engine could not run.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A configuration or a policy text is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Packages for the steps could not be gathered.
    #[error(transparent)]
    Crates(#[from] CratesError),
    /// A release could not be put in place.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The rules do not fit together.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The state directory cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file operation of our own.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A person's name cannot be a key's name.
    #[error(transparent)]
    KeyName(#[from] KeyNameError),
    /// A key cannot be made or used.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The ledger says no.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log key is none.
    #[error(transparent)]
    LogKey(#[from] LogVerifierError),
    /// In CI no key is ever made.
    #[error(
        "no signer is configured, and under CI=true none is ever made: give this job the project's keys and ledger,\n  PENSTOCK_HOME: /var/lib/penstock/<project>   # a persistent volume that holds ledger/ and evidence/\n  PENSTOCK_KEYS: /run/secrets/penstock         # build.pem, gate.pem, log.pem, policy.pem and log.origin, mode 0600"
    )]
    NoSigner,
    /// Nothing was ever run here.
    #[error("there is no ledger for this project yet: penstock run makes one")]
    NothingYet,
    /// Neither a state directory nor a home.
    #[error("there is nowhere to keep state: set PENSTOCK_HOME, XDG_STATE_HOME or HOME")]
    NowhereToKeep,
    /// The plan cannot be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The directory is no project.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A key of the policy is none.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// What was asked for does not fit what is there.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The outputs are no release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A root file system cannot be had.
    #[error(transparent)]
    Root(#[from] RootError),
    /// Steps cannot be confined here.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Nothing could be signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A statement could not be read or written.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The policy's keys contradict each other.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

/// A request that is refused, with what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person adopting a policy also edited it.
    #[error(
        "`{person}` edited this policy text in {commits} and so cannot adopt it: another person of the policy must"
    )]
    AdopterEdited {
        /// Who.
        person: String,
        /// The commits, shortened.
        commits: String,
    },
    /// A prefix fits several.
    #[error("`{0}` is the beginning of several releases: give more digits")]
    Ambiguous(String),
    /// Nothing waits for an approval.
    #[error(
        "`{environment}` does not wait for anybody: its newest decision on this release is {outcome} (penstock gate {environment} {release})"
    )]
    NotHeld {
        /// The environment.
        environment: String,
        /// The release, shortened.
        release: String,
        /// The outcome.
        outcome: String,
    },
    /// No release to go back to.
    #[error("there is no earlier release in `{0}` to go back to")]
    NoEarlier(String),
    /// The person's key is not here.
    #[error(
        "there is no key of `{0}` here: penstock key new {0} makes one, and a policy version must list it"
    )]
    NoPersonKey(String),
    /// A policy text that is not under version control.
    #[error(
        "`{0}` is not committed as it is: a policy that is not a demonstration is adopted from a commit, so that its editors are known"
    )]
    PolicyNotCommitted(PathBuf),
    /// The text is not the next version.
    #[error("the text is version {found}; version {current} is in force, so the next one is {}: set version = {}", current + 1, current + 1)]
    PolicyVersion {
        /// What it says.
        found: u32,
        /// What is in force.
        current: u32,
    },
    /// The text governs another project.
    #[error("the text governs `{found}`, this project is `{expected}`")]
    PolicyProject {
        /// What it says.
        found: String,
        /// What this is.
        expected: String,
    },
    /// The policy is the same.
    #[error("the text is the policy in force: nothing to adopt")]
    PolicyUnchanged,
    /// The policy key here may not sign the next version.
    #[error("no policy key of version {0} is here: its holder must adopt the text")]
    NoPolicyKey(u32),
    /// No such environment.
    #[error("the policy has no environment `{name}`: it has {known}")]
    UnknownEnvironment {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No such person.
    #[error("the policy has no person `{name}`: it has {known}")]
    UnknownPerson {
        /// What was asked for.
        name: String,
        /// Who there is.
        known: String,
    },
    /// No such release.
    #[error(
        "no release begins with `{0}`, and no output has that digest: penstock log list shows what there is"
    )]
    UnknownRelease(String),
    /// It must be said who speaks.
    #[error("say who speaks with --as: {0}")]
    WhoSpeaks(String),
    /// The release was never let in there.
    #[error(
        "release `{release}` was never deployed to `{environment}` with its gate's leave: promote it instead"
    )]
    NeverAdmitted {
        /// The environment.
        environment: String,
        /// The release, shortened.
        release: String,
    },
    /// Evidence of the release does not hold any more.
    #[error("release `{release}` cannot be gone back to: {reason}")]
    NoLongerHolds {
        /// The release, shortened.
        release: String,
        /// What does not hold.
        reason: String,
    },
}

impl RoadError {
    /// A failed file operation.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::Io { action, path: path.into(), reason: error.to_string() }
    }

    /// The exit status: 2 for what whoever asked can put right by asking otherwise, 3 for what
    /// failed (DECISIONS 12).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Check(CheckError::Baseline(_) | CheckError::NewerRuleSet { .. })
            | Self::Candidate(CandidateError::Check(
                CheckError::Baseline(_) | CheckError::NewerRuleSet { .. },
            ))
            | Self::Config(_)
            | Self::Git(GitError::NotARepository(_) | GitError::UnknownRevision(_))
            | Self::Home(_)
            | Self::KeyName(_)
            | Self::NoSigner
            | Self::NothingYet
            | Self::NowhereToKeep
            | Self::Plan(_)
            | Self::Project(_)
            | Self::Refused(_)
            | Self::Release(_)
            | Self::Root(
                RootError::NotThere(_)
                | RootError::BadPlatform(_)
                | RootError::InUse(_)
                | RootError::NoPlatform { .. }
                | RootError::Ambiguous(_)
                | RootError::WritableByOthers(_),
            ) => 2,
            _ => 3,
        }
    }
}
