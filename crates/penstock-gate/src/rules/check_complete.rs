use penstock_config::policy::Profile;
use penstock_model::{GitOid, Severity, SkipReason, SuppressionAuthority};
use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{CheckResult, RunSeal},
};

use crate::{Case, GateRule, Judgement};

pub(super) const RULE: GateRule = GateRule {
    id: "check-complete",
    title: "the commit was checked completely and is under the threshold",
    remediation: "`penstock check` shows the findings; fix them, commit, `penstock run`",
    controls: &["RA-5", "SA-11", "SI-7"],
    control_areas: &[3, 5],
    threats: &["T2", "T3", "T6"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some((seal, commit, tree)) = commit_of(case) else {
        return Judgement::indeterminate("without a sealed commit no check can be about it");
    };
    let about = |oid: &ResourceDescriptor, check: &Verified<CheckResult>| {
        check.statement.subject.iter().any(|s| s.same_digest(oid))
    };
    let (commit_subject, tree_subject) =
        (ResourceDescriptor::git_commit(commit), ResourceDescriptor::git_tree(tree));
    let newest = case
        .checks()
        .filter(|check| about(&commit_subject, check) && about(&tree_subject, check))
        .max_by_key(|check| check.index);
    let Some(evidence) = newest else {
        let note = case.refused_note(CheckResult::TYPE);
        let other = match case.checks().any(|check| about(&commit_subject, check)) {
            true => "; there is one of this commit, but of another tree",
            false => "",
        };
        return Judgement::indeterminate(format!(
            "no check is about commit {} and tree {}{other}{note}",
            commit.short(),
            tree.short()
        ))
        .remedy("`penstock run` checks the commit it builds")
        .using(seal);
    };
    of_result(case, seal.predicate(), evidence.predicate()).using(seal).using(evidence)
}

fn commit_of<'a>(case: &Case<'a>) -> Option<(&'a Verified<RunSeal>, &'a GitOid, &'a GitOid)> {
    let seal = case.seal()?;
    Some((seal, seal.predicate().commit.as_ref()?, seal.predicate().tree.as_ref()?))
}

fn of_result(case: &Case<'_>, seal: &RunSeal, check: &CheckResult) -> Judgement {
    if check.project != case.policy.project {
        return Judgement::deny(format!(
            "the check is of project `{}`, not `{}`",
            check.project, case.policy.project
        ));
    }
    if let Some(gap) = gap(case, check) {
        return Judgement::indeterminate(gap);
    }
    // The candidate cannot accept its own suppressions: only those of the policy's base count.
    if let Some(base) = &check.base
        && case.policy.base != *base
    {
        return Judgement::deny(format!(
            "the check took the suppressions of commit {} as accepted; the policy accepts {}",
            base.short(),
            case.policy.base.short()
        ))
        .remedy("`penstock run` takes the base from the policy");
    }
    let excused: u64 = by_authority(check, SuppressionAuthority::Policy);
    if excused > 0 && case.policy.exceptions.iter().all(|e| e.expires.has_passed(case.input.now)) {
        return Judgement::deny(format!(
            "the check excuses {excused} by exceptions of the policy, which has none in force"
        ))
        .remedy("`penstock run` again, or `penstock policy adopt` the exception");
    }
    let mut over = Vec::new();
    for severity in Severity::ALL.into_iter().rev().filter(|s| *s >= case.policy.check.threshold) {
        match check.counts.get(&severity).copied().unwrap_or_default() {
            0 => {}
            n => over.push(format!("{n} {severity}")),
        }
    }
    if !over.is_empty() {
        return Judgement::deny(format!(
            "{} open, the threshold is {}",
            over.join(", "),
            case.policy.check.threshold
        ));
    }
    let areas: Vec<_> = check.areas.iter().map(|area| area.name()).collect();
    let message = format!(
        "{} checked, nothing open at {} or above",
        areas.join(", "),
        case.policy.check.threshold
    );
    doubts(case, seal, check).into_iter().fold(Judgement::allow(&message), |judgement, doubt| {
        judgement.and(case.cannot_tell(&message, doubt))
    })
}

/// Why the check is not the whole truth, if it is not.
fn gap(case: &Case<'_>, check: &CheckResult) -> Option<String> {
    if let Some(area) = case.policy.check.required().iter().find(|area| !check.areas.contains(area))
    {
        return Some(format!("the area `{}` is required and did not run", area.name()));
    }
    if let Some(part) = check.not_checked.iter().find(|part| part.required) {
        return Some(format!("{} did not happen: {}", part.part, part.reason));
    }
    if let Some(file) = check.coverage.incomplete.first() {
        return Some(format!("`{}` was not read: {}", file.path, file.detail));
    }
    if !check.complete {
        return Some("the check says of itself that it is not complete".to_owned());
    }
    if check.coverage.files == 0 {
        return Some("the check read no file".to_owned());
    }
    // An absent severity is not a zero.
    Severity::ALL
        .into_iter()
        .find(|severity| !check.counts.contains_key(severity))
        .map(|severity| format!("the check does not count findings of severity {severity}"))
}

/// What level 2 lets pass with a word.
fn doubts(case: &Case<'_>, seal: &RunSeal, check: &CheckResult) -> Vec<String> {
    let mut doubts = Vec::new();
    if check.unresolved > 0 {
        doubts.push(format!("{} questions of the check have no answer", check.unresolved));
    }
    let excluded = check.coverage.skipped.get(&SkipReason::Excluded).copied().unwrap_or_default();
    if excluded > 0 {
        doubts.push(format!("{excluded} files are excluded by the commit's own configuration"));
    }
    if check.configuration != seal.configuration {
        doubts.push("the check used another penstock.toml than the run".to_owned());
    }
    if case.policy.check.required().is_empty() {
        doubts.push("the policy requires no area".to_owned());
    }
    doubts
}

fn by_authority(check: &CheckResult, authority: SuppressionAuthority) -> u64 {
    check.suppressed.iter().filter(|s| s.authority == authority).map(|s| s.count).sum()
}
