//! Fuzz target over statements; `statements/hostile.rs` says of each file what must become of it.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_statement::{
    Predicate, RawStatement, StatementError,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyVersion, Provenance, RunSeal,
        SourceChange, TestResult, VerificationSummary,
    },
};

/// An in-toto statement, and its predicate as each of ours.
pub(crate) fn statement(bytes: &[u8]) -> bool {
    let Ok(statement) = RawStatement::parse(bytes) else { return false };
    assert!(bytes.len() <= RawStatement::MAX_BYTES);
    assert!(!statement.subject.is_empty());
    assert!(statement.subject.iter().all(|subject| !subject.digest.is_empty()));
    // What is signed is read by its verifier: to be stable it must read back as itself.
    let canonical = statement.canonical_bytes().unwrap();
    let again = RawStatement::parse(&canonical).unwrap();
    assert_eq!(again.canonical_bytes().unwrap(), canonical);
    let readings = [
        reads::<Approval>(&statement),
        reads::<CheckResult>(&statement),
        reads::<Decision>(&statement),
        reads::<Deployment>(&statement),
        reads::<PolicyVersion>(&statement),
        reads::<Provenance>(&statement),
        reads::<RunSeal>(&statement),
        reads::<SourceChange>(&statement),
        reads::<TestResult>(&statement),
        reads::<VerificationSummary>(&statement),
    ];
    assert!(readings.into_iter().filter(|read| *read).count() <= 1);
    true
}

/// Whether it is a `P`, which then says the same after it was written and read.
fn reads<P: Predicate + Clone + PartialEq + std::fmt::Debug>(statement: &RawStatement) -> bool {
    let decoded = match statement.clone().decode::<P>() {
        Ok(decoded) => decoded,
        Err(error) => {
            let other = statement.predicate_type != P::TYPE;
            assert_eq!(other, matches!(error, StatementError::WrongType { .. }), "{error}");
            return false;
        }
    };
    let written = decoded.to_bytes().unwrap();
    let read = RawStatement::parse(&written).unwrap().decode::<P>();
    assert_eq!(read.as_ref(), Ok(&decoded));
    true
}

#[test]
fn corpus_of_statements() {
    corpus::run(&["tests/corpus", "tests/frozen"], 4000, statement);
}
