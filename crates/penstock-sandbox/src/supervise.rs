use std::path::Path;

use crate::{CancelToken, Isolation, SandboxError, StepRecord, StepSpec};

/// Which of a step's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Tries in a child what confinement this machine allows, and reports what was applied. A machine
/// that bars it is rung 0 with the reason among its degradations.
///
/// `exe` is this executable: `exe step-host` must call [`crate::step_host_main`].
///
/// # Errors
/// When the step-host cannot be started or ends without an answer.
pub fn probe(exe: &Path) -> Result<Isolation, SandboxError> {
    let _ = exe;
    Err(SandboxError::Unsupported)
}

/// Runs one step, confined, to its end and returns when the last of its processes is gone.
///
/// `exe` is this executable: `exe step-host` must call [`crate::step_host_main`]. `output` gets what
/// the step writes as it is written, unmasked (see [`crate::mask::Masker`]). May be called from
/// several threads at once; the thread that calls it must live until it returns, which it does.
///
/// # Errors
/// When the machine bars confinement, the specification cannot be carried out, or the step-host
/// ends without a record. A step that fails is no error: see [`StepRecord::outcome`].
pub fn run_step(
    exe: &Path,
    spec: &StepSpec,
    cancel: &CancelToken,
    output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<StepRecord, SandboxError> {
    let _ = (exe, spec, cancel.readable(), output);
    Err(SandboxError::Unsupported)
}
