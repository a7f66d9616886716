//! `cargo xtask ci`: everything a change must pass, in the order that fails soonest.

use std::time::Instant;

use anyhow::Result;

use crate::{generate, house, readme, task};

pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    set_up()?;
    task::run("cargo", &["fmt", "--all", "--check"], &[])?;
    house::run()?;
    generate::run(true)?;
    let deny_warnings = ["--", "-D", "warnings"];
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked"];
    task::run("cargo", &[&clippy[..], &deny_warnings].concat(), &[])?;
    task::run(
        "cargo",
        &["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    task::run("cargo", &["test", "--workspace", "--locked"], &[])?;
    if task::is_installed("cargo-deny", "--version") {
        task::run("cargo", &["deny", "--offline", "check", "bans", "licenses", "sources"], &[])?;
    } else {
        task::say("\nSKIPPED cargo deny: not installed (cargo install cargo-deny)\n");
    }
    readme::run()?;
    task::say(&format!("\nci: passed in {} s\n", start.elapsed().as_secs()));
    Ok(())
}

/// Installs the programs the tests compare with, where this may be done: on a machine of CI, as
/// root, with Debian's package manager. Elsewhere tests that lack one skip aloud.
fn set_up() -> Result<()> {
    const NEEDED: [(&str, &str, &str); 6] = [
        ("cc", "--version", "build-essential"),
        ("curl", "--version", "curl"),
        ("git", "--version", "git"),
        ("openssl", "version", "openssl"),
        ("setpriv", "--version", "util-linux"),
        ("ssh", "-V", "openssh-client"),
    ];
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(program, probe, _)| !task::is_installed(program, probe))
        .map(|(_, _, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if std::env::var_os("CI").is_none() || !task::is_installed("apt-get", "--version") {
        task::say(&format!("not installed, what needs it skips aloud: {}\n", missing.join(", ")));
        return Ok(());
    }
    task::run("apt-get", &["update", "-qq"], &[])?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    task::run(
        "apt-get",
        &[&install[..], &missing].concat(),
        &[("DEBIAN_FRONTEND", "noninteractive")],
    )
}
