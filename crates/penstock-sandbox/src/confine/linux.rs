use std::{io, path::Path};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, LandlockStatus, PathBeneath, PathFd, PathFdError,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope,
};
use penstock_model::Sha256;
use seccompiler::{BpfProgram, Error};

use super::Kept;
use crate::{
    Mechanism,
    filter::{Rules, Verdict, always, compile, known_numbers, load, low_bits},
    host::seccomp,
};

/// The newest ABI whose rights these rules were written for and tested with.
const VETTED: ABI = ABI::V7;

pub(super) fn confine(writable: &[&Path], kept: Kept) -> Vec<Mechanism> {
    let landlock = match landlock(writable, kept) {
        Ok(Some(abi)) => Mechanism::applied("landlock", Some(format!("ABI {abi}"))),
        Ok(None) => Mechanism::not_applied("landlock", "the kernel has none"),
        Err(error) => Mechanism::not_applied("landlock", error.to_string()),
    };
    let seccomp = match seccomp(kept) {
        Ok(filter) => Mechanism::applied("seccomp", Some(format!("sha256:{filter}"))),
        Err(error) => Mechanism::not_applied("seccomp", error.to_string()),
    };
    vec![landlock, seccomp]
}

/// Why Landlock is not in force.
#[derive(Debug, thiserror::Error)]
enum LandlockError {
    #[error(transparent)]
    Path(#[from] PathFdError),
    #[error(transparent)]
    Rules(#[from] RulesetError),
}

/// Reading everywhere, writing only where it was granted, no TCP, no signal and no abstract socket
/// to others. Returns the kernel's ABI, if it has Landlock.
fn landlock(writable: &[&Path], kept: Kept) -> Result<Option<u32>, LandlockError> {
    let mut rules = Ruleset::default().handle_access(AccessFs::from_all(VETTED))?;
    if kept != Kept::Network {
        rules = rules.handle_access(AccessNet::from_all(VETTED))?;
    }
    let mut rules = rules
        .scope(Scope::from_all(VETTED))?
        .create()?
        .add_rule(PathBeneath::new(PathFd::new("/")?, AccessFs::ReadFile | AccessFs::ReadDir))?;
    let mut write = AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
        | AccessFs::Truncate;
    if kept == Kept::Trees {
        write |= AccessFs::MakeDir | AccessFs::MakeSym | AccessFs::RemoveDir | AccessFs::Refer;
    }
    for path in writable {
        rules = rules.add_rule(PathBeneath::new(PathFd::new(path)?, write))?;
    }
    Ok(match rules.restrict_self()?.landlock {
        LandlockStatus::Available { effective_abi, .. } => Some(effective_abi as u32),
        _ => None,
    })
}

/// Threads may be started, and nothing else; what Landlock does not know of a file (its mode, its
/// owner, its attributes) cannot be changed either.
fn seccomp(kept: Kept) -> io::Result<Sha256> {
    load(&programs(kept).map_err(io::Error::other)?)
}

fn programs(kept: Kept) -> Result<Vec<BpfProgram>, Error> {
    // The arguments of clone3 lie in memory, where a filter cannot judge them; the C library falls
    // back to clone.
    let absent = Rules::from([always(libc::SYS_clone3)]);
    Ok(vec![
        known_numbers(),
        compile(&absent, Verdict::Errno(libc::ENOSYS))?,
        compile(&denied(kept), Verdict::Errno(libc::EPERM))?,
    ])
}

/// Denied whatever their arguments, beside what no build has need of either.
const ALWAYS: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_fremovexattr,
    libc::SYS_fsetxattr,
    libc::SYS_kill,
    libc::SYS_lremovexattr,
    libc::SYS_lsetxattr,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_removexattr,
    libc::SYS_setxattr,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_unshare,
    libc::SYS_utimensat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    // fchmodat2, setxattrat, removexattrat, file_setattr: the same numbers everywhere.
    452,
    463,
    466,
    469,
];

/// What whoever unpacks a tree must do to its members.
const OF_TREES: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    // fchmodat2.
    452,
];

