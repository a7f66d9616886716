//! Where a path leads, as far as names tell, and whether that is one of the step's own places.

use std::{
    ffi::OsStr,
    fs,
    os::{
        fd::RawFd,
        unix::{
            ffi::{OsStrExt as _, OsStringExt as _},
            fs::PermissionsExt as _,
        },
    },
    path::{Path, PathBuf},
};

use rustix::{
    net::{SocketType, sockopt::socket_type},
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};

use crate::{
    HOME, Protected, Protocol, StandIn, StepSpec,
    host::{etc, root::SYSTEM},
};

/// Of a step in namespaces, beside its workspace: what it has to itself.
const PRIVATE: &[&str] = &[HOME, "/tmp", "/var/tmp"];
/// What holds no files of anybody.
const NOBODYS: &[&str] = &["/dev", "/proc"];
/// Made anew for a step in namespaces, and the host's for others.
const LOOKED_UP: &[&str] = &[
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/resolv.conf",
];

/// What a step has to itself, and what it is shown of the host.
pub(super) struct Places {
    workspace: PathBuf,
    own: Vec<PathBuf>,
    shown: Vec<PathBuf>,
    /// Whether what is shown is a root of the step's own, and nothing of the host's.
    own_root: bool,
    /// Absolute; not the step's to change.
    protected: Vec<Vec<u8>>,
}

impl Places {
    /// Those of a step in namespaces; `own` is what another one has to itself.
    pub(super) fn new(spec: &StepSpec, own: Option<&[PathBuf]>) -> Self {
        let workspace = match own {
            None => spec.workspace_inside().to_owned(),
            Some(_) => spec.workspace.clone(),
        };
        let mut all: Vec<PathBuf> = NOBODYS.iter().map(PathBuf::from).collect();
        all.push(workspace.clone());
        match own {
            None => all.extend(PRIVATE.iter().map(PathBuf::from)),
            Some(own) => all.extend_from_slice(own),
        }
        let shown = SYSTEM
            .iter()
            .chain(LOOKED_UP)
            .map(PathBuf::from)
            .chain(etc::shared())
            .chain(spec.toolchains.folders().map(Path::to_owned))
            .chain(spec.home.iter().map(|input| input.host.clone()))
            .collect();
        let absolute = |one: &Protected| workspace.join(one.inside.as_path());
        let bytes = |path: PathBuf| path.into_os_string().into_vec();
        // Only mounts can take a part of the workspace back.
        let protects = own.is_none();
        // What is not there and has no stand-in can be made, whatever becomes of it afterwards.
        let is_mounted = |one: &&Protected| {
            let has_stand_in = matches!(one.stand_in, StandIn::File | StandIn::Directory);
            has_stand_in || fs::symlink_metadata(spec.workspace.join(one.inside.as_path())).is_ok()
        };
        let protected = spec.protected.iter().filter(|_| protects).filter(is_mounted);
        let protected = protected.map(|one| bytes(absolute(one))).collect();
        Self { workspace, own: all, shown, own_root: spec.root.is_some(), protected }
    }

    /// Whether the step may do there what it likes.
    pub(super) fn is_own(&self, path: &[u8]) -> bool {
        self.own.iter().any(|own| is_beneath(path, own.as_os_str().as_bytes()))
    }

    /// Whether the step is shown it, read-only.
    pub(super) fn is_shown(&self, path: &[u8]) -> bool {
        self.shown.iter().any(|shown| is_beneath(path, shown.as_os_str().as_bytes()))
    }

    /// Whether it is a part of the root that the step has to itself: declared, and not the host's.
    pub(super) fn is_in_own_root(&self, thread: u32, path: &[u8]) -> bool {
        self.own_root && (self.is_shown(path) || is_there(thread, path))
    }

    /// Whether a path is plainly beneath the workspace, which most are.
    pub(super) fn is_in_workspace(&self, path: &[u8]) -> bool {
        is_beneath(path, self.workspace.as_os_str().as_bytes())
    }

    /// Whether the step cannot write there.
    pub(super) fn is_closed(&self, path: &[u8]) -> bool {
        !self.is_own(path)
            || is_of_the_machine(path)
            || self.protected.iter().any(|protected| is_beneath(path, protected))
    }

