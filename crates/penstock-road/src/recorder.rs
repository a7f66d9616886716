//! Signing statements and logging them together.

use penstock_attest::{
    keys::KeyName,
    signer::{Signed, SignerClient},
};
use penstock_ledger::{Ledger, NewEvidence, Receipt, Subject};
use penstock_model::{Sha256, Timestamp};
use penstock_statement::{Predicate, RawStatement, ResourceDescriptor, Statement};

use crate::error::RoadError;

/// Collects signed statements and logs them in one commit: all of them or none.
pub struct Recorder<'a, 'v> {
    ledger: &'a Ledger<'v>,
    signer: &'a SignerClient,
    now: Timestamp,
    pending: Vec<NewEvidence>,
}

impl<'a, 'v> Recorder<'a, 'v> {
    /// A recorder that claims `now` for what it logs.
    pub fn new(ledger: &'a Ledger<'v>, signer: &'a SignerClient, now: Timestamp) -> Self {
        Self { ledger, signer, now, pending: Vec::new() }
    }

    /// Has a statement signed. Returns its evidence id, to be named by the next ones.
    ///
    /// # Errors
    /// The signer refuses or is gone.
    pub fn add<P: Predicate>(
        &mut self,
        key: &KeyName,
        statement: &Statement<P>,
    ) -> Result<Sha256, RoadError> {
        let signed = self.signer.sign(key, statement)?;
        Ok(self.push(signed, &statement.predicate_type, &statement.subject))
    }

    /// The same for a document of another standard.
    ///
    /// # Errors
    /// As [`Recorder::add`].
    pub fn add_foreign(
        &mut self,
        key: &KeyName,
        statement: &RawStatement,
    ) -> Result<Sha256, RoadError> {
        let signed = self.signer.sign_foreign(key, statement)?;
        Ok(self.push(signed, &statement.predicate_type, &statement.subject))
    }

    fn push(
        &mut self,
        signed: Signed,
        predicate_type: &str,
        subjects: &[ResourceDescriptor],
    ) -> Sha256 {
        self.pending.push(NewEvidence {
            bytes: signed.bundle,
            predicate_type: predicate_type.to_owned(),
            media_type: penstock_attest::bundle::MEDIA_TYPE.to_owned(),
            // An entry has a size: the names are in the statement.
            subjects: subjects
                .iter()
                .map(|subject| Subject { name: None, digest: subject.digest.clone() })
                .collect(),
            key_id: signed.key.to_string(),
            time: self.now,
        });
        signed.evidence
    }

    /// How many statements wait to be logged.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// The exact bytes that wait to be logged, with their evidence ids.
    pub fn bundles(&self) -> impl Iterator<Item = (Sha256, &[u8])> {
        self.pending.iter().map(|new| (Sha256::of(&new.bytes), new.bytes.as_slice()))
    }

    /// Logs them. When this returns they are durable.
    ///
    /// # Errors
    /// The ledger says no; then none is logged.
    pub fn commit(&mut self) -> Result<Vec<Receipt>, RoadError> {
        let pending = std::mem::take(&mut self.pending);
        Ok(self.ledger.append(&pending, &self.signer.log()?)?)
    }
}
