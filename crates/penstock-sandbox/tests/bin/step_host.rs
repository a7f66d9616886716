//! The step-host that the tests of this crate start.

fn main() -> std::process::ExitCode {
    penstock_sandbox::step_host_main()
}
