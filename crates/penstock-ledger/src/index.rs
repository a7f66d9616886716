use penstock_model::Sha256;
use penstock_tlog::Hash;

use crate::Entry;

/// Answers queries about a log without reading all of it.
///
/// An index trails the log, holds nothing the log does not, and may vanish at any time. The ledger
/// reads every entry an index points to from the log itself, so a wrong index can add nothing.
pub trait Index: Send {
    /// Up to where the log is indexed.
    ///
    /// # Errors
    /// The index cannot be read.
    fn state(&self) -> Result<IndexState, IndexError>;

    /// Adds the entries that follow the state, which becomes `state`; all or nothing.
    ///
    /// # Errors
    /// The index cannot be written.
    fn add(&mut self, entries: &[(u64, Entry)], state: IndexState) -> Result<(), IndexError>;

    /// The entry of that evidence.
    ///
    /// # Errors
    /// The index cannot be read.
    fn by_evidence(&self, id: &Sha256) -> Result<Option<u64>, IndexError>;

    /// The entries about a subject with that digest, in the log's order.
    ///
    /// # Errors
    /// The index cannot be read.
    fn by_subject(&self, algorithm: &str, digest: &str) -> Result<Vec<u64>, IndexError>;

    /// The entries with that predicate type, in the log's order.
    ///
    /// # Errors
    /// The index cannot be read.
    fn by_type(&self, predicate_type: &str) -> Result<Vec<u64>, IndexError>;

    /// The last entry with that predicate type about a subject with that digest.
    ///
    /// # Errors
    /// The index cannot be read.
    fn latest(
        &self,
        predicate_type: &str,
        algorithm: &str,
        digest: &str,
    ) -> Result<Option<u64>, IndexError>;
}

/// Which tree an index was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexState {
    /// How many entries are indexed.
    pub size: u64,
    /// The root of the tree of that many entries; `None` for none.
    pub root: Option<Hash>,
}

/// An index could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index `{path}` cannot be used: {message}; it can be deleted, and is made anew")]
pub struct IndexError {
    /// Which index.
    pub path: String,
    /// The words of whatever keeps it.
    pub message: String,
}
