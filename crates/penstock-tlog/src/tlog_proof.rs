use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    CheckpointError, Hash, HashError, MAX_NOTE_BYTES, NoteVerifier, ProofError, SignedCheckpoint,
    checkpoint::parse_decimal, verify_inclusion,
};

/// The most extra data a proof may carry, in bytes.
pub const MAX_EXTRA_BYTES: usize = 64 * 1024;

/// A path in a tree of at most 2^64 - 1 leaves.
const MAX_PATH: usize = 64;

/// The largest proof that is read, in bytes: extra data, path and checkpoint at their largest.
const MAX_BYTES: usize = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A proof, for use offline, that an entry is in a log: a `.tlog-proof` file
/// (<https://c2sp.org/tlog-proof>, "Format").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// What the application wanted to carry along. Nobody vouches for it.
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// The audit path, from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The checkpoint of a tree that holds the entry, with its signatures.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// Reads a proof without believing it.
    ///
    /// # Errors
    /// Bytes that are not a proof, or one over the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_BYTES {
            return Err(TlogProofError::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TlogProofError::Shape)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Shape)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(TlogProofError::Version);
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(extra) => {
                lines.next();
                Some(decode_extra(extra)?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or(TlogProofError::Index)?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == MAX_PATH {
                return Err(TlogProofError::PathTooLong);
            }
            path.push(Hash::from_base64(line)?);
        }
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Verifies that `entry`, byte for byte, is in the log `origin`, whose key is one of
    /// `verifiers`.
    ///
    /// # Errors
    /// Why that does not follow from this proof.
    pub fn verify(
        &self,
        entry: &[u8],
        origin: &str,
        verifiers: &[&dyn NoteVerifier],
    ) -> Result<(), TlogProofError> {
        self.checkpoint.note().verify(verifiers).map_err(CheckpointError::Note)?;
        let checkpoint = self.checkpoint.checkpoint();
        if checkpoint.origin != origin {
            return Err(TlogProofError::Origin {
                expected: origin.to_owned(),
                found: checkpoint.origin.clone(),
            });
        }
        let leaf = crate::leaf_hash(entry);
        verify_inclusion(&self.path, self.index, &leaf, checkpoint.size, &checkpoint.root)?;
        Ok(())
    }
}

impl std::fmt::Display for TlogProof {
    /// The proof as it is stored; [`TlogProof::parse`] reads it back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn decode_extra(text: &str) -> Result<Vec<u8>, TlogProofError> {
    let extra = STANDARD.decode(text).map_err(|_| TlogProofError::Shape)?;
    if extra.len() > MAX_EXTRA_BYTES {
        return Err(TlogProofError::ExtraTooLong(extra.len()));
    }
    Ok(extra)
}

/// Why bytes are no proof, or one that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// More extra data than the limit.
    #[error("the proof carries {0} bytes of extra data, more than the {MAX_EXTRA_BYTES} allowed")]
    ExtraTooLong(usize),
    /// A line of the path is not a hash.
    #[error("the proof's path: {0}")]
    Hash(#[from] HashError),
    /// There is no index line.
    #[error("the proof has no `index` line with a decimal number")]
    Index,
    /// It is a proof about another log.
    #[error("the proof is about the log `{found}`, not `{expected}`")]
    Origin {
        /// The log it was to be about.
        expected: String,
        /// The log it is about.
        found: String,
    },
    /// More hashes than any tree is high.
    #[error("the proof's path has more than {MAX_PATH} hashes")]
    PathTooLong,
    /// It does not prove what it is to prove.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Not the lines of a proof.
    #[error("not a proof: a `{FIRST_LINE}` line, an index, hashes, an empty line, a checkpoint")]
    Shape,
    /// Longer than the limit, in bytes.
    #[error("a proof of {0} bytes is longer than the {MAX_BYTES} that are read")]
    TooLong(usize),
    /// The first line names another format.
    #[error("the first line is not `{FIRST_LINE}`: another format or version")]
    Version,
}
