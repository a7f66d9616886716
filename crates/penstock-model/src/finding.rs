use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Applicability, Audience, Confidence, Fingerprint, GitOid, Location, Region, RepoPath, RuleId,
    Severity, Timestamp,
};

/// One thing a rule found in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How bad it is; a rule may raise or lower its own default for one finding.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// For whom it is worth reading.
    pub audience: Audience,
    /// One sentence without a final full stop; never contains a secret.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Other places that make the finding understandable, in reading order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// The line shown to a person, secrets already masked. Absent for whole files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// The finding's identity across commits.
    pub fingerprint: Fingerprint,
    /// What `penstock fix` would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Further places where the same secret stands, sorted. Each counts as one more occurrence of
    /// the fingerprint, so that a second copy is new to a baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Location>,
    /// Where else the same name or file is used, as far as files of the same check say so: CI,
    /// container builds, container services, scripts, code; at most 20. The same name need not be
    /// the same value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<Related>,
    /// Which commits hold it, where history was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// The first instant at which it counts, where its rule is newer than the pinned rule set: until
    /// then it is advice, outside of every threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advises_until: Option<Timestamp>,
}

impl Finding {
    /// How often its fingerprint occurs here: once for its place and once for each further one.
    pub fn occurrences(&self) -> u64 {
        1 + self.also.len() as u64
    }
}

/// Which commits hold what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The earliest commit that has it.
    pub first: Revision,
    /// The latest commit that has it, on any ref.
    pub last: Revision,
    /// Whether the commit that is checked out still has it.
    pub at_head: bool,
}

/// One commit, and when it says it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// The commit.
    pub commit: GitOid,
    /// Its committer's time.
    pub time: Timestamp,
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What this place adds: `runs their install scripts`.
    pub message: String,
    /// The line shown to a person, secrets already masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// A change that removes a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// What it does, as an imperative sentence.
    pub title: String,
    /// Whether a person must read it first.
    pub applicability: Applicability,
    /// The edits, all in the finding's repository, none overlapping.
    pub edits: Vec<Edit>,
}

/// A replacement of one stretch of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file.
    pub path: RepoPath,
    /// What is replaced.
    pub region: Region,
    /// What takes its place.
    pub replacement: String,
}

/// A finding somebody decided not to act on, kept in the result with who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuppressedFinding {
    /// What was found.
    pub finding: Finding,
    /// By what it was suppressed.
    pub suppression: Suppression,
}

impl SuppressedFinding {
    /// Whether it counts all the same: only the change itself wants it suppressed, and its rule does
    /// more than advise.
    pub fn is_open(&self) -> bool {
        self.suppression.authority == SuppressionAuthority::Proposed
            && self.finding.advises_until.is_none()
    }
}

/// The decision not to act on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// Where the decision is written.
    pub authority: SuppressionAuthority,
    /// Why, in the words of who decided.
    pub reason: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The other tool in whose words it is written: `zizmor`. Absent for our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Where it is written, if neither in the baseline nor in the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<SuppressionPlace>,
}

/// Where somebody wrote a suppression.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionPlace {
    /// In a comment, beside what is found.
    Comment,
    /// In the configuration, or in another tool's ignore file.
    Configuration,
}

/// Where a suppression is written, and so how much it counts for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionAuthority {
    /// An inline comment or a configuration entry that was there before the change.
    Base,
    /// The same, added by the change itself: it is proposed, and the finding counts as open.
    Proposed,
    /// An exception of the pinned policy.
    Policy,
    /// The baseline, as it was before the change.
    Baseline,
}

/// A question a rule could not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unresolved {
    /// The rule that asked.
    pub rule: RuleId,
    /// Where.
    pub location: Location,
    /// What it wanted to know.
    pub question: String,
    /// The fact whose absence makes it unknown.
    pub fact: String,
}
