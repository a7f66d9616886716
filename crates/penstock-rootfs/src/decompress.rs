//! Gzip (RFC 1952), zstd (RFC 8878), or nothing: told by the first bytes. What comes out is compared
//! with a digest by whoever reads, so that a wrong guess cannot change what is unpacked.

use std::{
    io::{self, BufRead, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window a zstd frame may ask for: 128 MiB, what `--long` uses by default (zstd(1)). It
/// is memory taken at the word of a header.
const MAX_WINDOW: u64 = 128 << 20;

/// Whether these bytes begin what this module decompresses.
pub(crate) fn is_compressed(head: &[u8]) -> bool {
    is_gzip(head) || is_zstd(head)
}

fn is_gzip(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x8b, ..])
}

fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The content of what is compressed, or what is not as it is.
pub(crate) fn decompressed<'a>(mut source: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let head = source.fill_buf()?;
    Ok(if is_gzip(head) {
        Box::new(MultiGzDecoder::new(source))
    } else if is_zstd(head) {
        Box::new(Zstd { source, decoder: None })
    } else {
        Box::new(source)
    })
}

/// Frames one after another, as if they were one; skippable ones are passed.
struct Zstd<R> {
    source: R,
    decoder: Option<Box<FrameDecoder>>,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.decoder else {
                if self.source.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin()?;
                continue;
            };
            while decoder.can_collect() == 0 && !decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let source = &mut self.source;
                // The decoder asserts what a frame should be here and there.
                catch_unwind(AssertUnwindSafe(|| decoder.decode_blocks(source, one)))
                    .map_err(|_| io::Error::other("the decoder gave up on a block"))?
                    .map_err(|error| io::Error::other(error.to_string()))?;
            }
            match decoder.read(buffer)? {
                0 => self.decoder = None,
                read => return Ok(read),
            }
        }
    }
}

impl<R: BufRead> Zstd<R> {
    fn begin(&mut self) -> io::Result<()> {
        let mut magic = [0; 4];
        self.source.read_exact(&mut magic)?;
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18] = magic {
            let mut length = [0; 4];
            self.source.read_exact(&mut length)?;
            let length = u64::from(u32::from_le_bytes(length));
            let passed = io::copy(&mut (&mut self.source).take(length), &mut io::sink())?;
            return if passed == length {
                Ok(())
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        let mut decoder = Box::new(FrameDecoder::new());
        decoder.set_max_window_size(MAX_WINDOW);
        let mut whole = magic.as_slice().chain(&mut self.source);
        decoder.init(&mut whole).map_err(|error| io::Error::other(error.to_string()))?;
        self.decoder = Some(decoder);
        Ok(())
    }
}
