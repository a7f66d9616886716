use crate::{Hash, HashError, Note, NoteError, NoteSigner, NoteVerifier, empty_root};

/// The longest origin that is read, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 1024;

/// What a log says its tree is (<https://c2sp.org/tlog-checkpoint>, "Note text").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: its identity, by convention an address without a scheme.
    pub origin: String,
    /// How many leaves the tree has.
    pub size: u64,
    /// The root hash of that tree.
    pub root: Hash,
    /// Extension lines; we write none, and nothing is to be concluded from them.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads the text of a note.
    ///
    /// # Errors
    /// Text that is not a checkpoint.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Shape)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Shape);
        };
        check_origin(origin)?;
        let size = parse_decimal(size)
            .ok_or_else(|| CheckpointError::Size(size.chars().take(40).collect()))?;
        let root = Hash::from_base64(root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Shape);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }
}

impl std::fmt::Display for Checkpoint {
    /// The note text; [`Checkpoint::parse`] reads it back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint with the note it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Signs a checkpoint.
    ///
    /// # Errors
    /// A checkpoint that could not be read back; a signer that fails.
    pub fn sign(
        checkpoint: Checkpoint,
        signers: &[&dyn NoteSigner],
    ) -> Result<Self, CheckpointError> {
        let text = checkpoint.to_string();
        if Checkpoint::parse(&text)? != checkpoint {
            return Err(CheckpointError::Shape);
        }
        Ok(Self { note: Note::sign(&text, signers)?, checkpoint })
    }

    /// Reads a signed checkpoint without believing it.
    ///
    /// # Errors
    /// Bytes that are not a note, or a note that is not a checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// Reads a signed checkpoint and verifies that one of `verifiers` signed it.
    ///
    /// # Errors
    /// As [`SignedCheckpoint::parse`] and [`Note::verify`].
    pub fn open(bytes: &[u8], verifiers: &[&dyn NoteVerifier]) -> Result<Self, CheckpointError> {
        let signed = Self::parse(bytes)?;
        signed.note.verify(verifiers)?;
        Ok(signed)
    }

    /// What it says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note it came in.
    pub fn note(&self) -> &Note {
        &self.note
    }
}

impl std::fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.note.fmt(f)
    }
}

/// Reads a decimal number as C2SP formats write them: digits only, no leading zeroes.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if digits && !leading_zero { text.parse().ok() } else { None }
}

fn check_origin(origin: &str) -> Result<(), CheckpointError> {
    if origin.is_empty() || origin.len() > MAX_ORIGIN_BYTES || origin.contains('\n') {
        return Err(CheckpointError::Origin(origin.chars().take(80).collect()));
    }
    Ok(())
}

/// Why a note is no checkpoint, or one not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Size 0 with the root of some other tree.
    #[error("the checkpoint says the tree is empty and gives it another root than the empty one")]
    EmptyRoot,
    /// The root is not a hash.
    #[error("the checkpoint's root: {0}")]
    Root(#[from] HashError),
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The origin is empty, has several lines or is too long.
    #[error("`{0}` cannot be a log's origin: one line of 1 to {MAX_ORIGIN_BYTES} bytes")]
    Origin(String),
    /// Not three lines or more, none of them empty.
    #[error("a checkpoint is an origin, a size and a root hash, a line each")]
    Shape,
    /// The size is not a number.
    #[error("`{0}` is not a tree size: decimal digits without leading zeroes")]
    Size(String),
}