fn denied(kept: Kept) -> Rules {
    let mut rules = seccomp::denied();
    let sockets = [libc::SYS_socket, libc::SYS_socketpair];
    let needed: &[i64] = match kept {
        Kept::Nothing => &[],
        Kept::Network => &sockets,
        Kept::Trees => OF_TREES,
    };
    let calls = ALWAYS.iter().filter(|call| !needed.contains(call));
    rules.extend(calls.map(|call| always(*call)));
    let thread = libc::CLONE_THREAD.unsigned_abs();
    rules.insert(libc::SYS_clone, vec![vec![low_bits(0, thread, 0)]]);
    rules
}

#[cfg(test)]
mod tests {
    use std::{
        fs, io,
        net::{TcpListener, TcpStream, UdpSocket},
        os::unix::{fs::PermissionsExt as _, net::UnixStream},
        process::Command,
        thread,
    };

    use super::*;

    /// What an attacker in the process would try, each with how it went.
    fn attempts(
        directory: &Path,
        address: std::net::SocketAddr,
    ) -> Vec<(&'static str, io::Result<()>)> {
        let file = directory.join("file");
        vec![
            ("write", fs::write(directory.join("new"), "x")),
            ("append", fs::OpenOptions::new().append(true).open(&file).map(drop)),
            ("truncate", fs::File::create(&file).map(drop)),
            ("remove", fs::remove_file(&file)),
            ("rename", fs::rename(&file, directory.join("other"))),
            ("directory", fs::create_dir(directory.join("made"))),
            ("link", std::os::unix::fs::symlink("/etc", directory.join("link"))),
            ("mode", fs::set_permissions(&file, fs::Permissions::from_mode(0o777))),
            ("program", Command::new("/bin/true").status().map(drop)),
            ("tcp", TcpStream::connect(address).map(drop)),
            ("udp", UdpSocket::bind("127.0.0.1:0").map(drop)),
            ("unix", UnixStream::connect("/nowhere").map(drop)),
        ]
    }

    #[test]
    fn nothing_but_reading_and_the_granted_directory_is_left() {
        let outside = tempfile::tempdir().unwrap();
        let granted = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "kept").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();

        // Only this thread and those it starts are confined.
        let confined = {
            let (outside, granted) = (outside.path().to_owned(), granted.path().to_owned());
            thread::spawn(move || {
                let mechanisms = confine(&[&granted], Kept::Nothing);
                let attempts = attempts(&outside, address);
                let read = fs::read_to_string(outside.join("file"));
                let listed = fs::read_dir(&outside).map(Iterator::count);
                let cache = fs::write(granted.join("new"), "x")
                    .and_then(|()| fs::rename(granted.join("new"), granted.join("cache")));
                let started = thread::Builder::new().spawn(|| 7).map(|thread| thread.join().ok());
                (mechanisms, attempts, (read, listed, cache, started))
            })
        };
        let (mechanisms, attempts, (read, listed, cache, started)) = confined.join().unwrap();

