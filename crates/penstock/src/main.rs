//! The `penstock` command: arguments in, wiring, output for people.
//!
//! The same executable is also the step-host, the signer and the proxy, each in a process of its own; they are
//! entered before anything else happens, since the first forks and the second must not be dumpable.

mod arguments;
mod command;
mod screen;
mod summary;
mod surroundings;
mod timeline;

use std::{ffi::OsStr, io::Write as _, path::Path, process::ExitCode};

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let (first, second) = (words.next(), words.next());
    if first.as_deref() == Some(OsStr::new(penstock_sandbox::STEP_HOST_ARGUMENT)) {
        return penstock_sandbox::step_host_main();
    }
    if first.as_deref() == Some(OsStr::new(penstock_attest::signer::SUBCOMMAND))
        && let Some(keys) = second
    {
        return penstock_attest::signer::signer_main(Path::new(&keys));
    }
    if first.as_deref() == Some(OsStr::new(penstock_egress::SUBCOMMAND)) {
        // It reads what strangers wrote, on both sides.
        penstock_sandbox::confine_to_network();
        return penstock_egress::main();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; everything else is a usage error.
            let code = match error.use_stderr() {
                true if runs_a_command() => NOT_THE_COMMAND,
                true => 2,
                false => 0,
            };
            _ = error.print();
            return ExitCode::from(code);
        }
    };
    match command::dispatch(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            _ = writeln!(std::io::stderr(), "penstock: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

/// The status for a fault of ours where every other one is the command's own: as `env` has it.
const NOT_THE_COMMAND: u8 = 125;

/// Whether the command line, which could not be read, is that of `penstock run … -- COMMAND`.
fn runs_a_command() -> bool {
    let words: Vec<_> = std::env::args_os().skip(1).take_while(|word| word != "--").collect();
    let more = std::env::args_os().skip(1).nth(words.len()).is_some();
    more && words.iter().any(|word| word == "run")
}
