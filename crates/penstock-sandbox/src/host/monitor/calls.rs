//! Which system calls are recorded, and where their arguments say what.

use std::os::fd::RawFd;

use super::alone;
use crate::{
    Recording,
    filter::{Rules, always, is, is_not, not_null},
    host::seccomp,
};

/// The process of ours that started the step, as the step sees it.
const INIT: u32 = 1;

/// What is asked about beside what is denied.
pub(in crate::host) fn recorded(recording: Recording) -> Rules {
    let mut rules = Rules::from([
        always(libc::SYS_connect),
        // With an address of its own; a connected socket was asked about when it was connected.
        (libc::SYS_sendto, vec![vec![not_null(4)]]),
        // Whether these have one is in memory.
        always(libc::SYS_sendmsg),
        always(libc::SYS_sendmmsg),
    ]);
    // Any other number may name a process of the step's that has ended.
    for call in [libc::SYS_kill, libc::SYS_rt_sigqueueinfo] {
        rules.insert(call, vec![vec![is(0, INIT), is_not(1, 0)]]);
    }
    // Ours counts for the record at its end, and needs its descriptors to.
    rules.insert(libc::SYS_prlimit64, vec![vec![is(0, INIT), not_null(2)]]);
    for call in [libc::SYS_tgkill, libc::SYS_rt_tgsigqueueinfo] {
        rules.insert(call, vec![vec![is(0, INIT), is_not(2, 0)]]);
    }
    if recording == Recording::Everything {
        rules.extend([
            always(libc::SYS_execve),
            always(libc::SYS_execveat),
            always(libc::SYS_openat),
            #[cfg(target_arch = "x86_64")]
            always(libc::SYS_open),
            #[cfg(target_arch = "x86_64")]
            always(libc::SYS_creat),
        ]);
        rules.extend(CHANGES.iter().map(|(call, _)| always(*call)));
    }
    rules
}

/// Opening a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) directory: RawFd,
    /// Address of the path.
    pub(super) path: u64,
    /// Whether it is opened for more than reading.
    pub(super) writes: bool,
}

