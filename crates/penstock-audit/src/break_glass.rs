use penstock_model::{Sha256, Timestamp};
use penstock_statement::{Verified, predicate::Deployment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scope::Scope;

/// A deployment somebody forced past its gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BreakGlassItem {
    /// Evidence id of the deployment.
    pub evidence: Sha256,
    /// Where.
    pub environment: String,
    /// Evidence id of the run seal.
    pub run: Sha256,
    /// Who took the responsibility.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// The gate rules that were overridden.
    pub overridden: Vec<String>,
    /// When.
    pub deployed_on: Timestamp,
    /// By when somebody else must have reviewed it.
    pub review_by: Timestamp,
    /// What became of the review.
    pub review: Review,
    /// When it must have passed its gate or been replaced.
    pub expires: Timestamp,
    /// Whether it did: the environment holds something its gate let in.
    pub resolved: bool,
    /// Whether it is still there after its end.
    pub overstayed: bool,
}

/// What became of the review of a forced deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Review {
    /// Somebody else spoke on it in time.
    Done {
        /// Who.
        by: String,
    },
    /// Somebody else spoke on it, too late.
    Late {
        /// Who.
        by: String,
    },
    /// Nobody has, and the time is up.
    Overdue,
    /// Nobody has, there is still time.
    Waiting,
}

impl BreakGlassItem {
    /// Whether something about it was not put right in time.
    pub fn is_unanswered(&self) -> bool {
        self.overstayed || matches!(self.review, Review::Late { .. } | Review::Overdue)
    }
}

/// Everything that was forced in within the period, or earlier and is not put right yet.
pub(crate) fn items(scope: &Scope<'_>) -> Vec<BreakGlassItem> {
    let mut items: Vec<_> = scope.deployments().filter_map(|d| item(scope, d)).collect();
    items.retain(|item| {
        let in_scope = scope.shipped.iter().any(|s| s.evidence.evidence == item.evidence);
        in_scope
            || !item.resolved
            || !matches!(item.review, Review::Done { .. } | Review::Late { .. })
    });
    items
}

fn item(scope: &Scope<'_>, evidence: &Verified<Deployment>) -> Option<BreakGlassItem> {
    let deployment = evidence.predicate();
    let glass = deployment.break_glass.as_ref()?;
    let now = scope.input.now;
    let admitted_later = scope
        .deployments()
        .filter(|d| d.index > evidence.index)
        .filter(|d| d.predicate().environment == deployment.environment)
        .find(|d| d.predicate().break_glass.is_none());
    let overstayed = match admitted_later {
        Some(later) => later.predicate().deployed_on > glass.expires,
        None => now > glass.expires,
    };
    Some(BreakGlassItem {
        evidence: evidence.evidence,
        environment: deployment.environment.clone(),
        run: deployment.run,
        by: glass.by.clone(),
        reason: glass.reason.clone(),
        overridden: glass.overridden.clone(),
        deployed_on: deployment.deployed_on,
        review_by: glass.review_by,
        review: review(scope, evidence, &glass.by, glass.review_by),
        expires: glass.expires,
        resolved: admitted_later.is_some(),
        overstayed,
    })
}

/// A review is another person's word, approving or rejecting, on the same release in the same
/// environment, given after it was forced in.
fn review(
    scope: &Scope<'_>,
    evidence: &Verified<Deployment>,
    by: &str,
    review_by: Timestamp,
) -> Review {
    let deployment = evidence.predicate();
    let first = scope
        .words_on(deployment.run)
        .iter()
        .filter(|word| word.index > evidence.index)
        .map(|word| word.predicate())
        .filter(|word| word.environment == deployment.environment && word.person != by)
        .min_by_key(|word| word.approved_on);
    match first {
        Some(word) if word.approved_on <= review_by => Review::Done { by: word.person.clone() },
        Some(word) => Review::Late { by: word.person.clone() },
        None if scope.input.now > review_by => Review::Overdue,
        None => Review::Waiting,
    }
}
