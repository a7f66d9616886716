//! What checks are measured on: inputs anyone can make, kept beside the program from run to run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The sources of everything this workspace is made of, with its own YAML and lock files: what
/// `cargo vendor` makes of `Cargo.lock`.
pub(crate) fn tree(beside: &Path) -> Result<PathBuf> {
    made_once(&beside.join("bench-tree"), |place| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no repository")?;
        // A repository of its own: the one around it ignores the build's directory.
        git(place, &["init", "--quiet", "."])?;
        let vendor = place.join("vendor");
        process::run(
            Command::new("cargo")
                .args(["vendor", "--locked", "--quiet"])
                .arg(&vendor)
                .current_dir(root),
        )?;
        process::run(
            Command::new("sh")
                .current_dir(root)
                .arg("-c")
                .arg(
                    "git ls-files -z '*.yml' '*.yaml' '*.tf' '*.hcl' '*.lock' '*.toml' | \
             xargs -0 cp --parents --target-directory \"$0\"",
                )
                .arg(place),
        )
    })
}

/// A repository whose commits are successive releases of twenty packages.
pub(crate) fn history(beside: &Path) -> Result<PathBuf> {
    made_once(&beside.join("bench-history"), |place| {
        let rounds = RELEASES.iter().map(|(_, versions)| versions.len()).max().unwrap_or(0);
        git(place, &["init", "--quiet", "."])?;
        for round in 0..rounds {
            let releases = RELEASES
                .iter()
                .filter_map(|(name, versions)| Some((*name, *versions.get(round)?)))
                .collect();
            vendor(place, releases)?;
            git(place, &["add", "--all", "--force", "vendor"])?;
            git(place, &["commit", "--quiet", "--message", &format!("Release {round}")])?;
        }
        git(place, &["gc", "--quiet"])
    })
}

/// A repository of 2,000 files and some commits, with a change of forty lines that is staged.
pub(crate) fn staged(beside: &Path) -> Result<PathBuf> {
    made_once(&beside.join("bench-staged"), |place| {
        git(place, &["init", "--quiet", "."])?;
        for commit in 0..200 {
            for file in 0..10 {
                let directory = place.join(format!("d{commit}"));
                fs::create_dir_all(&directory)?;
                let text: String = (0..200)
                    .map(|line| format!("let value_{line} = {commit} * {file};\n"))
                    .collect();
                fs::write(directory.join(format!("f{file}.rs")), text)?;
            }
            git(place, &["add", "."])?;
            git(place, &["commit", "--quiet", "--message", &format!("Commit {commit}")])?;
        }
        git(place, &["gc", "--quiet"])?;
        let changed = place.join("d7/f7.rs");
        let mut text = fs::read_to_string(&changed)?;
        text.extend((0..40).map(|line| format!("let another_{line} = {line};\n")));
        fs::write(changed, text)?;
        git(place, &["add", "."])
    })
}

/// Makes an input, or takes the one an earlier run made whole.
fn made_once(place: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    if !place.is_dir() {
        let parent = place.parent().context("no directory")?;
        let unfinished = tempfile::Builder::new().prefix("bench-input-").tempdir_in(parent)?;
        make(unfinished.path()).with_context(|| format!("making {}", place.display()))?;
        fs::rename(unfinished.keep(), place)?;
    }
    Ok(place.to_owned())
}

