use penstock_model::{Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Predicate, ResourceDescriptor};

/// in-toto runtime-trace v0.2
/// (<https://github.com/in-toto/attestation/blob/main/spec/predicates/runtime-trace.md>) of one step:
/// what it started, read, asked for and was not let.
///
/// The specification leaves the shape of processes and of the trace policy to the monitor. Fields
/// beyond it carry our name ("Extension fields" of the attestation specification).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeTrace {
    /// Who watched, and how.
    pub monitor: Monitor,
    /// What was watched.
    pub monitored_process: MonitoredProcess,
    /// What was seen.
    pub monitor_log: MonitorLog,
    /// When.
    pub metadata: TraceMetadata,
}

/// The type of our monitor: what the entries that the specification leaves open mean.
pub const MONITOR: &str = "https://penstock.dev/monitor/v0.1";

/// `monitor` of the predicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Monitor {
    /// [`MONITOR`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The exact `penstock.toml`, by digest.
    pub config_source: ResourceDescriptor,
    /// What was in force while it watched.
    pub trace_policy: TracePolicy,
}

/// What was in force while the monitor watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TracePolicy {
    /// The rung of the ladder of isolation; 0 is no confinement.
    pub rung: u8,
    /// The Landlock ABI; 0 is none.
    pub landlock_abi: u32,
    /// SHA-256 of the seccomp programs, whose questions are what the monitor sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp_filter: Option<Sha256>,
    /// What is weaker than it could be, in words.
    pub degradations: Vec<String>,
}

/// `monitoredProcess` of the predicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonitoredProcess {
    /// The builder's identity, as in the provenance.
    #[serde(rename = "hostID")]
    pub host_id: String,
    /// The build type, as in the provenance.
    #[serde(rename = "type")]
    pub kind: String,
    /// `<invocation>/<step>`: the run's name in seal and provenance, and the step's.
    pub event: String,
}

/// `monitorLog` of the predicate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonitorLog {
    /// Programs, in the order they were started.
    pub process: Vec<TracedProcess>,
    /// Addresses and hosts that were asked for, sorted.
    pub network: Vec<TracedConnection>,
    /// Files opened for reading that are neither the step's own nor its declared inputs, sorted; by
    /// digest where they could be read afterwards.
    pub file_access: Vec<ResourceDescriptor>,
    /// What was tried and not let, sorted.
    #[serde(rename = "penstockDenied")]
    pub denied: Vec<TracedDenial>,
    /// How much happened and is not in these lists. All zero is a complete log.
    #[serde(rename = "penstockLost")]
    pub lost: LostEvents,
}

/// One program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TracedProcess {
    /// The place in this list of the program that started it; absent for the step's own command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// The file that ran, by the kernel's word; absent where it ended before it could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable: Option<String>,
    /// The path it was started by.
    pub program: String,
    /// Its arguments, secrets masked.
    pub arguments: Vec<String>,
    /// Whether arguments were left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// One entry of `network`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TracedConnection {
    /// The address, or a Unix socket's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The host, where it was asked for by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `tcp`, `udp`, `unix`, `unknown`.
    pub protocol: String,
    /// Whether anything was let through.
    #[serde(rename = "penstockAllowed")]
    pub allowed: bool,
    /// How often.
    #[serde(rename = "penstockCount")]
    pub count: u64,
}

/// Something that was tried and not let.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TracedDenial {
    /// `call`, `write`, `read`, `credential`, `network`, `socket`, `signal`, or the proxy's word.
    pub kind: String,
    /// What it was about: a call, a path, an address.
    pub what: String,
    /// The program that tried it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// How often.
    pub count: u64,
}

/// How much happened and is not in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LostEvents {
    /// Over a bound on the log.
    pub over_limit: u64,
    /// Whose names could not be read.
    pub unreadable: u64,
    /// Datagrams whose senders were not asked about.
    pub datagrams: u64,
    /// Connections that found no place in the proxy's record.
    pub connections: u64,
}

impl LostEvents {
    /// How many in all.
    pub fn total(&self) -> u64 {
        self.over_limit + self.unreadable + self.datagrams + self.connections
    }
}

/// `metadata` of the predicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TraceMetadata {
    /// When the run began.
    pub build_started_on: Timestamp,
    /// When its last process was gone.
    pub build_finished_on: Timestamp,
}

impl Predicate for RuntimeTrace {
    const TYPE: &'static str = "https://in-toto.io/attestation/runtime-trace/v0.2";
}
