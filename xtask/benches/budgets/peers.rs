//! The whole program over whole trees and histories, beside gitleaks where that is on the PATH.

use std::{
    fs,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    budget::{Budget, Round, Target, Unit, milliseconds},
    inputs::{self, git},
    process::{cpu_of_children, penstock},
};

/// Rounds of what takes milliseconds, and of what takes seconds.
const SHORT: usize = 15;
const LONG: usize = 1;

/// Every budget; those that compare with a program that is not here are left out, and said to be.
pub(crate) fn budgets(
    exe: &Path,
    tree: &Path,
    beside: &Path,
    scratch: &Path,
) -> Result<(Vec<Budget>, Vec<String>)> {
    let history = inputs::history(beside)?;
    let home = scratch.join("peers-home");
    let check = |directory: &Path, arguments: &[&str]| {
        let mut command = penstock(exe, &home);
        command.arg("-C").arg(directory).args(["check", "--area", "secrets", "--advise"]);
        command.args(arguments);
        command
    };
    let one = scratch.join("one-file");
    fs::create_dir_all(&one)?;
    fs::write(one.join("a.txt"), "text\n")?;
    // A repository of its own: the one around it ignores the build's directory.
    git(&one, &["init", "--quiet", "."])?;
    let changed = inputs::staged(beside)?;
    let mut budgets = vec![
        Budget {
            name: "check: start with all rules",
            target: Target::AtMost(10.0),
            unit: Unit::Milliseconds,
            rounds: clock(|| check(&one, &["--no-cache"]))?,
            method: "the whole process over a directory with one small file, on the clock",
        },
        Budget {
            name: "check: forty staged lines",
            target: Target::AtMost(30.0),
            unit: Unit::Milliseconds,
            rounds: clock(|| check(&changed, &["--staged"]))?,
            method: "the whole process of `check --staged` in a repository of 2,000 files and 200 \
                     commits, on the clock",
        },
        Budget {
            name: "check: memory for the tree",
            target: Target::AtMost(300.0),
            unit: Unit::Mebibytes,
            rounds: memory(|| check(tree, &["--no-cache"]))?,
            method: "high-water mark of resident memory over what `cargo vendor` makes of this \
                     workspace",
        },
        Budget {
            name: "check: memory for the history",
            target: Target::AtMost(1024.0),
            unit: Unit::Mebibytes,
            rounds: memory(|| check(&history, &["--history"]))?,
            method: "the same over successive releases of twenty packages; the pack is far smaller \
                     than the 500 MB the target speaks of",
        },
    ];
    if time(Command::new("gitleaks").arg("version")).is_err() {
        let advice = "go install github.com/zricethezav/gitleaks/v8@v8.30.1";
        return Ok((budgets, vec![format!("gitleaks is not on the PATH: {advice}")]));
    }
    let gitleaks = |mode: &str, directory: &Path| {
        let mut command = Command::new("gitleaks");
        command.args([mode, "--no-banner", "--exit-code", "0", "--report-format", "json"]);
        // Not /dev/null: it replaces the file, which root may do to a device too.
        command.arg("--report-path").arg(scratch.join("gitleaks.json")).arg(directory);
        command
    };
    budgets.push(Budget {
        name: "check: gitleaks over us, tree",
        target: Target::AtLeast(8.0),
        unit: Unit::Ratio,
        rounds: ratio(|| gitleaks("dir", tree), || check(tree, &["--no-cache"]))?,
        method: "CPU time of `gitleaks dir` over that of `check --area secrets`, whole processes, \
                 over what `cargo vendor` makes of this workspace",
    });
    budgets.push(Budget {
        name: "check: gitleaks over us, history",
        target: Target::AtLeast(5.0),
        unit: Unit::Ratio,
        rounds: ratio(|| gitleaks("git", &history), || check(&history, &["--history"]))?,
        method: "CPU time of `gitleaks git` over that of `check --history`, whole processes, over \
                 successive releases of twenty packages",
    });
    Ok((budgets, Vec::new()))
}

/// Runs a check to its end. That the tree holds an archive that cannot be opened is no failure here.
fn time(command: &mut Command) -> Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    let elapsed = start.elapsed();
    ended(command, status)?;
    Ok(elapsed)
}

fn ended(command: &Command, status: ExitStatus) -> Result<()> {
    let worked = matches!(status.code(), Some(0 | 3));
    worked.then_some(()).with_context(|| format!("{command:?}: {status}"))
}

fn clock(command: impl Fn() -> Command) -> Result<Vec<Round>> {
    time(&mut command())?;
    (0..SHORT).map(|_| Round::of(|| Ok(milliseconds(time(&mut command())?)))).collect()
}

/// CPU time of one program over that of another.
fn ratio(peer: impl Fn() -> Command, own: impl Fn() -> Command) -> Result<Vec<Round>> {
    let cpu = |command: &mut Command| -> Result<f64> {
        let before = cpu_of_children()?;
        time(command)?;
        Ok((cpu_of_children()? - before).as_secs_f64())
    };
    let round = |_| {
        let own = cpu(&mut own())?;
        Ok(Round { value: cpu(&mut peer())? / own, quiet: true })
    };
    (0..LONG).map(round).collect()
}

/// The most memory a program has at once, in MiB. It is a high-water mark, so looking at it now and
/// then misses only what happens after the last look.
fn memory(command: impl Fn() -> Command) -> Result<Vec<Round>> {
    let round = |_| {
        let mut command = command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0.0_f64;
        while child.try_wait()?.is_none() {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kibibytes = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
            most = most.max(kibibytes.unwrap_or(0.0) / 1024.0);
            thread::sleep(Duration::from_millis(2));
        }
        ended(&command, child.wait()?)?;
        Ok(Round { value: most, quiet: true })
    };
    (0..LONG).map(round).collect()
}
