//! The shapes that cannot change: the canonical bytes of one statement of every predicate.
//!
//! A failure here means that statements signed before are read differently, or no longer. A new
//! optional member is fine, with its absence still read; everything else is a new predicate version.

use crate::samples;

use std::path::Path;

use penstock_statement::RawStatement;

/// `PENSTOCK_BLESS=1 cargo test -p penstock-statement --test statements frozen` writes the files.
#[test]
fn every_statement_keeps_its_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
    let bless = std::env::var_os("PENSTOCK_BLESS").is_some();
    let mut expected = Vec::new();
    for (name, _, bytes) in samples::all() {
        let file = folder.join(format!("{name}.json"));
        if bless {
            std::fs::write(&file, &bytes).unwrap();
        }
        let frozen = std::fs::read_to_string(&file).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), frozen, "{}", file.display());
        expected.push(format!("{name}.json"));
    }
    let mut there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, expected, "a frozen statement lost its sample");
}

#[test]
fn frozen_bytes_are_canonical_and_read_back() {
    for (name, predicate_type, bytes) in samples::all() {
        let statement = RawStatement::parse(&bytes).unwrap();
        assert_eq!(statement.predicate_type, predicate_type, "{name}");
        assert_eq!(statement.canonical_bytes().unwrap(), bytes, "{name}");
    }
}
