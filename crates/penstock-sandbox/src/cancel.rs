use std::{
    io::{self, Write as _},
    os::{
        fd::{AsFd, AsRawFd as _, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// Ends every step that runs under it. Clones are the same token.
#[derive(Clone, Debug)]
pub struct CancelToken {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    used: AtomicBool,
    read: UnixStream,
    write: UnixStream,
}

/// The token that signals use: there is one set of signal handlers in a process.
static ON_SIGNALS: OnceLock<CancelToken> = OnceLock::new();

impl CancelToken {
    /// A token that has not been used.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn new() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        read.set_nonblocking(true)?;
        write.set_nonblocking(true)?;
        Ok(Self { inner: Arc::new(Inner { used: AtomicBool::new(false), read, write }) })
    }

    /// Kills every step under this token, now and from now on.
    pub fn cancel(&self) {
        self.inner.used.store(true, Ordering::SeqCst);
        // One unread byte keeps the token readable for ever; a full socket is just as readable.
        let _ = (&self.inner.write).write(&[1]);
    }

    /// Whether it was used.
    pub fn is_cancelled(&self) -> bool {
        self.inner.used.load(Ordering::SeqCst)
    }

    /// Readable once the token is used. Never read from.
    pub(crate) fn readable(&self) -> BorrowedFd<'_> {
        self.inner.read.as_fd()
    }

    /// Uses this token on Ctrl-C (`SIGINT`), `SIGTERM` and `SIGHUP`. A second such signal has its
    /// usual effect, so that whoever is in a hurry can end the process itself, which kills the steps
    /// as well.
    ///
    /// # Errors
    /// `AlreadyExists` when another token has the signals, or what the system answers.
    #[cfg(target_os = "linux")]
    pub fn on_signals(&self) -> io::Result<()> {
        ON_SIGNALS.set(self.clone()).map_err(|_| io::Error::from(io::ErrorKind::AlreadyExists))?;
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: sigaction is a plain C structure, for which all zeros is a value: an empty
            // mask and no flags.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = cancel_on_signal as *const () as usize;
            action.sa_flags = libc::SA_RESTART | libc::SA_RESETHAND;
            // SAFETY: the handler does only what signal-safety(7) allows, see there; the structure
            // lives through the call; the old action is not asked for.
            let result =
                unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }
}

/// Async-signal-safe: two atomic operations and write(2), with `errno` kept.
#[cfg(target_os = "linux")]
extern "C" fn cancel_on_signal(_signal: libc::c_int) {
    let Some(token) = ON_SIGNALS.get() else { return };
    token.inner.used.store(true, Ordering::SeqCst);
    let fd = token.inner.write.as_raw_fd();
    // SAFETY: __errno_location points to this thread's errno; the descriptor stays open because the
    // static token is never dropped; one byte of a live array is read.
    unsafe {
        let errno = libc::__errno_location();
        let kept = *errno;
        libc::write(fd, [1_u8].as_ptr().cast(), 1);
        *errno = kept;
    }
}
