//! Runs a case and compares what happened with what is written.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::OnceLock,
};

use penstock_sandbox::{
    Attempt, CancelToken, Launch, Outcome, Recording, StepRecord, StepSpec, Stream, run_step,
};

use crate::{
    cases::case::{Bound, Case, Control, Expect, Mark, Scene},
    scene::Stage,
    support::{Place, step_host},
};

/// What became of a case.
struct Seen {
    /// Everything that got through.
    through: Vec<String>,
    output_refused: bool,
    stage: Stage,
    record: StepRecord,
    said: String,
}

/// Runs the case at every rung there is.
///
/// # Panics
/// Where it is otherwise than written, with what got through.
pub(crate) fn judge(case: Case) {
    if matches!(case.scene, Scene::X86) && !cfg!(target_arch = "x86_64") {
        println!("SKIPPED: {} is of another processor", case.name);
        return;
    }
    control(&case);
    let mut faults = Vec::new();
    for (rung, expect) in [(1, case.rung_1), (2, case.rung_2)] {
        if !rungs().contains(&rung) {
            println!("SKIPPED: {} at rung {rung}, which this machine or version lacks", case.name);
            continue;
        }
        let seen = run(&case, rung, expect);
        let wrong = compare(&seen, expect);
        if !wrong.is_empty() {
            faults.push(format!(
                "rung {rung}: {}\nit said:\n{}\nthe record says: {:?}\n{:#?}\nconnections {:?}, lost {:?}",
                wrong.join("; "),
                seen.said,
                seen.record.outcome,
                seen.record.trace.denied,
                seen.record.trace.connections,
                seen.record.trace.lost,
            ));
        }
    }
    assert!(faults.is_empty(), "{}\n{}", case.name, faults.join("\n"));
}

/// The rungs of this machine, each tried once.
pub(crate) fn rungs() -> &'static [u8] {
    static RUNGS: OnceLock<Vec<u8>> = OnceLock::new();
    RUNGS.get_or_init(|| {
        let has = |rung: &u8| {
            let place = Place::new();
            let mut spec = StepSpec::new("probe", ["true"], place.workspace());
            spec.strongest_rung = *rung;
            let cancel = CancelToken::new().unwrap();
            run_step(&Launch::new(&step_host()), &spec, &cancel, &mut |_, _| {})
                .is_ok_and(|record| record.isolation.rung == *rung)
        };
        [1, 2].into_iter().filter(has).collect()
    })
}

/// The same attempt with nothing in its way: one that fails then proves nothing when it is stopped.
fn control(case: &Case) {
    let root = rustix::process::geteuid().is_root();
    match case.control {
        Control::Untried => return,
        Control::Root if !root => return,
        Control::Everybody | Control::Root => {}
    }
    let mut stage = Stage::new(case.scene);
    let mut child = Command::new(stage.workspace().join("attack"))
        .args(arguments(case, &stage))
        .current_dir(stage.workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut through = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        stage.heard(&line);
        through.extend(line.strip_prefix("through: ").map(str::to_owned));
    }
    child.wait().unwrap();
    through.extend(stage.noticed());
    assert!(!through.is_empty(), "{} fails without a sandbox too: it is no attempt", case.name);
}

fn arguments(case: &Case, stage: &Stage) -> Vec<String> {
    let words = ["attack", "escape"].into_iter().chain(case.attack.iter().copied());
    words.map(|word| stage.fill(word)).collect()
}

fn run(case: &Case, rung: u8, expect: Expect) -> Seen {
    let mut stage = Stage::new(case.scene);
    let program = std::iter::once("./attack".to_owned()).chain(arguments(case, &stage));
    let mut spec = StepSpec::new(case.name, program, stage.workspace());
    spec.strongest_rung = rung;
    spec.timeout_seconds = 60;
    // What is said to leave no record leaves none in the fullest.
    let fully = expect.is_in_full_recording_only() || matches!(expect, Expect::Unrecorded(_));
    spec.recording = if fully { Recording::Everything } else { Recording::Denials };
    if let Some(bound) = case.bound {
        limit(&mut spec, bound);
    }
    stage.prepare(&mut spec);
    let exe = step_host();
    let egress = stage.egress();
    let launch =
        Launch { egress: egress.as_ref().map(std::os::fd::AsFd::as_fd), ..Launch::new(&exe) };
    let cancel = CancelToken::new().unwrap();
    let mut said = Vec::new();
    let record = run_step(&launch, &spec, &cancel, &mut |stream, bytes| {
        said.extend_from_slice(bytes);
        if stream == Stream::Stdout {
            for line in String::from_utf8_lossy(bytes).lines() {
                stage.heard(line);
            }
        }
    })
    .unwrap();
    let mut through = Vec::new();
    let text = String::from_utf8_lossy(&said).into_owned();
    if !matches!(case.scene, Scene::Output) && !expect.is_put_back() {
        through.extend(text.lines().filter_map(|line| line.strip_prefix("through: ")));
    }
    let mut through: Vec<String> = through.into_iter().map(str::to_owned).collect();
    through.extend(stage.noticed());
    if matches!(case.scene, Scene::Terminal) {
        through.extend(stage.shown(&said));
    }
    let output_refused = if matches!(case.scene, Scene::Output) {
        let (refused, got) = stage.taken();
        through.extend(got);
        refused
    } else {
        false
    };
    // An attack that fell over has not been stopped.
    let whole = text.lines().next_back() == Some("end") || record.output_dropped_bytes > 0;
    let ended_early = record.outcome != Outcome::Succeeded;
    assert!(whole || ended_early, "{}: the attack did not end: {text}", case.name);
    assert!(
        !matches!(record.outcome, Outcome::NotStarted { .. } | Outcome::Failed { .. }),
        "{}: {:?}: {text}",
        case.name,
        record.outcome
    );
    Seen { through, output_refused, stage, record, said: text.chars().take(4000).collect() }
}

