use penstock_model::{Role, Sha256};

use crate::{Predicate, RawStatement, Statement, StatementError};

/// A statement whose signature, signer's role and place in the ledger have been verified.
///
/// `penstock-attest` makes these; gates and audits read nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<P> {
    /// Evidence id: SHA-256 of the exact bundle bytes.
    pub evidence: Sha256,
    /// Its place in the ledger, from 0. Ledger order decides which of two words is the later one.
    pub index: u64,
    /// SHA-256 of the signer's public key (SubjectPublicKeyInfo, DER).
    pub key: Sha256,
    /// What that key may speak for.
    pub role: Role,
    /// What it said.
    pub statement: Statement<P>,
}

impl<P> Verified<P> {
    /// The claim itself.
    pub fn predicate(&self) -> &P {
        &self.statement.predicate
    }
}

impl Verified<serde_json::Value> {
    /// The same evidence with its predicate read as a `P`.
    ///
    /// # Errors
    /// As [`RawStatement::decode`].
    pub fn decode<P: Predicate>(self) -> Result<Verified<P>, StatementError> {
        let statement: RawStatement = self.statement;
        Ok(Verified {
            evidence: self.evidence,
            index: self.index,
            key: self.key,
            role: self.role,
            statement: statement.decode()?,
        })
    }
}
