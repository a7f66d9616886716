//! The baseline: the findings a project had when it was adopted, which do not block.

mod apply;
mod error;
mod read;
mod update;
mod write;

use penstock_model::{Fingerprint, RepoPath, RuleId, Timestamp};

pub(crate) use apply::{Applied, apply, is_near};
pub use error::{BaselineError, BaselineErrors, BaselineProblem};
pub use update::{BaselineChanges, BaselineUpdate};

/// The findings a project decided to live with for now, of every area, in one file at its root.
///
/// An entry is known by rule and fingerprint, so it survives moves and renames, and says how many
/// occurrences it covers, so that a further copy is open. The file is TOML with one table for each
/// entry, sorted, one value to a line: a reviewer sees in a diff which finding is accepted, for
/// which reason, by whom and until when, and two branches seldom touch the same lines. It holds no
/// secret: fingerprints say nothing about a value to somebody without the repository's salt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Sorted by rule and fingerprint, which are unique together.
    entries: Vec<BaselineEntry>,
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineEntry {
    /// The rule that found it.
    pub rule: RuleId,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// How many occurrences are accepted; at least one.
    pub count: u64,
    /// Where it stood when the entry was written, for readers. It decides nothing but which of too
    /// many occurrences are shown as the further ones.
    pub paths: Vec<RepoPath>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// When the entry was written.
    pub added: Option<Timestamp>,
    /// The first instant at which it no longer applies.
    pub expires: Option<Timestamp>,
}

impl Baseline {
    /// The name of the file, at the root of the project.
    pub const FILE_NAME: &'static str = "penstock.baseline.toml";
    /// The version of the format this code reads and writes.
    pub const VERSION: i64 = 1;
    /// The largest file that is read, in bytes.
    pub const MAX_BYTES: usize = 16 << 20;
    /// The most entries that are read: more findings than anybody will work through.
    pub const MAX_ENTRIES: usize = 20_000;
    /// The most paths an entry may name.
    pub const MAX_PATHS: usize = 16;

    /// A baseline of these entries; of two with one rule and fingerprint the first stays.
    pub fn new(mut entries: Vec<BaselineEntry>) -> Self {
        entries.sort_by(|a, b| (&a.rule, &a.fingerprint).cmp(&(&b.rule, &b.fingerprint)));
        entries.dedup_by(|a, b| (&a.rule, &a.fingerprint) == (&b.rule, &b.fingerprint));
        Self { entries }
    }

    /// The entries, sorted by rule and fingerprint.
    pub fn entries(&self) -> &[BaselineEntry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests;
