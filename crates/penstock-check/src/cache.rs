//! What was found in each file the last time, so that a file that has not changed is not read again.
//!
//! A file is taken as unchanged when its size, both times, inode and device are what they were, and
//! both times are well before the run that looked at it (Git's rule for racy entries: within the
//! resolution of its clock a file system shows two changes as one). Where looking costs more than
//! reading, the digest of the content is kept too, for files that were only touched. What Git cannot
//! see is not seen here either: writes through a mapping of memory that is still open.
//!
//! Nothing is trusted that another user could have written, or that does not have the digest it
//! says; whatever cannot be read is as good as nothing. Only finished results are kept, in which
//! secrets are masked already.

mod key;
mod recall;
mod store;
mod table;

use std::{path::Path, time::Duration};

use penstock_model::Sha256;

pub(crate) use key::key;
pub(crate) use recall::{Fresh, Known, Recall, Work};

use store::Store;
use table::Table;

/// A directory of one checked tree in which results are kept from run to run.
///
/// It may be deleted at any time, and several processes may use it at once: the last to save wins.
/// Results of one program and one set of options are kept; others start anew.
#[derive(Debug)]
pub struct Cache {
    store: Store,
    /// The program that may use what it kept.
    program: Sha256,
    /// Nanoseconds since 1970 when this run began, before anything was listed.
    began: i64,
    /// What was kept before, as bytes.
    before: Vec<u8>,
    /// What is to be kept, if that is something else.
    after: Option<Vec<u8>>,
}

/// Why there is no cache to use. A check can go on without.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Somebody else could write what would be believed.
    #[error("`{}` is not yours alone and is not used as a cache; remove it", .0.display())]
    NotOurs(std::path::PathBuf),
    /// It cannot be made, opened or written.
    #[error("cannot use `{}` as a cache: {source}", path.display())]
    Io {
        /// The directory.
        path: std::path::PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl Cache {
    /// Opens the cache in `directory`, which is made if it is not there, for its owner only.
    ///
    /// `program` is anything that changes when this program may find something else in the same file
    /// (its version; the identity of its executable, while that is developed). `began` is the time
    /// since 1970 at which this run began: by the real clock, and before the tree is listed. The
    /// directory must not be in the tree: what somebody unpacked must not bring answers along.
    ///
    /// # Errors
    /// A directory that cannot be made or opened, or is open to others. Unreadable content is no
    /// error.
    pub fn open(directory: &Path, program: &[u8], began: Duration) -> Result<Self, CacheError> {
        let store = Store::open(directory)?;
        let before = store.read();
        Ok(Self {
            store,
            program: Sha256::of(program),
            began: i64::try_from(began.as_nanos()).unwrap_or(0),
            before,
            after: None,
        })
    }

    /// Keeps what the last check with this cache found; whether there was anything new to keep.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn save(&mut self) -> Result<bool, CacheError> {
        match self.after.take() {
            Some(after) => {
                let written = self.store.write(&after)?;
                self.before = after;
                Ok(written)
            }
            None => Ok(false),
        }
    }

    /// What is known under this key.
    pub(crate) fn recall(&self, key: Sha256) -> Recall<'_> {
        let key = Sha256::of(&[self.program.as_bytes().as_slice(), key.as_bytes()].concat());
        Recall::new(key, Table::read(&self.before, &key), self.began)
    }

    /// Takes what is to be saved.
    pub(crate) fn keep(&mut self, after: Option<Vec<u8>>) {
        self.after = after;
    }
}

#[cfg(test)]
mod tests;
