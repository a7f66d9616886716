//! The proxy process that the tests of this crate start.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(penstock_egress::SUBCOMMAND) => penstock_egress::main(),
        _ => ExitCode::from(64),
    }
}
