use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use penstock_model::RepoPath;
use serde::{Deserialize, Serialize};

use crate::Toolchains;

/// What is another one for a varied step, besides the time of day and all that no two runs have in
/// common; on a machine with one processor that number is not. Where it sees its workspace is not
/// either: every sandbox shows it in the same place.
///
/// The names are those of <https://reproducible-builds.org/docs/>, as far as it has one.
pub fn varied() -> impl Iterator<Item = &'static str> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let of_them = (processors > 1).then_some("number of processors");
    of_them.into_iter().chain(["time zone", "umask", "user name", "extra variable"])
}

/// All that one step is: what runs, on what, and within what bounds.
///
/// Made by the trusted side. No field opens a host path because a candidate's configuration asked
/// for it: the configuration supplies `argv`, `env` and names beneath the workspace, nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSpec {
    /// The step's name, for messages.
    pub name: String,
    /// The command and its arguments, run as they are, without a shell. A command without `/` is
    /// looked up in the step's `PATH`.
    pub argv: Vec<OsString>,
    /// Host directory with the private copy of the project: the writable `/workspace` of the step.
    /// It belongs to this step alone. Run as root, its ownership may be changed when the file
    /// system cannot map owners.
    #[serde(with = "crate::bytes")]
    pub workspace: PathBuf,
    /// Where the step sees its workspace: an absolute path; `None` is [`crate::WORKSPACE`]. A command
    /// that works on a person's files in place sees them where that person does.
    pub place: Option<Place>,
    /// Paths of the workspace that the step can read and not change, nor make where they are not:
    /// hooks, configuration and pipeline files, through which it would act later, as somebody else.
    pub protected: Vec<Protected>,
    /// Where in the workspace the command starts; `None` is its root.
    pub directory: Option<RepoPath>,
    /// Outputs of the steps it needs, in place beneath `/workspace`, read-only.
    pub inputs: Vec<ReadOnlyInput>,
    /// Files and directories shown in the step's private home, read-only: packages whose digests the
    /// trusted side has verified. `inside` is relative to the home.
    pub home: Vec<ReadOnlyInput>,
    /// A directory of the host that is the private home, so that caches last from one command to the
    /// next; `None` is a new one in memory. Never the person's own home.
    pub kept_home: Option<Place>,
    /// A tree on the host that the step has as its root file system instead of the host's, read-only;
    /// `None` is the host's system. The trusted side chose and verified it. With it there are no
    /// toolchains, and a machine without namespaces does not run the step.
    pub root: Option<Place>,
    /// Toolchains from the invoking person's home, read-only.
    pub toolchains: Toolchains,
    /// Variables of the step, on top of the fixed ones (`PATH`, `HOME`, `USER`, `LOGNAME`, `LANG`,
    /// `TZ`, `TMPDIR`); nothing of the caller's own environment is passed on.
    pub env: BTreeMap<String, String>,
    /// What of the network it reaches.
    pub network: Network,
    /// What is recorded while it runs.
    pub recording: Recording,
    /// The strongest rung that is tried; 1 unless a test wants the next one.
    pub strongest_rung: u8,
    /// Whether it may run without any confinement where the machine gives none. It is recorded.
    pub allow_unconfined: bool,
    /// Seconds since 1970, given to the step as `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: Option<i64>,
    /// Seconds after which the step and all its processes are killed; 0 is no limit.
    pub timeout_seconds: u64,
    /// Whether it runs as a second build does, whose outputs are compared with the first one's: with
    /// another of everything in [`varied`].
    pub varied: bool,
    /// Bounds on what it may use up.
    pub limits: Limits,
    /// Whether its standard input was handed over ([`crate::Launch::input`]).
    pub(crate) input: bool,
}

