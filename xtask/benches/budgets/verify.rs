use std::path::Path;

use anyhow::Result;

use crate::{
    budget::{Budget, Target, Unit, milliseconds},
    process,
    project::Project,
};

const ROUNDS: usize = 101;

pub(crate) fn artifact(penstock: &Path, scratch: &Path) -> Result<Budget> {
    let project = Project::run(penstock, scratch)?;
    let verify = || {
        let mut command = process::penstock(penstock, &project.home);
        process::time(
            command.arg("-C").arg(&project.directory).arg("verify").arg(&project.artifact),
        )
    };
    verify()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(milliseconds(verify()?));
    }
    Ok(Budget {
        name: "verify one artifact",
        target: Target::AtMost(15.0),
        unit: Unit::Milliseconds,
        rounds,
        method: "wall time of the whole process `penstock verify FILE` for a file of 0.6 MB, in a \
                 project that was run once",
    })
}
