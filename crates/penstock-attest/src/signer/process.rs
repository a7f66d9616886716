use std::{io, path::Path, process::ExitCode};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::serve;
use crate::keys::KeyStore;

/// The hidden subcommand that [`super::SignerClient::spawn`] starts: `penstock signer DIRECTORY`.
pub const SUBCOMMAND: &str = "signer";

/// The body of the signer process: requests on standard input, answers on standard output, until
/// the input ends. It says nothing else, anywhere.
///
/// Before anything else it makes itself undumpable: no core file, and no other process of the same
/// user can read its memory, attach to it or look at its descriptors (prctl(2), `PR_SET_DUMPABLE`;
/// ptrace(2), "Ptrace access mode checking"). A process with `CAP_SYS_PTRACE` still can.
pub fn signer_main(keys: &Path) -> ExitCode {
    let undumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let no_core = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    if undumpable.is_err() || no_core.is_err() {
        // Without this no key is opened.
        return ExitCode::FAILURE;
    }
    let keys = KeyStore::at(keys);
    match serve(&keys, &mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
