use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{
    budget::{Budget, Round, Target, Unit, milliseconds},
    process,
};

const ROUNDS: usize = 151;

pub(crate) fn version(penstock: &Path) -> Result<Budget> {
    let version = || process::time(Command::new(penstock).arg("--version"));
    version()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(Round::of(|| {
            let nothing = process::nothing()?;
            Ok(milliseconds(version()?) - milliseconds(nothing))
        })?);
    }
    Ok(Budget {
        name: "start",
        target: Target::AtMost(10.0),
        unit: Unit::Milliseconds,
        rounds,
        method: "wall time of `penstock --version` less that of `/bin/true`, one after the other",
    })
}
