//! Tar archives: POSIX.1-2017 `pax` ("ustar Interchange Format", "pax Extended Header"), and GNU's
//! long names, base-256 numbers and sparse files (GNU tar manual, "Basic Tar Format").

use std::io::{self, Read};

use penstock_model::{RepoPath, SkipReason};

use super::{Fault, Opener, name};

/// Headers are one block and contents whole ones.
pub(super) const BLOCK: usize = 512;

/// The longest extended header or long name read: 1 MiB.
const MAX_EXTENSION: u64 = 1 << 20;

/// Whether these bytes begin with a header that has the mark of POSIX or GNU and adds up.
pub(super) fn has_mark(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar") && is_header(bytes)
}

/// Whether these bytes begin with a header that adds up, with or without the mark.
pub(super) fn is_header(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|block| Header(block).adds_up())
}

impl Opener<'_> {
    pub(super) fn tar(
        &mut self,
        path: &RepoPath,
        mut source: impl Read,
        level: u32,
    ) -> Result<(), Fault> {
        let mut next = Extended::default();
        let mut block = [0; BLOCK];
        loop {
            let read = fill(&mut source, &mut block);
            self.limits.check()?;
            match read.map_err(malformed)? {
                0 => return Ok(()),
                BLOCK => {}
                _ => return Err(cut()),
            }
            // Two of them end an archive, but another may follow, and some programs read on.
            if block == [0; BLOCK] {
                continue;
            }
            let header = Header(&block);
            if !header.adds_up() {
                return Err(Fault::Malformed("a header's checksum is wrong".to_owned()));
            }
            self.limits.entry()?;
            let size = header.size()?;
            match header.kind() {
                b'L' => next.name = Some(self.extension(&mut source, size)?),
                b'x' => next.read(&self.extension(&mut source, size)?),
                b'g' | b'K' => drop(self.extension(&mut source, size)?),
                kind => {
                    let extended = std::mem::take(&mut next);
                    let inner = match &extended.name {
                        Some(name) => name::inside(path, until_nul(name)),
                        None => name::inside(path, &header.name()),
                    };
                    let size = extended.size.unwrap_or(size);
                    match kind {
                        // Links, devices and FIFOs have no content, whatever the size says.
                        b'1'..=b'4' | b'6' => {
                            self.skip(&inner, SkipReason::NotRegular, String::new());
                        }
                        b'5' => {}
                        _ => {
                            if kind == b'S' && header.is_continued() {
                                self.skip_sparse_map(&mut source)?;
                            }
                            self.tar_member(&inner, &mut source, size, level)?;
                        }
                    }
                }
            }
        }
    }

    /// One content with what fills its last block.
    fn tar_member(
        &mut self,
        path: &RepoPath,
        source: &mut impl Read,
        size: u64,
        level: u32,
    ) -> Result<(), Fault> {
        let mut content = source.take(size);
        self.member(path, &mut content, level + 1)?;
        // What was too long to be looked at is passed.
        let passed = io::copy(&mut content, &mut io::sink());
        self.limits.check()?;
        passed.map_err(malformed)?;
        let missing = content.limit() > 0;
        if missing { Err(cut()) } else { self.padding(source, size) }
    }

    /// The content of a header that extends the next one.
    fn extension(&mut self, source: &mut impl Read, size: u64) -> Result<Vec<u8>, Fault> {
        if size > MAX_EXTENSION {
            let detail = format!("an extended header of {size} bytes, limit {MAX_EXTENSION}");
            return Err(Fault::OverLimit(detail));
        }
        let mut content = Vec::new();
        let read = source.take(size).read_to_end(&mut content);
        self.limits.check()?;
        read.map_err(malformed)?;
        if (content.len() as u64) < size {
            return Err(cut());
        }
        self.padding(source, size)?;
        Ok(content)
    }

    /// A last block that is not full may be missing: some programs leave it out.
    fn padding(&mut self, source: &mut impl Read, size: u64) -> Result<(), Fault> {
        let block = BLOCK as u64;
        let padding = (block - size % block) % block;
        let read = io::copy(&mut source.take(padding), &mut io::sink());
        self.limits.check()?;
        read.map(drop).map_err(malformed)
    }

    /// Where a sparse file's stretches lie does not matter: what is stored is looked at.
    fn skip_sparse_map(&mut self, source: &mut impl Read) -> Result<(), Fault> {
        let mut block = [0; BLOCK];
        loop {
            self.limits.entry()?;
            let read = fill(source, &mut block);
            self.limits.check()?;
            if read.map_err(malformed)? < BLOCK {
                return Err(cut());
            }
            let [.., continued, _, _, _, _, _, _, _] = block;
            if continued == 0 {
                return Ok(());
            }
        }
    }
}

struct Header<'a>(&'a [u8; BLOCK]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    /// Whether the sum over all bytes, its own counted as spaces, is the one written. Some old
    /// programs took the bytes as signed.
    fn adds_up(&self) -> bool {
        let Ok(written) = number(self.field(148, 8)) else { return false };
        let bytes = || {
            let blank =
                |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
            self.0.iter().enumerate().map(blank)
        };
        let unsigned: u64 = bytes().map(u64::from).sum();
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        written == unsigned || i64::try_from(written) == Ok(signed)
    }

    fn kind(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    fn size(&self) -> Result<u64, Fault> {
        number(self.field(124, 12))
    }

    /// Whether a sparse file's map goes on in the blocks after this one.
    fn is_continued(&self) -> bool {
        self.field(482, 1) != [0]
    }

    fn name(&self) -> Vec<u8> {
        let name = until_nul(self.field(0, 100));
        // GNU's mark is `ustar  `, and it keeps other things where POSIX has the prefix.
        let prefix = if self.field(257, 6) == b"ustar\0" { self.field(345, 155) } else { b"" };
        match until_nul(prefix) {
            b"" => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        }
    }
}

/// What a pax header says about the next entry, as far as it matters here.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extended {
    /// Takes in its records, `LENGTH KEY=VALUE\n`, up to the first that makes no sense.
    fn read(&mut self, mut records: &[u8]) {
        while let Some((value, key, rest)) = record(records) {
            match key {
                b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                b"size" => {
                    self.size = str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                }
                _ => {}
            }
            records = rest;
        }
    }
}

/// The first record's value and key, and what follows it.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = str::from_utf8(records.get(..space)?).ok()?.parse().ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let text = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some((text.get(equals + 1..)?, text.get(..equals)?, rest))
}

/// Octal digits between spaces and NULs, or GNU's base 256 where the first bit is set.
fn number(field: &[u8]) -> Result<u64, Fault> {
    let wrong = || Fault::Malformed("a number in a header makes no sense".to_owned());
    if let Some((first @ 0x80.., rest)) = field.split_first() {
        // The second bit is the sign.
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |number, byte| {
            number.checked_mul(256).map(|number| number | u64::from(*byte)).ok_or_else(wrong)
        });
    }
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|byte| matches!(byte, b' ' | 0)).unwrap_or(digits.len());
    digits.iter().take(end).try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'7' => {
            number.checked_mul(8).map(|number| number + u64::from(digit - b'0')).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Reads until the block is full or the source ends.
fn fill(source: &mut impl Read, block: &mut [u8; BLOCK]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn malformed(error: io::Error) -> Fault {
    Fault::Malformed(error.to_string())
}

fn cut() -> Fault {
    Fault::Malformed("it breaks off".to_owned())
}
