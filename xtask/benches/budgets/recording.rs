use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use penstock_sandbox::{CancelToken, Launch, Outcome, Recording, StepSpec, Toolchains, run_step};

use crate::{
    budget::{Budget, Round, Target, Unit},
    process::{cpu_of_children, is_there},
};

const ROUNDS: usize = 7;

/// One kind of work that steps do.
struct Work {
    names: [&'static str; 3],
    /// The most that confinement alone, and recording everything, may cost.
    targets: [f64; 2],
    /// What is done, by `sh -eu -c`, in an empty directory.
    script: String,
    /// A program it needs.
    needs: &'static str,
    method: &'static str,
}

/// What confinement and recording cost, in CPU time of everything: the work, the processes around it
/// and whoever answers the kernel's questions. Also what is left out, and why.
pub(crate) fn budgets(penstock: &Path, scratch: &Path) -> Result<(Vec<Budget>, Vec<String>)> {
    let mut budgets = Vec::new();
    let mut left_out = Vec::new();
    for work in works(scratch)? {
        if !is_there(work.needs) {
            left_out.push(format!("{}: `{}` is not installed", work.names[0], work.needs));
            continue;
        }
        budgets.extend(measure(&work, penstock, scratch)?);
    }
    Ok((budgets, left_out))
}

fn measure(work: &Work, penstock: &Path, scratch: &Path) -> Result<Vec<Budget>> {
    let place = scratch.join("work");
    let bare = || timed(&place, || bare(&work.script, &place));
    let step = |recording| timed(&place, || step(&work.script, &place, penstock, recording));
    let traced = || timed(&place, || traced(&work.script, &place));
    let strace = is_there("strace");
    bare()?;
    let (mut enforced, mut recorded, mut against) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let alone = bare()?;
        let denials = step(Recording::Denials)?;
        let everything = step(Recording::Everything)?;
        let round = |value| Round { value, quiet: true };
        enforced.push(round(denials / alone));
        recorded.push(round(everything / alone));
        if strace {
            // Less than nothing is noise; a hundredth of the work is the least that can be told.
            let ours = (everything - alone).max(alone / 100.0);
            against.push(round((traced()? - alone) / ours));
        }
    }
    let [enforce, record, peer] = work.names;
    let [most_enforced, most_recorded] = work.targets;
    let budget = |name, target, rounds| Budget {
        name,
        target,
        unit: Unit::Ratio,
        rounds,
        method: work.method,
    };
    let mut budgets = vec![
        budget(enforce, Target::AtMost(most_enforced), enforced),
        budget(record, Target::AtMost(most_recorded), recorded),
    ];
    if strace {
        budgets.push(budget(peer, Target::AtLeast(3.0), against));
    }
    Ok(budgets)
}

fn works(scratch: &Path) -> Result<Vec<Work>> {
    let inputs = scratch.join("inputs");
    fs::create_dir(&inputs)?;
    c_files(&inputs.join("c"))?;
    small_files(&inputs.join("small"))?;
    let hello = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no repository")?;
    copy(&hello.join("examples/hello-service"), &inputs.join("hello"))?;
    let packed = |name: &str| -> Result<String> {
        let archive = inputs.join(format!("{name}.tar"));
        crate::process::run(
            Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(inputs.join(name)).arg("."),
        )?;
        Ok(archive.display().to_string())
    };
    // A step is shown no host path: the inputs are unpacked into its workspace before it starts.
    let (c, small, hello) = (packed("c")?, packed("small")?, packed("hello")?);
    fs::write(inputs.join("archives"), [c, small, hello].join("\n"))?;
    Ok(vec![
        Work {
            names: [
                "cargo build: confined",
                "cargo build: recorded",
                "cargo build: strace over recorded",
            ],
            targets: [1.05, 1.10],
            script: "cargo build --offline --quiet".to_owned(),
            needs: "cargo",
            method: "CPU time of a clean `cargo build` of examples/hello-service as a step, over that \
                     of the same unconfined; for strace, what `strace -f` of opens, execs and connects \
                     adds over what recording adds",
        },
        Work {
            names: [
                "sixty C files: confined",
                "sixty C files: recorded",
                "sixty C files: strace over recorded",
            ],
            targets: [1.10, 1.30],
            script: "printf '%s\\n' *.c | xargs -P 2 -n 1 cc -O1 -c".to_owned(),
            needs: "cc",
            method: "the same for sixty small C files with ten headers of the system each, compiled \
                     two at a time",
        },
        Work {
            names: [
                "2,000 small files: confined",
                "2,000 small files: recorded",
                "2,000 small files: strace over recorded",
            ],
            targets: [1.15, 1.50],
            script: "mkdir copy; tar -cf - small-* | tar -xf - -C copy; \
                     cat copy/small-* > all; test $(wc -c < all) -gt 100000"
                .to_owned(),
            needs: "tar",
            method: "the same for two thousand small files that are packed, unpacked and read",
        },
    ])
}

