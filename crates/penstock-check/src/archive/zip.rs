//! Zip archives, as PKWARE's `APPNOTE.TXT` 6.3.10 describes them (numbers in brackets are its
//! sections). The members are those of the central directory, as unpacking programs see them.

use flate2::bufread::DeflateDecoder;
use penstock_model::{RepoPath, SkipReason};

use super::{Fault, Opener, name};

/// The end record without its comment [4.3.16], and the longest comment.
const END: usize = 22;
const MAX_COMMENT: usize = 0xffff;
/// A local header without name and extra field [4.3.7].
const LOCAL: u64 = 30;

/// Whether there is an end record where one should be.
pub(super) fn has_end(bytes: &[u8]) -> bool {
    end_record(bytes).is_some()
}

impl Opener<'_> {
    pub(super) fn zip(&mut self, path: &RepoPath, bytes: &[u8], level: u32) -> Result<(), Fault> {
        let directory = Directory::of(bytes)?;
        let mut at = directory.start;
        let mut taken = 0_u64;
        for _ in 0..directory.entries {
            self.limits.entry()?;
            let entry = Entry::at(bytes, at)?;
            at = entry.end;
            // Members that lie over one another unpack the same bytes again and again.
            taken = taken.saturating_add(LOCAL).saturating_add(entry.compressed);
            if taken > directory.start as u64 {
                return Err(Fault::Malformed("members lie over one another".to_owned()));
            }
            self.zip_member(path, bytes, &directory, &entry, level)?;
        }
        Ok(())
    }

    fn zip_member(
        &mut self,
        path: &RepoPath,
        bytes: &[u8],
        directory: &Directory,
        entry: &Entry<'_>,
        level: u32,
    ) -> Result<(), Fault> {
        // Windows programs write backslashes.
        let name: Vec<u8> =
            entry.name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        if name.ends_with(b"/") && entry.compressed == 0 {
            return Ok(());
        }
        let inner = name::inside(path, &name);
        if entry.is_link {
            self.skip(&inner, SkipReason::NotRegular, String::new());
            return Ok(());
        }
        if entry.is_encrypted {
            self.skip(&inner, SkipReason::Encrypted, String::new());
            return Ok(());
        }
        let content = directory.content(bytes, entry)?;
        match entry.method {
            0 => self.member(&inner, self.limits.count(content), level + 1),
            8 => {
                let inflated = DeflateDecoder::new(content);
                match self.member(&inner, self.limits.count(inflated), level + 1) {
                    // The next one may be whole.
                    Err(Fault::Malformed(detail)) => {
                        self.skip(&inner, SkipReason::Malformed, detail);
                        Ok(())
                    }
                    result => result,
                }
            }
            method => {
                let detail = format!("compression method {method} is not supported; unpack it");
                self.skip(&inner, SkipReason::OverLimit, detail);
                Ok(())
            }
        }
    }
}

/// Where the central directory lies.
struct Directory {
    start: usize,
    entries: u64,
    /// What precedes the archive in the file and is counted by no offset.
    shift: usize,
}

impl Directory {
    fn of(bytes: &[u8]) -> Result<Self, Fault> {
        let end = end_record(bytes)
            .ok_or_else(|| malformed("it has no end record; it may be cut off"))?;
        let (mut entries, mut size, mut offset) = (
            u64::from(u16_at(bytes, end + 10)?),
            u64::from(u32_at(bytes, end + 12)?),
            u64::from(u32_at(bytes, end + 16)?),
        );
        let mut directory_end = end;
        // The larger record [4.3.14] and what says where it is [4.3.15].
        if let Some(locator) = end.checked_sub(20)
            && bytes.get(locator..locator + 4) == Some(b"PK\x06\x07")
        {
            let named = index(u64_at(bytes, locator + 8)?)?;
            // With something before the archive the offset is too small by as much; without
            // extensions the record ends where its locator begins.
            let large = [Some(named), locator.checked_sub(56)]
                .into_iter()
                .flatten()
                .find(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06")))
                .ok_or_else(|| malformed("its end record for large archives is missing"))?;
            entries = u64_at(bytes, large.saturating_add(32))?;
            size = u64_at(bytes, large.saturating_add(40))?;
            offset = u64_at(bytes, large.saturating_add(48))?;
            directory_end = large;
        }
        let start = directory_end
            .checked_sub(index(size)?)
            .ok_or_else(|| malformed("its directory is longer than the file"))?;
        let shift = start
            .checked_sub(index(offset)?)
            .ok_or_else(|| malformed("its directory lies beyond its end"))?;
        Ok(Self { start, entries, shift })
    }

    /// The stored bytes of a member, behind its local header [4.3.7].
    fn content<'b>(&self, bytes: &'b [u8], entry: &Entry<'_>) -> Result<&'b [u8], Fault> {
        let header = index(entry.offset)?.saturating_add(self.shift);
        if bytes.get(header..).is_none_or(|rest| !rest.starts_with(b"PK\x03\x04")) {
            return Err(malformed("a member is not where the directory says"));
        }
        let (name, extra) = (u16_at(bytes, header + 26)?, u16_at(bytes, header + 28)?);
        let start = header + 30 + usize::from(name) + usize::from(extra);
        let end = start.saturating_add(index(entry.compressed)?);
        bytes.get(start..end).ok_or_else(|| malformed("a member reaches beyond the file"))
    }
}

/// An entry of the central directory [4.3.12].
struct Entry<'b> {
    name: &'b [u8],
    method: u16,
    is_encrypted: bool,
    is_link: bool,
    compressed: u64,
    offset: u64,
    /// Where the next entry begins.
    end: usize,
}