fn limit(spec: &mut StepSpec, bound: Bound) {
    const MIB: u64 = 1 << 20;
    let limits = &mut spec.limits;
    match bound {
        Bound::Processes(most) => limits.processes = most,
        Bound::OpenFiles(most) => limits.open_files = most,
        Bound::File(most) => limits.file_bytes = most * MIB,
        Bound::AddressSpace(most) => limits.address_space_bytes = Some(most * MIB),
        Bound::Workspace(most) => limits.workspace_bytes = most * MIB,
        Bound::Temporary(most) => limits.tmp_bytes = most * MIB,
        Bound::Output(most) => limits.output_bytes = most,
        Bound::Time(seconds) => spec.timeout_seconds = seconds,
    }
}

/// What is otherwise than written.
fn compare(seen: &Seen, expect: Expect) -> Vec<String> {
    let mut wrong = Vec::new();
    match expect {
        Expect::Recorded(_) | Expect::Unrecorded(_) | Expect::Blocked(_)
            if !seen.through.is_empty() =>
        {
            wrong.push(format!("got through: {:?}", seen.through));
        }
        Expect::Residual(why, _) if seen.through.is_empty() => {
            wrong.push(format!("nothing got through any more, which did since {why}"));
        }
        Expect::Unrecorded(why) if seen.is_told() => {
            wrong.push(format!("it is recorded now, which it was not since {why}"));
        }
        Expect::Blocked(why) => println!("not compared with the record: {why}"),
        _ => {}
    }
    let missing = expect.marks().iter().filter(|mark| !seen.says(**mark));
    wrong.extend(missing.map(|mark| format!("no record of {mark:?}")));
    wrong
}

impl Seen {
    /// Whether anything of the record would make a reader look.
    fn is_told(&self) -> bool {
        let trace = &self.record.trace;
        !trace.denied.is_empty()
            || !trace.connections.is_empty()
            || !trace.lost.is_none()
            || self.record.outcome != Outcome::Succeeded
            || self.record.output_dropped_bytes > 0
    }

    fn says(&self, mark: Mark) -> bool {
        let trace = &self.record.trace;
        let fill = |text: &str| self.stage.fill(text);
        let tried = |attempt: &dyn Fn(&Attempt) -> bool| {
            trace.denied.iter().any(|denial| attempt(&denial.attempt))
        };
        match mark {
            Mark::Call(wanted) => {
                tried(&|attempt| matches!(attempt, Attempt::Call { name, .. } if name == wanted))
            }
            Mark::CallWith(wanted, what) => tried(&|attempt| {
                matches!(attempt, Attempt::Call { name, detail: Some(detail) }
                    if name == wanted && detail == what)
            }),
            Mark::Network(to) => tried(
                &|attempt| matches!(attempt, Attempt::Network { destination, .. } if *destination == fill(to)),
            ),
            Mark::Connection(to) => {
                trace.connections.iter().any(|connection| connection.destination == fill(to))
            }
            Mark::Socket(to) => tried(
                &|attempt| matches!(attempt, Attempt::Socket { destination } if *destination == fill(to)),
            ),
            Mark::Write(to) => {
                tried(&|attempt| matches!(attempt, Attempt::Write { path } if *path == fill(to)))
            }
            Mark::PutBack(to) => {
                tried(&|attempt| matches!(attempt, Attempt::PutBack { path } if *path == fill(to)))
            }
            Mark::Read(of) => {
                tried(&|attempt| matches!(attempt, Attempt::Read { path } if *path == fill(of)))
            }
            Mark::Credential(of) => tried(
                &|attempt| matches!(attempt, Attempt::Credential { path } if *path == fill(of)),
            ),
            Mark::Signal(number) => {
                tried(&|attempt| matches!(attempt, Attempt::Signal { signal } if *signal == number))
            }
            Mark::Program(end) => trace.processes.iter().any(|process| {
                process.executable.as_deref().is_some_and(|path| path.ends_with(end))
            }),
            Mark::Unheard => trace.lost.datagrams > 0,
            Mark::OverLimit => trace.lost.over_limit > 0,
            Mark::Killed(signal) => self.record.outcome == Outcome::Killed { signal },
            Mark::TimedOut => self.record.outcome == Outcome::TimedOut,
            Mark::WorkspaceFull => self.record.outcome == Outcome::WorkspaceFull,
            Mark::OutputDropped => self.record.output_dropped_bytes > 0,
            Mark::OutputRefused => self.output_refused,
        }
    }
}
