//! Other processes: their memory, descriptors, limits, and signals to them.

use std::{
    fs,
    io::{self, ErrorKind},
    mem::zeroed,
    os::fd::AsRawFd as _,
};

use super::said::{self, checked};

pub(super) fn main(arguments: &[&str]) -> io::Result<()> {
    let [what, pid, ..] = arguments else { return Err(ErrorKind::InvalidInput.into()) };
    let pid: i32 = pid.parse().map_err(io::Error::other)?;
    match *what {
        "ptrace" => ptrace(pid),
        "read-memory" => read_memory(pid),
        "take-descriptor" => take_descriptor(pid),
        "kill" => {
            // SAFETY: kill(2) takes integers.
            said::tried("kill", checked(unsafe { libc::kill(pid, libc::SIGKILL) }).map(drop))
        }
        // It is let and means nothing: whether it does, the test sees.
        "kill-ours" => {
            // SAFETY: as above.
            match checked(unsafe { libc::kill(pid, libc::SIGKILL) }) {
                Ok(_) => said::line("sent"),
                Err(error) => said::tried("kill", Err(error)),
            }
        }
        "kill-group" => {
            // SAFETY: as above.
            said::tried("group", checked(unsafe { libc::kill(-pid, libc::SIGKILL) }).map(drop))
        }
        "kill-thread" => said::tried("tgkill", call(libc::SYS_tgkill, [pid, pid, libc::SIGKILL])),
        // Only asks, since it would be everybody.
        "ask-all" => {
            // SAFETY: as above.
            said::tried("all", checked(unsafe { libc::kill(-1, 0) }).map(drop))
        }
        "kill-by-descriptor" => kill_by_descriptor(pid),
        "own-a-pipe" => own_a_pipe(pid),
        "queue-signal" => queue_signal(pid),
        "time-thread" => time_thread(pid),
        "limit" => limit(pid),
        "become" => {
            // SAFETY: these calls take an integer.
            let result =
                unsafe { checked(libc::setgid(pid as u32)).and(checked(libc::setuid(pid as u32))) };
            said::tried("setuid", result.map(drop))
        }
        "slow" => {
            // SAFETY: setpriority(2) takes integers.
            let result = unsafe { libc::setpriority(libc::PRIO_PROCESS, pid as u32, 19) };
            said::tried("setpriority", checked(result).map(drop))
        }
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn call(number: i64, [first, second, third]: [i32; 3]) -> io::Result<()> {
    // SAFETY: only calls whose arguments are integers come here.
    checked(unsafe { libc::syscall(number, first, second, third, 0) }).map(drop)
}

/// PTRACE_SEIZE stops nobody, so that success harms nobody.
fn ptrace(pid: i32) -> io::Result<()> {
    // SAFETY: the request takes no address and no data.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, 0x4206, pid, 0, 0) };
    said::tried("ptrace", checked(result).map(drop))
}

/// Whatever stands where the other one's program begins.
fn read_memory(pid: i32) -> io::Result<()> {
    let mut bytes = [0_u8; 16];
    let at = fs::read_to_string(format!("/proc/{pid}/maps")).ok();
    let at = at.as_deref().and_then(|maps| maps.split('-').next());
    // Where its map cannot be read, ours tells: both may run the same program.
    let at =
        at.and_then(|at| usize::from_str_radix(at, 16).ok()).unwrap_or(main as *const () as usize);
    let ours = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    let theirs = libc::iovec { iov_base: at as *mut _, iov_len: bytes.len() };
    // SAFETY: our vector is a live array; the other is looked at by the kernel only.
    let read = unsafe { libc::process_vm_readv(pid, &raw const ours, 1, &raw const theirs, 1, 0) };
    said::tried("process_vm_readv", checked(read as i64).map(drop))
}

fn open(pid: i32) -> io::Result<i32> {
    // SAFETY: pidfd_open(2) takes integers.
    checked(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) }).map(|fd| fd as i32)
}

fn take_descriptor(pid: i32) -> io::Result<()> {
    // Where there is no such process, the call itself is still tried.
    let process = open(pid).unwrap_or(-1);
    said::tried("pidfd_getfd", call(libc::SYS_pidfd_getfd, [process, 1, 0]))
}

fn kill_by_descriptor(pid: i32) -> io::Result<()> {
    let killed = open(pid)
        .and_then(|process| call(libc::SYS_pidfd_send_signal, [process, libc::SIGKILL, 0]));
    said::tried("pidfd_send_signal", killed)
}

/// Makes another process the one that is told, by a signal of our choice, when a pipe is readable.
fn own_a_pipe(pid: i32) -> io::Result<()> {
    let (reader, mut writer) = io::pipe()?;
    let fd = reader.as_raw_fd();
    let set = |command: i32, value: i32| {
        // SAFETY: these commands take an integer.
        checked(unsafe { libc::fcntl(fd, command, value) })
    };
    // F_SETSIG, linux/fcntl.h.
    let owned = set(libc::F_SETOWN, pid)
        .and_then(|_| set(10, libc::SIGKILL))
        .and_then(|_| set(libc::F_SETFL, libc::O_ASYNC));
    io::Write::write_all(&mut writer, b"x")?;
    said::tried("F_SETOWN", owned.map(drop))
}

fn queue_signal(pid: i32) -> io::Result<()> {
    // SAFETY: a plain C structure, for which all zeros is a value.
    let mut information: libc::siginfo_t = unsafe { zeroed() };
    information.si_code = libc::SI_QUEUE;
    information.si_signo = libc::SIGKILL;
    let at = &raw const information;
    // SAFETY: the structure lives through the call.
    let result = unsafe { libc::syscall(libc::SYS_rt_sigqueueinfo, pid, libc::SIGKILL, at) };
    said::tried("rt_sigqueueinfo", checked(result).map(drop))
}

/// A timer whose signal goes to a thread of somebody else; timer_create(2).
fn time_thread(thread: i32) -> io::Result<()> {
    // SAFETY: a plain C structure, for which all zeros is a value.
    let mut event: libc::sigevent = unsafe { zeroed() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = libc::SIGKILL;
    event.sigev_notify_thread_id = thread;
    let mut timer: libc::timer_t = std::ptr::null_mut();
    // SAFETY: both structures live through the call.
    let made = unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer) };
    said::tried("timer_create", checked(made).map(drop))
}

/// Sets a limit of another process to what it is: of the same user, that needs no privilege.
fn limit(pid: i32) -> io::Result<()> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structures live through the calls.
    let changed = unsafe {
        checked(libc::prlimit(pid, libc::RLIMIT_NOFILE, std::ptr::null(), &raw mut now)).and_then(
            |_| {
                checked(libc::prlimit(
                    pid,
                    libc::RLIMIT_NOFILE,
                    &raw const now,
                    std::ptr::null_mut(),
                ))
            },
        )
    };
    said::tried("prlimit", changed.map(drop))
}
