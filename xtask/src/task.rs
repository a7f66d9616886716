//! Running other programs and speaking to the terminal.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// The repository's top directory.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    // A relative one is relative to where cargo is started, which is the top directory.
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Prints to standard error: standard output belongs to what a task produces.
pub(crate) fn say(text: &str) {
    // Nobody reading is no reason to stop.
    _ = std::io::stderr().write_all(text.as_bytes());
}

/// Runs a program to its end in the repository's top directory, showing what it prints.
pub(crate) fn run(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Result<()> {
    say(&format!("\n── {program} {}\n", arguments.join(" ")));
    let status = Command::new(program)
        .args(arguments)
        .envs(env.iter().copied())
        .current_dir(root())
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{program}`"))?;
    if !status.success() {
        bail!("`{program} {}` failed: {status}", arguments.join(" "));
    }
    Ok(())
}

/// Whether a program can be found and started.
pub(crate) fn is_installed(program: &str, probe: &str) -> bool {
    Command::new(program)
        .arg(probe)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
