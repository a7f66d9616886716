//! One file for each command: what it does with the answers, never how they are found.

mod allow;
mod approve;
mod audit;
mod check;
mod confined;
mod doctor;
mod explain;
mod fix;
mod gate;
mod init;
mod key;
mod log;
mod policy;
mod promote;
mod rollback;
mod root;
mod rules;
mod run;
mod schema;
mod verify;

use std::{fmt, io};

use penstock_attest::{
    keys::{KeyNameError, KeyStoreError},
    signer::SignerError,
};
use penstock_check::{CheckError, EngineError};
use penstock_config::ConfigErrors;
use penstock_ledger::LedgerError;
use penstock_road::{
    check::CandidateError,
    deliver::unrecorded,
    error::RoadError,
    project::{Project, ProjectError},
    session::{Place, Session, Surroundings},
};
use penstock_rootfs::RootError;

use crate::{
    arguments::{Arguments, Command, Common},
    screen::Screen,
    surroundings::surroundings,
};

/// What every command is given.
pub(crate) struct Context {
    pub(crate) common: Common,
    pub(crate) around: Surroundings,
    pub(crate) screen: Screen,
}

impl Context {
    fn project(&self) -> Result<Project, Failure> {
        Ok(Project::open(&self.common.directory)?)
    }

    /// Opens a project that was run before and hands it over.
    fn with_session(
        &self,
        act: impl FnOnce(&Session<'_>) -> Result<u8, Failure>,
    ) -> Result<u8, Failure> {
        let project = self.project()?;
        let place = Place::existing(&project, &self.around)?;
        let session = Session::open(&self.around, &project, &place)?;
        self.oddities(&session)?;
        act(&session)
    }

    /// Says aloud what is there and should not be: entries that claim to be a policy and are not,
    /// releases in place that nobody recorded.
    fn oddities(&self, session: &Session<'_>) -> Result<(), Failure> {
        for (index, reason) in &session.pinned.refused {
            self.screen.line(format_args!("REFUSED   policy in ledger entry {index}: {reason}"))?;
        }
        for (environment, release) in unrecorded(session)? {
            self.screen.line(format_args!(
                "UNRECORDED  {environment} holds release {}, which no deployment in the ledger put there",
                release.short()
            ))?;
        }
        Ok(())
    }
}

/// Does what was asked; the answer is the exit status.
pub(crate) fn dispatch(arguments: Arguments) -> Result<u8, Failure> {
    let around = surroundings(&arguments.common)?;
    let screen = Screen::stdout(arguments.common.color);
    let context = Context { common: arguments.common, around, screen };
    match arguments.command {
        Command::Init(wanted) => init::init(&context, &wanted),
        Command::Check(wanted) => check::check(&context, &wanted),
        Command::Run(wanted) if wanted.command.is_empty() => run::run(&context, &wanted),
        Command::Run(wanted) => confined::run(&context, &wanted),
        Command::Allow(wanted) => allow::allow(&context, &wanted),
        Command::Doctor(wanted) => doctor::doctor(&context, &wanted),
        Command::Verify(wanted) => verify::verify(&context, &wanted),
        Command::Log(wanted) => log::log(&context, &wanted),
        Command::Policy(wanted) => policy::policy(&context, &wanted),
        Command::Gate(wanted) => gate::gate(&context, &wanted),
        Command::Approve(wanted) => approve::approve(&context, &wanted),
        Command::Promote(wanted) => promote::promote(&context, &wanted),
        Command::Rollback(wanted) => rollback::rollback(&context, &wanted),
        Command::Audit(wanted) => audit::audit(&context, &wanted),
        Command::Rules { format } => rules::rules(&context, format),
        Command::Fix(wanted) => fix::fix(&context, &wanted),
        Command::Explain { rule } => explain::explain(&context, &rule),
        Command::Schema { name } => schema::schema(&context, name.as_deref()),
        Command::Key(wanted) => key::key(&context, &wanted),
        Command::Root(wanted) => root::root(&context, &wanted),
    }
}

/// Why a command came to no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The road says why.
    Road(RoadError),
    /// What was asked for makes no sense.
    Usage(String),
    /// The system refuses.
    Io(io::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Road(error) => error.exit_code(),
            Self::Usage(_) => 2,
            Self::Io(_) => 3,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Road(error) => error.fmt(f),
            Self::Usage(text) => f.write_str(text),
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// Every error of the road's own crates becomes a [`RoadError`], which knows its exit status.
macro_rules! from_road {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Road(error.into())
            }
        })*
    };
}

from_road!(
    RoadError,
    CandidateError,
    CheckError,
    ConfigErrors,
    EngineError,
    KeyNameError,
    KeyStoreError,
    LedgerError,
    ProjectError,
    RootError,
    SignerError,
);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