impl Open {
    pub(super) fn of(call: i64, arguments: &[u64; 6]) -> Option<Self> {
        let [first, second, third, ..] = *arguments;
        let writes = |flags: u64| {
            let flags = flags as i32;
            flags & libc::O_ACCMODE != libc::O_RDONLY
                || flags & (libc::O_CREAT | libc::O_TRUNC) != 0
        };
        match call {
            libc::SYS_openat => {
                Some(Self { directory: first as RawFd, path: second, writes: writes(third) })
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_open => {
                Some(Self { directory: libc::AT_FDCWD, path: first, writes: writes(second) })
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_creat => Some(Self { directory: libc::AT_FDCWD, path: first, writes: true }),
            _ => None,
        }
    }
}

/// Which arguments hold a path's directory, if any does, and the path.
type Name = (Option<usize>, usize);

/// Calls that make, move or remove a name or cut a file, and their paths.
const CHANGES: &[(i64, &[Name])] = &[
    // The name that a link is to has another meaning in a symbolic one.
    (libc::SYS_linkat, &[(Some(0), 1), (Some(2), 3)]),
    (libc::SYS_mkdirat, &[(Some(0), 1)]),
    (libc::SYS_renameat2, &[(Some(0), 1), (Some(2), 3)]),
    (libc::SYS_symlinkat, &[(Some(1), 2)]),
    (libc::SYS_truncate, &[(None, 0)]),
    (libc::SYS_unlinkat, &[(Some(0), 1)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_link, &[(None, 0), (None, 1)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mkdir, &[(None, 0)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_rename, &[(None, 0), (None, 1)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_renameat, &[(Some(0), 1), (Some(2), 3)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_rmdir, &[(None, 0)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_symlink, &[(None, 1)]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_unlink, &[(None, 0)]),
];

/// Whether a call makes a directory.
pub(super) fn makes_directory(call: i64) -> bool {
    #[cfg(target_arch = "x86_64")]
    if call == libc::SYS_mkdir {
        return true;
    }
    call == libc::SYS_mkdirat
}

/// The names that a call makes, moves or removes: directory and address of the path of each.
pub(super) fn changes(
    call: i64,
    arguments: &[u64; 6],
) -> impl Iterator<Item = (RawFd, u64)> + use<> {
    let arguments = *arguments;
    let places = CHANGES.iter().find(|(number, _)| *number == call).map(|(_, places)| *places);
    places.unwrap_or_default().iter().filter_map(move |(directory, path)| {
        let directory = match directory {
            None => libc::AT_FDCWD,
            Some(at) => *arguments.get(*at)? as RawFd,
        };
        Some((directory, *arguments.get(*path)?))
    })
}

/// Whether a call sets limits of our own process beside the step. Its registers say so.
pub(super) fn limits_ours(call: i64, arguments: &[u64; 6]) -> bool {
    let [first, _, third, ..] = *arguments;
    call == libc::SYS_prlimit64 && first as u32 == INIT && third != 0
}

/// The signal for our own process beside the step.
pub(super) fn signal(call: i64, arguments: &[u64; 6]) -> Option<i32> {
    let [_, second, third, ..] = *arguments;
    match call {
        libc::SYS_kill | libc::SYS_rt_sigqueueinfo => Some(second as i32),
        libc::SYS_tgkill | libc::SYS_rt_tgsigqueueinfo => Some(third as i32),
        _ => None,
    }
}

/// Directory, address of the path and address of the arguments of a program to be started.
pub(super) fn execution(call: i64, arguments: &[u64; 6]) -> Option<(RawFd, u64, u64)> {
    let [first, second, third, ..] = *arguments;
    match call {
        libc::SYS_execve => Some((libc::AT_FDCWD, first, second)),
        libc::SYS_execveat => Some((first as RawFd, second, third)),
        _ => None,
    }
}

/// Socket, and address and length of the socket address it is for.
pub(super) fn destination(call: i64, arguments: &[u64; 6]) -> Option<(RawFd, u64, u64)> {
    let [first, second, third, _, fifth, sixth] = *arguments;
    match call {
        libc::SYS_connect => Some((first as RawFd, second, third)),
        libc::SYS_sendto => Some((first as RawFd, fifth, sixth)),
        _ => None,
    }
}

/// Socket, and address and number of the messages for it; sendmsg(2), sendmmsg(2).
pub(super) fn messages(call: i64, arguments: &[u64; 6]) -> Option<(RawFd, u64, usize)> {
    let [first, second, third, ..] = *arguments;
    match call {
        libc::SYS_sendmsg => Some((first as RawFd, second, 1)),
        libc::SYS_sendmmsg => {
            let count = usize::try_from(third as u32).unwrap_or(usize::MAX);
            Some((first as RawFd, second, count.min(MOST_MESSAGES)))
        }
        _ => None,
    }
}

/// The kernel takes no more at once: `UIO_MAXIOV` of linux/uio.h, as sendmmsg(2) says.
const MOST_MESSAGES: usize = 1024;

/// The name of a denied call, and what about its arguments made it so.
pub(super) fn described(call: i64, arguments: &[u64; 6]) -> (String, Option<String>) {
    let all = seccomp::ALWAYS.iter().chain(alone::ALWAYS).chain(SOMETIMES);
    let known = all.into_iter().find(|(_, number)| *number == call);
    let name = known.map_or_else(
        || format!("call {call}"),
        |(name, _)| name.trim_start_matches("SYS_").to_ascii_lowercase(),
    );
    let [first, second, ..] = *arguments;
    let detail = match call {
        libc::SYS_socket | libc::SYS_socketpair => Some(socket(first as i32, second as i32)),
        libc::SYS_clone | libc::SYS_unshare => Some("new namespaces".to_owned()),
        libc::SYS_ioctl => Some("input to a terminal".to_owned()),
        libc::SYS_personality => Some(format!("{first:#x}")),
        _ if SETS_MODE.contains(&name.as_str()) => Some("set-user-id or set-group-id".to_owned()),
        _ => None,
    };
    (name, detail)
}

fn socket(family: i32, kind: i32) -> String {
    let family = match family {
        libc::AF_INET => "AF_INET".to_owned(),
        libc::AF_INET6 => "AF_INET6".to_owned(),
        libc::AF_NETLINK => "AF_NETLINK".to_owned(),
        libc::AF_PACKET => "AF_PACKET".to_owned(),
        libc::AF_ALG => "AF_ALG".to_owned(),
        libc::AF_VSOCK => "AF_VSOCK".to_owned(),
        other => format!("family {other}"),
    };
    match kind & 0xf {
        libc::SOCK_RAW => format!("{family}, SOCK_RAW"),
        libc::SOCK_DGRAM => format!("{family}, SOCK_DGRAM"),
        _ => family,
    }
}

/// Calls that are denied for the mode they give a file.
const SETS_MODE: &[&str] =
    &["chmod", "creat", "fchmod", "fchmodat", "fchmodat2", "mknod", "mknodat", "open", "openat"];

/// Calls that are denied with some arguments.
const SOMETIMES: &[(&str, i64)] = &[
    ("SYS_clone", libc::SYS_clone),
    ("SYS_fcntl", libc::SYS_fcntl),
    ("SYS_fchmod", libc::SYS_fchmod),
    ("SYS_fchmodat", libc::SYS_fchmodat),
    ("SYS_fchmodat2", 452),
    ("SYS_ioctl", libc::SYS_ioctl),
    ("SYS_mknodat", libc::SYS_mknodat),
    ("SYS_open_tree_attr", 467),
    ("SYS_openat", libc::SYS_openat),
    ("SYS_personality", libc::SYS_personality),
    ("SYS_pidfd_open", libc::SYS_pidfd_open),
    ("SYS_prlimit64", libc::SYS_prlimit64),
    ("SYS_sched_setaffinity", libc::SYS_sched_setaffinity),
    ("SYS_sched_setattr", libc::SYS_sched_setattr),
    ("SYS_sched_setparam", libc::SYS_sched_setparam),
    ("SYS_sched_setscheduler", libc::SYS_sched_setscheduler),
    ("SYS_sendmmsg", libc::SYS_sendmmsg),
    ("SYS_sendmsg", libc::SYS_sendmsg),
    ("SYS_sendto", libc::SYS_sendto),
    ("SYS_setpriority", libc::SYS_setpriority),
    ("SYS_socket", libc::SYS_socket),
    ("SYS_socketpair", libc::SYS_socketpair),
    ("SYS_unshare", libc::SYS_unshare),
    #[cfg(target_arch = "x86_64")]
    ("SYS_chmod", libc::SYS_chmod),
    #[cfg(target_arch = "x86_64")]
    ("SYS_creat", libc::SYS_creat),
    #[cfg(target_arch = "x86_64")]
    ("SYS_mknod", libc::SYS_mknod),
    #[cfg(target_arch = "x86_64")]
    ("SYS_open", libc::SYS_open),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_denied_call_has_a_name() {
        for call in seccomp::denied().keys().chain(alone::denied_alone().keys()) {
            let (name, _) = described(*call, &[0; 6]);
            assert!(!name.starts_with("call "), "{name}");
        }
    }

    #[test]
    fn the_arguments_of_a_denial_say_what_it_was() {
        let said = |call, first: i32, second: i32| {
            let (name, detail) = described(call, &[first as u64, second as u64, 0, 0, 0, 0]);
            format!("{name} {}", detail.unwrap_or_default())
        };
        assert_eq!(
            said(libc::SYS_socket, libc::AF_PACKET, libc::SOCK_DGRAM),
            "socket AF_PACKET, SOCK_DGRAM"
        );
        let raw = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        assert_eq!(said(libc::SYS_socket, libc::AF_INET, raw), "socket AF_INET, SOCK_RAW");
        assert_eq!(said(libc::SYS_unshare, libc::CLONE_NEWUSER, 0), "unshare new namespaces");
        assert_eq!(said(libc::SYS_fchmod, 3, 0o4755), "fchmod set-user-id or set-group-id");
        assert_eq!(said(libc::SYS_ptrace, 0, 0), "ptrace ");
    }

    #[test]
    fn the_names_that_a_call_changes_are_found() {
        let of = |call| changes(call, &[1, 2, 3, 4, 5, 6]).collect::<Vec<_>>();
        assert_eq!(of(libc::SYS_renameat2), [(1, 2), (3, 4)]);
        assert_eq!(of(libc::SYS_symlinkat), [(2, 3)]);
        assert_eq!(of(libc::SYS_truncate), [(libc::AT_FDCWD, 1)]);
        assert_eq!(of(libc::SYS_openat), []);
        let asked = recorded(Recording::Everything);
        assert!(CHANGES.iter().all(|(call, _)| asked.contains_key(call)));
    }

    #[test]
    fn messages_are_as_many_as_the_kernel_takes() {
        let of = |call, count: u64| messages(call, &[3, 0x1000, count, 0, 0, 0]);
        assert_eq!(of(libc::SYS_sendmsg, 7), Some((3, 0x1000, 1)));
        assert_eq!(of(libc::SYS_sendmmsg, 2), Some((3, 0x1000, 2)));
        assert_eq!(of(libc::SYS_sendmmsg, u64::MAX), Some((3, 0x1000, 1024)));
        assert_eq!(of(libc::SYS_sendto, 1), None);
    }

    #[test]
    fn opening_for_more_than_reading_is_told_from_reading() {
        let open =
            |flags: i32| Open::of(libc::SYS_openat, &[5, 6, flags as u64, 0, 0, 0]).unwrap().writes;
        assert!(!open(libc::O_RDONLY | libc::O_CLOEXEC));
        for flags in [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC] {
            assert!(open(flags));
        }
        assert_eq!(Open::of(libc::SYS_read, &[0; 6]), None);
    }
}
