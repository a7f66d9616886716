use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{Instant, timeout, timeout_at},
};

use super::Duplex;

/// How much is read from a client that was refused, so that it sees the answer and not a reset.
const MAX_LINGER_BYTES: usize = 256 * 1024;

/// And for how long.
const LINGER: Duration = Duration::from_secs(2);

/// A client before anything was let through: what it said so far, and until when it may go on.
pub(super) struct Opening<C> {
    pub(super) stream: C,
    pub(super) bytes: Vec<u8>,
    deadline: Instant,
}

/// Why a client said no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    Closed,
    TooSlow,
}

impl<C: Duplex> Opening<C> {
    pub(super) fn new(stream: C, time: Duration) -> Self {
        Self { stream, bytes: Vec::new(), deadline: Instant::now() + time }
    }

    /// Waits for more. The time is for the whole opening: a byte now and then gains nothing.
    pub(super) async fn more(&mut self) -> Result<(), Silence> {
        self.bytes.reserve(4096);
        match timeout_at(self.deadline, self.stream.read_buf(&mut self.bytes)).await {
            Ok(Ok(1..)) => Ok(()),
            Ok(Ok(0) | Err(_)) => Err(Silence::Closed),
            Err(_) => Err(Silence::TooSlow),
        }
    }

    /// Waits until something can be read from what was said.
    pub(super) async fn read<T, E>(
        &mut self,
        read: impl Fn(&[u8]) -> Result<Option<T>, E>,
    ) -> Result<Result<T, E>, Silence> {
        loop {
            match read(&self.bytes) {
                Ok(Some(found)) => return Ok(Ok(found)),
                Ok(None) => self.more().await?,
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// Gives the client more time, after something else took some of it.
    pub(super) fn renew(&mut self, time: Duration) {
        self.deadline = Instant::now() + time;
    }

    /// Takes what has been understood off the front.
    pub(super) fn take(&mut self, length: usize) {
        self.bytes.drain(..length.min(self.bytes.len()));
    }

    /// Says something, as long as the client listens.
    pub(super) async fn say(&mut self, bytes: &[u8]) {
        let said: Result<io::Result<()>, _> = timeout(LINGER, self.stream.write_all(bytes)).await;
        _ = said;
    }

    /// Closes so that what was said arrives.
    pub(super) async fn close(mut self) {
        let closing = async {
            self.stream.shutdown().await?;
            let mut left = MAX_LINGER_BYTES;
            let mut buffer = [0; 4096];
            while left > 0 {
                match self.stream.read(&mut buffer).await? {
                    0 => break,
                    count => left = left.saturating_sub(count),
                }
            }
            io::Result::Ok(())
        };
        _ = timeout(LINGER, closing).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::duplex,
        runtime::Builder,
        time::{sleep, timeout},
    };

    use super::*;

    #[test]
    fn a_byte_now_and_then_gains_no_time() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (ours, mut theirs) = duplex(64);
            let start = Instant::now();
            let mut opening = Opening::new(ours, Duration::from_secs(10));
            let dripping = tokio::spawn(async move {
                while theirs.write_all(b"G").await.is_ok() {
                    sleep(Duration::from_secs(3)).await;
                }
            });
            let never = |_: &[u8]| Ok::<Option<()>, ()>(None);
            let waiting = timeout(Duration::from_secs(100), opening.read(never));
            assert_eq!(waiting.await, Ok(Err(Silence::TooSlow)));
            assert_eq!(start.elapsed(), Duration::from_secs(10));
            assert_eq!(opening.bytes, b"GGGG");
            dripping.abort();
        });
    }
}
