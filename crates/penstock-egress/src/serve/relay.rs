use std::{
    future::{Future as _, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep},
};

use super::{Duplex, open::Open};
use crate::Outcome;

/// Bytes held on the way from the step. Uploads are short as a rule.
const UP_BYTES: usize = 64 * 1024;

/// Bytes held on the way to the step: large, so that a download takes few system calls.
const DOWN_BYTES: usize = 256 * 1024;

/// Passes bytes in both directions until both have ended, counting them.
pub(super) async fn relay(
    client: &mut impl Duplex,
    server: &mut impl Duplex,
    open: &mut Open,
    idle: Duration,
) -> Outcome {
    let (mut up, mut down) = (Direction::new(UP_BYTES), Direction::new(DOWN_BYTES));
    let mut alarm = pin!(sleep(idle));
    let mut seen = 0;
    poll_fn(|cx| {
        let upwards = up.poll(cx, client, server);
        let downwards = down.poll(cx, server, client);
        let total = open_counts(open, &mut up, &mut down);
        match (upwards, downwards) {
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => return Poll::Ready(Outcome::Completed),
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => {
                return Poll::Ready(Outcome::Cut);
            }
            _ => {}
        }
        // One alarm for a whole period instead of one for each byte.
        while alarm.as_mut().poll(cx).is_ready() {
            if total == seen {
                return Poll::Ready(Outcome::Idle);
            }
            seen = total;
            alarm.as_mut().reset(Instant::now() + idle);
        }
        Poll::Pending
    })
    .await
}

/// Enters what has passed since the last time; all of it so far.
fn open_counts(open: &mut Open, up: &mut Direction, down: &mut Direction) -> u64 {
    let mut total = 0;
    open.change(|exchange| {
        exchange.up = exchange.up.saturating_add(std::mem::take(&mut up.passed));
        exchange.down = exchange.down.saturating_add(std::mem::take(&mut down.passed));
        total = exchange.up.saturating_add(exchange.down);
    });
    total
}

struct Direction {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    passed: u64,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Flowing,
    /// The source has ended; the sink has not been told.
    Ending,
    Ended,
}

impl Direction {
    fn new(bytes: usize) -> Self {
        let buffer = vec![0; bytes].into_boxed_slice();
        Self { buffer, start: 0, end: 0, passed: 0, state: State::Flowing }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        source: &mut (impl AsyncRead + Unpin),
        sink: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<()>> {
        loop {
            while let Some(rest) = self.buffer.get(self.start..self.end)
                && !rest.is_empty()
            {
                let count = ready!(Pin::new(&mut *sink).poll_write(cx, rest))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.start += count;
                self.passed = self.passed.saturating_add(u64::try_from(count).unwrap_or(0));
            }
            match self.state {
                State::Ended => return Poll::Ready(Ok(())),
                State::Ending => {
                    ready!(Pin::new(&mut *sink).poll_shutdown(cx))?;
                    self.state = State::Ended;
                }
                State::Flowing => {
                    let mut room = ReadBuf::new(&mut self.buffer);
                    ready!(Pin::new(&mut *source).poll_read(cx, &mut room))?;
                    (self.start, self.end) = (0, room.filled().len());
                    if self.end == 0 {
                        self.state = State::Ending;
                    }
                }
            }
        }
    }
}
