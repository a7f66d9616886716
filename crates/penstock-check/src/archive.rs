//! What archives hold: zip, tar, gzip and zstd, told by their first bytes and opened to a depth.
//!
//! The bytes are hostile: a kilobyte may claim to be a petabyte, hold itself, or name its members
//! `../../etc/passwd`. So everything is read forward and once, nothing a header says is believed
//! before it is compared with what is there, no more than one member per level of nesting is held,
//! and all levels of one outer file share one budget. Whatever is not looked at is named.

mod compressed;
mod format;
mod limits;
mod name;
mod tar;
mod zip;

use std::{io::Read, ops::ControlFlow};

use penstock_model::{RepoPath, SkipReason};

use format::{Format, promises_archive};

use crate::Kind;

pub(crate) use limits::Limits;

/// Something found in an archive, or the outermost archive itself.
pub(crate) struct Member<'a> {
    /// `outer.zip!/inner.tar!/name`.
    pub(crate) path: &'a RepoPath,
    /// All of it.
    pub(crate) bytes: &'a [u8],
    /// Whether it is an archive that was opened; its members were handed over before it.
    pub(crate) opened: bool,
}

/// Who takes what is found.
pub(crate) trait Visit {
    /// One member; whether to go on.
    fn file(&mut self, member: Member<'_>) -> ControlFlow<()>;

    /// Something that is not looked at.
    fn skipped(&mut self, path: RepoPath, reason: SkipReason, detail: String);
}

/// Whether a file is worth the call of [`open`]. Costs a few bytes of it.
pub(crate) fn may_be(path: &RepoPath, bytes: &[u8]) -> bool {
    Format::of(path, bytes).is_some() || promises_archive(path) && is_binary(path, bytes)
}

/// Hands over a file and, if it is an archive, first all it holds.
pub(crate) fn open(path: &RepoPath, bytes: &[u8], limits: &Limits, visit: &mut dyn Visit) {
    let mut opener = Opener { limits, visit };
    if let Err(Fault::Exhausted(detail)) = opener.content(path, bytes, 0) {
        visit.skipped(path.clone(), SkipReason::OverLimit, detail);
        // It was opened, and counts as seen.
        let _the_last = visit.file(Member { path, bytes, opened: true });
    }
}

/// Why an archive is not read on.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// This one makes no sense from here on; its siblings may.
    Malformed(String),
    /// This one needs more than is granted to one archive.
    OverLimit(String),
    /// The budget of the outermost file is used up.
    Exhausted(String),
    /// The visitor has enough.
    Stopped,
}

/// One walk through an archive and everything in it.
struct Opener<'a> {
    limits: &'a Limits,
    visit: &'a mut dyn Visit,
}

impl Opener<'_> {
    /// Hands over what lies in `level` archives, and first what it holds itself.
    fn content(&mut self, path: &RepoPath, bytes: &[u8], level: u32) -> Result<(), Fault> {
        let mut opened = false;
        match Format::of(path, bytes) {
            Some(_) if level >= self.limits.depth => {
                let detail =
                    format!("an archive inside of {level} archives is not opened; unpack it");
                self.skip(path, SkipReason::OverLimit, detail);
            }
            Some(format) => opened = self.archive(path, bytes, format, level)?,
            None if promises_archive(path) && is_binary(path, bytes) => {
                let detail = "it is named as an archive and does not begin as one".to_owned();
                self.skip(path, SkipReason::Malformed, detail);
            }
            None => {}
        }
        match self.visit.file(Member { path, bytes, opened }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Fault::Stopped),
        }
    }

    /// Opens an archive; whether it was one. Bytes that only begin like one are none, unless the
    /// name says they should be.
    fn archive(
        &mut self,
        path: &RepoPath,
        bytes: &[u8],
        format: Format,
        level: u32,
    ) -> Result<bool, Fault> {
        let before = self.limits.members_seen();
        let result = match format {
            Format::Gzip | Format::Zstd => self.compressed(path, bytes, format, level),
            Format::Tar => self.tar(path, bytes, level),
            Format::Zip => self.zip(path, bytes, level),
        };
        let is_one = promises_archive(path) || self.limits.members_seen() > before;
        let (reason, detail) = match result {
            Ok(()) => return Ok(true),
            Err(Fault::Malformed(_)) if !is_one => return Ok(false),
            Err(Fault::Malformed(detail)) => (SkipReason::Malformed, detail),
            Err(Fault::OverLimit(detail)) => (SkipReason::OverLimit, detail),
            Err(fault @ (Fault::Exhausted(_) | Fault::Stopped)) => return Err(fault),
        };
        self.skip(path, reason, detail);
        Ok(true)
    }

    /// Reads one member to its end and hands it over. One that is too long is passed over; one that
    /// breaks off is handed over as far as it goes, and the fault with it.
    fn member(&mut self, path: &RepoPath, source: impl Read, level: u32) -> Result<(), Fault> {
        let limit = self.limits.member_bytes;
        let mut bytes = Vec::new();
        let end = source.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        self.limits.check()?;
        if bytes.len() as u64 > limit {
            let detail = format!("a member of more than {limit} bytes; unpack or exclude it");
            self.skip(path, SkipReason::OverLimit, detail);
            return Ok(());
        }
        if end.is_ok() || !bytes.is_empty() {
            self.limits.one_more()?;
            self.content(path, &bytes, level)?;
        }
        end.map(drop).map_err(|error| Fault::Malformed(error.to_string()))
    }

    fn skip(&mut self, path: &RepoPath, reason: SkipReason, detail: String) {
        self.visit.skipped(path.clone(), reason, detail);
    }
}

fn is_binary(path: &RepoPath, bytes: &[u8]) -> bool {
    Kind::of(path, bytes) == Kind::Binary
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
