//! Records between the signer and who asks it: two lengths (big-endian `u32`), a JSON header, and
//! raw bytes that need no encoding.

use std::io::{self, Read, Write};

use penstock_model::{Role, Sha256};
use penstock_statement::RawStatement;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::keys::KeyName;

/// The largest header, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The largest body, in bytes: the largest statement.
pub const MAX_BODY_BYTES: usize = RawStatement::MAX_BYTES;

/// What is asked of the signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// The public half of a key. No body.
    Public {
        /// Which key.
        key: KeyName,
    },
    /// A signature over a statement, which is the body, in canonical JSON.
    #[serde(rename_all = "camelCase")]
    Sign {
        /// Which key.
        key: KeyName,
        /// What the statement claims to be.
        predicate_type: String,
    },
    /// A signature over a checkpoint, whose text is the body, with the log key.
    SignCheckpoint,
}

/// What the signer answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// The body is a SubjectPublicKeyInfo.
    Public {
        /// Of the log key: the ledger it signs for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<String>,
    },
    /// It will not.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// The body is the signature.
    Signed {
        /// The id of the key that made it.
        key: Sha256,
    },
}

/// Why the signer did not sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Refusal {
    /// The request is no request.
    #[error("the signer cannot read the request: {reason}")]
    BadRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// The key cannot be opened.
    #[error("the signer cannot use key `{key}`: {reason}")]
    Key {
        /// Which.
        key: KeyName,
        /// Why, in the words of whatever refused it.
        reason: String,
    },
    /// The body is no checkpoint.
    #[error("the signer signs nothing but checkpoints with the log key: {reason}")]
    NotACheckpoint {
        /// Why not.
        reason: String,
    },
    /// The body is no statement.
    #[error("the signer signs nothing but statements: {reason}")]
    NotAStatement {
        /// Why not.
        reason: String,
    },
    /// The statement is not canonical JSON, so two readers could read it differently.
    #[error("the statement is not in canonical JSON (RFC 8785)")]
    NotCanonical,
    /// The statement is not of the type the request says.
    #[error("the request is for a statement of type `{claimed}`, the statement is `{found}`")]
    OtherPredicate {
        /// In the request.
        claimed: String,
        /// In the statement.
        found: String,
    },
    /// The checkpoint is of another ledger.
    #[error("the log key signs for ledger `{expected}`, not for `{found}`")]
    WrongOrigin {
        /// The ledger the key was made for.
        expected: String,
        /// The ledger of the checkpoint.
        found: String,
    },
    /// An approval in somebody else's name.
    #[error("the key of `{person}` does not approve in the name of `{named}`")]
    WrongPerson {
        /// Whose key it is.
        person: String,
        /// Whom the approval names.
        named: String,
    },
    /// The role may not speak this.
    #[error("a key of role `{role}` may not state `{predicate_type}`")]
    #[serde(rename_all = "camelCase")]
    WrongRole {
        /// The key's role.
        role: Role,
        /// What was asked.
        predicate_type: String,
    },
}

/// A header and a body as they came.
pub(super) struct Frame {
    header: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Frame {
    /// The next record; `None` at the end of the stream, if no record has begun.
    pub(super) fn read(from: &mut impl Read) -> Result<Option<Self>, FrameError> {
        let mut lengths = [0; 8];
        let (first, rest) = lengths.split_at_mut(1);
        if from.read(first)? == 0 {
            return Ok(None);
        }
        from.read_exact(rest)?;
        let [a, b, c, d, e, f, g, h] = lengths;
        let header = u32::from_be_bytes([a, b, c, d]);
        let body = u32::from_be_bytes([e, f, g, h]);
        Ok(Some(Self {
            header: read_part(from, header, MAX_HEADER_BYTES)?,
            body: read_part(from, body, MAX_BODY_BYTES)?,
        }))
    }

    /// The header as a `T`.
    pub(super) fn header<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.header)
    }

    /// Writes one record.
    pub(super) fn write<T: Serialize>(
        to: &mut impl Write,
        header: &T,
        body: &[u8],
    ) -> Result<(), FrameError> {
        let header = serde_json::to_vec(header).map_err(io::Error::from)?;
        if header.len() > MAX_HEADER_BYTES || body.len() > MAX_BODY_BYTES {
            return Err(FrameError::TooLarge(header.len().max(body.len())));
        }
        for part in [header.as_slice(), body] {
            let length = u32::try_from(part.len()).map_err(|_| FrameError::TooLarge(part.len()))?;
            to.write_all(&length.to_be_bytes())?;
        }
        to.write_all(&header)?;
        to.write_all(body)?;
        Ok(to.flush()?)
    }
}

fn read_part(from: &mut impl Read, length: u32, max: usize) -> Result<Vec<u8>, FrameError> {
    let length = length as usize;
    if length > max {
        return Err(FrameError::TooLarge(length));
    }
    // Grows as bytes arrive: a length alone must not make anybody allocate.
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(FrameError::Cut) }
}

/// Why the stream of records ended in disorder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It ended within a record.
    #[error("the stream ended within a record")]
    Cut,
    /// The pipe broke.
    #[error("{0}")]
    Io(String),
    /// A part is over its limit, in bytes.
    #[error("a record of {0} bytes is longer than any that is read")]
    TooLarge(usize),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Io(error.to_string()),
        }
    }
}
