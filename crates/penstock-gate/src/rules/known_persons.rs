use penstock_config::policy::Profile;
use penstock_statement::predicate::SignatureStatus;

use crate::{Case, GateRule, Judgement, change::Change};

pub(super) const RULE: GateRule = GateRule {
    id: "known-persons",
    title: "everybody in the change is a person of the policy",
    remediation: "add the person to the policy (`penstock policy adopt`), or fetch the history",
    controls: &["AC-3", "AC-5", "IA-2"],
    control_areas: &[2],
    threats: &["T6", "T9"],
    effective: None,
    from: Profile::Level3,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    if let Some(before) = case.admitted_before() {
        return Judgement::allow(format!(
            "its change was judged when it was admitted here, {}",
            before.predicate().deployed_on
        ))
        .using(before);
    }
    let change = match Change::of(case) {
        Ok(change) => change,
        Err(missing) => return Judgement::indeterminate(missing),
    };
    let commits = &change.evidence.predicate().commits;
    let with = |status| commits.iter().find(move |commit| commit.signature == status);
    let judgement = if let Some(gap) = change.gaps.first() {
        Judgement::indeterminate(gap.as_str())
    } else if let Some(commit) = with(SignatureStatus::Invalid) {
        Judgement::deny(format!("the signature of commit {} does not verify", commit.id.short()))
            .remedy("find out who made it; its author is not who it says")
    } else if change.proved == commits.len() {
        Judgement::allow(format!("{} commits, all by known persons and signed", commits.len()))
    } else if case.environment.profile >= Profile::Level4 {
        Judgement::indeterminate(change.doubts().join("; "))
            .remedy("sign every commit with a key the policy lists")
    } else {
        let persons: Vec<_> = change.persons.keys().copied().collect();
        Judgement::allow(format!("{} commits by {}", commits.len(), persons.join(", ")))
            .warning(change.doubts().join("; "))
    };
    judgement.using(change.evidence)
}
