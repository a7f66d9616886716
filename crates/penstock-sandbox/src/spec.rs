use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf};

use penstock_model::RepoPath;
use serde::{Deserialize, Serialize};

use crate::Toolchains;

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
    /// Where in the workspace the command starts; `None` is its root.
    pub directory: Option<RepoPath>,
    /// Outputs of the steps it needs, in place beneath `/workspace`, read-only.
    pub inputs: Vec<ReadOnlyInput>,
    /// Files and directories shown in the step's private home, read-only: packages whose digests the
    /// trusted side has verified. `inside` is relative to the home.
    pub home: Vec<ReadOnlyInput>,
    /// Toolchains from the invoking person's home, read-only.
    pub toolchains: Toolchains,
    /// Variables of the step, on top of the fixed ones (`PATH`, `HOME`, `USER`, `LOGNAME`, `LANG`,
    /// `TZ`, `TMPDIR`); nothing of the caller's own environment is passed on.
    pub env: BTreeMap<String, String>,
    /// Seconds since 1970, given to the step as `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: Option<i64>,
    /// Seconds after which the step and all its processes are killed; 0 is no limit.
    pub timeout_seconds: u64,
    /// Bounds on what it may use up.
    pub limits: Limits,
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
            directory: None,
            inputs: Vec::new(),
            home: Vec::new(),
            toolchains: Toolchains::default(),
            env: BTreeMap::new(),
            source_date_epoch: None,
            timeout_seconds: 3600,
            limits: Limits::default(),
        }
    }
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
            address_space_bytes: None,
            home_bytes: 4 * GIB,
            tmp_bytes: 4 * GIB,
            workspace_bytes: 64 * GIB,
            output_bytes: GIB,
        }
    }
}
