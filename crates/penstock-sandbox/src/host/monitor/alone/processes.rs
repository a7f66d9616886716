//! Calls that act on a process by its number: the step's own processes only.

use std::fs;

use super::{Answer, Judged, Question};
use crate::Attempt;

/// Who is meant, and with which signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// A process; 0 is the caller's group; negative ones are groups, and -1 is everybody.
    process: i32,
    signal: Option<i32>,
}

/// Limits and priorities of the process that the first argument names.
pub(super) const BY_NUMBER: &[i64] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

pub(super) fn target(call: i64, arguments: &[u64; 6]) -> Option<Target> {
    let [first, second, third, ..] = arguments.map(|argument| argument as i32);
    let (process, signal) = match call {
        libc::SYS_kill | libc::SYS_tkill | libc::SYS_rt_sigqueueinfo => (first, Some(second)),
        // The thread is the second; the first must be its process, or the kernel refuses.
        libc::SYS_rt_tgsigqueueinfo | libc::SYS_tgkill => (first, Some(third)),
        libc::SYS_pidfd_open => (first, None),
        call if BY_NUMBER.contains(&call) => (first, None),
        // Of a process, of a group, or of everything that a user runs.
        libc::SYS_setpriority => match u32::try_from(first) {
            Ok(libc::PRIO_PROCESS) => (second, None),
            Ok(libc::PRIO_PGRP) => (second.checked_neg()?, None),
            _ => (-1, None),
        },
        // By a descriptor, and those of others cannot be had: pidfd_open is judged, and a message
        // with one never arrives from outside.
        _ => return None,
    };
    Some(Target { process, signal })
}

pub(super) fn judge(question: &Question, target: Target, step_host: u32) -> Judged {
    let own = match target.process {
        // The step is a session of its own, so its groups are its own.
        0 => true,
        process @ 1.. => is_beneath(process, step_host),
        // A group is the step's when its leader is, or was: such a number is no other process's.
        group => group != -1 && group.checked_neg().is_some_and(|it| is_beneath(it, step_host)),
    };
    if own || question.thread == target.process.unsigned_abs() {
        return Judged { answer: Answer::GoOn, attempt: None, connection: None };
    }
    let attempt = match target.signal {
        // Only asking whether it exists.
        Some(0) => None,
        Some(signal) => Some(Attempt::Signal { signal }),
        None => {
            let (name, _) = super::super::calls::described(question.call, &question.arguments);
            Some(Attempt::Call { name, detail: Some("of another process".to_owned()) })
        }
    };
    Judged::refused(libc::EPERM, attempt)
}

/// Whether a process descends from the step-host, which has no other children than the step.
fn is_beneath(process: i32, step_host: u32) -> bool {
    let Ok(mut at) = u32::try_from(process) else { return false };
    for _ in 0..256 {
        if at == step_host {
            return at != process.unsigned_abs();
        }
        match super::super::record::parent(at) {
            Some(parent) => at = parent,
            None => return false,
        }
    }
    false
}

/// All processes that descend from this one, by the kernel's list.
pub(in crate::host) fn children(of: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_reaches_descendants_of_the_step_host_only() {
        let own = std::process::id();
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let child_id = i32::try_from(child.id()).unwrap();
        assert!(is_beneath(child_id, own));
        assert!(!is_beneath(1, own));
        assert!(!is_beneath(i32::try_from(own).unwrap(), own));
        assert!(!is_beneath(-5, own));
        child.kill().unwrap();
        child.wait().unwrap();
        let [kill, open] = [libc::SYS_kill, libc::SYS_pidfd_open]
            .map(|call| target(call, &[u64::from(u32::MAX), 9, 0, 0, 0, 0]));
        assert_eq!(kill, Some(Target { process: -1, signal: Some(9) }));
        assert_eq!(open, Some(Target { process: -1, signal: None }));
    }
}