        let seccomp = &mechanisms[1];
        assert!(seccomp.applied, "{seccomp:?}");
        let filesystem = mechanisms[0].applied;
        if !filesystem {
            println!("SKIPPED: this kernel has no Landlock");
        }
        for (attempt, outcome) in attempts {
            let needs_landlock =
                ["write", "append", "truncate", "remove", "rename", "directory", "link"];
            if filesystem || !needs_landlock.contains(&attempt) {
                let denied = outcome.map_err(|error| error.kind());
                assert_eq!(denied, Err(io::ErrorKind::PermissionDenied), "{attempt}");
            }
        }
        assert_eq!(read.unwrap(), "kept");
        assert_eq!(listed.unwrap(), 1);
        cache.unwrap();
        assert_eq!(started.unwrap(), Some(7));
        // The rest of the process is as free as it was.
        fs::write(outside.path().join("free"), "x").unwrap();
        TcpStream::connect(address).unwrap();
    }

    #[test]
    fn a_process_for_the_network_keeps_sockets_and_nothing_else() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "kept").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let directory = outside.path().to_owned();
        let confined = thread::spawn(move || {
            let mechanisms = confine(&[], Kept::Network);
            (mechanisms, attempts(&directory, address))
        });
        let (mechanisms, attempts) = confined.join().unwrap();
        assert!(mechanisms[1].applied, "{mechanisms:?}");
        for (attempt, outcome) in attempts {
            match attempt {
                "tcp" | "udp" => outcome.unwrap(),
                // There is nothing to connect to; the socket itself may be made.
                "unix" => {
                    let failed = outcome.unwrap_err().kind();
                    assert_ne!(failed, io::ErrorKind::PermissionDenied);
                }
                "mode" | "program" => {
                    let denied = outcome.unwrap_err().kind();
                    assert_eq!(denied, io::ErrorKind::PermissionDenied, "{attempt}");
                }
                _ if mechanisms[0].applied => {
                    let denied = outcome.unwrap_err().kind();
                    assert_eq!(denied, io::ErrorKind::PermissionDenied, "{attempt}");
                }
                _ => println!("SKIPPED {attempt}: this kernel has no Landlock"),
            }
        }
        assert_eq!(fs::read_to_string(outside.path().join("file")).unwrap(), "kept");
    }

    #[test]
    fn whoever_unpacks_makes_trees_in_one_directory_and_nowhere_else() {
        let outside = tempfile::tempdir().unwrap();
        let granted = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "kept").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let directories = (outside.path().to_owned(), granted.path().to_owned());
        let confined = thread::spawn(move || {
            let (outside, granted) = directories;
            let mechanisms = confine(&[&granted], Kept::Trees);
            let link_out = fs::hard_link(outside.join("file"), granted.join("hard"));
            let moved_out = fs::create_dir_all(granted.join("a/b"))
                .and_then(|()| fs::write(granted.join("a/b/c"), "x"))
                .and_then(|()| fs::rename(granted.join("a/b/c"), outside.join("c")));
            let tree = fs::hard_link(granted.join("a/b/c"), granted.join("a/d"))
                .and_then(|()| std::os::unix::fs::symlink("/etc", granted.join("a/l")))
                .and_then(|()| {
                    let mode = fs::Permissions::from_mode(0o555);
                    fs::set_permissions(granted.join("a/d"), mode)
                })
                .and_then(|()| fs::rename(granted.join("a"), granted.join("e")))
                .and_then(|()| fs::remove_dir_all(granted.join("e")));
            (mechanisms, attempts(&outside, address), link_out, moved_out, tree)
        });
        let (mechanisms, attempts, link_out, moved_out, tree) = confined.join().unwrap();
        assert!(mechanisms[1].applied, "{mechanisms:?}");
        if !mechanisms[0].applied {
            println!("SKIPPED: this kernel has no Landlock");
            return;
        }
        for (attempt, outcome) in attempts {
            if attempt != "mode" {
                let denied = outcome.map_err(|error| error.kind());
                assert_eq!(denied, Err(io::ErrorKind::PermissionDenied), "{attempt}");
            }
        }
        assert!(link_out.is_err() && moved_out.is_err(), "{link_out:?} {moved_out:?}");
        tree.unwrap();
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_filters_fit_the_kernels_limit_and_are_the_same_each_time() {
        let programs = programs(Kept::Nothing).unwrap();
        // BPF_MAXINSNS of linux/bpf_common.h.
        assert!(programs.iter().all(|program| program.len() <= 4096));
        assert_eq!(programs, super::programs(Kept::Nothing).unwrap());
    }
}
