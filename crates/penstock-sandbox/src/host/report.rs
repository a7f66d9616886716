//! What the init process tells the step-host through a pipe: lines of JSON.

use std::{
    fs::File,
    io::{self, Write as _},
};

use serde::{Deserialize, Serialize};

use crate::Mechanism;

/// Goes with the descriptor of the listener of the step's filter, over a socket of its own.
pub(super) const LISTENER: &[u8] = b"listener";

/// In the order in which they can come.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// Confinement could not be built.
    Failed(SetupFailure),
    /// Everything is in force; the command comes next.
    Confined(Confined),
    /// How many datagrams went to addresses of the private network where nobody listens.
    Datagrams { unheard: u64 },
    /// The command could not be executed.
    NotStarted { reason: String },
    /// The command's own process exited.
    Exited { status: u8 },
    /// A signal ended the command's own process.
    Signalled { signal: i32 },
}

/// What init put in force.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Confined {
    pub(super) mechanisms: Vec<Mechanism>,
    pub(super) landlock_abi: u32,
    pub(super) seccomp_filter: Option<penstock_model::Sha256>,
    pub(super) degradations: Vec<String>,
}

/// A call that failed while confinement was built.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SetupFailure {
    /// What was tried, with the path concerned.
    pub(super) call: String,
    /// The system's error number.
    pub(super) errno: i32,
    /// Whether the machine denies the means itself, rather than this one use of it.
    pub(super) means: bool,
}

impl SetupFailure {
    pub(super) fn reason(&self) -> String {
        format!("{}: {}", self.call, io::Error::from_raw_os_error(self.errno))
    }
}

/// Names the call that failed.
pub(super) trait During<T> {
    /// One use of a means failed.
    fn during(self, call: impl FnOnce() -> String) -> Result<T, SetupFailure>;
    /// A means of isolation failed.
    fn means(self, call: &str) -> Result<T, SetupFailure>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, call: impl FnOnce() -> String) -> Result<T, SetupFailure> {
        self.map_err(|error| SetupFailure {
            call: call(),
            errno: error.into().raw_os_error().unwrap_or_default(),
            means: false,
        })
    }

    fn means(self, call: &str) -> Result<T, SetupFailure> {
        self.map_err(|error| SetupFailure {
            call: call.to_owned(),
            errno: error.into().raw_os_error().unwrap_or_default(),
            means: true,
        })
    }
}

pub(super) fn tell(pipe: &mut File, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

/// Reads what was told; a line cut off by a kill is left out.
pub(super) fn parse(bytes: &[u8]) -> Vec<Report> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}
