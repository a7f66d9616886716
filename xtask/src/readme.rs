//! The README's commands, run as written in a fresh clone, and what they print compared with what
//! it shows.
//!
//! Only fenced `console` blocks count. A line `$ command` is run by `sh`, a trailing `# exit N`
//! says which status it ends with (0 if not said). The lines below it, up to the next command or
//! the end of the block, are its standard output; a line `…` stands for any number of lines.
//! Digests, durations, dates and byte counts differ from run to run and are compared by shape.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::task;

pub(crate) fn run() -> Result<()> {
    let root = task::root();
    let readme = fs::read_to_string(root.join("README.md")).context("README.md")?;
    let examples = parse(&readme)?;
    if examples.is_empty() {
        bail!("README.md has no `console` block: nothing would be checked");
    }
    let scratch = task::target().join("readme");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    }
    fs::create_dir_all(&scratch)?;
    let clone = scratch.join("penstock");
    task::run("git", &["clone", "--quiet", ".", &clone.display().to_string()], &[])?;
    for example in &examples {
        check(example, &clone, &scratch)?;
    }
    task::say(&format!("\nREADME: {} commands do what it says\n", examples.len()));
    Ok(())
}

/// One command of the README.
struct Example {
    line: usize,
    command: String,
    status: i32,
    output: Vec<String>,
}

fn parse(readme: &str) -> Result<Vec<Example>> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    let mut open = false;
    for (number, line) in readme.lines().enumerate() {
        if line.starts_with("```") {
            inside = !inside && line == "```console";
            open = false;
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            let (command, status) = match command.rsplit_once("# exit ") {
                Some((command, status)) => (
                    command,
                    status.trim().parse().with_context(|| format!("README.md:{}", number + 1))?,
                ),
                None => (command, 0),
            };
            let command = command.trim().to_owned();
            examples.push(Example { line: number + 1, command, status, output: Vec::new() });
            open = true;
        } else if inside
            && open
            && let Some(example) = examples.last_mut()
        {
            example.output.push(line.to_owned());
        }
    }
    Ok(examples)
}

fn check(example: &Example, clone: &Path, scratch: &Path) -> Result<()> {
    task::say(&format!("README.md:{}: {}\n", example.line, example.command));
    // A person at a terminal: no CI, a state directory and an identity of their own. The build's
    // output is shared so that one release build serves all.
    let output = Command::new("sh")
        .args(["-c", &example.command])
        .current_dir(clone)
        .env_remove("CI")
        .env_remove("PENSTOCK_HOME")
        .env("XDG_STATE_HOME", scratch.join("state"))
        .env("CARGO_TARGET_DIR", task::target())
        .env("PATH", path_with_release()?)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let status = output.status.code();
    if status != Some(example.status) {
        bail!(
            "README.md:{}: ended with {status:?}, not {}:\n{printed}",
            example.line,
            example.status
        );
    }
    let expected: Vec<String> = example.output.iter().map(|line| shape(line)).collect();
    let found: Vec<String> = printed.lines().map(shape).collect();
    if !example.output.is_empty() && !matches(&expected, &found) {
        bail!(
            "README.md:{}: it prints something else:\n{printed}\ncompared by shape, wanted:\n{}\nfound:\n{}",
            example.line,
            expected.join("\n"),
            found.join("\n")
        );
    }
    Ok(())
}

/// The release binary is on the PATH of a person who followed the README.
fn path_with_release() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = task::target().join("release");
    let all = std::iter::once(ours).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(all)?)
}

/// Whether `found` is `expected`, where `…` stands for any number of lines.
fn matches(expected: &[String], found: &[String]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "…" => (0..=found.len())
            .any(|skip| found.get(skip..).is_some_and(|found| matches(rest, found))),
        (Some((e, expected)), Some((f, found))) => e == f && matches(expected, found),
        _ => false,
    }
}

/// A line with everything that differs from run to run replaced: hexadecimal of eight digits or
/// more, numbers, and white space folded (columns move with the width of a number).
fn shape(line: &str) -> String {
    let mut out = String::new();
    for word in line.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut digits = String::new();
        let flush = |digits: &mut String, out: &mut String| {
            let hex = digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            if hex && digits.bytes().any(|b| b.is_ascii_digit()) {
                out.push_str("<hex>");
            } else {
                let mut number = false;
                for c in digits.chars() {
                    if !c.is_ascii_digit() {
                        out.push(c);
                    } else if !number {
                        out.push('#');
                    }
                    number = c.is_ascii_digit();
                }
            }
            digits.clear();
        };
        for c in word.chars() {
            if c.is_ascii_alphanumeric() {
                digits.push(c);
            } else {
                flush(&mut digits, &mut out);
                out.push(c);
            }
        }
        flush(&mut digits, &mut out);
    }
    out.replace("#.#", "#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_compared_by_shape() {
        assert_eq!(shape("sha256:3f9a01bc  31.0 s"), shape("sha256:aa00bb11cc22 8 s"));
        assert_ne!(shape("gate staging ALLOW"), shape("gate staging DENY"));
        assert_eq!(shape("deadbeef"), "deadbeef", "a word is not a digest");
    }

    #[test]
    fn an_ellipsis_stands_for_any_lines() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert!(matches(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
        assert!(!matches(&lines("a\n…\nd"), &lines("a\nb\nc")));
        assert!(!matches(&lines("a"), &lines("a\nb")));
    }

    #[test]
    fn only_console_blocks_are_commands() {
        let readme = "```sh\n$ no\n```\n```console\n$ one # exit 1\nout\n\n$ two\n```\n$ three\n";
        let examples = parse(readme).unwrap();
        assert_eq!(examples.len(), 2);
        assert_eq!((examples[0].command.as_str(), examples[0].status), ("one", 1));
        assert_eq!(examples[0].output, ["out", ""]);
    }
}
