use std::{fs, path::Path, time::Instant};

use anyhow::{Result, bail};
use penstock_sandbox::{CancelToken, Launch, Outcome, StepSpec, run_step};

use crate::{
    budget::{Budget, Round, Target, Unit, milliseconds},
    process,
};

const ROUNDS: usize = 101;

pub(crate) fn start(penstock: &Path, scratch: &Path) -> Result<Budget> {
    let workspace = scratch.join("step");
    fs::create_dir(&workspace)?;
    let spec = StepSpec::new("bench", ["/bin/true"], &workspace);
    let cancel = CancelToken::new()?;
    let step = || -> Result<f64> {
        let start = Instant::now();
        let record = run_step(&Launch::new(penstock), &spec, &cancel, &mut |_, _| {})?;
        let elapsed = start.elapsed();
        if record.outcome != Outcome::Succeeded {
            bail!("the step did not succeed: {:?}", record.outcome);
        }
        Ok(milliseconds(elapsed))
    };
    step()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(Round::of(|| {
            let bare = milliseconds(process::nothing()?);
            Ok(step()? - bare)
        })?);
    }
    Ok(Budget {
        name: "step start",
        target: Target::AtMost(15.0),
        unit: Unit::Milliseconds,
        rounds,
        method: "wall time of `/bin/true` as a step, in full isolation, with the released step-host, \
                 less that of a bare `/bin/true`, one after the other",
    })
}
