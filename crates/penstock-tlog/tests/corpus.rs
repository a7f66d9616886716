//! Fuzz targets over what a log serves: what is read writes itself back, byte for byte, and nothing
//! is believed without a key.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_tlog::{
    Checkpoint, Cosignature, MAX_ENTRY_BYTES, MAX_EXTRA_BYTES, MAX_KEY_BYTES, MAX_NOTE_BYTES,
    MAX_ORIGIN_BYTES, MAX_SIGNATURES, Note, NoteError, SignedCheckpoint, TILE_WIDTH, Tile,
    TlogProof, VerifierKey, decode_bundle, decode_hashes, encode_entry, encode_hashes,
};

/// A signed note.
pub(crate) fn note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::parse(bytes) else { return false };
    assert_eq!(note.to_string().as_bytes(), bytes);
    assert!(bytes.len() <= MAX_NOTE_BYTES && note.text().ends_with('\n'));
    assert!((1..=MAX_SIGNATURES).contains(&note.signatures().len()));
    assert!(matches!(note.verify(&[]), Err(NoteError::Unverified(_))));
    for signature in note.signatures() {
        if let Ok(cosignature) = Cosignature::parse(signature) {
            assert_eq!(cosignature.to_bytes(), signature.signature);
        }
    }
    true
}

/// A checkpoint.
pub(crate) fn checkpoint(bytes: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(checkpoint) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.to_string(), text);
    }
    let Ok(signed) = SignedCheckpoint::parse(bytes) else { return false };
    assert_eq!(signed.to_string().as_bytes(), bytes);
    assert_eq!(signed.checkpoint().to_string(), signed.note().text());
    assert!((1..=MAX_ORIGIN_BYTES).contains(&signed.checkpoint().origin.len()));
    assert!(SignedCheckpoint::open(bytes, &[]).is_err());
    true
}

/// A `.tlog-proof` file.
pub(crate) fn tlog_proof(bytes: &[u8]) -> bool {
    let Ok(proof) = TlogProof::parse(bytes) else { return false };
    assert_eq!(proof.to_string().as_bytes(), bytes);
    assert!(proof.path.len() <= 64);
    assert!(proof.extra.iter().all(|extra| extra.len() <= MAX_EXTRA_BYTES));
    assert!(proof.verify(b"", &proof.checkpoint.checkpoint().origin, &[]).is_err());
    true
}

/// An entry bundle.
pub(crate) fn entry_bundle(bytes: &[u8]) -> bool {
    let Ok(entries) = decode_bundle(bytes) else { return false };
    assert!(entries.len() <= usize::from(TILE_WIDTH));
    let mut written = Vec::new();
    for entry in entries {
        assert!(entry.len() <= MAX_ENTRY_BYTES);
        encode_entry(&mut written, entry).unwrap();
    }
    assert_eq!(written, bytes);
    true
}

/// The hashes of a tile.
pub(crate) fn tile(bytes: &[u8]) -> bool {
    let Some(hashes) = decode_hashes(bytes) else { return false };
    assert!(hashes.len() <= usize::from(TILE_WIDTH));
    assert_eq!(encode_hashes(&hashes), bytes);
    true
}

/// The path of a tile or of an entry bundle: one path, one tile.
pub(crate) fn tile_path(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (tile, entries) = (Tile::from_path(text), Tile::from_entries_path(text));
    assert!(tile.iter().all(|tile| tile.path() == text));
    assert!(entries.iter().all(|tile| tile.entries_path().as_deref() == Some(text)));
    for tile in tile.iter().chain(&entries) {
        assert!((1..=TILE_WIDTH).contains(&tile.width()) && tile.level() <= Tile::MAX_LEVEL);
    }
    tile.is_ok() != entries.is_ok()
}

/// The text of a verifier key.
pub(crate) fn verifier_key(bytes: &[u8]) -> bool {
    let key = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<VerifierKey>().ok());
    let Some(key) = key else { return false };
    assert!(bytes.len() <= MAX_KEY_BYTES);
    // The digits of the id may be in upper case; nothing else has two forms.
    assert!(key.to_string().as_bytes().eq_ignore_ascii_case(bytes));
    assert_eq!(key.to_string().parse(), Ok(key));
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/note"], 4000, note);
    corpus::run(&["tests/corpus/checkpoint"], 4000, checkpoint);
    corpus::run(&["tests/corpus/tlog_proof"], 4000, tlog_proof);
    corpus::run(&["tests/corpus/entry_bundle"], 4000, entry_bundle);
    corpus::run(&["tests/corpus/tile"], 2000, tile);
    corpus::run(&["tests/corpus/tile_path"], 4000, tile_path);
    corpus::run(&["tests/corpus/verifier_key"], 4000, verifier_key);
}
