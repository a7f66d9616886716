//! Gzip and zstd: one file, or a tar archive that is read as it is decompressed.

use std::{
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use flate2::bufread::GzDecoder;
use penstock_model::RepoPath;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{
    Fault, Opener,
    format::Format,
    limits::Limits,
    name,
    tar::{self, BLOCK},
};

/// The largest window a zstd frame may ask for: 32 MiB, what level 20 uses. It is memory taken at
/// the word of a header.
const MAX_WINDOW: u64 = 32 << 20;

impl Opener<'_> {
    pub(super) fn compressed(
        &mut self,
        path: &RepoPath,
        bytes: &[u8],
        format: Format,
        level: u32,
    ) -> Result<(), Fault> {
        let limits = self.limits;
        let frames = Frames { format, rest: bytes, decoder: None, damage: None, limits };
        let mut stream = limits.count(frames);
        let mut head = Vec::with_capacity(BLOCK);
        let first = (&mut stream).take(BLOCK as u64).read_to_end(&mut head);
        limits.check()?;
        if let Err(error) = first
            && head.is_empty()
        {
            return Err(Fault::Malformed(error.to_string()));
        }
        let inner = name::decompressed(path);
        if tar::has_mark(&head) || inner.name().ends_with(b".tar") && tar::is_header(&head) {
            return self.tar(path, head.chain(stream), level);
        }
        self.member(&inner, head.chain(stream), level + 1)
    }
}

/// Compressed frames one after another, as if they were one.
struct Frames<'a> {
    format: Format,
    /// What follows the frame being read; all of it between frames.
    rest: &'a [u8],
    decoder: Option<Decoder<'a>>,
    /// What is wrong with them: nothing is read beyond it.
    damage: Option<String>,
    limits: &'a Limits,
}

enum Decoder<'a> {
    Gzip(Box<GzDecoder<&'a [u8]>>),
    Zstd(Box<FrameDecoder>),
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(damage) = &self.damage {
            return Err(io::Error::other(damage.clone()));
        }
        self.read_on(buffer).inspect_err(|error| self.damage = Some(error.to_string()))
    }
}

impl Frames<'_> {
    /// Some bytes of this frame or the next ones; 0 behind the last.
    fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.decoder {
                None if self.rest.is_empty() => return Ok(0),
                None => {
                    self.next()?;
                    continue;
                }
                Some(Decoder::Gzip(decoder)) => decoder.read(buffer)?,
                Some(Decoder::Zstd(decoder)) => zstd(decoder, &mut self.rest, buffer)?,
            };
            if read > 0 {
                return Ok(read);
            }
            if let Some(Decoder::Gzip(decoder)) = self.decoder.take() {
                self.rest = decoder.into_inner();
            }
        }
    }

    /// Begins the next frame. Zeros pad the last one on tapes.
    fn next(&mut self) -> io::Result<()> {
        if !self.limits.another_entry() {
            return Err(io::Error::other("more frames than are looked at"));
        }
        match (self.format, self.rest) {
            (Format::Gzip, [0x1f, 0x8b, ..]) => {
                self.decoder = Some(Decoder::Gzip(Box::new(GzDecoder::new(self.rest))));
            }
            (Format::Zstd, [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..]) => {
                let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
                self.rest = rest.get(length..).ok_or_else(cut)?;
            }
            (Format::Zstd, [0x28, 0xb5, 0x2f, 0xfd, ..]) => {
                let mut decoder = Box::new(FrameDecoder::new());
                decoder.set_max_window_size(MAX_WINDOW);
                decoder.init(&mut self.rest).map_err(io::Error::other)?;
                self.decoder = Some(Decoder::Zstd(decoder));
            }
            (_, rest) if rest.iter().all(|byte| *byte == 0) => self.rest = &[],
            _ => return Err(io::Error::other("what follows the compressed data is none")),
        }
        Ok(())
    }
}

/// Decodes blocks until there is something to hand on; 0 at the frame's end.
fn zstd(decoder: &mut FrameDecoder, source: &mut &[u8], buffer: &mut [u8]) -> io::Result<usize> {
    while decoder.can_collect() == 0 && !decoder.is_finished() {
        let one = BlockDecodingStrategy::UptoBlocks(1);
        // The decoder asserts what a frame should be here and there; a frame that is not must not
        // end the check of all other files.
        catch_unwind(AssertUnwindSafe(|| decoder.decode_blocks(&mut *source, one)))
            .map_err(|_| io::Error::other("the decoder gave up on a block"))?
            .map_err(io::Error::other)?;
    }
    decoder.read(buffer)
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it breaks off within a frame")
}
