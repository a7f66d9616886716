use std::{
    ffi::CString,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream},
    },
    process::ExitCode,
    time::Duration,
};

/// Tries one thing, says what became of it on standard output, and exits with 0 in any case: the
/// test judges.
pub(crate) fn main(arguments: &[&str]) -> ExitCode {
    let said = match arguments {
        ["abstract", name] => {
            named(name).and_then(|address| UnixStream::connect_addr(&address)).map(drop)
        }
        ["calls"] => calls(),
        ["foreign-architecture"] => foreign_architecture(),
        ["fork-bomb"] => fork_bomb(),
        ["own-loopback"] => own_loopback(),
        ["own-unix"] => own_unix(),
        ["race-open", path] => race_open(path),
        ["tcp", address] => tcp(address),
        ["udp", address] => udp(address),
        ["unix", path] => UnixStream::connect(path).map(drop),
        ["unix-listen", path] => UnixListener::bind(path).map(std::mem::forget),
        _ => return ExitCode::from(64),
    };
    let said = match said {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("error {:?} {error}", error.raw_os_error()),
    };
    match writeln!(io::stdout(), "{said}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn named(name: &str) -> io::Result<UnixAddr> {
    UnixAddr::from_abstract_name(name)
}

fn tcp(address: &str) -> io::Result<()> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).map(drop)
}

fn udp(address: &str) -> io::Result<()> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    UdpSocket::bind(any)?.send_to(b"x", address).map(drop)
}

fn own_loopback() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"x")?;
    server.read_exact(&mut [0])
}

fn own_unix() -> io::Result<()> {
    let listener = UnixListener::bind("own-socket")?;
    let mut client = UnixStream::connect("own-socket")?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"x")?;
    server.read_exact(&mut [0])
}

/// Opens a harmless path that another thread turns into `path` while the kernel asks about it.
fn race_open(path: &str) -> io::Result<()> {
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    let harmless = "/dev/null";
    let shared: Vec<AtomicU8> = (0..256).map(|_| AtomicU8::new(0)).collect();
    let write = |text: &str| {
        for (to, from) in shared.iter().zip(text.bytes().chain([0])) {
            to.store(from, Ordering::Relaxed);
        }
    };
    write(harmless);
    let over = AtomicBool::new(false);
    let mut opened = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                write(path);
                write(harmless);
            }
        });
        for _ in 0..2000 {
            // SAFETY: the array outlives the call and holds a zero byte at its end at all times.
            let fd = unsafe { libc::open(shared.as_ptr().cast(), libc::O_RDONLY) };
            if fd >= 0 {
                let mut first = [0_u8; 1];
                // SAFETY: one byte of a live array is written.
                if unsafe { libc::read(fd, first.as_mut_ptr().cast(), 1) } == 1 {
                    opened += 1;
                }
                // SAFETY: the descriptor is ours.
                unsafe { libc::close(fd) };
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    if opened > 0 {
        writeln!(io::stdout(), "opened the other {opened} times")?;
    }
    Ok(())
}

/// Forks until the kernel refuses; every child waits, so that they are alive together.
fn fork_bomb() -> io::Result<()> {
    let mut children = 0;
    loop {
        // SAFETY: a single-threaded process forks; the child only waits for a signal.
        match unsafe { libc::fork() } {
            -1 => break,
            0 => loop {
                // SAFETY: pause(2) takes nothing.
                unsafe { libc::pause() };
            },
            _ => children += 1,
        }
        if children >= 5000 {
            break;
        }
    }
    writeln!(io::stdout(), "children {children}")
}

/// The getpid of 32-bit x86 through the gate that a filter for x86-64 alone does not see.
fn foreign_architecture() -> io::Result<()> {
    #[cfg(target_arch = "x86_64")]
    {
        let mut call: u64 = 20;
        // SAFETY: getpid takes no argument and touches no memory; the registers that the gate may
        // change are named.
        unsafe {
            std::arch::asm!("int 0x80", inout("rax") call, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
        }
        writeln!(io::stdout(), "pid {call}")?;
    }
    Ok(())
}

/// One line a call: its name and its error number, or 0 when the kernel did it.
fn calls() -> io::Result<()> {
    let own = CString::new("/proc/self/ns/user")?;
    // SAFETY: the path is a C string.
    let namespace = unsafe { libc::open(own.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    let file = c"mode-test";
    // SAFETY: as above; the third argument is the mode that O_CREAT asks for.
    let fd = unsafe { libc::open(file.as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o644) };
    let path = |text: &'static std::ffi::CStr| text.as_ptr() as usize;
    let n = |value: libc::c_int| value as usize;
    let tries: &[(&str, i64, [usize; 6])] = &[
        (
            "add_key",
            libc::SYS_add_key,
            [path(c"user"), path(c"x"), path(c"y"), 1, usize::MAX - 2, 0],
        ),
        ("bpf", libc::SYS_bpf, [0; 6]),
        ("chroot", libc::SYS_chroot, [path(c"/"), 0, 0, 0, 0, 0]),
        ("clone-newnet", libc::SYS_clone, [n(libc::CLONE_NEWNET | libc::SIGCHLD), 0, 0, 0, 0, 0]),
        ("clone-newuser", libc::SYS_clone, [n(libc::CLONE_NEWUSER | libc::SIGCHLD), 0, 0, 0, 0, 0]),
        ("clone3", libc::SYS_clone3, [0; 6]),
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
        ("kexec_load", libc::SYS_kexec_load, [0; 6]),
        ("keyctl", libc::SYS_keyctl, [0, usize::MAX - 3, 0, 0, 0, 0]),
        ("mount", libc::SYS_mount, [path(c"x"), path(c"/tmp"), path(c"tmpfs"), 0, 0, 0]),
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
        ("setgid-0", libc::SYS_setgid, [0; 6]),
        ("sethostname", libc::SYS_sethostname, [path(c"x"), 1, 0, 0, 0, 0]),
        ("setns", libc::SYS_setns, [n(namespace), 0, 0, 0, 0, 0]),
        ("setuid-0", libc::SYS_setuid, [0; 6]),
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
        ("tiocsti", libc::SYS_ioctl, [0, 0x5412, path(c"x"), 0, 0, 0]),
        ("tiocsti-high-bits", libc::SYS_ioctl, [0, 0x1_0000_5412, path(c"x"), 0, 0, 0]),
        ("umount2", libc::SYS_umount2, [path(c"/proc"), 2, 0, 0, 0, 0]),
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
    ];
    let mut out = io::stdout();
    for (name, call, a) in tries {
        // SAFETY: pointers among the arguments are to static C strings or null; a call that is
        // carried out after all harms only this process, in its sandbox.
        let result = unsafe { libc::syscall(*call, a[0], a[1], a[2], a[3], a[4], a[5]) };
        let errno = if result < 0 { io::Error::last_os_error().raw_os_error() } else { Some(0) };
        if result == 0 && name.starts_with("clone") {
            // A child that should not exist.
            return Ok(());
        }
        writeln!(out, "{name} {}", errno.unwrap_or(-1))?;
    }
    Ok(())
}
