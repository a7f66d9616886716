//! What is left of a command that ran: record v1, as `--json` writes it.

use std::ffi::OsString;

use penstock_sandbox::{self as sandbox, Attempt, StepRecord, Trace};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;

use super::{changes::Changes, masking::Arguments};
use crate::egress::Reached;

/// The version of this form; additive within it.
pub const VERSION: u32 = 1;

/// One command, run in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "penstock run -- COMMAND", extend("$id" = "https://penstock.dev/schemas/command.v1.json"))]
pub struct CommandRecord {
    /// The version of this form: 1.
    pub version: u32,
    /// The command and its arguments, masked.
    pub command: Vec<String>,
    /// What it could write to.
    pub root: String,
    /// Where in it the command started; empty is the root.
    pub directory: String,
    /// What was given before it began.
    pub given: Given,
    /// How it ended.
    pub outcome: String,
    /// The exit status of `penstock run`.
    pub exit_status: u8,
    /// What confined it.
    pub isolation: Isolation,
    /// What it used.
    pub usage: Usage,
    /// Programs, in the order they were started.
    pub processes: Vec<Process>,
    /// Files opened for reading that are neither the project's nor the command's own, sorted.
    pub read_outside: Vec<String>,
    /// What it tried and was not let, sorted.
    pub denied: Vec<Denied>,
    /// What it asked of the network; none if it had no network at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Reached>,
    /// What went wrong with watching it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What became of the project's files.
    pub changes: Changes,
    /// Changed paths on which other programs act, and how they do.
    pub acted_on: Vec<ActedOn>,
    /// What happened and is not in these lists. All zero is a complete record.
    pub lost: Lost,
}

/// What a command was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Given {
    /// The preset.
    pub preset: String,
    /// What could be reached of the network, and who said so.
    pub reach: Vec<Reach>,
    /// Whether TLS was opened, but for what an `opaque` rule reaches.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub intercept: bool,
    /// Paths of the project that could not be changed.
    pub protected: Vec<String>,
    /// The directory of the host that was its home.
    pub home: String,
    /// Files of that home and variables that told it of the person's registries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Hosts and ports at which the proxy may add the person's login: in plain http, and within TLS that is
    /// opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<String>,
    /// Variables passed because they were asked for.
    pub env: Vec<String>,
    /// Variables passed whose values are secret.
    pub secrets: Vec<String>,
}

/// A rule and who gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Reach {
    /// The rule; with `private ` before it, it may lead to an address of a private network.
    pub rule: String,
    /// Where it comes from.
    pub from: From,
}

/// Who lets something be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// The preset.
    Preset,
    /// `[run] allow` of the project.
    Project,
    /// `--allow`.
    Option,
}

/// What confined it: only what was really in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Isolation {
    /// 1, 2, or 0: not confined.
    pub rung: u8,
    /// `uname -r`.
    pub kernel: String,
    /// Every mechanism that is known.
    pub mechanisms: Vec<Mechanism>,
    /// What is weaker here than it could be.
    pub degradations: Vec<String>,
}

/// One means of isolation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mechanism {
    /// Its name.
    pub name: String,
    /// Whether it was in force.
    pub applied: bool,
    /// Version or setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why it was not in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl std::convert::From<&sandbox::Isolation> for Isolation {
    fn from(isolation: &sandbox::Isolation) -> Self {
        let mechanisms = isolation.mechanisms.iter().map(|mechanism| Mechanism {
            name: mechanism.name.clone(),
            applied: mechanism.applied,
            detail: mechanism.detail.clone(),
            reason: mechanism.reason.clone(),
        });
        Self {
            rung: isolation.rung,
            kernel: isolation.kernel.clone(),
            mechanisms: mechanisms.collect(),
            degradations: isolation.degradations.clone(),
        }
    }
}

/// What it used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Usage {
    /// Milliseconds from its first process to its last.
    pub duration_ms: u64,
    /// Milliseconds of processor time in user mode.
    pub user_ms: u64,
    /// Milliseconds of processor time in the kernel.
    pub system_ms: u64,
    /// The largest resident set of one process, in KiB.
    pub peak_process_kib: u64,
}

/// One program that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Process {
    /// The place in the list of the program that started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// The file the kernel ran; for a script its interpreter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executable: Option<String>,
    /// The path it was started by.
    pub program: String,
    /// Its arguments, masked.
    pub arguments: Vec<String>,
    /// Whether arguments were left out.
    pub cut: bool,
}

