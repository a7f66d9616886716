//! `cargo xtask bench`: the budgets, measured on what is released.

use anyhow::{Context as _, Result};

use crate::task;

/// Builds the product and the bench for release, and runs the bench. Fails when a budget is exceeded
/// by more than noise; how each is measured is in `benches/budgets`.
pub(crate) fn run() -> Result<()> {
    task::run("cargo", &["build", "--release", "--locked"], &[])?;
    let penstock = task::target().join("release").join("penstock");
    let penstock = penstock.to_str().context("the target directory's path is not UTF-8")?;
    let bench = ["bench", "--locked", "--package", "xtask", "--bench", "budgets", "--", penstock];
    task::run("cargo", &bench, &[])
}
