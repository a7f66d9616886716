//! Questions about the log. The index says where to look, the log what is there; without an index
//! the whole log is read.

use std::collections::BTreeSet;

use penstock_model::Sha256;

use crate::{Entry, Index, IndexError, Ledger, LedgerError, ledger::lock};

/// How many entries are read in one step when there is no index.
const STEP: u64 = 4096;

impl Ledger<'_> {
    /// The entry of that evidence with its number.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the log is not what was signed; a disk that fails.
    pub fn by_evidence(&self, id: &Sha256) -> Result<Option<(u64, Entry)>, LedgerError> {
        let found = self.query(
            |index| Ok(index.by_evidence(id)?.into_iter().collect()),
            |entry| entry.sha256 == *id,
        )?;
        Ok(found.into_iter().next())
    }

    /// The entries about a subject with that digest, in the log's order.
    ///
    /// # Errors
    /// As [`Ledger::by_evidence`].
    pub fn by_subject(
        &self,
        algorithm: &str,
        digest: &str,
    ) -> Result<Vec<(u64, Entry)>, LedgerError> {
        self.query(
            |index| index.by_subject(algorithm, digest),
            |entry| is_about(entry, algorithm, digest),
        )
    }

    /// The entries with that predicate type, in the log's order.
    ///
    /// # Errors
    /// As [`Ledger::by_evidence`].
    pub fn by_type(&self, predicate_type: &str) -> Result<Vec<(u64, Entry)>, LedgerError> {
        self.query(
            |index| index.by_type(predicate_type),
            |entry| entry.predicate_type == predicate_type,
        )
    }

    /// The last entry with that predicate type about a subject with that digest.
    ///
    /// # Errors
    /// As [`Ledger::by_evidence`].
    pub fn latest(
        &self,
        predicate_type: &str,
        algorithm: &str,
        digest: &str,
    ) -> Result<Option<(u64, Entry)>, LedgerError> {
        let found = self.query(
            |index| Ok(index.latest(predicate_type, algorithm, digest)?.into_iter().collect()),
            |entry| entry.predicate_type == predicate_type && is_about(entry, algorithm, digest),
        )?;
        Ok(found.into_iter().next_back())
    }

    fn query(
        &self,
        ask: impl Fn(&dyn Index) -> Result<Vec<u64>, IndexError>,
        matches: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<(u64, Entry)>, LedgerError> {
        match self.ask_index(&ask) {
            Ok(numbers) => {
                let entries = self.entries_at(&numbers)?;
                if entries.iter().all(|(_, entry)| matches(entry)) {
                    return Ok(entries);
                }
                // It points to entries that were not asked for: it is not to be used.
                self.warn(IndexError {
                    path: self.layout.index().display().to_string(),
                    message: "it does not agree with the log".to_owned(),
                });
            }
            Err(LedgerError::Index(error)) => self.warn(error),
            // Another process's log, or a home that cannot be written: the log itself can be read.
            Err(LedgerError::Io(error)) => self.warn(error),
            Err(error) => return Err(error),
        }
        self.scan(matches)
    }

    fn ask_index(
        &self,
        ask: impl Fn(&dyn Index) -> Result<Vec<u64>, IndexError>,
    ) -> Result<Vec<u64>, LedgerError> {
        {
            let mut indexing = lock(&self.indexing);
            if self.is_level(&mut indexing)
                && let Ok(numbers) = indexing.open().and_then(|index| ask(index))
            {
                return Ok(numbers);
            }
        }
        // The file's lock always comes before the index's: a writer takes them in this order too.
        let _held = self.disk.lock(&self.layout.lock(), true)?;
        self.refresh()?;
        let mut indexing = lock(&self.indexing);
        self.catch_up(&mut indexing)?;
        match indexing.open().and_then(|index| ask(index)) {
            Ok(numbers) => Ok(numbers),
            Err(_) => {
                indexing.recreate()?;
                self.catch_up(&mut indexing)?;
                Ok(indexing.open().and_then(|index| ask(index))?)
            }
        }
    }

    /// Every entry that matches, by reading the whole log.
    pub(crate) fn scan(
        &self,
        matches: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let size = self.size();
        let mut found = Vec::new();
        let mut first = 0;
        while first < size {
            let end = size.min(first + STEP);
            found.extend(self.entries(first..end)?.into_iter().filter(|(_, entry)| matches(entry)));
            first = end;
        }
        Ok(found)
    }

    /// The entries of these pieces of evidence, for whoever holds the lock and has refreshed.
    pub(crate) fn logged(
        &self,
        evidence: &BTreeSet<Sha256>,
    ) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let mut indexing = lock(&self.indexing);
        match self.ask_level_index(&mut indexing, evidence) {
            Ok(entries) => return Ok(entries),
            Err(LedgerError::Index(error)) => self.warn(error),
            Err(error) => return Err(error),
        }
        drop(indexing);
        self.scan(|entry| evidence.contains(&entry.sha256))
    }

    fn ask_level_index(
        &self,
        indexing: &mut crate::indexing::Indexing,
        evidence: &BTreeSet<Sha256>,
    ) -> Result<Vec<(u64, Entry)>, LedgerError> {
        self.catch_up(indexing)?;
        let mut numbers = Vec::new();
        for id in evidence {
            numbers.extend(indexing.open()?.by_evidence(id)?);
        }
        let entries = self.entries_at(&numbers)?;
        if entries.iter().all(|(_, entry)| evidence.contains(&entry.sha256)) {
            return Ok(entries);
        }
        indexing.recreate()?;
        self.catch_up(indexing)?;
        Err(LedgerError::Index(IndexError {
            path: self.layout.index().display().to_string(),
            message: "it does not agree with the log".to_owned(),
        }))
    }
}

fn is_about(entry: &Entry, algorithm: &str, digest: &str) -> bool {
    entry.subjects.iter().any(|subject| subject.digest.get(algorithm).is_some_and(|d| d == digest))
}
