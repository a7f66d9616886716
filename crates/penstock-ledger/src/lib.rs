//! The log on disk, the evidence store, the index and its queries.
//!
//! A ledger is a directory, its *home*:
//!
//! | path | content |
//! |---|---|
//! | `ledger/checkpoint` | the signed tree head (<https://c2sp.org/tlog-checkpoint>) |
//! | `ledger/tile/…` | hashes and entries (<https://c2sp.org/tlog-tiles>) |
//! | `ledger/inbox/`, `ledger/lock` | group commit between processes |
//! | `evidence/sha256/<2 digits>/<64 digits>` | evidence, its proof beside it as `.tlog-proof` |
//! | `seen-checkpoint` | the checkpoint last seen, by which an older copy of the log is told |
//! | `index.sqlite` | answers queries quickly; made anew from the log at any time |
//!
//! **What an acknowledged append means.** [`Ledger::append`] returns after, in this order: evidence
//! synced and named, entry bundles and tiles synced, checkpoint synced, put in place by a rename and
//! its directory synced. A crash before the rename leaves the log as it was (tiles beyond the
//! checkpoint are ignored and overwritten), one after it leaves the new entries. An append that
//! returns an error may, if the very last sync failed, still have been logged; appending the same
//! again then returns the receipt.
//!
//! **Once.** Evidence has one entry. Appending the same bytes described in the same way returns the
//! receipt of the entry that is there, whatever time is claimed now; described in another way it is
//! [`LedgerError::Conflict`].
//!
//! **Derived files** (`.tlog-proof`, `index.sqlite`) are written after the acknowledgement, without
//! syncs, and are never believed: [`Ledger::reindex`] writes them anew.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod append;
mod directories;
mod disk;
mod entry;
mod error;
mod evidence;
mod inbox;
mod index;
mod indexing;
mod layout;
mod ledger;
mod query;
mod sqlite;
mod store;
mod verify;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod memory_disk;

pub use append::{MAX_BATCH, NewEvidence, Receipt};
pub use entry::{ENTRY_VERSION, Entry, EntryError, MAX_ENTRY_BYTES, Subject};
pub use error::{Fault, IoFailure, LedgerError, Problem};
pub use index::{Index, IndexError, IndexState};
pub use ledger::Ledger;
pub use sqlite::SqliteIndex;
pub use verify::VerifyReport;
