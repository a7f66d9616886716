//! Keeping the index level with the log. Nothing here makes anything else fail.

use std::path::PathBuf;

use penstock_tlog::Tree;

use crate::{
    Index, IndexError, IndexState, Ledger, LedgerError, SqliteIndex, ledger::lock, store::Store,
};

/// How many entries are indexed in one step.
const STEP: u64 = 4096;

/// The index of a ledger, opened when first needed.
pub(crate) struct Indexing {
    path: Option<PathBuf>,
    index: Option<Box<dyn Index>>,
}

impl Indexing {
    /// The index in that file.
    pub(crate) fn sqlite(path: PathBuf) -> Self {
        Self { path: Some(path), index: None }
    }

    /// An index that is there, and no way to make another.
    #[cfg(test)]
    pub(crate) fn given(index: Option<Box<dyn Index>>) -> Self {
        Self { path: None, index }
    }

    pub(crate) fn open(&mut self) -> Result<&mut (dyn Index + 'static), IndexError> {
        if self.index.is_none()
            && let Some(path) = &self.path
        {
            self.index = Some(Box::new(SqliteIndex::open(path)?));
        }
        self.index.as_deref_mut().ok_or_else(no_index)
    }

    /// Begins anew with an empty index. Only for whoever holds the ledger's lock.
    pub(crate) fn recreate(&mut self) -> Result<&mut (dyn Index + 'static), IndexError> {
        let path = self.path.as_ref().ok_or_else(no_index)?;
        self.index = None;
        let index: Box<dyn Index> = Box::new(SqliteIndex::recreate(path)?);
        Ok(self.index.insert(index).as_mut())
    }
}

fn no_index() -> IndexError {
    IndexError { path: "none".to_owned(), message: "there is none".to_owned() }
}

impl Ledger<'_> {
    /// Whether the index is level with the log as this ledger sees it.
    pub(crate) fn is_level(&self, indexing: &mut Indexing) -> bool {
        let checkpoint = self.checkpoint();
        let checkpoint = checkpoint.checkpoint();
        let root = (checkpoint.size > 0).then_some(checkpoint.root);
        let level = IndexState { size: checkpoint.size, root };
        indexing.open().and_then(|index| index.state()).is_ok_and(|state| state == level)
    }

    /// Brings the index level with the log, from the beginning when it is not an index of this log or
    /// cannot be used. Only for whoever holds the ledger's lock.
    pub(crate) fn catch_up(&self, indexing: &mut Indexing) -> Result<(), LedgerError> {
        let state = indexing.open().and_then(|index| index.state());
        let belongs = match state {
            Ok(state) => self.is_of_this_log(state)?,
            Err(_) => false,
        };
        if !belongs {
            indexing.recreate()?;
        }
        match self.add_missing(indexing) {
            Err(LedgerError::Index(_)) => {
                indexing.recreate()?;
                self.add_missing(indexing)
            }
            result => result,
        }
    }

    /// Makes the index and the proofs beside the evidence anew.
    ///
    /// # Errors
    /// What keeps the log from being read, or the index from being written.
    pub fn reindex(&self) -> Result<(), LedgerError> {
        let _lock = self.disk.lock(&self.layout.lock(), true)?;
        self.refresh()?;
        {
            let mut indexing = lock(&self.indexing);
            indexing.recreate()?;
            self.add_missing(&mut indexing)?;
        }
        self.write_proofs(0..self.size())
    }

    fn add_missing(&self, indexing: &mut Indexing) -> Result<(), LedgerError> {
        let head = self.checkpoint();
        let store = self.store(head.checkpoint());
        let index = indexing.open()?;
        let mut size = index.state()?.size;
        while size < store.size {
            let end = store.size.min(size + STEP);
            let entries = self.entries(size..end)?;
            let root = self.root_at(&store, end)?;
            index.add(&entries, IndexState { size: end, root: Some(root) })?;
            size = end;
        }
        Ok(())
    }

    fn is_of_this_log(&self, state: IndexState) -> Result<bool, LedgerError> {
        let head = self.checkpoint();
        let store = self.store(head.checkpoint());
        match state {
            IndexState { size: 0, root: None } => Ok(true),
            IndexState { size, root: Some(root) } if size <= store.size => {
                Ok(root == self.root_at(&store, size)?)
            }
            _ => Ok(false),
        }
    }

    fn root_at(&self, store: &Store<'_>, size: u64) -> Result<penstock_tlog::Hash, LedgerError> {
        Tree::new(size, store).root().map_err(|error| self.diagnose(error.into()))
    }
}
