//! A small project that has been run once: what `verify` needs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::process;

const CONFIGURATION: &str = r#"[project]
name = "bench"

[steps.build]
run = "mkdir -p dist && seq 100000 > dist/numbers"
outputs = ["dist/numbers"]
"#;

pub(crate) struct Project {
    pub(crate) directory: PathBuf,
    pub(crate) home: PathBuf,
    /// What was built, released and deployed.
    pub(crate) artifact: PathBuf,
}

impl Project {
    /// Commits the project and takes it down the whole road.
    pub(crate) fn run(penstock: &Path, scratch: &Path) -> Result<Self> {
        let directory = scratch.join("project");
        fs::create_dir(&directory)?;
        fs::write(directory.join("penstock.toml"), CONFIGURATION)?;
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"];
            process::run(
                Command::new("git")
                    .args(identity)
                    .args(["-c", "commit.gpgsign=false"])
                    .args(arguments)
                    .current_dir(&directory),
            )
        };
        git(&["init", "--quiet", "."])?;
        git(&["add", "."])?;
        git(&["commit", "--quiet", "--message", "Bench"])?;
        let home = scratch.join("home");
        process::run(process::penstock(penstock, &home).arg("-C").arg(&directory).arg("run"))?;
        // The same bytes as the step made, so that nothing depends on where outputs are kept.
        let artifact = scratch.join("numbers");
        let text: String = (1..=100_000).map(|number| format!("{number}\n")).collect();
        fs::write(&artifact, text)?;
        Ok(Self { directory, home, artifact })
    }
}
