//! A project and a person's home in a temporary directory, and the program to run there.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream, ToSocketAddrs as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

pub(crate) struct Place {
    _dir: TempDir,
    /// The person's home.
    pub(crate) home: PathBuf,
    /// The project.
    pub(crate) project: PathBuf,
    /// Where the command is run.
    pub(crate) at: PathBuf,
    /// Variables of the caller.
    pub(crate) variables: Vec<(OsString, OsString)>,
    toolchains: Option<OsString>,
}

pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    /// Whether the page on standard error has these words, wherever its lines are broken.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        let page = self.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(words), "`{words}` is not in\n{}", self.err);
        self
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::named(OsStr::new("project"))
    }

    pub(crate) fn named(name: &OsStr) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let top = dir.path().canonicalize().unwrap();
        let (home, project) = (top.join("home"), top.join("work").join(name));
        fs::create_dir_all(&home).unwrap();
        fs::create_dir_all(&project).unwrap();
        let at = project.clone();
        Self { _dir: dir, home, project, at, variables: Vec::new(), toolchains: None }
    }

    /// With the toolchains of whoever runs the tests, whose home it then is; caches stay apart.
    pub(crate) fn with_toolchains() -> Self {
        let mut place = Self::new();
        place.toolchains = std::env::var_os("HOME");
        // Where a company's proxy answers with certificates of its own.
        for name in ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CARGO_HTTP_CAINFO"] {
            if let Some(value) = std::env::var_os(name) {
                place.set(name, value);
            }
        }
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.project.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.project.join(path)).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.push((name.into(), value.into()));
    }

    /// The program, ready to be started.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.toolchains.as_ref().unwrap_or(&self.home.clone().into_os_string()))
            .env("XDG_CACHE_HOME", self.home.join("cache"))
            .env("XDG_STATE_HOME", self.home.join("state"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.at)
            .stdin(Stdio::null());
        command
    }

    /// `penstock ARGUMENTS`.
    pub(crate) fn penstock(&self, arguments: &[impl AsRef<OsStr>]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// `penstock run OPTIONS -- sh -c SCRIPT`.
    pub(crate) fn script(&self, options: &[&str], script: &str) -> Ran {
        self.run(options, &["sh", "-c", script])
    }

    /// `penstock run OPTIONS -- COMMAND`.
    pub(crate) fn run(&self, options: &[&str], command: &[&str]) -> Ran {
        self.penstock(&[&["run"][..], options, &["--"], command].concat())
    }
}

/// Whether a program is on the `PATH`; says so aloud if not.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !there {
        println!("SKIPPED: there is no {program} here");
    }
    there
}

/// Whether a server answers; says so aloud if not.
pub(crate) fn online(host: &str) -> bool {
    let there = (host, 443)
        .to_socket_addrs()
        .ok()
        .into_iter()
        .flatten()
        .any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok());
    if !there {
        println!("SKIPPED: {host} cannot be reached from here");
    }
    there
}

/// A server of one page, on this machine; ends with the tests.
pub(crate) fn server(page: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = Vec::new();
            let mut byte = [0; 1];
            while !head.ends_with(b"\r\n\r\n")
                && stream.read(&mut byte).is_ok_and(|count| count == 1)
            {
                head.push(byte[0]);
            }
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

/// Whether a process with this word among its arguments is there.
pub(crate) fn alive(word: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.map(|process| process.path().join("cmdline")).any(|path| contains(&path, word))
}

fn contains(path: &Path, word: &str) -> bool {
    let line = fs::read(path).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
}
