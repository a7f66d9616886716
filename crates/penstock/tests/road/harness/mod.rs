//! A project in a temporary directory, with its own home and state, and the program to run on it.

mod evidence;
mod output;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use penstock_model::Timestamp;
use penstock_statement::predicate::RunSeal;
use tempfile::TempDir;

pub(crate) use evidence::{Hand, predicate_type};
pub(crate) use output::Ran;

/// The program under test.
pub(crate) const PENSTOCK: &str = env!("CARGO_BIN_EXE_penstock");

/// A pipeline of `sh` alone, so that a run takes no time.
pub(crate) const PIPELINE: &str = r#"[project]
name = "sample"

[steps.test]
run = "echo '3 passed, 0 failed'"
results = "plain"

[steps.build]
needs = ["test"]
run = "mkdir dist && cp app.txt dist/app"
outputs = ["dist/app"]
"#;

/// Who writes the project.
pub(crate) const ANA: (&str, &str) = ("Ana", "ana@example.org");
/// Somebody else.
pub(crate) const BEN: (&str, &str) = ("Ben", "ben@example.org");

/// 2026-06-01T12:00:00Z, one minute later for each commit and each command.
const FIRST_MINUTE: i64 = 1_780_315_200;

pub(crate) struct World {
    dir: TempDir,
    /// The directory the program is pointed to with `-C`.
    project: PathBuf,
    repository: PathBuf,
    clock: Cell<i64>,
    variables: RefCell<BTreeMap<OsString, OsString>>,
}

impl World {
    /// A committed project that was never run.
    pub(crate) fn new() -> Self {
        Self::with(PIPELINE)
    }

    /// The same with another pipeline.
    pub(crate) fn with(pipeline: &str) -> Self {
        let world = Self::empty("project");
        world.write("penstock.toml", pipeline);
        world.write("app.txt", "one\n");
        world.commit("Begin");
        world
    }

    /// A project whose first release is in staging and waits for production. It is made once and
    /// copied, keys and all.
    pub(crate) fn released() -> Self {
        static RELEASED: OnceLock<(PathBuf, i64)> = OnceLock::new();
        let (released, clock) = RELEASED.get_or_init(|| {
            let world = Self::new();
            world.penstock(["run"]).exits(0).says("gate staging      ALLOW").says("HELD");
            let kept = kept_directory();
            copy(&world.dir.path().join("."), &kept);
            (kept, world.clock.get())
        });
        let world = Self::empty("project");
        copy(&released.join("."), world.dir.path());
        world.clock.set(*clock);
        world
    }

    /// A repository in a directory of that name, without a commit.
    pub(crate) fn empty(name: impl AsRef<OsStr>) -> Self {
        let dir = TempDir::new().unwrap();
        let repository = dir.path().join(name.as_ref());
        for path in [&repository, &dir.path().join("home"), &dir.path().join("state")] {
            fs::create_dir(path).unwrap();
        }
        let variables = BTreeMap::from([
            ("PATH".into(), std::env::var_os("PATH").unwrap()),
            ("HOME".into(), dir.path().join("home").into()),
            ("XDG_STATE_HOME".into(), dir.path().join("state").into()),
        ]);
        let world = Self {
            project: repository.clone(),
            repository,
            dir,
            clock: Cell::new(FIRST_MINUTE),
            variables: RefCell::new(variables),
        };
        world.git(["init", "-q", "-b", "main"]);
        world
    }

