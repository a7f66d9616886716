//! Making processes: the calls that have no safe interface.

use std::{io, os::fd::BorrowedFd};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal, WaitOptions, kill_process, wait},
};

use super::monitor::children;

/// Which side of a fork this is.
pub(super) enum Side {
    Child,
    Parent(Pid),
}

/// Makes a child in new namespaces (`CLONE_NEW…`), a copy of this process as by `fork`.
///
/// To be called in a single-threaded process only: the child goes on with everything of its parent's
/// memory, locks included.
pub(super) fn fork_into(namespaces: libc::c_int) -> io::Result<Side> {
    let flags = libc::c_long::from(namespaces | libc::SIGCHLD);
    // SAFETY: without CLONE_VM, and with a null stack, clone(2) behaves as fork(2): the child has a
    // copy of this memory and returns from the call on its own copy of the stack. The remaining
    // arguments are unused without the flags that name them, so their order, which differs between
    // architectures, does not matter. The process has one thread.
    let result =
        unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) };
    match i32::try_from(result) {
        Ok(0) => Ok(Side::Child),
        Ok(child @ 1..) => {
            Pid::from_raw(child).map(Side::Parent).ok_or_else(io::Error::last_os_error)
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// Takes the control group that this process is in for the root of all that it sees.
pub(super) fn enter_cgroup_namespace() -> io::Result<()> {
    // SAFETY: unshare(2) takes one integer; this flag changes only what `/proc` shows of groups.
    let result = unsafe { libc::unshare(libc::CLONE_NEWCGROUP) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Ends this process if the step-host, which holds the other end of `go`, has died while its death
/// meant nothing to us.
pub(super) fn leave_if_orphaned(go: BorrowedFd<'_>) {
    let mut fds = [PollFd::from_borrowed_fd(go, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let gone = poll(&mut fds, Some(&now)).is_err()
        || fds.iter().any(|fd| fd.revents().contains(PollFlags::HUP));
    if gone {
        exit_now(1)
    }
}

/// Ends this process at once, without running anything of the process it was copied from.
pub(super) fn exit_now(status: i32) -> ! {
    // SAFETY: _exit(2) takes any integer and does not return.
    unsafe { libc::_exit(status) }
}

/// What the kernel accounted to an ended process and its waited-for descendants.
pub(super) struct Accounting {
    pub(super) status: libc::c_int,
    pub(super) user_us: u64,
    pub(super) system_us: u64,
    /// Of the largest single process.
    pub(super) peak_kib: u64,
}

/// Waits for one child and takes its accounting.
pub(super) fn wait_accounted(pid: Pid) -> io::Result<Accounting> {
    let mut status = 0;
    // SAFETY: rusage is a plain C structure of integers, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live, exclusively borrowed locals of the right types.
        let result =
            unsafe { libc::wait4(pid.as_raw_nonzero().get(), &raw mut status, 0, &raw mut usage) };
        if result >= 0 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(Accounting::from(status, &usage))
}

impl Accounting {
    fn from(status: libc::c_int, usage: &libc::rusage) -> Self {
        let micros = |time: libc::timeval| {
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            let micros = u64::try_from(time.tv_usec).unwrap_or(0);
            seconds.saturating_mul(1_000_000).saturating_add(micros)
        };
        Self {
            status,
            user_us: micros(usage.ru_utime),
            system_us: micros(usage.ru_stime),
            peak_kib: u64::try_from(usage.ru_maxrss).unwrap_or(0),
        }
    }

    /// With everything that was waited for in this process.
    pub(super) fn of_all_children(self) -> Self {
        // SAFETY: rusage is a plain C structure of integers, for which all zeros is a value.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live, exclusively borrowed local of the right type.
        let result = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
        if result == 0 { Self::from(self.status, &usage) } else { self }
    }
}

/// Ends every process that descends from this one, and returns when the last is gone. This process
/// must be the one that orphans fall to; prctl(2), `PR_SET_CHILD_SUBREAPER`.
pub(super) fn end_descendants() {
    let own = std::process::id();
    loop {
        // Whole families at a time: who is killed first starts nothing more.
        let mut family = children(own);
        let mut at = 0;
        while let Some(process) = family.get(at).copied() {
            family.extend(children(process));
            at += 1;
        }
        for pid in family.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
            let _ = kill_process(pid, Signal::KILL);
        }
        loop {
            // Whatever group it is in: each session of the step's is another one.
            match wait(WaitOptions::empty()) {
                Err(Errno::CHILD) => return,
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) | Err(_) => break,
            }
            // Whoever appeared meanwhile is killed before it is waited for.
            if !children(own).iter().all(|child| family.contains(child)) {
                break;
            }
        }
    }
}

/// Closes every descriptor above standard error that was inherited.
pub(super) fn close_inherited() -> io::Result<()> {
    close_from_three(0)
}

/// Marks every descriptor above standard error to be closed by the next `exec`.
pub(super) fn close_on_exec() -> io::Result<()> {
    // CLOSE_RANGE_CLOEXEC, linux/close_range.h.
    close_from_three(1 << 2)
}

fn close_from_three(flags: libc::c_uint) -> io::Result<()> {
    // SAFETY: close_range(2) takes three integers. Descriptors are closed only at the very start of
    // the step-host, before anything here owns one.
    let result = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, flags) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives every signal its default action back. The mask is emptied by `exec` in the standard library.
pub(super) fn reset_signals() {
    for signal in 1..=64 {
        if matches!(signal, libc::SIGKILL | libc::SIGSTOP) {
            continue;
        }
        // SAFETY: SIG_DFL installs no handler, and an unknown number is refused with EINVAL.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}
