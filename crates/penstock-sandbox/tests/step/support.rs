use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use penstock_sandbox::{
    CancelToken, Launch, Outcome, SandboxError, StepRecord, StepSpec, Stream, run_step,
};

/// Where the ordinary user's run finds the step-host, since the build folder may be closed to it.
pub(crate) const STEP_HOST_VARIABLE: &str = "PENSTOCK_TEST_STEP_HOST";

/// What starts the step-host within a container.
pub(crate) const CONTAINER_VARIABLE: &str = "PENSTOCK_TEST_CONTAINER";

/// What steps are started with.
pub(crate) fn step_host() -> PathBuf {
    std::env::var_os(CONTAINER_VARIABLE).map_or_else(exe, PathBuf::from)
}

pub(crate) fn exe() -> PathBuf {
    std::env::var_os(STEP_HOST_VARIABLE)
        .map_or_else(|| env!("CARGO_BIN_EXE_penstock-step-host").into(), PathBuf::from)
}

/// A folder with a workspace in it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) record: StepRecord,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("workspace")).unwrap();
        Self { folder }
    }

    /// A host folder that the step is not shown.
    pub(crate) fn outside(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    /// Puts the hostile program into the workspace, as `./attack`.
    pub(crate) fn with_attack(self) -> Self {
        let target = self.workspace().join("attack");
        copy_program(&target);
        fs::set_permissions(target, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    pub(crate) fn spec(&self, script: &str) -> StepSpec {
        let mut spec = StepSpec::new("test", ["sh", "-c", script], self.workspace());
        spec.timeout_seconds = 60;
        spec
    }

    pub(crate) fn run(&self, script: &str) -> Ran {
        run(&self.spec(script))
    }

    /// Runs `./attack attack …` and returns what it said.
    pub(crate) fn attack(&self, arguments: &str) -> String {
        let ran = self.run(&format!("./attack attack {arguments}"));
        assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}{}", ran.stdout, ran.stderr);
        ran.stdout.trim().to_owned()
    }
}

/// Copies the hostile program. Not here but in a process of its own: one that another test starts
/// while the copy is open for writing would keep it open for an instant, and it could not be run.
pub(crate) fn copy_program(to: &Path) {
    assert!(Command::new("cp").arg(exe()).arg(to).status().unwrap().success());
}

pub(crate) fn run(spec: &StepSpec) -> Ran {
    try_run(spec).unwrap()
}

pub(crate) fn try_run(spec: &StepSpec) -> Result<Ran, SandboxError> {
    let cancel = CancelToken::new().unwrap();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let record =
        run_step(&Launch::new(&step_host()), spec, &cancel, &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        })?;
    Ok(Ran {
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        record,
    })
}

/// Process ids of the host whose arguments contain `marker`.
pub(crate) fn processes_with(marker: &str) -> Vec<i32> {
    let own = i32::try_from(std::process::id()).unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid != own)
        .filter(|pid| {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            arguments.windows(marker.len()).any(|window| window == marker.as_bytes())
        })
        .collect()
}

/// A time for `sleep` that no other process has: a time beyond the tests', and this test's own.
pub(crate) fn marker(test: u32) -> String {
    format!("{}{test:03}", 100_000_000 + std::process::id())
}
