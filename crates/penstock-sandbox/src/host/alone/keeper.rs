//! Who ends a step, and puts back what it changed, when the step-host is killed.

use std::io;

use rustix::process::{getpid, set_child_subreaper};

use crate::host::process::{Side, end_descendants, exit_now, fork_into, wait_accounted};

/// Splits the step-host in two and returns in the one that runs the step. No namespace ends the step
/// with it, so the other one waits: what is left of the step when the first is killed falls to it, and
/// it calls `mend` when that is gone. It is the one that the caller started and that dies with the
/// caller; the first sees the same end at its side of the socket, and comes to an end of its own.
pub(in crate::host) fn split(mend: impl FnOnce()) -> io::Result<()> {
    set_child_subreaper(Some(getpid()))?;
    let worker = match fork_into(0)? {
        Side::Child => return Ok(()),
        Side::Parent(worker) => worker,
    };
    let ended = wait_accounted(worker).map(|accounting| accounting.status);
    if ended.is_ok_and(|status| status == 0) {
        exit_now(0)
    }
    end_descendants();
    mend();
    exit_now(1)
}