impl StepSpec {
    /// A step with no inputs, no toolchains from home, no variables and the default bounds.
    pub fn new(
        name: impl Into<String>,
        argv: impl IntoIterator<Item = impl Into<OsString>>,
        workspace: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            argv: argv.into_iter().map(Into::into).collect(),
            workspace: workspace.into(),
            place: None,
            protected: Vec::new(),
            directory: None,
            inputs: Vec::new(),
            home: Vec::new(),
            kept_home: None,
            root: None,
            toolchains: Toolchains::default(),
            env: BTreeMap::new(),
            network: Network::None,
            recording: Recording::Denials,
            strongest_rung: 1,
            allow_unconfined: false,
            source_date_epoch: None,
            timeout_seconds: 3600,
            varied: false,
            limits: Limits::default(),
            input: false,
        }
    }
}

impl StepSpec {
    /// Where the step sees its workspace.
    pub fn workspace_inside(&self) -> &Path {
        self.place.as_ref().map_or(Path::new(crate::WORKSPACE), |place| &place.0)
    }
}

/// An absolute path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(#[serde(with = "crate::bytes")] pub PathBuf);

/// A path of the workspace that a step cannot change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// Beneath the workspace.
    pub inside: RepoPath,
    /// What stands there while the step runs, empty, if there is nothing: otherwise the step could
    /// make it. It is taken away when the step is over.
    pub stand_in: StandIn,
}

/// What stands for a protected path that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandIn {
    /// An empty file.
    File,
    /// An empty directory.
    Directory,
    /// Nothing, since tools take its presence for something. What the step makes there is taken away
    /// after it.
    PutBack,
    /// Nothing: it is protected only where it is there, and may be made.
    Nothing,
}

/// What a step reaches of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nothing but itself.
    #[default]
    None,
    /// What the proxy lets it reach. The caller hands the proxy's descriptor over with
    /// [`crate::Launch::egress`].
    Proxy {
        /// The ports at which programs that know of no proxy are listened to, at every address.
        ports: Vec<u16>,
    },
}

/// What is recorded while a step runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recording {
    /// What it tried and was not let.
    #[default]
    Denials,
    /// Also programs it started, files it read, addresses it asked for.
    Everything,
}

impl fmt::Debug for StepSpec {
    /// Names of variables only: their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepSpec")
            .field("name", &self.name)
            .field("argv", &self.argv)
            .field("workspace", &self.workspace)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A file or directory of the host shown to a step, read-only, at its place in the workspace.
///
/// It is mounted there for the step alone and not there any more when outputs are collected: an
/// output must be no input of the same step, nor hold one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOnlyInput {
    /// Where it is stored: [`crate::outputs::Output::stored`] of an earlier step.
    #[serde(with = "crate::bytes")]
    pub host: PathBuf,
    /// Where the step sees it, beneath `/workspace`.
    pub inside: RepoPath,
}

/// Bounds on what one step may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads at one time (`RLIMIT_NPROC`, counted within the step alone).
    pub processes: u64,
    /// Open descriptors of one process; never above the caller's own hard limit.
    pub open_files: u64,
    /// Bytes in one file.
    pub file_bytes: u64,
    /// Bytes of memory of all processes together, where a control group can be made; `None` is four
    /// fifths of the machine's.
    pub memory_bytes: Option<u64>,
    /// Bytes of address space of one process; `None` leaves it alone, since several language
    /// runtimes reserve far more than they use.
    pub address_space_bytes: Option<u64>,
    /// Bytes in the private home, which is in memory.
    pub home_bytes: u64,
    /// Bytes in the private `/tmp`, which is in memory.
    pub tmp_bytes: u64,
    /// Bytes the workspace may hold on disk before the step is killed. It is measured whenever the
    /// file system's free space has fallen by as much as is left, looked at four times a second: a
    /// guard for the disk, not a quota to the byte.
    pub workspace_bytes: u64,
    /// Bytes of output handed to the caller; what is over is dropped and counted.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const GIB: u64 = 1 << 30;
        Self {
            processes: 4096,
            open_files: 65536,
            file_bytes: 16 * GIB,
            memory_bytes: None,
            address_space_bytes: None,
            home_bytes: 4 * GIB,
            tmp_bytes: 4 * GIB,
            workspace_bytes: 64 * GIB,
            output_bytes: GIB,
        }
    }
}
