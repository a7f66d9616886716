//! House rules no lint knows.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::task;

/// The most lines a Rust file may have.
const MAX_LINES: usize = 600;

/// Checks every tracked file and names every place at once.
pub(crate) fn run() -> Result<()> {
    let mut faults = Vec::new();
    let places = places();
    for path in tracked()? {
        // A tracked file that is deleted and not committed yet breaks no rule.
        let Ok(content) = fs::read(task::root().join(&path)) else { continue };
        if let Ok(text) = String::from_utf8(content) {
            judge(&path, &text, &places, &mut faults);
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!("house rules:\n{}", faults.join("\n"))
}

/// Tracked files and new ones that are not ignored, from the top directory, sorted.
fn tracked() -> Result<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(task::root()).output();
    let output = output.context("cannot start `git`")?;
    if !output.status.success() {
        bail!("`git ls-files` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let paths = String::from_utf8(output.stdout).context("a path here is not UTF-8")?;
    let mut paths: Vec<String> = paths.split_terminator('\0').map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn judge(path: &str, text: &str, places: &[String], faults: &mut Vec<String>) {
    let mut fault = |line: usize, what: &str| faults.push(format!("{path}:{line}: {what}"));
    if Path::new(path).extension().is_some_and(|extension| extension == "rs") {
        judge_rust(path, text, &mut fault);
    }
    if Path::new(path).file_name().is_some_and(|name| name == "Cargo.toml")
        && path.starts_with("crates/")
        && !text.contains("[lints]\nworkspace = true")
    {
        fault(1, "the workspace's lints are not taken over");
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(place) = places.iter().find(|place| line.contains(&**place)) {
            fault(number + 1, &format!("`{place}` is a place on one machine"));
        }
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            fault(number + 1, "a merge was left half-way");
        }
    }
}

/// Directories of this machine that no file of the repository may speak of: the check-out, where
/// cargo builds, and cargo's own at home.
fn places() -> Vec<String> {
    let mut places = vec![task::root(), task::target()];
    places.extend(std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let places = places.iter().map(|place| place.display().to_string());
    // A check-out at `/src` or the like would find itself in innocent words.
    places.filter(|place| place.matches('/').count() > 1).collect()
}

fn judge_rust(path: &str, text: &str, fault: &mut impl FnMut(usize, &str)) {
    let lines = text.lines().count();
    if !path.ends_with("/generated.rs") && lines > MAX_LINES {
        fault(lines, "too long: which noun is hiding inside?");
    }
    // Helpers of tests are compiled into several binaries, each of which uses another part of them.
    let helper = path.contains("/tests/");
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("#[allow(") || (code.starts_with("#![allow(") && !helper) {
            fault(number + 1, "`expect` with a reason, since it tells when it is not needed");
        }
        let names = line.contains(concat!("unsafe", "_code"));
        if names && !path.starts_with("crates/penstock-sandbox/") {
            fault(number + 1, "only penstock-sandbox may lift the ban on unsafe code");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        judge(path, text, &["/home/somebody/.cargo".to_owned()], &mut faults);
        faults
    }

    #[test]
    fn each_rule_names_its_line() {
        let lift = format!("\n#![expect(unsafe{}, reason = \"\")]", "_code");
        assert_eq!(
            faults("crates/penstock-gate/src/lib.rs", &lift),
            [
                "crates/penstock-gate/src/lib.rs:2: only penstock-sandbox may lift the ban on unsafe code"
            ]
        );
        assert_eq!(faults("crates/penstock-sandbox/src/lib.rs", &lift), [""; 0]);
        let allow = "    #[allow(dead_code)]\n";
        assert_eq!(faults("crates/penstock-gate/tests/gate/main.rs", allow).len(), 1);
        let allow = "#![allow(dead_code)]\n";
        assert_eq!(faults("crates/penstock-gate/src/lib.rs", allow).len(), 1);
        assert_eq!(faults("crates/penstock-gate/tests/support/mod.rs", allow).len(), 0);
        let long = "\n".repeat(MAX_LINES + 1);
        assert_eq!(faults("crates/penstock-gate/src/lib.rs", &long).len(), 1);
        assert_eq!(faults("crates/penstock-ci/src/generated.rs", &long).len(), 0);
        assert_eq!(faults("README.md", "see /home/somebody/.cargo/registry").len(), 1);
        assert_eq!(faults("README.md", ">>>>>>> theirs\n").len(), 1);
        assert_eq!(faults("crates/penstock-gate/Cargo.toml", "[package]\n").len(), 1);
    }

    #[test]
    fn the_files_of_this_repository_are_found() {
        let tracked = tracked().unwrap();
        assert!(tracked.iter().any(|path| path == "xtask/src/house.rs"), "{tracked:?}");
    }
}
