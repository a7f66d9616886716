//! The kernel's questions about system calls, and our answers; seccomp_unotify(2).

use std::{
    io,
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
};

/// Where the questions of one step's filter arrive.
pub(super) struct Listener(OwnedFd);

/// A program waits in a system call until it is answered.
pub(super) struct Question {
    /// Names the question; never used again.
    pub(super) id: u64,
    /// The waiting thread, as this process sees it; 0 where it cannot be seen.
    pub(super) thread: u32,
    pub(super) call: i64,
    /// The registers, which the program cannot change any more.
    pub(super) arguments: [u64; 6],
}

/// `SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP` of linux/seccomp.h (Linux 6.6): who asks and who answers take
/// turns on one processor, which makes a question several times cheaper.
const SYNC_WAKE_UP: u64 = 1;

impl Listener {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        // SAFETY: the request takes a number by value; a kernel that does not know it says so.
        let _ = unsafe {
            libc::ioctl(descriptor.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP)
        };
        Self(descriptor)
    }

    /// The next question. To be called when the descriptor is readable, else it waits. `None` when
    /// the program that asked is gone.
    pub(super) fn receive(&self) -> io::Result<Option<Question>> {
        // SAFETY: the structure is integers only; the kernel wants it zeroed.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the request fills the structure, which lives through the call and has the size the
        // request's number says.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut asked)
        };
        if result < 0 {
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(libc::ENOENT | libc::EINTR) => Ok(None),
                _ => Err(error),
            };
        }
        Ok(Some(Question {
            id: asked.id,
            thread: asked.pid,
            call: i64::from(asked.data.nr),
            arguments: asked.data.args,
        }))
    }

    /// The kernel carries the call out, reading what its arguments point to anew: to be used only
    /// where nothing rests on what we read there.
    pub(super) fn go_on(&self, question: &Question) {
        self.send(question, 0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    }

    /// The call fails.
    pub(super) fn refuse(&self, question: &Question, errno: libc::c_int) {
        self.send(question, 0, -errno, 0);
    }

    /// The call succeeds with 0: we have carried it out.
    pub(super) fn done(&self, question: &Question) {
        self.send(question, 0, 0, 0);
    }

    /// The call gives a descriptor of what this one is open at.
    pub(super) fn add(&self, question: &Question, descriptor: &OwnedFd, close_on_exec: bool) {
        let flags = if close_on_exec { libc::O_CLOEXEC } else { 0 };
        let added = libc::seccomp_notif_addfd {
            id: question.id,
            flags: u32::try_from(libc::SECCOMP_ADDFD_FLAG_SEND).unwrap_or(0),
            srcfd: descriptor.as_raw_fd().unsigned_abs(),
            newfd: 0,
            newfd_flags: flags.unsigned_abs(),
        };
        // SAFETY: the request reads the structure, which lives through the call and has the size the
        // request's number says.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ADDFD, &raw const added)
        };
        if result < 0 {
            let error = io::Error::last_os_error().raw_os_error();
            self.refuse(question, error.unwrap_or(libc::EMFILE));
        }
    }

    /// A program that is gone needs no answer, so there is nothing to say about a failure.
    fn send(&self, question: &Question, value: i64, error: i32, flags: libc::c_ulong) {
        let flags = u32::try_from(flags).unwrap_or(0);
        let answer = libc::seccomp_notif_resp { id: question.id, val: value, error, flags };
        // SAFETY: the request reads the structure, which lives through the call and has the size the
        // request's number says.
        let _ = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw const answer)
        };
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
