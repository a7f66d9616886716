//! Facts: GitHub docs, "Secure use reference", using third-party actions: only the full id of a commit
//! names the same code for ever.

use penstock_check::Findings;
use penstock_document::Node;
use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    definition::{Definition, Job},
    generated::UNPINNED_ACTION,
    uses::{Uses, is_commit, version},
};

/// Owners whose code runs the job anyway: GitHub itself.
const FIRST_PARTY: [&str; 2] = ["actions", "github"];
/// Names branches have; a branch moves with every push, a tag only when somebody forces it.
const BRANCHES: [&str; 8] = ["main", "master", "develop", "dev", "trunk", "next", "latest", "HEAD"];

pub(crate) const DETECTOR: Detector = check;

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    for job in &definition.jobs {
        if let Some((node, uses)) = job.uses() {
            judge(node, uses, Some(job), findings);
        }
    }
    for step in definition.steps() {
        if let Some((node, uses)) = step.uses() {
            judge(node, uses, step.job.as_ref(), findings);
        }
    }
}

fn judge(node: Node<'_>, uses: Uses<'_>, job: Option<&Job<'_>>, findings: &mut Findings<'_>) {
    let Uses::Repository { owner, name, reference, .. } = uses else {
        if let Uses::Docker(image) = uses
            && !image.contains("@sha256:")
        {
            let message = format!("`{image}` is an image without a digest, so it can change");
            findings.report(UNPINNED_ACTION, node, message).severity(Severity::Medium);
        }
        return;
    };
    let reference = reference.unwrap_or_default();
    if is_commit(reference) {
        return;
    }
    let moves = if BRANCHES.contains(&reference) {
        format!("`{reference}` of `{owner}/{name}` is a branch: every push to it runs here")
    } else if reference.is_empty() {
        format!("`{owner}/{name}` names no version")
    } else if version(reference).is_some() {
        format!("`{reference}` of `{owner}/{name}` is a tag, which its owner can move")
    } else {
        format!("`{reference}` of `{owner}/{name}` is a name, not a commit, and can move")
    };
    let secret = job.and_then(|job| job.secret);
    let writes = job.filter(|job| job.may_write == Some(true)).and_then(|job| job.permissions);
    let draft = findings.report(UNPINNED_ACTION, node, moves);
    if FIRST_PARTY.iter().any(|first| owner.eq_ignore_ascii_case(first)) {
        draft.severity(Severity::Low).audience(Audience::Pedantic);
        return;
    }
    if secret.is_some() || writes.is_some() {
        draft.severity(Severity::High);
    }
    if let Some(node) = secret {
        draft.related(node, "with this in reach");
    }
    if let Some(node) = writes {
        draft.related(node, "with a token that may write");
    }
}