/// Seconds of CPU, from a fresh place with the inputs in it.
fn timed(place: &Path, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir(place)?;
    let archives = place.with_file_name("inputs").join("archives");
    for archive in fs::read_to_string(archives)?.lines() {
        crate::process::run(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(place))?;
    }
    let before = cpu_of_children()?;
    work()?;
    Ok((cpu_of_children()? - before).max(Duration::from_millis(10)).as_secs_f64())
}

fn bare(script: &str, place: &Path) -> Result<()> {
    ran(Command::new("sh").args(["-eu", "-c", script]).current_dir(place))
}

fn traced(script: &str, place: &Path) -> Result<()> {
    let calls = "trace=open,openat,execve,execveat,connect";
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", calls, "sh", "-eu", "-c", script]);
    ran(command.current_dir(place))
}

fn ran(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {command:?}"))?;
    if status.success() { Ok(()) } else { bail!("{command:?}: {status}") }
}

fn step(script: &str, place: &Path, penstock: &Path, recording: Recording) -> Result<()> {
    let mut spec = StepSpec::new("bench", ["sh", "-eu", "-c", script], place);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    spec.toolchains = Toolchains::find(&home, &std::env::var_os("PATH").unwrap_or_default());
    spec.recording = recording;
    let mut said = Vec::new();
    let record = run_step(&Launch::new(penstock), &spec, &CancelToken::new()?, &mut |_, bytes| {
        said.extend_from_slice(bytes);
    })?;
    if record.outcome != Outcome::Succeeded {
        bail!("the step did not succeed: {:?}\n{}", record.outcome, String::from_utf8_lossy(&said));
    }
    if !record.trace.lost.is_none() {
        bail!("the record is not complete: {:?}", record.trace.lost);
    }
    if recording == Recording::Everything && record.trace.processes.is_empty() {
        bail!("nothing was recorded");
    }
    Ok(())
}

fn c_files(into: &Path) -> Result<()> {
    fs::create_dir(into)?;
    for file in 0..60 {
        let mut text = String::new();
        for header in [
            "stdio",
            "stdlib",
            "string",
            "unistd",
            "errno",
            "fcntl",
            "signal",
            "time",
            "sys/stat",
            "sys/socket",
        ] {
            writeln!(text, "#include <{header}.h>")?;
        }
        for function in 0..20 {
            writeln!(
                text,
                "int f{file}_{function}(int n) {{ int s = {function}; for (int i = 0; i < n; i++) \
                 {{ s = s * 31 + i; if (s % 7 == 3) printf(\"%d\", s); }} return s; }}"
            )?;
        }
        fs::write(into.join(format!("c{file}.c")), text)?;
    }
    Ok(())
}

fn small_files(into: &Path) -> Result<()> {
    fs::create_dir(into)?;
    for file in 0..2000 {
        fs::write(into.join(format!("small-{file}")), format!("{file}\n").repeat(40))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let files = Command::new("git").args(["ls-files"]).current_dir(from).output()?;
    fs::create_dir(to)?;
    for file in String::from_utf8_lossy(&files.stdout).lines() {
        let target = to.join(file);
        fs::create_dir_all(target.parent().context("no directory")?)?;
        fs::copy(from.join(file), target)?;
    }
    Ok(())
}
