use penstock_statement::predicate::SignatureStatus;

use super::Criterion;
use crate::scope::Told;

pub(super) const PERSONS_KNOWN: Criterion = Criterion {
    id: "persons-known",
    area: 2,
    maturity: 2,
    title: "everybody behind every deployed change is a person of the policy",
    controls: &["AC-3", "CM-3"],
    judge: |scope| {
        scope.every(
            "changes",
            |_| true,
            |shipped| {
                let Some(change) = scope.change_of(shipped) else {
                    return Told::unknown("the source change");
                };
                if let Some(gap) = &change.predicate().gap {
                    return Told::unknown(format!("the whole history: {gap}")).by(change);
                }
                let policy = &scope.input.policy;
                let stranger = change
                    .predicate()
                    .parties()
                    .find(|p| policy.person_of_email(&p.email).is_none());
                match stranger {
                    Some(party) => {
                        Told::no(format!("`{}` is nobody in the policy", party.email)).by(change)
                    }
                    None => Told::yes("all known").by(change),
                }
            },
        )
    },
};

pub(super) const COMMITS_SIGNED: Criterion = Criterion {
    id: "commits-signed",
    area: 2,
    maturity: 3,
    title: "every commit of every deployed change carries a signature that was verified",
    controls: &["AC-3", "AC-6", "CM-3"],
    judge: |scope| {
        scope.every(
            "changes",
            |_| true,
            |shipped| {
                let Some(change) = scope.change_of(shipped) else {
                    return Told::unknown("the source change");
                };
                let status = |s| change.predicate().commits.iter().find(|c| c.signature == s);
                if let Some(commit) =
                    status(SignatureStatus::Unsigned).or_else(|| status(SignatureStatus::Invalid))
                {
                    let id = commit.id.short();
                    return Told::no(format!("commit {id} has no good signature")).by(change);
                }
                if status(SignatureStatus::Unverified).is_some() {
                    return Told::unknown("the verification of commit signatures").by(change);
                }
                Told::yes("all signed").by(change)
            },
        )
    },
};

pub(super) const PIPELINE_EDITS_APPROVED: Criterion = Criterion {
    id: "pipeline-edits-approved",
    area: 2,
    maturity: 3,
    title: "changes to the pipeline were approved by somebody else before they were deployed",
    controls: &["AC-5", "CM-3"],
    judge: |scope| {
        scope.every(
            "changes",
            |_| true,
            |shipped| {
                let Some(change) = scope.change_of(shipped) else {
                    return Told::unknown("the source change");
                };
                let edits = |c: &penstock_statement::predicate::ChangedCommit| {
                    c.edits_pipeline || c.edits_policy
                };
                if !change.predicate().commits.iter().any(edits) {
                    return Told::yes("no pipeline edit").by(change);
                }
                match scope.approvals_by_others(shipped).first() {
                    Some(approval) => Told::yes("approved").by(*approval).by(change),
                    None => Told::no("edits the pipeline, approved by nobody else").by(change),
                }
            },
        )
    },
};
