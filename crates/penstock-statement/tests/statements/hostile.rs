//! Hostile input: nothing panics, nothing malformed is a statement, and what is read is what is
//! written back.

use crate::samples;

use std::path::Path;

use penstock_statement::{
    RawStatement, StatementError,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyVersion, Provenance, RunSeal,
        SourceChange, TestResult, VerificationSummary,
    },
};

/// How many of our predicates `statement` can be decoded as.
fn readings(statement: &RawStatement) -> usize {
    [
        statement.clone().decode::<Approval>().is_ok(),
        statement.clone().decode::<CheckResult>().is_ok(),
        statement.clone().decode::<Decision>().is_ok(),
        statement.clone().decode::<Deployment>().is_ok(),
        statement.clone().decode::<PolicyVersion>().is_ok(),
        statement.clone().decode::<Provenance>().is_ok(),
        statement.clone().decode::<RunSeal>().is_ok(),
        statement.clone().decode::<SourceChange>().is_ok(),
        statement.clone().decode::<TestResult>().is_ok(),
        statement.clone().decode::<VerificationSummary>().is_ok(),
    ]
    .into_iter()
    .filter(|read| *read)
    .count()
}

/// Files are named for what must become of them: `refused-*` is no statement, `opaque-*` is one
/// that no predicate of ours reads, `read-*` is read by exactly one.
#[test]
fn the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        let parsed = RawStatement::parse(&bytes);
        let verdict = match &parsed {
            Err(_) => "refused",
            Ok(statement) if readings(statement) == 0 => "opaque",
            Ok(_) => "read",
        };
        assert!(name.starts_with(verdict), "{name} was {verdict}: {parsed:?}");
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} files");
}

#[test]
fn a_statement_cut_anywhere_is_refused() {
    for (name, _, bytes) in samples::all() {
        for end in 0..bytes.len() {
            assert!(RawStatement::parse(&bytes[..end]).is_err(), "{name} cut at {end}");
        }
    }
}

#[test]
fn a_changed_byte_is_refused_or_changes_the_statement() {
    for (name, _, bytes) in samples::all() {
        let original = RawStatement::parse(&bytes).unwrap();
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                let Ok(statement) = RawStatement::parse(&changed) else { continue };
                assert!(readings(&statement) <= 1, "{name} at {at}");
                // `e` and `E` in a number, the digits of `\u` escapes: other bytes, same statement.
                if statement == original {
                    assert_eq!(statement.canonical_bytes().unwrap(), bytes, "{name} at {at}");
                }
            }
        }
    }
}

#[test]
fn a_statement_over_the_limit_is_refused_before_it_is_parsed() {
    let bytes = vec![b' '; RawStatement::MAX_BYTES + 1];
    assert_eq!(RawStatement::parse(&bytes), Err(StatementError::TooLarge(bytes.len())));
}

#[test]
fn deep_nesting_ends_in_an_error() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let statement = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","predicate":{deep},
            "subject":[{{"digest":{{"sha256":"00"}}}}]}}"#
        );
        assert!(matches!(
            RawStatement::parse(statement.as_bytes()),
            Err(StatementError::Malformed(_))
        ));
    }
}