impl<'b> Entry<'b> {
    fn at(bytes: &'b [u8], at: usize) -> Result<Self, Fault> {
        if bytes.get(at..).is_none_or(|rest| !rest.starts_with(b"PK\x01\x02")) {
            // A directory that is encrypted too [7.2] begins with something else.
            return Err(malformed("its directory breaks off or is encrypted"));
        }
        let made_by = u16_at(bytes, at + 4)? >> 8;
        let flags = u16_at(bytes, at + 8)?;
        let method = u16_at(bytes, at + 10)?;
        let (name, extra, comment) =
            (u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?, u16_at(bytes, at + 32)?);
        let extra_start = at + 46 + usize::from(name);
        let extra_end = extra_start + usize::from(extra);
        let short = || malformed("its directory breaks off");
        let name = bytes.get(at + 46..extra_start).ok_or_else(short)?;
        let extra = bytes.get(extra_start..extra_end).ok_or_else(short)?;
        let (stored, expanded) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 24)?);
        let offset = u32_at(bytes, at + 42)?;
        // What does not fit is in an extra field [4.5.3], in this order.
        let mut large = large_numbers(extra);
        let mut number = |small: u32| match small {
            u32::MAX => large.next().ok_or_else(|| malformed("a large size is missing")),
            small => Ok(u64::from(small)),
        };
        number(expanded)?;
        let (compressed, offset) = (number(stored)?, number(offset)?);
        // The upper half is the mode Unix knows the file by [4.4.2, 4.4.15].
        let mode = u32_at(bytes, at + 38)? >> 16;
        Ok(Self {
            name,
            method,
            // Method 99 is AES by another maker's rules.
            is_encrypted: flags & 1 != 0 || method == 99,
            is_link: made_by == 3 && mode & 0o17_0000 == 0o12_0000,
            compressed,
            offset,
            end: extra_end + usize::from(comment),
        })
    }
}

/// The last end record whose comment ends with the file, or else the last of all.
fn end_record(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END)?;
    let candidates = || {
        (last.saturating_sub(MAX_COMMENT)..=last)
            .rev()
            .filter(|at| bytes.get(*at..*at + 4) == Some(b"PK\x05\x06"))
    };
    let is_exact = |at: &usize| {
        u16_at(bytes, at + 20).is_ok_and(|comment| at + END + usize::from(comment) == bytes.len())
    };
    candidates().find(is_exact).or_else(|| candidates().next())
}

/// The numbers of the extra field for large archives.
fn large_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut numbers: &[[u8; 8]] = &[];
    while let [a, b, c, d, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let Some((field, after)) = rest.split_at_checked(length) else { break };
        if (*a, *b) == (1, 0) {
            (numbers, _) = field.as_chunks();
            break;
        }
        extra = after;
    }
    numbers.iter().map(|number| u64::from_le_bytes(*number))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Fault> {
    let array = bytes.get(at..).and_then(|rest| rest.first_chunk());
    array.copied().ok_or_else(|| malformed("it breaks off"))
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Fault> {
    array_at(bytes, at).map(u64::from_le_bytes)
}

fn index(number: u64) -> Result<usize, Fault> {
    usize::try_from(number).map_err(|_| malformed("an offset lies beyond every file"))
}

fn malformed(detail: &str) -> Fault {
    Fault::Malformed(detail.to_owned())
}
