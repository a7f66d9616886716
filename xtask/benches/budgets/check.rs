use std::path::Path;

use anyhow::{Context as _, Result};
use penstock_check::{Engine, Options, Tree as _, WorkTree};
use penstock_model::{Timestamp, report::Subject};

use crate::{
    budget::{Budget, Round, Target, Unit},
    process::cpu,
};

const ROUNDS: usize = 11;

/// Secrets over this repository's own files, in CPU time, which other load does not change much.
pub(crate) fn secrets() -> Result<Budget> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no repository")?;
    let tree = WorkTree::new(root);
    let engine = Engine::new(penstock_secrets::checks())?;
    let options = Options::new(Timestamp::from_unix(0)?, [0; 32], "bench");
    let read = || -> Result<f64> {
        let start = cpu();
        let mut bytes = 0;
        for file in tree.list()?.files {
            bytes += tree.read(&file, Options::MAX_FILE_BYTES).map_or(0, |c| c.len());
        }
        std::hint::black_box(bytes);
        Ok((cpu() - start).as_secs_f64())
    };
    let check = || -> Result<f64> {
        let start = cpu();
        let scope = "work-tree".to_owned();
        let subject = Subject { project: None, commit: None, tree: None, scope };
        std::hint::black_box(engine.check(&tree, subject, &options)?);
        Ok((cpu() - start).as_secs_f64())
    };
    read()?;
    check()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let read = read()?;
        rounds.push(Round { value: check()? / read, quiet: true });
    }
    Ok(Budget {
        name: "check: secrets over reading",
        target: Target::Watched,
        unit: Unit::Ratio,
        rounds,
        method: "CPU time of the engine with the rules of secrets over this repository, over that \
                 of listing and reading the same files with the same walker, one thread; 2 × is \
                 the aim",
    })
}
