//! System calls that no step may make, one by one.

use std::{ffi::CString, io, io::Write as _};

use super::said;

/// A call's name, its number and its arguments.
type Try = (&'static str, i64, [usize; 6]);

/// One line a call: its name and its error number, or 0 when the kernel did it.
pub(super) fn all() -> io::Result<()> {
    let mut out = io::stdout();
    for (name, call, arguments) in tries()? {
        let answer = make(name, call, arguments);
        writeln!(out, "{name} {}", answer.err().and_then(|e| e.raw_os_error()).unwrap_or(0))?;
    }
    Ok(())
}

/// The named ones.
pub(super) fn some(names: &[&str]) -> io::Result<()> {
    let tries = tries()?;
    for wanted in names {
        let Some((name, call, arguments)) = tries.iter().find(|(name, ..)| name == wanted) else {
            return Err(io::Error::other(format!("no call is named `{wanted}`")));
        };
        // What fails for another reason than that it may not be made would have been made.
        match make(name, *call, *arguments) {
            Err(error) if !matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS)) => {
                said::through(name, &error.to_string())?;
            }
            other => said::tried(name, other)?,
        }
    }
    Ok(())
}

fn make(name: &str, call: i64, a: [usize; 6]) -> io::Result<()> {
    // SAFETY: pointers among the arguments are to static C strings or null; a call that is carried
    // out after all harms only this process, in its sandbox.
    let result = unsafe { libc::syscall(call, a[0], a[1], a[2], a[3], a[4], a[5]) };
    if result == 0 && name.starts_with("clone") {
        // A child that should not exist. Its parent tells.
        // SAFETY: _exit(2) takes any integer.
        unsafe { libc::_exit(0) };
    }
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn tries() -> io::Result<Vec<Try>> {
    let own = CString::new("/proc/self/ns/user")?;
    // SAFETY: the path is a C string.
    let namespace = unsafe { libc::open(own.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    let file = c"mode-test";
    // SAFETY: as above; the third argument is the mode that O_CREAT asks for.
    let fd = unsafe { libc::open(file.as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o644) };
    let path = |text: &'static std::ffi::CStr| text.as_ptr() as usize;
    let n = |value: libc::c_int| value as usize;
    Ok(vec![
        (
            "add_key",
            libc::SYS_add_key,
            [path(c"user"), path(c"x"), path(c"y"), 1, usize::MAX - 2, 0],
        ),
        ("acct", libc::SYS_acct, [path(c"/no/such"), 0, 0, 0, 0, 0]),
        ("bpf", libc::SYS_bpf, [0; 6]),
        ("chroot", libc::SYS_chroot, [path(c"/"), 0, 0, 0, 0, 0]),
        ("clone-newnet", libc::SYS_clone, [n(libc::CLONE_NEWNET | libc::SIGCHLD), 0, 0, 0, 0, 0]),
        ("clone-newuser", libc::SYS_clone, [n(libc::CLONE_NEWUSER | libc::SIGCHLD), 0, 0, 0, 0, 0]),
        ("clone-newpid", libc::SYS_clone, [n(libc::CLONE_NEWPID | libc::SIGCHLD), 0, 0, 0, 0, 0]),
        ("clone3", libc::SYS_clone3, [0; 6]),
        ("clock_settime", libc::SYS_clock_settime, [0, 8, 0, 0, 0, 0]),
        ("delete_module", libc::SYS_delete_module, [path(c"no-such-module"), 0, 0, 0, 0, 0]),
        ("fanotify_init", libc::SYS_fanotify_init, [0; 6]),
        ("fchmod-setgid", libc::SYS_fchmod, [n(fd), 0o2755, 0, 0, 0, 0]),
        ("fchmod-setuid", libc::SYS_fchmod, [n(fd), 0o4755, 0, 0, 0, 0]),
        ("fchmodat-setuid", libc::SYS_fchmodat, [n(libc::AT_FDCWD), path(file), 0o4755, 0, 0, 0]),
        ("fchmodat2-setuid", 452, [n(libc::AT_FDCWD), path(file), 0o4755, 0, 0, 0]),
        ("finit_module", libc::SYS_finit_module, [0, path(c""), 0, 0, 0, 0]),
        ("fsopen", libc::SYS_fsopen, [path(c"tmpfs"), 0, 0, 0, 0, 0]),
        ("future-call", 600, [0; 6]),
        ("init_module", libc::SYS_init_module, [0; 6]),
        ("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0, 0, 0, 0]),
        ("kcmp", libc::SYS_kcmp, [1, 1, 0, 0, 0, 0]),
        ("kexec_load", libc::SYS_kexec_load, [0, 0, 0, 0xffff, 0, 0]),
        ("keyctl", libc::SYS_keyctl, [0, usize::MAX - 3, 0, 0, 0, 0]),
        ("mount", libc::SYS_mount, [path(c"x"), path(c"/tmp"), path(c"no-such-type"), 0, 0, 0]),
        ("mount_setattr", libc::SYS_mount_setattr, [n(libc::AT_FDCWD), path(c"/usr"), 0, 0, 0, 0]),
        ("move_mount", libc::SYS_move_mount, [0; 6]),
        (
            "open-setuid",
            libc::SYS_openat,
            [
                n(libc::AT_FDCWD),
                path(c"setuid-new"),
                n(libc::O_CREAT | libc::O_WRONLY),
                0o4755,
                0,
                0,
            ],
        ),
        (
            "open-tmpfile-setuid",
            libc::SYS_openat,
            [n(libc::AT_FDCWD), path(c"."), n(libc::O_TMPFILE | libc::O_RDWR), 0o4755, 0, 0],
        ),
        ("open_by_handle_at", libc::SYS_open_by_handle_at, [0; 6]),
        ("open_tree", libc::SYS_open_tree, [n(libc::AT_FDCWD), path(c"/usr"), 1, 0, 0, 0]),
        ("open_tree_attr", 467, [0; 6]),
        ("openat2", libc::SYS_openat2, [0; 6]),
        ("perf_event_open", libc::SYS_perf_event_open, [0; 6]),
        ("personality-norandom", libc::SYS_personality, [0x0004_0000, 0, 0, 0, 0, 0]),
        ("pidfd_getfd", libc::SYS_pidfd_getfd, [0; 6]),
        ("pivot_root", libc::SYS_pivot_root, [path(c"/"), path(c"/tmp"), 0, 0, 0, 0]),
        ("process_vm_readv", libc::SYS_process_vm_readv, [1, 0, 0, 0, 0, 0]),
        ("process_vm_writev", libc::SYS_process_vm_writev, [1, 0, 0, 0, 0, 0]),
        ("ptrace-attach-init", libc::SYS_ptrace, [16, 1, 0, 0, 0, 0]),
        ("ptrace-traceme", libc::SYS_ptrace, [0; 6]),
        ("reboot", libc::SYS_reboot, [0; 6]),
        ("request_key", libc::SYS_request_key, [path(c"user"), path(c"x"), 0, 0, 0, 0]),
        ("setdomainname", libc::SYS_setdomainname, [path(c"x"), 65, 0, 0, 0, 0]),
        ("settimeofday", libc::SYS_settimeofday, [8, 0, 0, 0, 0, 0]),
        ("setgid-0", libc::SYS_setgid, [0; 6]),
        ("sethostname", libc::SYS_sethostname, [path(c"x"), 65, 0, 0, 0, 0]),
        ("setns", libc::SYS_setns, [n(namespace), 0, 0, 0, 0, 0]),
        ("setuid-0", libc::SYS_setuid, [0; 6]),
        ("socket-bluetooth", libc::SYS_socket, [31, n(libc::SOCK_STREAM), 3, 0, 0, 0]),
        ("socket-can", libc::SYS_socket, [29, n(libc::SOCK_DGRAM), 0, 0, 0, 0]),
        ("socket-xdp", libc::SYS_socket, [44, n(libc::SOCK_DGRAM), 0, 0, 0, 0]),
        ("socket-alg", libc::SYS_socket, [n(libc::AF_ALG), n(libc::SOCK_SEQPACKET), 0, 0, 0, 0]),
        (
            "socket-netlink-audit",
            libc::SYS_socket,
            [n(libc::AF_NETLINK), n(libc::SOCK_RAW), n(libc::NETLINK_AUDIT), 0, 0, 0],
        ),
        (
            "socket-netlink-netfilter",
            libc::SYS_socket,
            [
                n(libc::AF_NETLINK),
                n(libc::SOCK_RAW | libc::SOCK_CLOEXEC),
                n(libc::NETLINK_NETFILTER),
                0,
                0,
                0,
            ],
        ),
        ("socket-packet", libc::SYS_socket, [n(libc::AF_PACKET), n(libc::SOCK_DGRAM), 0, 0, 0, 0]),
        ("socket-raw", libc::SYS_socket, [n(libc::AF_INET), n(libc::SOCK_RAW), 1, 0, 0, 0]),
        (
            "socket-raw-flags",
            libc::SYS_socket,
            [n(libc::AF_INET6), n(libc::SOCK_RAW | libc::SOCK_CLOEXEC), 58, 0, 0, 0],
        ),
        ("socket-vsock", libc::SYS_socket, [n(libc::AF_VSOCK), n(libc::SOCK_STREAM), 0, 0, 0, 0]),
        ("swapon", libc::SYS_swapon, [path(c"/tmp"), 0, 0, 0, 0, 0]),
        ("syslog", libc::SYS_syslog, [3, 0, 0, 0, 0, 0]),
        ("tioclinux", libc::SYS_ioctl, [0, 0x541c, path(c"x"), 0, 0, 0]),
        ("tiocsti", libc::SYS_ioctl, [0, 0x5412, path(c"x"), 0, 0, 0]),
        ("tiocsti-high-bits", libc::SYS_ioctl, [0, 0x1_0000_5412, path(c"x"), 0, 0, 0]),
        ("umount2", libc::SYS_umount2, [path(c"/no/such"), 2, 0, 0, 0, 0]),
        ("unshare-newcgroup", libc::SYS_unshare, [n(libc::CLONE_NEWCGROUP), 0, 0, 0, 0, 0]),
        ("unshare-newns", libc::SYS_unshare, [n(libc::CLONE_NEWNS), 0, 0, 0, 0, 0]),
        ("unshare-newpid", libc::SYS_unshare, [n(libc::CLONE_NEWPID), 0, 0, 0, 0, 0]),
        ("unshare-newtime", libc::SYS_unshare, [0x80, 0, 0, 0, 0, 0]),
        ("unshare-newnet", libc::SYS_unshare, [n(libc::CLONE_NEWNET), 0, 0, 0, 0, 0]),
        ("unshare-newuser", libc::SYS_unshare, [n(libc::CLONE_NEWUSER), 0, 0, 0, 0, 0]),
        (
            "unshare-newuser-and-files",
            libc::SYS_unshare,
            [n(libc::CLONE_NEWUSER | libc::CLONE_FILES), 0, 0, 0, 0, 0],
        ),
        ("userfaultfd", libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0]),
        #[cfg(target_arch = "x86_64")]
        ("x32-getpid", 0x4000_0000 + 39, [0; 6]),
        #[cfg(target_arch = "x86_64")]
        ("x32-ptrace", 0x4000_0000 + 521, [0; 6]),
        // What a build needs must go on working.
        ("allowed-fchmod", libc::SYS_fchmod, [n(fd), 0o755, 0, 0, 0, 0]),
        (
            "allowed-netlink-route",
            libc::SYS_socket,
            [n(libc::AF_NETLINK), n(libc::SOCK_RAW), 0, 0, 0, 0],
        ),
        (
            "allowed-open-without-mode",
            libc::SYS_openat,
            [n(libc::AT_FDCWD), path(file), n(libc::O_RDONLY), 0o6755, 0, 0],
        ),
        ("allowed-personality-ask", libc::SYS_personality, [0xffff_ffff, 0, 0, 0, 0, 0]),
        ("allowed-unshare-files", libc::SYS_unshare, [n(libc::CLONE_FILES), 0, 0, 0, 0, 0]),
    ])
}