/// Something it tried and was not let.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Denied {
    /// `write`, `read`, `credential`, `network`, `socket`, `call` or `signal`.
    pub kind: String,
    /// The file, address, call or signal.
    pub what: String,
    /// The program that tried first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// How often.
    pub count: u64,
}

/// A changed path on which another program acts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ActedOn {
    /// The path.
    pub path: String,
    /// Who acts on it, in words.
    pub acts: String,
}

/// What is not in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lost {
    /// Over the bound on a list's length.
    pub over_limit: u64,
    /// Names that could not be read.
    pub unreadable: u64,
    /// Datagrams whose senders were not asked.
    pub datagrams: u64,
    /// Of the network.
    pub network: u64,
    /// Bytes of output.
    pub output_bytes: u64,
}

impl Lost {
    /// Whether anything is missing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// How a command ended: a word for the record, and the exit status of `penstock run` (as shells and
/// `env` have them: 126 found but not executable, 127 not found, 128 and the signal's number).
pub fn ended(outcome: &sandbox::Outcome) -> (String, u8) {
    use sandbox::Outcome;
    match outcome {
        Outcome::Succeeded => ("succeeded".to_owned(), 0),
        Outcome::Failed { status } => (format!("exited with {status}"), *status),
        Outcome::Killed { signal } => {
            let status = 128_i32.saturating_add(*signal);
            (format!("ended by signal {signal}"), u8::try_from(status).unwrap_or(255))
        }
        Outcome::TimedOut => ("killed: out of time".to_owned(), 124),
        Outcome::Cancelled => ("cancelled".to_owned(), 130),
        Outcome::WorkspaceFull => ("killed: it wrote more than its limit".to_owned(), 125),
        // The words are the step-host's, tested through the program.
        Outcome::NotStarted { reason } if reason.contains("was not found") => (reason.clone(), 127),
        Outcome::NotStarted { reason } if reason.contains("cannot be executed") => {
            (reason.clone(), 126)
        }
        Outcome::NotStarted { reason } => (reason.clone(), 125),
    }
}

/// Programs of a trace, their arguments masked.
pub(super) fn processes(trace: &Trace, arguments: &Arguments) -> Vec<Process> {
    let one = |process: &sandbox::Process| Process {
        parent: process.parent,
        executable: process.executable.clone(),
        program: arguments.text(&process.program),
        arguments: arguments
            .mask(&process.arguments.iter().map(OsString::from).collect::<Vec<_>>()),
        cut: process.cut,
    };
    trace.processes.iter().map(one).collect()
}

/// Denials of a trace, in one form.
pub(super) fn denials(trace: &Trace, arguments: &Arguments) -> Vec<Denied> {
    let one = |denial: &sandbox::Denial| {
        let (kind, what) = match &denial.attempt {
            Attempt::Call { name, detail: None } => ("call", name.clone()),
            Attempt::Call { name, detail: Some(detail) } => ("call", format!("{name} ({detail})")),
            Attempt::Write { path } => ("write", path.clone()),
            Attempt::Read { path } => ("read", path.clone()),
            Attempt::Credential { path } => ("credential", path.clone()),
            Attempt::Network { destination, .. } => ("network", destination.clone()),
            Attempt::Socket { destination } => ("socket", destination.clone()),
            Attempt::Signal { signal } => ("signal", signal.to_string()),
            Attempt::PutBack { path } => (PUT_BACK, path.clone()),
        };
        Denied {
            kind: kind.to_owned(),
            what: arguments.text(&what),
            program: denial.program.as_deref().map(|program| arguments.text(program)),
            count: denial.count,
        }
    };
    let mut denials: Vec<Denied> = trace.denied.iter().map(one).collect();
    denials.sort();
    denials
}

/// The kind of a denial that is a change which was put back.
pub const PUT_BACK: &str = "put-back";

/// What is missing.
pub(super) fn lost(record: &StepRecord, network: Option<&Reached>) -> Lost {
    let lost = record.trace.lost;
    Lost {
        over_limit: lost.over_limit,
        unreadable: lost.unreadable,
        datagrams: lost.datagrams,
        network: network.map_or(0, |network| network.lost),
        output_bytes: record.output_dropped_bytes,
    }
}

/// The JSON Schema of the record, as `(file name, text)`.
pub fn schema() -> (String, String) {
    let generator: SchemaGenerator =
        SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<CommandRecord>();
    ("command.v1.json".to_owned(), format!("{:#}\n", schema.to_value()))
}
