use std::{
    cell::Cell,
    io::{self, Read},
};

use super::Fault;
use crate::Options;

/// The most bytes all archives in one file may expand to, all levels together: 256 MiB.
const MAX_EXPANDED: u64 = 256 << 20;
/// How many of them any file may have, however small it is: 16 MiB. Beyond, they are limited to
/// [`MAX_RATIO`] times the file's size; text seldom shrinks to less than a fiftieth.
const FREE_EXPANDED: u64 = 16 << 20;
/// How many bytes one byte of the file may expand to, on average.
const MAX_RATIO: u64 = 200;
/// The most entries (members, directories, links, compressed frames) all archives in one file may
/// have.
const MAX_ENTRIES: u64 = 20_000;

/// What one file may cost, and what it has cost so far.
#[derive(Debug)]
pub(crate) struct Limits {
    /// How many archives deep a member may lie.
    pub(super) depth: u32,
    /// The largest member looked at.
    pub(super) member_bytes: u64,
    expanded: u64,
    expanded_left: Cell<u64>,
    entries: Cell<u64>,
    members: Cell<u64>,
    exhausted: Cell<Option<Exhausted>>,
}

#[derive(Clone, Copy, Debug)]
enum Exhausted {
    Bytes,
    Entries,
}

impl Limits {
    /// Those of a file with this content.
    pub(crate) fn of(bytes: &[u8], options: &Options) -> Self {
        Self::with(bytes, options.archive_depth, options.max_file_bytes)
    }

    /// The same with a depth and a size of members of one's own.
    pub(crate) fn with(bytes: &[u8], depth: u32, member_bytes: u64) -> Self {
        let by_ratio = (bytes.len() as u64).saturating_mul(MAX_RATIO);
        let expanded = by_ratio.clamp(FREE_EXPANDED, MAX_EXPANDED);
        Self {
            depth,
            member_bytes,
            expanded,
            expanded_left: Cell::new(expanded),
            entries: Cell::new(0),
            members: Cell::new(0),
            exhausted: Cell::new(None),
        }
    }

    /// How many members were handed over.
    pub(super) fn members_seen(&self) -> u64 {
        self.members.get()
    }

    /// Counts a member that is handed over.
    pub(super) fn one_more(&self) -> Result<(), Fault> {
        self.members.set(self.members.get() + 1);
        self.check()
    }

    /// Counts an entry of whatever kind.
    pub(super) fn entry(&self) -> Result<(), Fault> {
        if !self.another_entry() {
            return self.check();
        }
        Ok(())
    }

    /// The same for readers, which can only fail.
    pub(super) fn another_entry(&self) -> bool {
        self.entries.set(self.entries.get() + 1);
        let within = self.entries.get() <= MAX_ENTRIES;
        if !within {
            self.exhausted.set(Some(Exhausted::Entries));
        }
        within
    }

    /// Whether anything is left.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let (what, limit) = match self.exhausted.get() {
            None => return Ok(()),
            Some(Exhausted::Bytes) => ("expands to more bytes", self.expanded),
            Some(Exhausted::Entries) => ("has more entries", MAX_ENTRIES),
        };
        Err(Fault::Exhausted(format!(
            "{what} than the {limit} looked at; {} members were; unpack or exclude it",
            self.members.get()
        )))
    }

    /// A reader whose bytes count.
    pub(super) fn count<R: Read>(&self, source: R) -> Counted<'_, R> {
        Counted { limits: self, source }
    }
}

/// Fails as soon as the budget is used up.
pub(super) struct Counted<'a, R> {
    limits: &'a Limits,
    source: R,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        match self.limits.expanded_left.get().checked_sub(read as u64) {
            Some(left) => self.limits.expanded_left.set(left),
            None => {
                self.limits.exhausted.set(Some(Exhausted::Bytes));
                return Err(io::Error::other("more bytes than are looked at"));
            }
        }
        Ok(read)
    }
}
