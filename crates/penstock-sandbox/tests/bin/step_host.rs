//! The step-host that the tests of this crate start, and the hostile program they run in a step.
#![expect(unsafe_code, reason = "an attacker makes system calls that have no safe interface")]

mod attack;
mod container;

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use penstock_sandbox::{
    CancelToken, Launch, Place, Protected, Recording, STEP_HOST_ARGUMENT, StandIn, StepSpec,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Whatever comes then, within a container.
    let arguments = match arguments.as_slice() {
        ["contained", rest @ ..] => match container::enter() {
            Ok(()) => rest,
            Err(error) => return say(&error.to_string()),
        },
        all => all,
    };
    match arguments {
        [STEP_HOST_ARGUMENT] => penstock_sandbox::step_host_main(),
        ["attack", rest @ ..] => attack::main(rest),
        ["probe"] => say(&format!("{:?}", penstock_sandbox::probe(Path::new("/proc/self/exe")))),
        ["record", workspace, command @ ..] => rung(workspace, command, Recording::Everything),
        ["rung", workspace, command @ ..] => rung(workspace, command, Recording::Denials),
        ["run", workspace, command @ ..] => run(StepSpec::new("run", command, workspace)),
        ["run-alone", workspace, command @ ..] => {
            let mut spec = StepSpec::new("run", command, workspace);
            spec.strongest_rung = 2;
            spec.place = Some(Place(spec.workspace.clone()));
            let inside = ".git/config".parse();
            let protected = inside.map(|inside| Protected { inside, stand_in: StandIn::PutBack });
            spec.protected = protected.into_iter().collect();
            run(spec)
        }
        _ => ExitCode::from(64),
    }
}

/// Runs a step as the product would: with Ctrl-C bound to its cancellation.
fn run(spec: StepSpec) -> ExitCode {
    let Ok(cancel) = CancelToken::new() else { return ExitCode::from(70) };
    if cancel.on_signals().is_err() {
        return ExitCode::from(70);
    }
    let exe = std::env::current_exe().unwrap_or_default();
    let result = penstock_sandbox::run_step(&Launch::new(&exe), &spec, &cancel, &mut |_, bytes| {
        let _ = io::stdout().write_all(bytes).and_then(|()| io::stdout().flush());
    });
    say(&format!("{:?}", result.map(|record| record.outcome)))
}

/// Runs a step and says on which rung.
fn rung(workspace: &str, command: &[&str], recording: Recording) -> ExitCode {
    let Ok(cancel) = CancelToken::new() else { return ExitCode::from(70) };
    let mut spec = StepSpec::new("rung", command, workspace);
    spec.recording = recording;
    let exe = std::env::current_exe().unwrap_or_default();
    let result = penstock_sandbox::run_step(&Launch::new(&exe), &spec, &cancel, &mut |_, _| {});
    say(&match result {
        Ok(record) => {
            let (rung, outcome) = (record.isolation.rung, &record.outcome);
            match recording {
                Recording::Denials => format!("rung {rung} {outcome:?}"),
                Recording::Everything => {
                    format!("rung {rung} {outcome:?} {} events", record.trace.events)
                }
            }
        }
        Err(error) => error.to_string(),
    })
}

fn say(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
