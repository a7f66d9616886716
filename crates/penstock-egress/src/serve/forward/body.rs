use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use sha2::{Digest as _, Sha256};

use super::{super::open::Open, Connection};
use crate::Outcome;

/// The body of a request, counted on its way.
pub(super) struct Uploaded {
    body: Incoming,
    up: Arc<AtomicU64>,
    activity: Arc<AtomicU64>,
}

impl Uploaded {
    pub(super) fn new(body: Incoming, up: Arc<AtomicU64>, activity: Arc<AtomicU64>) -> Self {
        Self { body, up, activity }
    }
}

impl Body for Uploaded {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.activity.fetch_add(1, Ordering::Relaxed);
            self.up.fetch_add(data_length(frame), Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer: the proxy's own words, or the server's on their way.
pub(super) enum Answer {
    Text(Option<Bytes>),
    Passed(Box<Passed>),
}

/// The body of a server's answer. What went through it is recorded when it is dropped.
pub(super) struct Passed {
    body: Incoming,
    hash: Option<Sha256>,
    size: u64,
    broken: bool,
    ended: bool,
    open: Option<Open>,
    up: Arc<AtomicU64>,
    activity: Arc<AtomicU64>,
    _connection: Connection,
}

impl Answer {
    pub(super) fn text(text: Bytes) -> Self {
        Self::Text(Some(text))
    }

    pub(super) fn passed(
        body: Incoming,
        hashed: bool,
        open: Open,
        up: Arc<AtomicU64>,
        activity: Arc<AtomicU64>,
        connection: Connection,
    ) -> Self {
        Self::Passed(Box::new(Passed {
            body,
            hash: hashed.then(Sha256::new),
            size: 0,
            broken: false,
            ended: false,
            open: Some(open),
            up,
            activity,
            _connection: connection,
        }))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Passed(passed) => passed.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Text(text) => text.is_none(),
            Self::Passed(passed) => passed.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => {
                let length = text.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(0))
            }
            Self::Passed(passed) => passed.body.size_hint(),
        }
    }
}

impl Passed {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.activity.fetch_add(1, Ordering::Relaxed);
        match &frame {
            Some(Ok(frame)) => {
                self.size = self.size.saturating_add(data_length(frame));
                if let (Some(hash), Some(data)) = (&mut self.hash, frame.data_ref()) {
                    hash.update(data);
                }
            }
            Some(Err(_)) => self.broken = true,
            None => self.ended = true,
        }
        Poll::Ready(frame)
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let whole = !self.broken && (self.ended || self.body.is_end_stream());
        let (size, hash) = (self.size, self.hash.take());
        let up = self.up.load(Ordering::Relaxed);
        open.change(|exchange| {
            (exchange.up, exchange.down) = (up, size);
            if let Some(request) = &mut exchange.request
                && let Some(hash) = hash.filter(|_| whole)
            {
                let digest: [u8; 32] = hash.finalize().into();
                request.sha256 = Some(penstock_model::Sha256::from_bytes(digest).to_string());
                request.size = Some(size);
            }
            if whole {
                exchange.outcome = Outcome::Completed;
            }
        });
    }
}

fn data_length(frame: &Frame<Bytes>) -> u64 {
    frame.data_ref().map_or(0, |data| u64::try_from(data.len()).unwrap_or(0))
}
