use std::{
    io,
    path::{Path, PathBuf},
};

use penstock_model::Sha256;
use penstock_tlog::{CheckpointError, SignFailed};

use crate::{EntryError, IndexError};

/// Why the ledger could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is a ledger already.
    #[error("`{0}` already holds a ledger: open it, or choose another home")]
    Exists(PathBuf),
    /// There is no ledger.
    #[error("`{0}` holds no ledger: it has no checkpoint. Run once to make one, or name its home")]
    NotFound(PathBuf),
    /// The system refused to read or write.
    #[error(transparent)]
    Io(#[from] IoFailure),
    /// The home is on a file system whose locks and syncs cannot be relied on.
    #[error(
        "`{home}` is on {kind}, where locks and syncs cannot be relied on: choose a home on a local disk"
    )]
    NetworkFileSystem {
        /// The ledger's home.
        home: PathBuf,
        /// What it is on.
        kind: &'static str,
    },
    /// An entry cannot be written.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The same evidence is in the log already, described in another way.
    #[error(
        "evidence {evidence} is already in the ledger as entry {index}, described in another way"
    )]
    Conflict {
        /// The evidence.
        evidence: Sha256,
        /// The entry it has.
        index: u64,
    },
    /// A signer failed.
    #[error(transparent)]
    Sign(#[from] SignFailed),
    /// The checkpoint cannot be read or believed.
    #[error("`{path}`: {source}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CheckpointError,
    },
    /// The signer's key is not one the ledger is verified with.
    #[error("the key `{0}` that would sign the ledger is not one it is verified with")]
    SignerNotTrusted(String),
    /// The ledger is smaller than it was: an older copy was put in its place.
    #[error(
        "the ledger has {found} entries but {seen} were seen before: an older copy was put in its place; put the newer one back"
    )]
    Smaller {
        /// Entries that were there.
        seen: u64,
        /// Entries that are there.
        found: u64,
    },
    /// The ledger is not a continuation of what was seen.
    #[error(
        "the ledger with {found} entries does not continue the one with {seen} that was seen before: its history was rewritten"
    )]
    Forked {
        /// Entries that were there.
        seen: u64,
        /// Entries that are there.
        found: u64,
    },
    /// The ledger of another origin stands in this one's place.
    #[error("the ledger calls itself `{found}`, the one seen before was `{seen}`")]
    OtherOrigin {
        /// Its name when last seen.
        seen: String,
        /// Its name now.
        found: String,
    },
    /// Entries are there, and nothing says how many were there before.
    #[error(
        "`{path}` is missing although the ledger has {found} entries: nothing shows whether this is all of it; `penstock log adopt` starts over from here"
    )]
    SeenCheckpointMissing {
        /// The file that should be there.
        path: PathBuf,
        /// Entries that are there.
        found: u64,
    },
    /// Files of the ledger are missing or were changed.
    #[error("{}", damaged(.0))]
    Damaged(Vec<Problem>),
    /// The checkpoint is gone though one was seen.
    #[error(
        "`{path}` is missing although the ledger had {seen} entries: restore it from a copy, or delete `seen-checkpoint` to give it up"
    )]
    CheckpointMissing {
        /// The file that should be there.
        path: PathBuf,
        /// Entries that were there.
        seen: u64,
    },
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// There is no entry with that number.
    #[error("there is no entry {index} in a ledger of {size} entries")]
    NoEntry {
        /// The number asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The inbox's reader did not take what was put there.
    #[error("what was put into the ledger's inbox was taken out and not logged: try again")]
    NotIntegrated,
}

/// One file of a ledger that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{path}` {fault}")]
pub struct Problem {
    /// The file, relative to the ledger's home.
    pub path: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// Its content is not what the signed tree says.
    #[error("was changed: its content is not what the signed tree says")]
    Changed,
    /// It is shorter or longer than it should be.
    #[error("was cut or grew: it holds {found} instead of {expected}")]
    Length {
        /// What should be there: hashes, entries or bytes, by the kind of file.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// It cannot be read as what it should be.
    #[error("cannot be read: {0}")]
    Malformed(String),
    /// The tree does not have the root the checkpoint signs.
    #[error("signs a root hash that neither the entries nor the tiles have")]
    Root,
}

/// What the system said to an operation on a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {operation} `{path}`: {message}{}", remedy(*.kind))]
pub struct IoFailure {
    /// What was tried: `read`, `write`, `sync`…
    pub operation: &'static str,
    /// The file or directory.
    pub path: PathBuf,
    /// The kind of failure.
    pub kind: io::ErrorKind,
    /// The system's words.
    pub message: String,
}

impl IoFailure {
    pub(crate) fn new(operation: &'static str, path: &Path, error: &io::Error) -> Self {
        Self {
            operation,
            path: path.to_owned(),
            kind: error.kind(),
            message: error.to_string().to_lowercase(),
        }
    }
}

fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; what was logged before is unharmed: free some space and try again"
        }
        io::ErrorKind::PermissionDenied => "; run as the user the ledger belongs to",
        _ => "",
    }
}

fn damaged(problems: &[Problem]) -> String {
    let mut text = match problems {
        [only] => format!("the ledger is damaged: {only}"),
        many => {
            let mut text = format!("the ledger is damaged in {} places", many.len());
            for problem in many.iter().take(3) {
                text.push_str(&format!("; {problem}"));
            }
            text
        }
    };
    text.push_str("; put back what is named from a copy, then penstock log verify");
    text
}
