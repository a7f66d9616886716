//! Real repositories, made with the `git` binary, with fixed dates and people.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]
#![allow(clippy::allow_attributes, reason = "which part differs by test file")]

use std::{
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use penstock_git::Repository;
use penstock_model::{GitOid, RepoPath, Timestamp};
use tempfile::TempDir;

/// 2026-01-02T03:04:05Z, one second later for each commit.
const FIRST_DATE: i64 = 1_767_323_045;

pub struct Sandbox {
    pub dir: TempDir,
    commits: std::cell::Cell<i64>,
}

impl Sandbox {
    /// A repository in `repo` without a commit.
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let sandbox = Self { dir, commits: 0.into() };
        fs::create_dir(sandbox.root()).unwrap();
        sandbox.git(&["init", "-q", "-b", "main"]);
        sandbox
    }

    /// A repository with one commit of `a.txt`.
    pub fn with_commit() -> Self {
        let sandbox = Self::new();
        sandbox.write("a.txt", "one\n");
        sandbox.commit("first");
        sandbox
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn repository(&self) -> Repository {
        Repository::discover(&self.root()).unwrap()
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything and says the id.
    pub fn commit(&self, message: &str) -> GitOid {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub fn head(&self) -> GitOid {
        self.git(&["rev-parse", "HEAD"]).parse().unwrap()
    }

    pub fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.root(), args, b"")
    }

    /// Runs git and says what it printed.
    pub fn git_in(&self, dir: &Path, args: &[&str], stdin: &[u8]) -> String {
        use std::io::Write as _;

        let date = format!("{} +0000", FIRST_DATE + self.commits.replace(self.commits.get() + 1));
        let mut child = Command::new("git")
            .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"])
            .args(args)
            .current_dir(dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.dir.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ana Example")
            .env("GIT_AUTHOR_EMAIL", "ana@example.org")
            .env("GIT_COMMITTER_NAME", "Ben Example")
            .env("GIT_COMMITTER_EMAIL", "ben@example.org")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(stdin).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Stores an object of any content, however wrong.
    pub fn object(&self, kind: &str, content: &[u8]) -> GitOid {
        let args = ["hash-object", "-w", "--literally", "-t", kind, "--stdin"];
        self.git_in(&self.root(), &args, content).parse().unwrap()
    }

    pub fn blob(&self, content: &[u8]) -> GitOid {
        self.object("blob", content)
    }

    /// Stores a tree of these entries, unchecked and in this order.
    pub fn tree(&self, entries: &[(&str, &[u8], &GitOid)]) -> GitOid {
        let mut content = Vec::new();
        for (mode, name, oid) in entries {
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name);
            content.push(0);
            content.extend(hex::decode(oid.as_str()).unwrap());
        }
        self.object("tree", &content)
    }

    /// Where a loose object lies.
    pub fn loose(&self, oid: &GitOid) -> PathBuf {
        let (folder, name) = oid.as_str().split_at(2);
        self.root().join(".git/objects").join(folder).join(name)
    }
}

pub fn path(text: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::new(text.as_ref()).unwrap()
}

pub fn time() -> Timestamp {
    Timestamp::from_unix(FIRST_DATE).unwrap()
}

/// Every file beneath a directory, with its kind, sorted: `path`, `path*` if executable, `path@` for
/// a link.
pub fn listing(dir: &Path) -> Vec<String> {
    fn walk(top: &Path, dir: &Path, found: &mut Vec<String>) {
        use std::os::unix::fs::PermissionsExt as _;

        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(top).unwrap().as_os_str().as_bytes().escape_ascii();
            if metadata.is_dir() {
                walk(top, &path, found);
            } else if metadata.is_symlink() {
                found.push(format!("{name}@"));
            } else if metadata.permissions().mode() & 0o111 != 0 {
                found.push(format!("{name}*"));
            } else {
                found.push(name.to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(dir, dir, &mut found);
    found.sort();
    found
}
