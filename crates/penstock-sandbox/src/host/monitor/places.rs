//! Where a path leads, as far as names tell, and whether that is one of the step's own places.

use std::{
    ffi::OsStr,
    fs,
    os::{
        fd::RawFd,
        unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::{
    net::{SocketType, sockopt::socket_type},
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};

use crate::{HOME, Protocol};

/// Beside the workspace: what a step has to itself, and what holds no files of anybody.
const OWN: &[&str] = &[HOME, "/tmp", "/var/tmp", "/dev", "/proc"];

/// The step's own places.
pub(super) struct Places {
    workspace: PathBuf,
}

impl Places {
    pub(super) fn new(workspace: &Path) -> Self {
        Self { workspace: workspace.to_owned() }
    }

    pub(super) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The absolute path that a thread means, without `.` and `..`. `None` when it is plainly beneath
    /// the workspace, which most are, or cannot be told.
    pub(super) fn outside(&self, thread: u32, directory: RawFd, path: &[u8]) -> Option<Vec<u8>> {
        let path = if path.first() == Some(&b'/') {
            path.to_vec()
        } else {
            let from = if directory == libc::AT_FDCWD {
                fs::read_link(format!("/proc/{thread}/cwd"))
            } else {
                fs::read_link(format!("/proc/{thread}/fd/{directory}"))
            };
            let from = from.ok()?;
            [from.as_os_str().as_bytes(), b"/", path].concat()
        };
        let path = plain(&path);
        (!is_beneath(&path, self.workspace.as_os_str().as_bytes())).then_some(path)
    }
}

/// Whether the step may do there what it likes.
pub(super) fn is_own(path: &[u8], workspace: &Path) -> bool {
    OWN.iter()
        .map(|own| own.as_bytes())
        .chain([workspace.as_os_str().as_bytes()])
        .any(|own| is_beneath(path, own))
}

fn is_beneath(path: &[u8], directory: &[u8]) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

/// Without empty parts, `.` and `..`.
fn plain(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut plain = Vec::with_capacity(path.len());
    for part in parts {
        plain.push(b'/');
        plain.extend_from_slice(part);
    }
    if plain.is_empty() { b"/".to_vec() } else { plain }
}

/// Whether the kernel would take this for a program: most attempts to start one only look for it
/// along a search path.
pub(super) fn is_program(thread: u32, directory: RawFd, path: &[u8]) -> bool {
    let process = PathBuf::from(format!("/proc/{thread}"));
    let file = match path {
        b"" => process.join(format!("fd/{directory}")),
        [b'/', rest @ ..] => process.join("root").join(OsStr::from_bytes(rest)),
        relative if directory == libc::AT_FDCWD => {
            process.join("cwd").join(OsStr::from_bytes(relative))
        }
        relative => process.join(format!("fd/{directory}")).join(OsStr::from_bytes(relative)),
    };
    match fs::metadata(&file) {
        Ok(found) => found.is_file() && found.permissions().mode() & 0o111 != 0,
        // An absolute link in the step's root leads elsewhere when we follow it: better one too many.
        Err(_) => fs::symlink_metadata(&file).is_ok_and(|found| found.is_symlink()),
    }
}

/// What kind of socket a descriptor of another process is.
pub(super) fn protocol(thread: u32, descriptor: RawFd) -> Protocol {
    let ask = || {
        let pid = Pid::from_raw(i32::try_from(thread).ok()?)?;
        let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        let socket = pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty()).ok()?;
        socket_type(socket).ok()
    };
    match ask() {
        Some(SocketType::STREAM) => Protocol::Tcp,
        Some(SocketType::DGRAM) => Protocol::Udp,
        _ => Protocol::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_by_what_they_mean() {
        let places = Places::new(Path::new("/workspace"));
        let outside = |path: &str| {
            places
                .outside(std::process::id(), libc::AT_FDCWD, path.as_bytes())
                .map(|path| String::from_utf8(path).unwrap())
        };
        assert_eq!(outside("/workspace/a/b"), None);
        assert_eq!(outside("/workspace"), None);
        assert_eq!(outside("/workspace/../etc//./passwd").unwrap(), "/etc/passwd");
        assert_eq!(outside("/workspaces/x").unwrap(), "/workspaces/x");
        assert_eq!(outside("/../..").unwrap(), "/");
        let here = std::env::current_dir().unwrap().join("src/lib.rs");
        assert_eq!(outside("./src/x/../lib.rs").unwrap(), here.to_str().unwrap());
        assert!(is_own(b"/tmp/x", Path::new("/workspace")));
        assert!(is_own(b"/home/build", Path::new("/workspace")));
        assert!(!is_own(b"/home/builder", Path::new("/workspace")));
    }

    #[test]
    fn a_program_is_a_file_that_can_be_run() {
        let is = |path: &str| is_program(std::process::id(), libc::AT_FDCWD, path.as_bytes());
        assert!(is("/bin/sh"));
        assert!(!is("/bin/no-such-program"));
        assert!(!is("/etc/passwd"));
        assert!(!is("/usr/bin"));
        assert!(!is("Cargo.toml"));
    }
}
