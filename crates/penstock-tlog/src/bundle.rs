use crate::TILE_WIDTH;

/// The largest entry a bundle can hold, in bytes: its length is an unsigned 16-bit number.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Appends `entry` to the bytes of a bundle: its length as a big-endian 16-bit number, then itself
/// (tlog-tiles, "Log entries").
///
/// # Errors
/// [`BundleError::EntryTooLong`]; the bundle is then unchanged.
pub fn encode_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, in order; at most 256.
///
/// # Errors
/// Bytes that are not whole entries, or more of them than a bundle holds.
pub fn decode_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooManyEntries);
        }
        let (length, rest) =
            bytes.split_first_chunk().ok_or(BundleError::Truncated(entries.len()))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) =
            rest.split_at_checked(length).ok_or(BundleError::Truncated(entries.len()))?;
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

/// Why bytes are no entry bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is too long to be written.
    #[error("an entry of {0} bytes is longer than the {MAX_ENTRY_BYTES} a bundle can hold")]
    EntryTooLong(usize),
    /// There are more than 256 entries.
    #[error("the bundle holds more than {TILE_WIDTH} entries")]
    TooManyEntries,
    /// The bytes end within the entry with this number, counted from 0 within the bundle.
    #[error("the bundle ends within its entry {0}")]
    Truncated(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order() {
        let mut bundle = Vec::new();
        let long = vec![7; MAX_ENTRY_BYTES];
        for entry in [b"one".as_slice(), b"", &long] {
            encode_entry(&mut bundle, entry).unwrap();
        }
        assert_eq!(bundle[..5], [0, 3, b'o', b'n', b'e']);
        assert_eq!(decode_bundle(&bundle).unwrap(), [b"one".as_slice(), b"", &long]);
        assert_eq!(decode_bundle(b""), Ok(vec![]));
    }

    #[test]
    fn limits_are_errors() {
        let mut bundle = Vec::new();
        let error = encode_entry(&mut bundle, &vec![0; MAX_ENTRY_BYTES + 1]);
        assert_eq!(error, Err(BundleError::EntryTooLong(MAX_ENTRY_BYTES + 1)));
        assert!(bundle.is_empty());
        assert_eq!(decode_bundle(&[0; 257 * 2]), Err(BundleError::TooManyEntries));
        assert_eq!(decode_bundle(&[0]), Err(BundleError::Truncated(0)));
        assert_eq!(decode_bundle(&[0, 1, b'a', 0, 2, b'b']), Err(BundleError::Truncated(1)));
    }
}