pub(crate) fn git(repository: &Path, arguments: &[&str]) -> Result<()> {
    process::run(
        Command::new("git")
            .args(["-c", "user.name=Bench", "-c", "user.email=bench@example.org"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(repository),
    )
}

/// Puts the sources of these releases into `vendor`. One that was yanked since is left out.
fn vendor(place: &Path, mut releases: Vec<(&str, &str)>) -> Result<()> {
    let vendor = place.join("vendor");
    if vendor.exists() {
        fs::remove_dir_all(&vendor)?;
    }
    let package = tempfile::tempdir()?;
    fs::create_dir(package.path().join("src"))?;
    fs::write(package.path().join("src/lib.rs"), "")?;
    loop {
        let dependencies: String =
            releases.iter().map(|(name, version)| format!("{name} = \"={version}\"\n")).collect();
        let manifest = format!(
            "[package]\nname = \"bench\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
             [workspace]\n[dependencies]\n{dependencies}"
        );
        fs::write(package.path().join("Cargo.toml"), manifest)?;
        let mut cargo = Command::new("cargo");
        cargo.args(["vendor", "--quiet"]).arg(&vendor).current_dir(package.path());
        let Err(error) = process::run(&mut cargo) else { return Ok(()) };
        let said = error.to_string();
        let refused = said.split("requirement `").nth(1).and_then(|rest| rest.split(' ').next());
        let before = releases.len();
        releases.retain(|(name, _)| Some(*name) != refused);
        if releases.len() == before {
            bail!("{said}");
        }
    }
}

/// Packages that need few others, with releases of theirs, oldest first.
const RELEASES: [(&str, &[&str]); 20] = [
    (
        "anyhow",
        &[
            "1.0.20", "1.0.30", "1.0.40", "1.0.45", "1.0.50", "1.0.55", "1.0.60", "1.0.65",
            "1.0.70", "1.0.75", "1.0.80", "1.0.86",
        ],
    ),
    (
        "base64",
        &[
            "0.10.0", "0.10.1", "0.11.0", "0.12.0", "0.12.3", "0.13.0", "0.13.1", "0.20.0",
            "0.21.0", "0.21.4", "0.22.0", "0.22.1",
        ],
    ),
    (
        "bitflags",
        &[
            "1.0.4", "1.1.0", "1.2.1", "1.3.2", "2.0.2", "2.1.0", "2.2.1", "2.3.3", "2.4.0",
            "2.4.2", "2.5.0", "2.6.0",
        ],
    ),
    (
        "bytes",
        &[
            "1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.4.0", "1.5.0", "1.6.0",
            "1.6.1", "1.7.0", "1.7.1",
        ],
    ),
    ("cfg-if", &["0.1.6", "0.1.7", "0.1.9", "0.1.10", "1.0.0"]),
    (
        "either",
        &[
            "1.5.0", "1.5.1", "1.5.2", "1.5.3", "1.6.0", "1.6.1", "1.7.0", "1.8.0", "1.8.1",
            "1.9.0", "1.10.0", "1.13.0",
        ],
    ),
    ("hex", &["0.3.0", "0.3.1", "0.3.2", "0.4.0", "0.4.1", "0.4.2", "0.4.3"]),
    (
        "httparse",
        &[
            "1.3.0", "1.3.3", "1.3.4", "1.3.5", "1.4.0", "1.5.0", "1.5.1", "1.6.0", "1.7.0",
            "1.8.0", "1.9.0", "1.9.4",
        ],
    ),
    (
        "itertools",
        &[
            "0.8.0", "0.8.2", "0.9.0", "0.10.0", "0.10.1", "0.10.2", "0.10.3", "0.10.5", "0.11.0",
            "0.12.0", "0.12.1", "0.13.0",
        ],
    ),
    (
        "libc",
        &[
            "0.2.60", "0.2.70", "0.2.80", "0.2.90", "0.2.100", "0.2.110", "0.2.120", "0.2.130",
            "0.2.140", "0.2.150", "0.2.155", "0.2.160",
        ],
    ),
    (
        "log",
        &[
            "0.4.5", "0.4.6", "0.4.8", "0.4.11", "0.4.14", "0.4.16", "0.4.17", "0.4.18", "0.4.19",
            "0.4.20", "0.4.21", "0.4.22",
        ],
    ),
    (
        "memchr",
        &[
            "2.2.0", "2.2.1", "2.3.0", "2.3.3", "2.3.4", "2.4.0", "2.4.1", "2.5.0", "2.6.0",
            "2.6.4", "2.7.1", "2.7.4",
        ],
    ),
    (
        "num-traits",
        &[
            "0.2.5", "0.2.6", "0.2.8", "0.2.10", "0.2.11", "0.2.12", "0.2.14", "0.2.15", "0.2.16",
            "0.2.17", "0.2.18", "0.2.19",
        ],
    ),
    (
        "once_cell",
        &[
            "1.2.0", "1.3.0", "1.4.0", "1.5.2", "1.7.2", "1.8.0", "1.9.0", "1.10.0", "1.13.0",
            "1.15.0", "1.17.0", "1.19.0",
        ],
    ),
    ("percent-encoding", &["1.0.0", "1.0.1", "2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.3.1"]),
    (
        "regex-syntax",
        &[
            "0.6.5", "0.6.8", "0.6.11", "0.6.14", "0.6.18", "0.6.22", "0.6.25", "0.6.28", "0.7.0",
            "0.7.4", "0.8.0", "0.8.4",
        ],
    ),
    (
        "ryu",
        &[
            "1.0.0", "1.0.2", "1.0.4", "1.0.5", "1.0.7", "1.0.9", "1.0.11", "1.0.12", "1.0.13",
            "1.0.15", "1.0.17", "1.0.18",
        ],
    ),
    (
        "semver",
        &[
            "1.0.0", "1.0.4", "1.0.6", "1.0.9", "1.0.12", "1.0.14", "1.0.16", "1.0.17", "1.0.18",
            "1.0.20", "1.0.22", "1.0.23",
        ],
    ),
    (
        "smallvec",
        &[
            "1.0.0", "1.1.0", "1.2.0", "1.4.0", "1.4.2", "1.6.0", "1.6.1", "1.7.0", "1.8.0",
            "1.10.0", "1.11.0", "1.13.2",
        ],
    ),
    (
        "unicode-width",
        &[
            "0.1.3", "0.1.4", "0.1.5", "0.1.6", "0.1.7", "0.1.8", "0.1.9", "0.1.10", "0.1.11",
            "0.1.12", "0.1.13", "0.1.14",
        ],
    ),
];
