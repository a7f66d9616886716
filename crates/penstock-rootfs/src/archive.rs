//! Members of a tar, one after another, read strictly: what two programs could read differently is
//! refused.

use std::io::{self, Read};

use crate::{
    Limits, RootError,
    header::{BLOCK, Extended, Header, malformed, sparse, until_nul},
};

/// The longest pax header: it holds extended attributes, each of which may have 64 KiB (xattr(7)).
const MAX_PAX: u64 = 1 << 20;

/// One member of a tar. Its content is read from the [`Archive`] itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as it is written.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Permission bits, set-user-id and the like among them.
    pub mode: u32,
    /// Seconds since 1970 of its last change.
    pub modified: i64,
    /// Bytes of its content.
    pub size: u64,
    /// What a link names.
    pub link: Vec<u8>,
    /// Whether it has extended attributes or access control lists.
    pub attributes: bool,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// Another name of a file that came before.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A character or block device.
    Device,
    /// A named pipe.
    Fifo,
}

/// A tar that is read once, from its beginning to its end.
pub struct Archive<R> {
    source: R,
    limits: Limits,
    entries: u64,
    /// Bytes of the present content that were not read yet, and of what fills its last block.
    content: u64,
    padding: u64,
    ended: bool,
}

impl<R: Read> Archive<R> {
    /// Of the limits, those on entries and on names count.
    pub fn new(source: R, limits: Limits) -> Self {
        Self { source, limits, entries: 0, content: 0, padding: 0, ended: false }
    }

    /// How many headers were read.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// The next member; `None` behind the last, when the source was read to its end.
    ///
    /// # Errors
    /// What is no tar, what is cut, sparse, over a limit, or of a type nobody knows.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, RootError> {
        if self.ended {
            return Ok(None);
        }
        self.pass()?;
        let mut extended = Extended::default();
        let (mut long_name, mut long_link) = (None, None);
        loop {
            let mut block = [0; BLOCK];
            match fill(&mut self.source, &mut block).map_err(|error| RootError::lift(&error))? {
                0 => {
                    self.ended = true;
                    return Ok(None);
                }
                BLOCK if block == [0; BLOCK] => return self.end().map(|()| None),
                BLOCK => {}
                _ => return Err(cut()),
            }
            let header = Header(&block);
            if !header.adds_up() {
                return Err(malformed("a header's checksum is wrong"));
            }
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(RootError::OverLimit { what: "members", limit: self.limits.entries });
            }
            let size = header.size()?;
            let long = self.limits.name_bytes as u64 + 1;
            match header.kind() {
                b'L' => long_name = Some(self.long(size, long)?),
                b'K' => long_link = Some(self.long(size, long)?),
                b'x' => extended.read(&self.extension(size, MAX_PAX)?, false)?,
                b'g' => Extended::default().read(&self.extension(size, MAX_PAX)?, true)?,
                _ => {
                    let both = long_name.is_some() && extended.name.is_some()
                        || long_link.is_some() && extended.link.is_some();
                    if both {
                        return Err(malformed("a member is named in two ways"));
                    }
                    extended.name = extended.name.or(long_name);
                    extended.link = extended.link.or(long_link);
                    return self.member(&header, extended).map(Some);
                }
            }
        }
    }

    fn member(&mut self, header: &Header<'_>, extended: Extended) -> Result<Entry, RootError> {
        let name = extended.name.unwrap_or_else(|| header.name());
        let kind = match header.kind() {
            // Before there was a type for directories.
            0 | b'0' if name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' | b'4' => Kind::Device,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            b'S' => return Err(sparse()),
            other => {
                let shown = [other].escape_ascii().to_string();
                return Err(RootError::Malformed(format!(
                    "members of type `{shown}` are not read"
                )));
            }
        };
        // All but files have no content, whatever the size says.
        let size = match kind {
            Kind::File => match extended.size {
                Some(size) => size,
                None => header.size()?,
            },
            _ => 0,
        };
        self.content = size;
        self.padding = padding(size);
        Ok(Entry {
            name,
            kind,
            mode: header.mode()?,
            modified: extended.modified.unwrap_or_else(|| header.modified()),
            size,
            link: extended.link.unwrap_or_else(|| header.link()),
            attributes: extended.attributes,
        })
    }

    /// Passes what is left of the present member.
    fn pass(&mut self) -> Result<(), RootError> {
        let (content, padding) = (self.content, self.padding);
        (self.content, self.padding) = (0, 0);
        if self.skip(content)? < content {
            return Err(cut());
        }
        // Some programs leave out what would fill the last block of all.
        self.skip(padding).map(drop)
    }

    fn skip(&mut self, bytes: u64) -> Result<u64, RootError> {
        io::copy(&mut (&mut self.source).take(bytes), &mut io::sink())
            .map_err(|error| RootError::lift(&error))
    }

    /// Nothing but zeros may follow the end: what did, others might read.
    fn end(&mut self) -> Result<(), RootError> {
        self.ended = true;
        let mut buffer = [0; 8 * BLOCK];
        loop {
            match self.source.read(&mut buffer).map_err(|error| RootError::lift(&error))? {
                0 => return Ok(()),
                read if buffer.iter().take(read).all(|byte| *byte == 0) => {}
                _ => return Err(malformed("something follows its end")),
            }
        }
    }

    fn long(&mut self, size: u64, most: u64) -> Result<Vec<u8>, RootError> {
        Ok(until_nul(&self.extension(size, most)?).to_vec())
    }

    /// The content of a header that extends the next one.
    fn extension(&mut self, size: u64, most: u64) -> Result<Vec<u8>, RootError> {
        if size > most {
            return Err(RootError::OverLimit { what: "bytes in an extended header", limit: most });
        }
        let mut content = Vec::new();
        (&mut self.source)
            .take(size)
            .read_to_end(&mut content)
            .map_err(|error| RootError::lift(&error))?;
        if (content.len() as u64) < size {
            return Err(cut());
        }
        self.skip(padding(size))?;
        Ok(content)
    }
}

impl<R: Read> Read for Archive<R> {
    /// The content of the present member.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.content == 0 {
            return Ok(0);
        }
        let read = (&mut self.source).take(self.content).read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            return Err(cut().lower());
        }
        self.content -= read as u64;
        Ok(read)
    }
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

fn padding(size: u64) -> u64 {
    let block = BLOCK as u64;
    (block - size % block) % block
}

fn cut() -> RootError {
    malformed("it breaks off")
}
