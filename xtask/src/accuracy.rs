//! How well the secrets area tells secrets from what looks like them, over its own labelled corpus.

mod train;

use std::path::Path;

use anyhow::{Result, bail};

use crate::task;

/// Prints precision and recall of every category, and fails below the committed floors.
pub(crate) fn run() -> Result<()> {
    // The test of the crate itself: so an ordinary `cargo test` keeps the floors as well.
    let words = ["test", "--quiet", "--package", "penstock-secrets", "--test", "accuracy", "--"];
    task::run("cargo", &[&words[..], &["--nocapture"]].concat(), &[])
}

/// Learns from the source below these folders what the letters of words are like, and writes the
/// table of `words.rs`. Each folder directly below one of them counts as one package.
pub(crate) fn train(folders: &[&str]) -> Result<()> {
    if folders.is_empty() {
        bail!("name folders of packages to learn from, such as what `cargo vendor` writes");
    }
    let folders: Vec<&Path> = folders.iter().map(Path::new).collect();
    let table = train::table(&folders)?;
    let path = task::root().join("crates/penstock-secrets/src/words/trigrams.bin");
    std::fs::write(&path, &table)?;
    task::say(&format!("{} bytes in {}\n", table.len(), path.display()));
    Ok(())
}
