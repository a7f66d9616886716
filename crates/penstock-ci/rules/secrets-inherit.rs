//! Facts: GitHub docs, "Reuse workflows", passing secrets to nested workflows.

use penstock_check::Findings;
use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    definition::Definition,
    generated::SECRETS_INHERIT,
    uses::{Uses, is_commit},
};

pub(crate) const DETECTOR: Detector = check;

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    for job in &definition.jobs {
        let secrets = job.node.get("secrets");
        if secrets.text() != Some("inherit") {
            continue;
        }
        let Some((called, uses)) = job.uses() else { continue };
        let Uses::Repository { owner, name, reference, .. } = uses else {
            let message = "every secret goes to a workflow of this repository, needed or not";
            findings
                .report(SECRETS_INHERIT, secrets, message)
                .severity(Severity::Low)
                .audience(Audience::Pedantic);
            continue;
        };
        let message = format!("every secret of this repository goes to `{owner}/{name}`");
        let draft = findings.report(SECRETS_INHERIT, secrets, message);
        if reference.is_some_and(is_commit) {
            draft.related(called, "the workflow that gets them");
        } else {
            draft.severity(Severity::High);
            draft.related(called, "the workflow that gets them, and its owner can change it");
        }
    }
}
