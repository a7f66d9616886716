use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RepoPath;

/// What a check looked at and what it did not: part of every result, never a footnote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Files read to their end.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Distinct Git blobs of history read to their end; `files` does not count them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blobs: u64,
    /// Commits of history whose trees were walked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub commits: u64,
    /// How many files were passed over, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// The passed-over files whose absence makes the result incomplete, sorted by path: all that
    /// were unreadable, missing, over a limit or malformed. Encrypted, excluded, ignored and binary
    /// files and links are only counted.
    pub incomplete: Vec<Skipped>,
}

impl Coverage {
    /// Whether everything that should have been looked at was.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One file that was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Which file.
    pub path: RepoPath,
    /// Why.
    pub reason: SkipReason,
    /// The system's or the parser's words.
    pub detail: String,
}

/// Why a file was not looked at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// A NUL byte within its first 8 KiB and no area asked for binary files.
    Binary,
    /// An archive's member that only its password opens.
    Encrypted,
    /// Named by `[check] exclude`.
    Excluded,
    /// Named by an ignore file of Git.
    Ignored,
    /// A known format that does not parse; text rules still saw it.
    Malformed,
    /// A Git object that a commit or tree names and the repository does not have.
    Missing,
    /// A device, socket, FIFO, or a link (links are not followed).
    NotRegular,
    /// Larger than the size limit.
    OverLimit,
    /// The system refused to open or read it.
    Unreadable,
}

/// A required or optional part of a check that did not happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NotChecked {
    /// What was not looked at: `dependency advisories`.
    pub part: String,
    /// Why, and what to do about it.
    pub reason: String,
    /// Whether `[check] require` (or the policy) demands it; then the exit code is 3.
    pub required: bool,
}
