use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    ExitCode::from(2)
}
