use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

/// How many bytes `text` has when it is compressed with gzip; an upper bound where it is at most
/// `limit` even without, since then nobody needs to know.
pub(super) fn gzip(text: &[u8], limit: u64) -> u64 {
    // Stored as it is, deflate adds 5 bytes for each 65,535, and gzip 18 (RFC 1951, RFC 1952).
    let stored = text.len() as u64 + (text.len() as u64 / 65_535 + 1) * 5 + 18;
    if stored <= limit {
        return stored;
    }
    let mut encoder = GzEncoder::new(Counter(0), Compression::default());
    // A counter takes everything; were it not so, the larger number keeps the limit.
    let counted = encoder.write_all(text).and_then(|()| encoder.finish());
    counted.map_or(stored, |counter| counter.0)
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_texts_are_bounded_and_large_ones_measured() {
        assert_eq!(gzip(b"abc", 100), 26);
        assert!(gzip(&[b'a'; 100_000], 1_000) < 1_000);
    }
}
