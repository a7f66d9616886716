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

impl MonitorLog {
    /// The largest log that is written, in bytes of JSON: a statement has place for it
    /// ([`crate::RawStatement::MAX_BYTES`]) and for all that goes with it.
    pub const MAX_BYTES: usize = 12 << 20;

    /// Leaves out what would make it larger than that, and counts it among what is lost: what was
    /// refused and asked for stays longest, files go first. Programs are named by their places, so
    /// the first of them stay.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let mut left = Self::MAX_BYTES;
        let lost = [
            keep(&mut self.denied, &mut left),
            keep(&mut self.network, &mut left),
            keep(&mut self.process, &mut left),
            keep(&mut self.file_access, &mut left),
        ];
        self.lost.over_limit += lost.iter().sum::<u64>();
        self
    }
}

/// Keeps as many as fit in what is left; the number of the others.
fn keep<T: Serialize>(list: &mut Vec<T>, left: &mut usize) -> u64 {
    let fits = list.iter().position(|entry| {
        let bytes = serde_json::to_vec(entry).map_or(usize::MAX, |json| json.len());
        // And the comma.
        match left.checked_sub(bytes.saturating_add(1)) {
            Some(rest) => *left = rest,
            None => return true,
        }
        false
    });
    let over = fits.map_or(0, |fits| list.len() - fits);
    list.truncate(list.len() - over);
    u64::try_from(over).unwrap_or(u64::MAX)
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
    /// Whether its TLS was opened, so that every request was seen and judged.
    #[serde(default, rename = "penstockIntercepted", skip_serializing_if = "std::ops::Not::not")]
    pub intercepted: bool,
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

impl TracedDenial {
    /// The kind of a file with credentials.
    pub const CREDENTIAL: &'static str = "credential";
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

impl MonitoredProcess {
    /// What `event` says of a step of a run.
    pub fn event_of(invocation: &str, step: &str) -> String {
        format!("{invocation}/{step}")
    }
}

impl Predicate for RuntimeTrace {
    const TYPE: &'static str = "https://in-toto.io/attestation/runtime-trace/v0.2";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(parent: Option<u32>, argument: &str) -> TracedProcess {
        TracedProcess {
            parent,
            executable: None,
            program: "cc".to_owned(),
            arguments: vec![argument.to_owned()],
            cut: false,
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let log = MonitorLog { process: vec![program(None, "-c")], ..MonitorLog::default() };
        assert_eq!(log.clone().bounded(), log);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_the_statement_can_be_written() {
        // Control characters take six bytes each in JSON.
        let argument = "\u{1}".repeat(1000);
        let denied = TracedDenial {
            kind: "write".to_owned(),
            what: "/etc/passwd".to_owned(),
            program: None,
            count: 1,
        };
        let log = MonitorLog {
            process: (0..5000).map(|n: u32| program(n.checked_sub(1), &argument)).collect(),
            file_access: vec![ResourceDescriptor::default(); 10],
            denied: vec![denied.clone()],
            ..MonitorLog::default()
        };
        let log = log.bounded();
        assert_eq!(log.denied, [denied]);
        let (programs, files) = (log.process.len(), log.file_access.len());
        assert!((2000..2100).contains(&programs), "{programs}");
        assert_eq!(log.lost.over_limit, u64::try_from(5010 - programs - files).unwrap());
        let parents = log.process.iter().filter_map(|program| program.parent);
        assert!(parents.zip(0..).all(|(parent, place): (u32, u32)| parent == place));
        let json = serde_json::to_vec(&log).unwrap();
        assert!(json.len() <= MonitorLog::MAX_BYTES + 1024, "{}", json.len());
        const { assert!(MonitorLog::MAX_BYTES < crate::RawStatement::MAX_BYTES * 7 / 8) }
    }
}
