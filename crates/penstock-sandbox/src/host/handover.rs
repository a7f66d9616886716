//! The listener of a step's filter, from the process that loads the filter to the step-host.

use std::{
    io,
    os::fd::{AsFd as _, AsRawFd as _, BorrowedFd},
};

use penstock_model::Sha256;
use rustix::{
    io::Errno,
    pipe::{PipeFlags, pipe_with},
    process::{WaitOptions, waitpid},
};

use super::{
    descriptor,
    process::{Side, exit_now, fork_into},
    report::LISTENER,
    seccomp,
};
use crate::filter::Rules;

/// Loads the filter, see [`seccomp::apply`], and sends its listener to the other end of `hand`.
///
/// A descriptor is sent by sendmsg(2), which the filter asks about: who is filtered would wait for an
/// answer that nobody can give yet. So it is sent by a process that was made before and is not
/// filtered. It shares the descriptors of this one, and ends at once. Without namespaces no message is
/// asked about, and the process would count among all of its user's.
///
/// # Errors
/// The kernel refuses, or the listener does not arrive.
pub(super) fn load(recorded: &Rules, hand: BorrowedFd<'_>) -> io::Result<Sha256> {
    let (wait, go) = pipe_with(PipeFlags::CLOEXEC)?;
    let helper = match fork_into(libc::CLONE_FILES)? {
        // It owns none of the descriptors: whatever it closed would be closed here as well.
        Side::Child => exit_now(i32::from(send(wait.as_fd(), hand).is_err())),
        Side::Parent(helper) => helper,
    };
    let loaded = seccomp::apply(recorded).and_then(|(filter, listener)| {
        rustix::io::write(&go, &listener.as_raw_fd().to_ne_bytes())?;
        Ok((filter, listener))
    });
    // If there is none, the helper reads the end.
    drop(go);
    let sent = loop {
        match waitpid(Some(helper), WaitOptions::empty()) {
            Err(Errno::INTR) | Ok(None) => {}
            Err(errno) => return Err(errno.into()),
            Ok(Some((_, status))) => break status.exit_status() == Some(0),
        }
    };
    let (filter, _listener) = loaded?;
    if sent { Ok(filter) } else { Err(io::ErrorKind::BrokenPipe.into()) }
}

/// Sends the descriptor whose number comes.
fn send(wait: BorrowedFd<'_>, hand: BorrowedFd<'_>) -> io::Result<()> {
    let mut number = [0; 4];
    let count = rustix::io::read(wait, &mut number)?;
    if count != number.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // SAFETY: the other process, which has the same descriptors, keeps it open until this one ends.
    let listener = unsafe { BorrowedFd::borrow_raw(i32::from_ne_bytes(number)) };
    descriptor::send(hand, LISTENER, listener)
}
