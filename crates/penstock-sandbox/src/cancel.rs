use std::{
    io::{self, Write as _},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::Arc,
};

/// Ends every step that runs under it. Clones are the same token.
#[derive(Clone, Debug)]
pub struct CancelToken {
    inner: Arc<(UnixStream, UnixStream)>,
}

impl CancelToken {
    /// A token that has not been used.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn new() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        read.set_nonblocking(true)?;
        write.set_nonblocking(true)?;
        Ok(Self { inner: Arc::new((read, write)) })
    }

    /// Kills every step under this token, now and from now on.
    pub fn cancel(&self) {
        // One unread byte keeps the token readable for ever; a full socket is just as readable.
        let _ = (&self.inner.1).write(&[1]);
    }

    /// Readable once the token is used. Never read from.
    pub(crate) fn readable(&self) -> BorrowedFd<'_> {
        self.inner.0.as_fd()
    }
}
