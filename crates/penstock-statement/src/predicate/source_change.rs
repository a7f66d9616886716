use penstock_model::{GitOid, ProjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Predicate;

/// `source-change/v0.1`: the commits between what is in an environment and what wants to enter it,
/// and the persons behind them.
///
/// The subject is the candidate commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceChange {
    /// The project.
    pub project: ProjectId,
    /// The environment the change is measured against.
    pub environment: String,
    /// The commit last deployed there; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<GitOid>,
    /// The candidate.
    pub to: GitOid,
    /// Every commit reachable from `to` and not from `from`, newest first.
    pub commits: Vec<ChangedCommit>,
    /// Why the list is not the whole truth, if it is not: a shallow clone, history rewritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// One commit of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedCommit {
    /// Its id.
    pub id: GitOid,
    /// Who wrote it.
    pub author: Party,
    /// Who put it into the history.
    pub committer: Party,
    /// Who else wrote it, by its `Co-authored-by` trailers.
    pub co_authors: Vec<Party>,
    /// What is known of its signature.
    pub signature: SignatureStatus,
    /// Whether it touches `penstock.toml` or a pipeline definition.
    pub edits_pipeline: bool,
    /// Whether it touches a policy text in the repository.
    pub edits_policy: bool,
}

/// Somebody named by a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Party {
    /// As the commit says.
    pub name: String,
    /// As the commit says.
    pub email: String,
    /// The person of the policy with that e-mail; absent means unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// What is known of a commit's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureStatus {
    /// There is none.
    Unsigned,
    /// There is one; this version does not verify its kind.
    Unverified,
    /// It verifies with a commit key of the committer's person.
    Verified,
    /// It does not verify, or with nobody's key.
    Invalid,
}

impl SourceChange {
    /// Everybody who had a hand in the change: authors, committers and co-authors.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.commits.iter().flat_map(|commit| {
            [&commit.author, &commit.committer].into_iter().chain(&commit.co_authors)
        })
    }
}

impl Predicate for SourceChange {
    const TYPE: &'static str = "https://penstock.dev/source-change/v0.1";
}
