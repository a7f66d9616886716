//! The one way in which these tests meet the program: a directory or a repository of nobody, the
//! program started in it with an environment of its own, and what it answered.

use std::{
    cell::Cell,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use penstock_model::Report;
use tempfile::TempDir;

/// A repository in a temporary directory.
pub(crate) struct Sandbox {
    dir: TempDir,
    commits: Cell<i64>,
}

/// Every format that is read by programs and forges.
pub(crate) const FORMATS: [&str; 7] = [
    "json",
    "sarif",
    "github",
    "gitlab-secret-detection",
    "gitlab-code-quality",
    "junit",
    "markdown",
];

/// What the program answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Sandbox {
    /// A repository with one commit of a harmless file.
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.write("readme.txt", "nothing to see\n");
        sandbox.commit("first");
        sandbox
    }

    /// A directory that is no repository.
    pub(crate) fn plain() -> Self {
        let sandbox = Self { dir: TempDir::new().unwrap(), commits: Cell::new(0) };
        fs::create_dir(sandbox.root()).unwrap();
        sandbox
    }

    /// A repository without a commit.
    pub(crate) fn empty() -> Self {
        let sandbox = Self::plain();
        sandbox.git(&["init", "-q", "-b", "main"]);
        sandbox
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.beside("repository")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything and says the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.root(), arguments)
    }

    pub(crate) fn git_in(&self, directory: &Path, arguments: &[&str]) -> String {
        done(&mut self.git_command(directory, arguments))
    }

    pub(crate) fn git_command(&self, directory: &Path, arguments: &[&str]) -> Command {
        self.commits.set(self.commits.get() + 60);
        let mut command = git_at(directory, arguments, self.commits.get());
        command.env("HOME", self.dir.path());
        command
    }

    /// Where a loose object lies.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        self.root().join(".git/objects").join(&id[..2]).join(&id[2..])
    }

    /// Takes an object out of the store.
    pub(crate) fn lose(&self, id: &str) {
        fs::remove_file(self.loose(id)).unwrap();
    }

    /// The program at the root of the project, with nothing of this process's environment.
    pub(crate) fn penstock(&self, arguments: &[&str]) -> Answer {
        Answer::of(&mut self.command(&self.root(), arguments), b"")
    }

    /// The same to be started, from any directory.
    pub(crate) fn command(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = program(directory, arguments);
        command.env("HOME", self.dir.path());
        command
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Answer {
        self.check_in(&self.root(), arguments, &[])
    }

    pub(crate) fn check_in(
        &self,
        directory: &Path,
        arguments: &[&str],
        set: &[(&str, &str)],
    ) -> Answer {
        let arguments = [&["check"], arguments].concat();
        Answer::of(self.command(directory, &arguments).envs(set.iter().copied()), b"")
    }

    /// A check that is given something on standard input.
    pub(crate) fn check_with(&self, arguments: &[&str], input: &[u8]) -> Answer {
        self.check_with_in(&self.root(), arguments, input)
    }

    pub(crate) fn check_with_in(
        &self,
        directory: &Path,
        arguments: &[&str],
        input: &[u8],
    ) -> Answer {
        let arguments = [&["check"], arguments].concat();
        Answer::of(&mut self.command(directory, &arguments), input)
    }

    /// The report of a check that has one.
    pub(crate) fn report(&self, arguments: &[&str]) -> (i32, Report) {
        self.report_in(&self.root(), arguments)
    }

    pub(crate) fn report_in(&self, directory: &Path, arguments: &[&str]) -> (i32, Report) {
        let arguments = [arguments, &["--format", "json"]].concat();
        let answer = self.check_in(directory, &arguments, &[]);
        (answer.code, answer.report())
    }
}

/// The program to be started in a directory, with nothing of this process's environment.
pub(crate) fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
    command.args(arguments).current_dir(directory).env_clear().env("HOME", "/dev/null");
    command
}

/// What the program answers in a directory.
#[track_caller]
pub(crate) fn penstock(directory: &Path, arguments: &[&str]) -> Answer {
    Answer::of(&mut program(directory, arguments), b"")
}

/// Git in a directory, as nobody and with nobody's configuration; says what it said.
#[track_caller]
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    done(&mut git_at(directory, arguments, 0))
}

/// Makes a repository's only commit of all there is.
pub(crate) fn commit_all(directory: &Path) {
    git(directory, &["init", "-q", "-b", "main"]);
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-q", "-m", "x"]);
}

/// The same at a time, in seconds.
fn git_at(directory: &Path, arguments: &[&str], seconds: i64) -> Command {
    let date = format!("{} +0000", 1_780_315_200 + seconds);
    let mut command = Command::new("git");
    command
        .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"])
        .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ana Example")
        .env("GIT_AUTHOR_EMAIL", "ana@example.org")
        .env("GIT_COMMITTER_NAME", "Ben Example")
        .env("GIT_COMMITTER_EMAIL", "ben@example.org")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date);
    command
}

/// Runs a command that must succeed.
#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

impl Answer {
    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn of(command: &mut Command, input: &[u8]) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that refuses its arguments does not read.
        let _refused = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Self {
            code: output.status.code().unwrap_or_else(|| panic!("killed: {command:?}")),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it said on both of its outputs.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The same on one line, however it is folded.
    pub(crate) fn flat(&self) -> String {
        self.said().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The report in it.
    #[track_caller]
    pub(crate) fn report(&self) -> Report {
        let report = serde_json::from_str(&self.out);
        report.unwrap_or_else(|error| panic!("{error}: {}", self.err))
    }
}

/// Where findings are: `path:line`.
pub(crate) fn places(report: &Report) -> Vec<String> {
    report.open().map(|finding| finding.location.to_string()).collect()
}

/// A GitLab token of nobody, in the second line, told from others by a letter, put together here so
/// that no scanner trips over this file.
pub(crate) fn secret(letter: char) -> String {
    let token = ["gl", "pat-", "q7Vt2mXbR9c", "LzK4pWnY"].concat();
    format!("first\nuse {token}{letter}\nlast\n")
}

/// A line with a GitLab token of nobody.
pub(crate) fn token() -> String {
    secret('q').lines().nth(1).unwrap().to_owned() + "\n"
}
