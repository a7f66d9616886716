//! The result of a check, and its machine format `Report` v1 (`penstock check --format json`).
//!
//! The format is additive within its version: fields may be added, none change meaning or vanish.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Area, Coverage, Finding, GitOid, Location, NotChecked, ProjectId, Severity, Sha256,
    SuppressedFinding, Timestamp, Unresolved,
};

/// Everything one check found, saw, passed over and could not tell.
///
/// Findings are ranked: severity, then confidence (both falling), then path, line and rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// What produced it.
    pub tool: Tool,
    /// What was checked.
    pub subject: Subject,
    /// The instant the check calls now (expiry of suppressions is judged by it).
    pub now: Timestamp,
    /// Which areas ran, sorted.
    pub areas: Vec<Area>,
    /// What is open; of a change, what is open and was not before it.
    pub findings: Vec<Finding>,
    /// What rules found that are newer than the pinned rule set and do not count yet: in no
    /// threshold and no count. Ranked like the findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advising: Vec<Finding>,
    /// What the findings are new against, where a change was checked (`staged`, `diff`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// What somebody decided not to act on.
    pub suppressed: Vec<SuppressedFinding>,
    /// What could not be told; outside every threshold.
    pub unresolved: Vec<Unresolved>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Parts that did not happen.
    pub not_checked: Vec<NotChecked>,
    /// What is wrong with the suppressions themselves, sorted by place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The lowest severity that makes the check fail.
    pub threshold: Severity,
}

impl Report {
    /// The version this code writes.
    pub const VERSION: u32 = 1;

    /// How many open findings there are of each severity; all four are always present.
    pub fn counts(&self) -> BTreeMap<Severity, u64> {
        let mut counts: BTreeMap<_, _> = Severity::ALL.into_iter().map(|s| (s, 0)).collect();
        for finding in self.open() {
            *counts.entry(finding.severity).or_default() += 1;
        }
        counts
    }

    /// The findings that count: the open ones and those only the change itself wants suppressed, if
    /// their rules do more than advise.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        let proposed = self.suppressed.iter().filter(|s| s.is_open()).map(|s| &s.finding);
        self.findings.iter().chain(proposed)
    }

    /// Whether no rule found anything, suppressed or not.
    pub fn found_nothing(&self) -> bool {
        self.findings.is_empty() && self.advising.is_empty() && self.suppressed.is_empty()
    }

    /// Whether an open finding reaches the threshold.
    pub fn over_threshold(&self) -> bool {
        self.open().any(|finding| finding.severity >= self.threshold)
    }

    /// Whether every required part happened and every file that should be seen was.
    pub fn is_complete(&self) -> bool {
        self.coverage.is_complete() && !self.not_checked.iter().any(|part| part.required)
    }
}

/// Something to put right about a suppression; no finding, and outside every threshold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Where the suppression is written; absent for configuration and policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What is wrong with it.
    pub kind: NoteKind,
    /// One sentence without a final full stop.
    pub message: String,
}

/// What can be wrong with a suppression.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// It names no rule, so nobody knows what it was meant for: not applied.
    Bare,
    /// Its end has passed: not applied.
    Expired,
    /// It ends within 14 days.
    Expiring,
    /// It gives no reason: not applied.
    NoReason,
    /// It cannot be read as a suppression: not applied.
    Unreadable,
    /// It names a rule nobody has: not applied.
    UnknownRule,
    /// Nothing it names was found.
    Unused,
}

/// What a change was measured against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The commit before it; absent before the first commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<GitOid>,
    /// How many occurrences of open findings the files it touches had before it and still have.
    pub unchanged: u64,
}

/// The program and the rules that produced a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `penstock`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest over every rule's id and text: two reports with the same digest asked the same.
    pub rule_set: Sha256,
}

/// What a check looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Which project, where it could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// The commit whose tree was scanned; absent when the work tree itself was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<GitOid>,
    /// The tree of that commit at the project's directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<GitOid>,
    /// Which files: `work-tree`, `commit`, `staged`, `diff`, `history` or `stdin`.
    pub scope: String,
}
