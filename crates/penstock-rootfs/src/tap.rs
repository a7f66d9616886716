//! What flows through a reader: its digest, its length, and where it becomes too much.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
};

use penstock_model::Sha256;
use sha2::Digest as _;

use crate::{Limits, RootError};

/// Digest and length of what a reader handed on, known from outside while others hold the reader.
#[derive(Clone, Default)]
pub(crate) struct Tap(Rc<RefCell<Flow>>);

#[derive(Default)]
struct Flow {
    hasher: sha2::Sha256,
    bytes: u64,
}

impl Tap {
    pub(crate) fn on<R: Read>(&self, source: R) -> Tapped<R> {
        Tapped { tap: self.clone(), source }
    }

    /// Only the length.
    pub(crate) fn counting<R: Read>(&self, source: R) -> Counting<R> {
        Counting { tap: self.clone(), source }
    }

    pub(crate) fn digest(&self) -> Sha256 {
        Sha256::from_bytes(self.0.borrow().hasher.clone().finalize().into())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.borrow().bytes
    }
}

pub(crate) struct Tapped<R> {
    tap: Tap,
    source: R,
}

impl<R: Read> Read for Tapped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let mut flow = self.tap.0.borrow_mut();
        flow.hasher.update(buffer.get(..read).unwrap_or_default());
        flow.bytes += read as u64;
        Ok(read)
    }
}

pub(crate) struct Counting<R> {
    tap: Tap,
    source: R,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.tap.0.borrow_mut().bytes += read as u64;
        Ok(read)
    }
}

/// Fails when decompression makes too much, or too much of too little.
pub(crate) struct Bounded<'a, R> {
    pub(crate) source: R,
    pub(crate) compressed: Tap,
    pub(crate) limits: Limits,
    /// Bytes of all layers so far, this one's included.
    pub(crate) total: &'a mut u64,
    /// Bytes of this one.
    pub(crate) own: u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        *self.total += read as u64;
        self.own += read as u64;
        if *self.total > self.limits.bytes {
            return Err(RootError::OverLimit { what: "bytes", limit: self.limits.bytes }.lower());
        }
        let most = self.compressed.bytes().saturating_mul(self.limits.ratio);
        if self.own > most.saturating_add(self.limits.free_bytes) {
            let what = "bytes for each compressed one";
            return Err(RootError::OverLimit { what, limit: self.limits.ratio }.lower());
        }
        Ok(read)
    }
}
