//! Confining this process itself: a check parses what a stranger wrote, and needs nothing for it but
//! to read.

use std::path::Path;

use crate::Mechanism;

#[cfg(target_os = "linux")]
mod linux;

/// Gives up, for the calling thread and every thread and process it starts, for good: the network
/// (unix sockets included), starting programs, tracing others, and every write to a file system
/// except beneath `writable`. Files may still be read, and open descriptors still be used.
///
/// To be called before the first thread is started. What the machine does not allow is in the
/// answer as not applied, with the reason: a check without confinement is better than none, and it
/// is for the caller to say so.
pub fn confine(writable: &[&Path]) -> Vec<Mechanism> {
    confine_but(writable, Kept::Nothing)
}

/// The same for a process whose work is the network: sockets and their use are kept, starting
/// programs, tracing others and every write to a file system are given up.
pub fn confine_to_network() -> Vec<Mechanism> {
    confine_but(&[], Kept::Network)
}

/// The same for a process that unpacks what a stranger packed: beneath `directory` it may also make,
/// link and remove directories and links. Modes and times may be changed of whatever is its own.
pub fn confine_to_trees(directory: &Path) -> Vec<Mechanism> {
    confine_but(&[directory], Kept::Trees)
}

/// What a process keeps beside reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    Network,
    Trees,
}

fn confine_but(writable: &[&Path], kept: Kept) -> Vec<Mechanism> {
    #[cfg(target_os = "linux")]
    {
        linux::confine(writable, kept)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (writable, kept);
        ["landlock", "seccomp"]
            .map(|name| Mechanism::not_applied(name, "not on this system"))
            .into()
    }
}
