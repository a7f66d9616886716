//! Fuzz target over ledger entries.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_ledger::{ENTRY_VERSION, Entry, MAX_ENTRY_BYTES};

/// An entry of the ledger: there is one way to write it.
pub(crate) fn entry(bytes: &[u8]) -> bool {
    let Ok(entry) = Entry::from_bytes(bytes) else { return false };
    assert!(bytes.len() <= MAX_ENTRY_BYTES);
    assert_eq!(entry.v, ENTRY_VERSION);
    assert_eq!(entry.to_bytes().unwrap(), bytes);
    assert!(entry.describes_same(&entry));
    true
}

#[test]
fn corpus_of_entries() {
    corpus::run(&["tests/corpus/entry"], 10_000, entry);
}
