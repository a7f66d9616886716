//! What is kept, as bytes: a line that names the format, a digest of the rest, and the rest in
//! postcard's encoding. Results that say anything are JSON inside of it.

use penstock_model::Sha256;
use serde::{Deserialize, Serialize};

use crate::{Stat, finish::FileResult};

const NAME: &[u8; 16] = b"penstock check 1";

/// Everything kept for one key.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Table<'a> {
    key: [u8; 32],
    /// By path, rising.
    #[serde(borrow)]
    pub(super) entries: Vec<Kept<'a>>,
}

/// What is kept of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept<'a> {
    pub(super) path: &'a [u8],
    /// Absent when the file is too young for its times to tell anything.
    pub(super) stat: Option<Stat>,
    /// Digest of the content, where it saves more than it costs.
    pub(super) content: Option<[u8; 32]>,
    #[serde(borrow)]
    pub(super) outcome: Outcome<'a>,
}

/// What looking at a file gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome<'a> {
    /// Nothing, in a file of so many bytes.
    Nothing(u64),
    /// A [`FileResult`] as JSON.
    Result(&'a [u8]),
}

impl Outcome<'_> {
    /// The result; `None` if it is none, which the digest over all makes improbable.
    pub(super) fn result(&self) -> Option<FileResult> {
        match self {
            Self::Nothing(bytes) => Some(FileResult::nothing(*bytes)),
            Self::Result(json) => serde_json::from_slice(json).ok(),
        }
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(key: &Sha256, entries: Vec<Kept<'a>>) -> Self {
        Self { key: *key.as_bytes(), entries }
    }

    /// Reads a table; an empty one when the bytes are none, are damaged, or are of another key.
    pub(super) fn read(bytes: &'a [u8], key: &Sha256) -> Self {
        Self::sound(bytes).filter(|table| table.key == *key.as_bytes()).unwrap_or_default()
    }

    fn sound(bytes: &'a [u8]) -> Option<Self> {
        let (digest, body) = bytes.strip_prefix(NAME)?.split_first_chunk::<32>()?;
        if Sha256::of(body).as_bytes() != digest {
            return None;
        }
        let (table, rest): (Self, _) = postcard::take_from_bytes(body).ok()?;
        let rising = table.entries.is_sorted_by(|a, b| a.path < b.path);
        (rest.is_empty() && rising).then_some(table)
    }

    /// The bytes of a table; `None` when it cannot be written.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let body = postcard::to_allocvec(self).ok()?;
        Some([NAME.as_slice(), Sha256::of(&body).as_bytes(), &body].concat())
    }
}
