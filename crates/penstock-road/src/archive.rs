//! Evidence out of the ledger, each piece verified before anybody sees it.

use std::cell::OnceCell;

use penstock_attest::Trust;
use penstock_gate::Refused;
use penstock_ledger::{Entry, Ledger};
use penstock_model::Sha256;
use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{RunSeal, RuntimeTrace},
};
use serde_json::Value;

use crate::error::RoadError;

/// The ledger, seen through the keys a policy trusts.
///
/// Entries are read from the signed tree, all of them, never by way of the index: what an index
/// leaves out (a rejection, a policy version) would be missed without anybody noticing.
pub struct Archive<'a, 'v> {
    ledger: &'a Ledger<'v>,
    trust: &'a Trust,
    entries: OnceCell<Vec<(u64, Entry)>>,
}

/// Statements of one kind: those that count, and those that only claim to.
#[derive(Debug)]
pub struct Found<P> {
    /// Verified, in ledger order.
    pub verified: Vec<Verified<P>>,
    /// Not verified, with the reason.
    pub refused: Vec<Refused>,
}

impl<'a, 'v> Archive<'a, 'v> {
    /// The statements of `ledger` whose signers `trust` knows.
    pub fn new(ledger: &'a Ledger<'v>, trust: &'a Trust) -> Self {
        Self { ledger, trust, entries: OnceCell::new() }
    }

    /// Every statement of a kind about any of these digests.
    ///
    /// # Errors
    /// The ledger or a piece of evidence in it is not what was signed. A statement that does not
    /// verify is no error.
    pub fn about<P: Predicate>(
        &self,
        subjects: &[ResourceDescriptor],
    ) -> Result<Found<P>, RoadError> {
        let about = |entry: &Entry| {
            let digests = entry.subjects.iter().flat_map(|subject| &subject.digest);
            let mut asked = subjects.iter().flat_map(|subject| &subject.digest);
            asked.any(|wanted| digests.clone().any(|digest| digest == wanted))
        };
        let of_type = of_type(self.entries()?, P::TYPE);
        self.read(of_type.filter(|(_, entry)| about(entry)))
    }

    /// Every statement of a kind.
    ///
    /// # Errors
    /// As [`Archive::about`].
    pub fn all<P: Predicate>(&self) -> Result<Found<P>, RoadError> {
        self.read(of_type(self.entries()?, P::TYPE))
    }

    /// Every statement whose predicate is a document of another standard.
    ///
    /// # Errors
    /// As [`Archive::about`].
    pub fn foreign(&self, predicate_type: &str) -> Result<Found<Value>, RoadError> {
        let mut found = Found { verified: Vec::new(), refused: Vec::new() };
        for (index, entry) in of_type(self.entries()?, predicate_type) {
            match self.verify(*index, entry)? {
                Ok(raw) if raw.statement.predicate_type == predicate_type => {
                    found.verified.push(raw);
                }
                Ok(_) => found.refused.push(refused(entry, "its entry names another type")),
                Err(reason) => found.refused.push(refused(entry, &reason)),
            }
        }
        Ok(found)
    }

    /// The statement with this evidence id, if it is there, is a `P` and verifies.
    ///
    /// # Errors
    /// As [`Archive::about`].
    pub fn by_id<P: Predicate>(&self, id: &Sha256) -> Result<Option<Verified<P>>, RoadError> {
        let entry = self.entries()?.iter().find(|(_, entry)| entry.sha256 == *id);
        let Some((index, entry)) = entry else { return Ok(None) };
        Ok(self.verify(*index, entry)?.and_then(|raw| raw.decode().map_err(|e| e.to_string())).ok())
    }

    /// The records of a run's steps, of those that are there and verify.
    ///
    /// # Errors
    /// As [`Archive::about`].
    pub fn traces(&self, run: &RunSeal) -> Result<Vec<Verified<RuntimeTrace>>, RoadError> {
        let ids = run.steps.iter().filter_map(|step| Some(step.trace?.statement));
        let traces = ids.map(|id| self.by_id(&id)).collect::<Result<Vec<_>, _>>()?;
        Ok(traces.into_iter().flatten().collect())
    }

    /// Every entry, read once.
    fn entries(&self) -> Result<&[(u64, Entry)], RoadError> {
        if let Some(entries) = self.entries.get() {
            return Ok(entries);
        }
        let entries = self.ledger.entries(0..self.ledger.size())?;
        Ok(self.entries.get_or_init(|| entries))
    }

    fn read<'e, P: Predicate>(
        &self,
        entries: impl Iterator<Item = &'e (u64, Entry)>,
    ) -> Result<Found<P>, RoadError> {
        let mut found = Found { verified: Vec::new(), refused: Vec::new() };
        for (index, entry) in entries {
            let statement = self
                .verify(*index, entry)?
                .and_then(|raw| raw.decode::<P>().map_err(|error| error.to_string()));
            match statement {
                Ok(verified) if covers(entry, &verified) => found.verified.push(verified),
                Ok(_) => found.refused.push(refused(entry, "its entry names other subjects")),
                Err(reason) => found.refused.push(refused(entry, &reason)),
            }
        }
        Ok(found)
    }

    /// The outer error is the ledger's; the inner one is the statement's.
    fn verify(
        &self,
        index: u64,
        entry: &Entry,
    ) -> Result<Result<Verified<Value>, String>, RoadError> {
        let bytes = self.ledger.evidence(&entry.sha256)?;
        Ok(self.trust.verify(&bytes, index).map_err(|error| error.to_string()))
    }
}

/// The entries of a type.
pub(crate) fn of_type<'e>(
    entries: &'e [(u64, Entry)],
    predicate_type: &str,
) -> impl Iterator<Item = &'e (u64, Entry)> {
    entries.iter().filter(move |(_, entry)| entry.predicate_type == predicate_type)
}

/// Whether the entry a statement was found by says what the statement says: whoever may append
/// could otherwise file a true statement under a digest it does not speak of.
fn covers<P>(entry: &Entry, verified: &Verified<P>) -> bool {
    let subjects = &verified.statement.subject;
    entry.subjects.len() == subjects.len()
        && entry
            .subjects
            .iter()
            .zip(subjects)
            .all(|(entry, subject)| entry.digest == subject.digest)
}

fn refused(entry: &Entry, reason: &str) -> Refused {
    Refused {
        evidence: entry.sha256,
        predicate_type: entry.predicate_type.clone(),
        reason: reason.to_owned(),
    }
}
