//! The ways out, by what they go through.

pub(crate) mod case;

mod descriptors;
mod files;
mod kernel;
mod local;
mod monitor;
mod namespaces;
mod network;
mod outputs;
mod persistence;
mod privilege;
mod processes;
mod resources;
mod signals;
mod sockets;

use case::Case;

/// The rungs whose cells the tests of some machine have compared with what happened; others are not
/// in the table.
pub(crate) const RUNGS: &[u8] = &[1, 2];

/// Every family and its heading, in the order in which they are shown.
pub(crate) const FAMILIES: &[(&str, &[Case])] = &[
    ("Network", network::CASES),
    ("Kinds of sockets", sockets::CASES),
    ("Sockets of this machine", local::CASES),
    ("Descriptors", descriptors::CASES),
    ("Namespaces and mounts", namespaces::CASES),
    ("Other processes", processes::CASES),
    ("Signals", signals::CASES),
    ("Privilege", privilege::CASES),
    ("Files of the machine", files::CASES),
    ("The kernel", kernel::CASES),
    ("Using things up", resources::CASES),
    ("Outputs", outputs::CASES),
    ("What stays behind", persistence::CASES),
    ("The monitor", monitor::CASES),
];
