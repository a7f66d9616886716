//! Step-host, isolation rungs, outputs; the only crate with `unsafe`.
//!
//! One step is one call of [`run_step`]. It starts the step-host (the same executable in a hidden
//! single-threaded mode whose body is [`step_host_main`]) and hands it a [`StepSpec`]. The
//! step-host makes the namespaces, and in them an init process which builds the file system, gives
//! up every privilege and starts the step. When the step's own process ends, its time is over or
//! the run is cancelled, init ends, and with it the kernel ends every process that the step left
//! behind; only then is the [`StepRecord`] handed back and only then may [`outputs::collect`] run.
//!
//! A mechanism that a machine does not allow is in the record as not applied, with the reason. A
//! machine that does not allow the namespaces is refused: there is no silent fallback.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]
#![cfg_attr(
    target_os = "linux",
    expect(
        unsafe_code,
        reason = "clone, mount attributes, resource accounting and signal handlers have no safe interface"
    )
)]

mod bytes;
mod cancel;
mod confine;
mod display;
mod error;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod input;
pub mod mask;
pub mod outputs;
mod record;
mod spec;
mod supervise;
mod toolchain;
mod trace;
#[cfg(target_os = "linux")]
mod wire;

pub use cancel::CancelToken;
pub use confine::{confine, confine_to_network, confine_to_trees};
pub use display::printable;
pub use error::{Barrier, SandboxError};
pub use record::{Identity, Isolation, Mechanism, Outcome, StepRecord, Usage};
pub use spec::{
    Limits, Network, Place, Protected, ReadOnlyInput, Recording, StandIn, StepSpec, varied,
};
pub use supervise::{Launch, Stream, probe, run_step};
pub use toolchain::Toolchains;
pub use trace::{Attempt, Connection, Denial, Lost, Process, Protocol, Trace};

/// The hidden argument that makes the executable a step-host: `exe step-host`.
pub const STEP_HOST_ARGUMENT: &str = "step-host";

/// Where the private copy of the project lies for a step.
pub const WORKSPACE: &str = "/workspace";

/// The home directory of a step.
pub const HOME: &str = "/home/build";

/// The body of the hidden subcommand [`STEP_HOST_ARGUMENT`].
///
/// To be called before any thread is started: it forks. It reads its orders from its standard
/// input, which must be the socket that [`run_step`] gave it.
pub fn step_host_main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    {
        host::main()
    }
    #[cfg(not(target_os = "linux"))]
    {
        std::process::ExitCode::from(2)
    }
}