    /// Whether the step cannot make, move or remove the name itself: also where something protected
    /// is beneath it.
    pub(super) fn is_fixed(&self, path: &[u8]) -> bool {
        let above = || self.protected.iter().any(|protected| is_beneath(protected, path));
        self.is_closed(path) || (path != self.workspace.as_os_str().as_bytes() && above())
    }
}

/// The absolute path that a thread means, without `.` and `..`. `None` when it cannot be told.
pub(super) fn absolute(thread: u32, directory: RawFd, path: &[u8]) -> Option<Vec<u8>> {
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
    Some(plain(&path))
}

/// Whether something of this name is where the thread sees it.
pub(super) fn is_there(thread: u32, path: &[u8]) -> bool {
    let root = PathBuf::from(format!("/proc/{thread}/root"));
    let inside = path.strip_prefix(b"/").unwrap_or(path);
    fs::symlink_metadata(root.join(OsStr::from_bytes(inside))).is_ok()
}

/// Whether it is a setting of the kernel's, not of one process.
fn is_of_the_machine(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/proc/") else { return false };
    let name = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
    let of_a_process =
        name.iter().all(u8::is_ascii_digit) || [&b"self"[..], b"thread-self"].contains(&name);
    !of_a_process
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

/// Whether there is a file at a path for us, whatever the step sees there.
pub(super) fn is_on_the_host(path: &[u8]) -> bool {
    fs::symlink_metadata(OsStr::from_bytes(path)).is_ok_and(|found| !found.is_dir())
}

/// The process that a thread is part of; proc_pid_status(5), `Tgid`.
pub(super) fn process_of(thread: u32) -> Option<Pid> {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
    Pid::from_raw(line.trim().parse().ok()?)
}

/// What kind of socket a descriptor of another process is.
pub(super) fn protocol(thread: u32, descriptor: RawFd) -> Protocol {
    let ask = || {
        let process = pidfd_open(process_of(thread)?, PidfdFlags::empty()).ok()?;
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
        let places = Places::new(&StepSpec::new("x", ["x"], "/w"), None);
        let meant = |path: &str| {
            let path = absolute(std::process::id(), libc::AT_FDCWD, path.as_bytes()).unwrap();
            (places.is_in_workspace(&path), String::from_utf8(path).unwrap())
        };
        let outside = |path: &str| {
            let (own, path) = meant(path);
            (!own).then_some(path)
        };
        assert_eq!(outside("/workspace/a/b"), None);
        assert_eq!(outside("/workspace"), None);
        assert_eq!(outside("/workspace/../etc//./passwd").unwrap(), "/etc/passwd");
        assert_eq!(outside("/workspaces/x").unwrap(), "/workspaces/x");
        assert_eq!(outside("/../..").unwrap(), "/");
        let here = std::env::current_dir().unwrap().join("src/lib.rs");
        assert_eq!(outside("./src/x/../lib.rs").unwrap(), here.to_str().unwrap());
        assert!(places.is_own(b"/tmp/x"));
        assert!(places.is_own(b"/home/build"));
        assert!(!places.is_own(b"/home/builder"));
        assert!(places.is_shown(b"/usr/bin/sh"));
        assert!(places.is_shown(b"/etc/passwd"));
        assert!(!places.is_shown(b"/etc/shadow"));
    }

    #[test]
    fn what_a_step_cannot_change_is_known_by_its_name() {
        let protected = |inside: &str| Protected {
            inside: inside.parse().unwrap(),
            stand_in: StandIn::Directory,
        };
        let mut spec = StepSpec::new("x", ["x"], "/w");
        let made = Protected { stand_in: StandIn::PutBack, ..protected(".npmrc") };
        spec.protected = vec![protected(".git/hooks"), protected("ci"), made];
        let places = Places::new(&spec, None);
        let closed = |path: &str| places.is_closed(path.as_bytes());
        let fixed = |path: &str| places.is_fixed(path.as_bytes());
        for path in ["/workspace/ci", "/workspace/.git/hooks/x", "/etc/passwd", "/proc/sys/vm/x"] {
            assert!(closed(path) && fixed(path), "{path}");
        }
        for path in [
            "/workspace/cix",
            "/workspace/.git/index",
            "/tmp/x",
            "/proc/self/comm",
            "/dev/null",
            "/workspace/.npmrc",
        ] {
            assert!(!closed(path) && !fixed(path), "{path}");
        }
        assert!(!closed("/workspace/.git") && fixed("/workspace/.git"));
        assert!(!fixed("/workspace"));
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
