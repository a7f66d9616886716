//! `cargo xtask conformance`: the test suites of other projects, kept outside this repository.
//!
//! How many cases each suite has, and how many of them are met, stands in the tests themselves: a
//! suite that lost cases fails as one that fails does.

use std::path::PathBuf;

use anyhow::Result;

use crate::task;

/// A crate, its test binary, a filter of test names, and the folder of the corpora it reads.
const SUITES: [(&str, &str, &str, &str); 5] = [
    ("penstock-attest", "attest", "conformance", "attest/sigstore-conformance"),
    ("penstock-document", "conformance", "", "iac"),
    ("penstock-packages", "conformance", "", "dependencies"),
    ("penstock-road", "conformance", "", "secrets/age"),
    ("penstock-tlog", "conformance", "", "attest/merkle"),
];

/// Runs every suite whose corpus is there and says which are not.
pub(crate) fn run() -> Result<()> {
    let corpora = corpora();
    let shown = corpora.display().to_string();
    let mut skipped = Vec::new();
    for (package, test, filter, folder) in SUITES {
        if !corpora.join(folder).is_dir() {
            skipped.push(format!("SKIPPED {package}: no `{folder}` in {shown}\n"));
            continue;
        }
        let arguments =
            ["test", "--locked", "-p", package, "--test", test, filter, "--", "--nocapture"];
        let arguments: Vec<&str> = arguments.into_iter().filter(|word| !word.is_empty()).collect();
        task::run("cargo", &arguments, &[("PENSTOCK_CORPORA", &shown)])?;
    }
    let run = SUITES.len() - skipped.len();
    task::say(&format!(
        "\n{}conformance: {run} of {} suites ran\n",
        skipped.concat(),
        SUITES.len()
    ));
    if !skipped.is_empty() {
        task::say("PENSTOCK_CORPORA names the folder of the corpora\n");
    }
    Ok(())
}

/// Where the corpora are; beside this repository unless `PENSTOCK_CORPORA` says otherwise.
fn corpora() -> PathBuf {
    // A relative one is relative to where cargo is started, which is the top directory.
    let place = std::env::var_os("PENSTOCK_CORPORA").unwrap_or_else(|| "../shared/corpora".into());
    task::root().join(place)
}
