use std::path::Path;

use anyhow::Result;

use crate::{
    budget::{Budget, Round, Target, Unit, milliseconds},
    process,
    project::Project,
};

const ROUNDS: usize = 101;

pub(crate) fn artifact(penstock: &Path, scratch: &Path) -> Result<Vec<Budget>> {
    let project = Project::run(penstock, scratch)?;
    let verify = || {
        let mut command = process::penstock(penstock, &project.home);
        process::time(
            command.arg("-C").arg(&project.directory).arg("verify").arg(&project.artifact),
        )
    };
    verify()?;
    let mut rounds = Vec::new();
    let before = process::cpu_of_children()?;
    for _ in 0..ROUNDS {
        rounds.push(Round::of(|| Ok(milliseconds(verify()?)))?);
    }
    // The system counts in hundredths of a second: only the sum over many rounds says anything.
    let cpu = (process::cpu_of_children()? - before).as_secs_f64() * 1000.0 / ROUNDS as f64;
    let verify = Budget {
        name: "verify one artifact",
        target: Target::AtMost(15.0),
        unit: Unit::Milliseconds,
        rounds,
        method: "wall time of the whole process `penstock verify FILE` for a file of 0.6 MB, in a \
                 project that was run once",
    };
    let in_cpu = Budget {
        name: "verify one artifact, CPU time",
        target: Target::Watched,
        unit: Unit::Milliseconds,
        rounds: vec![Round { value: cpu, quiet: true }],
        method: "CPU time of the same processes, their mean",
    };
    Ok(vec![verify, in_cpu])
}
