use std::time::Duration;

use penstock_model::Sha256;
use serde::{Deserialize, Serialize};

use crate::Trace;

/// What became of one step, and what confined it.
///
/// When the caller holds it, no process of the step exists any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// How it ended.
    pub outcome: Outcome,
    /// What was in force while it ran.
    pub isolation: Isolation,
    /// What it used.
    pub usage: Usage,
    /// What it did.
    pub trace: Trace,
    /// Bytes of output over [`crate::Limits::output_bytes`], which were dropped.
    pub output_dropped_bytes: u64,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The command exited with status 0.
    Succeeded,
    /// The command exited with another status.
    Failed {
        /// Its exit status, 1 to 255.
        status: u8,
    },
    /// A signal that we did not send ended the command.
    Killed {
        /// The signal's number.
        signal: i32,
    },
    /// It ran longer than [`crate::StepSpec::timeout_seconds`] and was killed.
    TimedOut,
    /// The [`crate::CancelToken`] was used, or the caller died, and it was killed.
    Cancelled,
    /// The workspace held more than [`crate::Limits::workspace_bytes`] and it was killed.
    WorkspaceFull,
    /// The command was never executed.
    NotStarted {
        /// Why, in words for a person.
        reason: String,
    },
}

impl Outcome {
    /// Whether outputs of this step may be collected.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded)
    }
}

/// What a step used, from the kernel's accounting of its process tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Milliseconds from the start of its first process to the end of its last.
    pub duration_ms: u64,
    /// Milliseconds of processor time in user mode, of all its processes.
    pub user_ms: u64,
    /// Milliseconds of processor time in the kernel, of all its processes.
    pub system_ms: u64,
    /// The largest resident set of any one of its processes, in KiB. Not a sum.
    pub peak_process_kib: u64,
    /// The largest resident set of the step-host that watched it, in KiB. 0 is not known.
    pub peak_supervisor_kib: u64,
}

impl Usage {
    /// The wall-clock duration.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.duration_ms)
    }
}

/// What confines a step on this machine: only what was really applied counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolation {
    /// 1: namespaces, private root, Landlock and seccomp. 2: Landlock and seccomp alone. 0: not
    /// confined; nothing runs so unless it was allowed.
    pub rung: u8,
    /// Every mechanism we know, applied or not, in a fixed order.
    pub mechanisms: Vec<Mechanism>,
    /// `uname -r`.
    pub kernel: String,
    /// Machine architecture, `uname -m`.
    pub machine: String,
    /// SHA-256 of the seccomp programs' bytes in the order they were loaded; `None` when not loaded.
    pub seccomp_filter: Option<Sha256>,
    /// The Landlock ABI that was in force; 0 is none.
    pub landlock_abi: u32,
    /// Who the step is on the host.
    pub identity: Option<Identity>,
    /// What is weaker here than it could be, in words for a person; empty at full strength.
    pub degradations: Vec<String>,
}

/// One means of isolation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mechanism {
    /// A stable name: `user-namespace`, `landlock`, …
    pub name: String,
    /// Version or setting, where there is one.
    pub detail: Option<String>,
    /// Whether it was in force.
    pub applied: bool,
    /// Why not, when it was not.
    pub reason: Option<String>,
}

impl Mechanism {
    /// One that is in force.
    pub(crate) fn applied(name: &str, detail: Option<String>) -> Self {
        Self { name: name.to_owned(), detail, applied: true, reason: None }
    }

    /// One that is not, and why.
    pub(crate) fn not_applied(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), detail: None, applied: false, reason: Some(reason.into()) }
    }
}

/// The user a step is, inside and on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// User id the step sees.
    pub inside_uid: u32,
    /// User id the kernel holds it to on the host.
    pub host_uid: u32,
    /// Group id on the host.
    pub host_gid: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_keeps_its_shape() {
        let record = StepRecord {
            outcome: Outcome::Failed { status: 7 },
            isolation: Isolation {
                rung: 1,
                mechanisms: vec![Mechanism {
                    name: "landlock".into(),
                    detail: Some("ABI 7".into()),
                    applied: true,
                    reason: None,
                }],
                kernel: "6.18.0".into(),
                machine: "x86_64".into(),
                seccomp_filter: Some(Sha256::of(b"filter")),
                landlock_abi: 7,
                identity: Some(Identity { inside_uid: 1000, host_uid: 65530, host_gid: 65530 }),
                degradations: vec!["weaker".into()],
            },
            usage: Usage {
                duration_ms: 1,
                user_ms: 2,
                system_ms: 3,
                peak_process_kib: 4,
                peak_supervisor_kib: 5,
            },
            trace: Trace::default(),
            output_dropped_bytes: 5,
        };
        let json = serde_json::to_string(&record).unwrap();
        let filter = Sha256::of(b"filter");
        assert_eq!(
            json,
            format!(
                concat!(
                    r#"{{"outcome":{{"outcome":"failed","status":7}},"#,
                    r#""isolation":{{"rung":1,"mechanisms":[{{"name":"landlock","detail":"ABI 7","#,
                    r#""applied":true,"reason":null}}],"kernel":"6.18.0","machine":"x86_64","#,
                    r#""seccomp_filter":"{}","landlock_abi":7,"#,
                    r#""identity":{{"inside_uid":1000,"host_uid":65530,"host_gid":65530}},"#,
                    r#""degradations":["weaker"]}},"usage":{{"duration_ms":1,"user_ms":2,"#,
                    r#""system_ms":3,"peak_process_kib":4,"peak_supervisor_kib":5}},"trace":{{"processes":[],"read":[],"connections":[],"#,
                    r#""denied":[],"events":0,"lost":{{"over_limit":0,"unreadable":0,"datagrams":0}}}},"#,
                    r#""output_dropped_bytes":5}}"#
                ),
                filter
            )
        );
        assert_eq!(serde_json::from_str::<StepRecord>(&json).unwrap(), record);
    }

    #[test]
    fn only_one_outcome_is_a_success() {
        let others = [
            Outcome::Failed { status: 1 },
            Outcome::Killed { signal: 9 },
            Outcome::TimedOut,
            Outcome::Cancelled,
            Outcome::WorkspaceFull,
            Outcome::NotStarted { reason: String::new() },
        ];
        assert!(Outcome::Succeeded.is_success());
        assert!(others.iter().all(|outcome| !outcome.is_success()));
    }
}
