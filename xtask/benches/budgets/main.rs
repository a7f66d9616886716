//! The budgets, each a ratio or a difference within one run: `cargo xtask bench`.
//!
//! The two sides of a comparison are measured in turn, round by round, so that a machine that slows
//! down slows both. What counts is the median of the rounds.

mod budget;
mod check;
mod egress;
mod inputs;
mod ledger;
mod opened;
mod peers;
mod process;
mod project;
mod recording;
mod start;
mod step;
mod verify;

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::budget::{Budget, Verdict};

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == penstock_egress::SUBCOMMAND) {
        return penstock_egress::main();
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything; whether every budget is kept.
fn run() -> Result<bool> {
    let penstock = std::env::args_os().nth(1).map(PathBuf::from);
    let penstock = penstock.filter(|path| path.is_file()).context(
        "the first argument must be the released `penstock`; `cargo xtask bench` sees to that",
    )?;
    // Beside the program and not in /tmp, which may be in memory: disks are compared here.
    let beside = penstock.parent().context("no directory")?;
    let scratch = tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?;
    let scratch = scratch.path();

    let wanted: Vec<String> = std::env::args().skip(2).filter(|word| word != "--bench").collect();
    let is_wanted = |group: &str| wanted.is_empty() || wanted.iter().any(|word| word == group);
    let (mut budgets, mut left_out) = (Vec::new(), Vec::new());
    if is_wanted("start") {
        budgets.push(start::version(&penstock).context("start")?);
        budgets.push(step::start(&penstock, scratch).context("step start")?);
    }
    if is_wanted("verify") {
        budgets.extend(verify::artifact(&penstock, scratch).context("verify")?);
    }
    if is_wanted("ledger") {
        budgets.extend(ledger::appends(&penstock, scratch).context("ledger")?);
    }
    if is_wanted("egress") {
        budgets.extend(egress::proxy().context("egress")?);
    }
    if is_wanted("recording") {
        let (recording, reasons) = recording::budgets(&penstock, scratch).context("recording")?;
        budgets.extend(recording);
        left_out.extend(reasons);
    }
    if is_wanted("check") {
        // Without the network there is no such tree, and what is measured on it is only watched.
        let sources = inputs::tree(beside);
        budgets.extend(check::secrets(sources.as_deref().ok(), scratch).context("check")?);
        match sources {
            Ok(sources) => {
                let (kept, reasons) =
                    peers::budgets(&penstock, &sources, beside, scratch).context("peers")?;
                budgets.extend(kept);
                left_out.extend(reasons);
            }
            Err(error) => left_out.push(format!("whole checks: {error:#}")),
        }
    }
    if budgets.is_empty() && left_out.is_empty() {
        bail!(
            "there is no group of that name; there are start, verify, ledger, egress, recording, \
             check"
        );
    }
    print(&budgets)?;
    for reason in left_out {
        writeln!(std::io::stdout(), "NOT MEASURED: {reason}")?;
    }
    Ok(budgets.iter().all(|budget| budget.verdict() != Verdict::Exceeded))
}

fn print(budgets: &[Budget]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\n{:<34} {:>10} {:>10} {:>21}  verdict",
        "budget", "target", "measured", "middle half of rounds"
    )?;
    for budget in budgets {
        writeln!(out, "{}", budget.row())?;
    }
    writeln!(out, "\nhow each is measured (medians over the rounds):")?;
    for budget in budgets {
        writeln!(out, "- {}: {} ({} rounds)", budget.name, budget.method, budget.rounds.len())?;
    }
    Ok(())
}
