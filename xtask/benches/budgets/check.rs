use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result};
use penstock_check::{Cache, Engine, Options, Tree as _, WorkTree};
use penstock_model::{Timestamp, report::Subject};

use crate::{
    budget::{Budget, Round, Target, Unit},
    process::cpu,
};

const ROUNDS: usize = 11;

/// Secrets over the sources of everything this program is built from, in CPU time, which other load
/// does not change much; `scratch` takes the cache.
pub(crate) fn secrets(sources: Option<&Path>, scratch: &Path) -> Result<Vec<Budget>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no repository")?;
    let (root, vendored) = (sources.unwrap_or(own), sources.is_some());
    let tree = WorkTree::new(root);
    let engine = Engine::new(penstock_secrets::checks())?;
    let options = Options::new(Timestamp::from_unix(0)?, [0; 32], "bench");
    let list = || {
        timed(|| {
            std::hint::black_box(tree.list()?);
            Ok(())
        })
    };
    let read = || {
        timed(|| {
            let (mut bytes, mut content) = (0, Vec::new());
            for file in tree.list()?.files {
                let read = tree.read_into(&file, Options::MAX_FILE_BYTES, &mut content);
                bytes += read.map_or(0, |()| content.len());
            }
            std::hint::black_box(bytes);
            Ok(())
        })
    };
    let check = |cache: Option<&mut Cache>| -> Result<()> {
        let scope = "work-tree".to_owned();
        let subject = Subject { project: None, commit: None, tree: None, scope };
        let report = engine.check_listing(&tree, tree.list()?, subject, &options, cache)?;
        std::hint::black_box(report);
        Ok(())
    };
    // Later than anything in the tree, so that nothing counts as just written.
    let began = Duration::from_secs(4_000_000_000);
    let again = || -> Result<()> {
        let mut cache = Cache::open(&scratch.join("cache"), b"bench", began)?;
        check(Some(&mut cache))?;
        cache.save()?;
        Ok(())
    };
    read()?;
    check(None)?;
    again()?;
    let (mut cold, mut second) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let read = read()?;
        cold.push(Round { value: timed(|| check(None))? / read, quiet: true });
        let list = list()?;
        second.push(Round { value: timed(again)? / list, quiet: true });
    }
    Ok(vec![
        Budget {
            name: "check: secrets over reading",
            target: if vendored { Target::AtMost(2.0) } else { Target::Watched },
            unit: Unit::Ratio,
            rounds: cold,
            method: "CPU time of the engine with the rules of secrets, without a cache, over the \
                     vendored sources of all dependencies (this repository where they cannot be \
                     had), over that of listing and reading the same files with the same walker, \
                     one thread",
        },
        Budget {
            name: "check: second run over listing",
            target: if vendored { Target::AtMost(2.0) } else { Target::Watched },
            unit: Unit::Ratio,
            rounds: second,
            method: "CPU time of the same with a cache that knows every file, opening it \
                     included, over that of listing (names and stat) with the same walker",
        },
    ])
}

/// CPU time in seconds.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = cpu();
    work()?;
    Ok((cpu() - start).as_secs_f64())
}