    /// A directory beside the repository, for whatever a test needs.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.beside("home")
    }

    pub(crate) fn repository(&self) -> &Path {
        &self.repository
    }

    /// Points the program at another directory.
    pub(crate) fn enter(&mut self, project: PathBuf) {
        self.project = project;
    }

    /// Sets a variable for the program (not for git).
    pub(crate) fn set(&self, name: &str, value: impl Into<OsString>) {
        self.variables.borrow_mut().insert(name.into(), value.into());
    }

    pub(crate) fn unset(&self, name: &str) {
        self.variables.borrow_mut().remove(OsStr::new(name));
    }

    /// The next minute.
    pub(crate) fn tick(&self) -> Timestamp {
        self.clock.set(self.clock.get() + 60);
        Timestamp::from_unix(self.clock.get()).unwrap()
    }

    /// Lets time pass.
    pub(crate) fn wait_days(&self, days: i64) {
        self.clock.set(self.clock.get() + days * 24 * 3600);
    }

    // ----- the repository

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.repository.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything as Ana and says the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.commit_by(ANA, ANA, message)
    }

    /// Commits everything as somebody, merged by somebody.
    pub(crate) fn commit_by(
        &self,
        author: (&str, &str),
        committer: (&str, &str),
        message: &str,
    ) -> String {
        self.git(["add", "-A"]);
        let mut command = self.git_command(["commit", "-q", "--allow-empty", "-m", message]);
        command
            .env("GIT_AUTHOR_NAME", author.0)
            .env("GIT_AUTHOR_EMAIL", author.1)
            .env("GIT_COMMITTER_NAME", committer.0)
            .env("GIT_COMMITTER_EMAIL", committer.1);
        succeed(&mut command);
        self.git(["rev-parse", "HEAD"])
    }

    pub(crate) fn git<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        succeed(&mut self.git_command(arguments))
    }

    fn git_command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let date = format!("{} +0000", self.tick().unix());
        let mut command = Command::new("git");
        command
            .env("GIT_AUTHOR_NAME", ANA.0)
            .env("GIT_AUTHOR_EMAIL", ANA.1)
            .env("GIT_COMMITTER_NAME", ANA.0)
            .env("GIT_COMMITTER_EMAIL", ANA.1)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .arg("-C")
            .arg(&self.repository)
            .args(arguments)
            .env("HOME", self.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    // ----- the program

    /// The program with these arguments, a minute later than the last.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(PENSTOCK);
        command
            .arg("-C")
            .arg(&self.project)
            .arg("--now")
            .arg(self.tick().to_string())
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear()
            .envs(&*self.variables.borrow())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn penstock<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// The ledger holds together.
    pub(crate) fn log_verifies(&self) {
        self.penstock(["log", "verify"]).exits(0).says("all as signed in the checkpoint");
    }

    // ----- its state

    /// `$PENSTOCK_HOME`: the one state directory there is.
    pub(crate) fn state(&self) -> PathBuf {
        let all = self.beside("state").join("penstock");
        let mut found = fs::read_dir(&all).unwrap().map(|entry| entry.unwrap().path());
        let only = found.next().unwrap();
        assert_eq!(found.next(), None, "one project has one state directory");
        only
    }

    /// What is current in an environment, as bytes of `dist/app`; `None` where nothing is.
    pub(crate) fn deployed(&self, environment: &str) -> Option<String> {
        let app = self.state().join("environments").join(environment).join("current/dist/app");
        fs::read_to_string(app).ok()
    }

    /// The one artifact in the store.
    pub(crate) fn artifact(&self) -> PathBuf {
        let artifacts = files(&self.state().join("artifacts"));
        assert_eq!(artifacts.len(), 1, "{artifacts:?}");
        artifacts[0].clone()
    }

    /// The id of the newest release: the evidence id of its run seal.
    pub(crate) fn release(&self) -> String {
        self.evidence::<RunSeal>().last().unwrap().to_string()
    }

    /// The draft of the next policy, after some words are replaced.
    pub(crate) fn policy_with(&self, changes: &[(&str, &str)]) -> String {
        let mut text = self.penstock(["policy", "show", "--next"]).exits(0).out.clone();
        for (from, to) in changes {
            assert!(text.contains(from), "`{from}` is in\n{text}");
            text = text.replace(from, to);
        }
        text
    }

    /// Adopts a policy text that is in no commit, as Ana.
    pub(crate) fn adopt(&self, text: &str) {
        let file = self.beside("next-policy.toml");
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        self.penstock(["policy", "adopt", file, "--as", "ana"]).exits(0).says("is in force");
    }

    /// Ben makes a key, and a policy version makes a person of him.
    pub(crate) fn add_ben(&self) {
        let lines = self.penstock(["key", "new", "ben"]).exits(0).out.clone();
        let lines = lines.replace("emails = []", "emails = [\"ben@example.org\"]");
        self.adopt(&(self.policy_with(&[]) + &lines));
    }
}

/// An AWS key pair of nobody, in the form the check finds, put together here so that no scanner
/// trips over this file.
pub(crate) fn secret() -> String {
    let id = ["AK", "IA", "QX4TZ7WM3KPD6VRN"].concat();
    let key = ["q7Vt/2mXbR9c", "LzK4+pWnYd8sHfJ6", "uGe1QaTo5iBx"].concat();
    format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {key}\n")
}

/// A directory for as long as this process lives; those of processes that are gone are removed.
fn kept_directory() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("released");
    fs::create_dir_all(&all).unwrap();
    for entry in fs::read_dir(&all).unwrap() {
        let entry = entry.unwrap();
        if !Path::new("/proc").join(entry.file_name()).exists() {
            _ = fs::remove_dir_all(entry.path());
        }
    }
    let own = all.join(std::process::id().to_string());
    _ = fs::remove_dir_all(&own);
    fs::create_dir(&own).unwrap();
    own
}

/// Changes one byte in the middle of a file.
pub(crate) fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    replace(path, &bytes);
}

/// Replaces a file's content, read-only or not.
pub(crate) fn replace(path: &Path, bytes: &[u8]) {
    let mode = fs::metadata(path).unwrap().permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o200)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Copies a directory as it is.
pub(crate) fn copy(from: &Path, to: &Path) {
    succeed(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Every file beneath a directory.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![root.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                left.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Runs a command that must succeed and says what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    if !output.status.success() {
        std::io::stderr().write_all(&output.stderr).unwrap();
        panic!("{command:?}: {}", output.status);
    }
    String::from_utf8_lossy(output.stdout.trim_ascii_end()).into_owned()
}
