use std::collections::BTreeMap;

use penstock_model::{GitOid, Report, Sha256, SuppressionAuthority};
use penstock_statement::{
    ResourceDescriptor, Statement,
    predicate::{CheckResult, SuppressedCount},
};

use super::RunFacts;

/// The `check` statement about a commit and its tree; `None` for a run of the work tree, whose check
/// is about nothing anybody else could look at.
///
/// `report` is the digest of the full report as stored.
pub fn check_result(
    facts: &RunFacts,
    result: &Report,
    report: &Sha256,
    base: Option<&GitOid>,
) -> Option<Statement<CheckResult>> {
    let subjects = vec![
        ResourceDescriptor::git_commit(facts.commit.as_ref()?),
        ResourceDescriptor::git_tree(facts.tree.as_ref()?),
    ];
    let mut suppressed: BTreeMap<SuppressionAuthority, u64> = BTreeMap::new();
    for finding in &result.suppressed {
        *suppressed.entry(finding.suppression.authority).or_default() += 1;
    }
    Some(Statement::new(
        subjects,
        CheckResult {
            project: facts.project.clone(),
            tool: result.tool.clone(),
            configuration: facts.configuration,
            base: base.cloned(),
            areas: result.areas.clone(),
            coverage: result.coverage.clone(),
            not_checked: result.not_checked.clone(),
            complete: result.is_complete(),
            counts: result.counts(),
            unresolved: result.unresolved.len() as u64,
            suppressed: suppressed
                .into_iter()
                .map(|(authority, count)| SuppressedCount { authority, count })
                .collect(),
            report: ResourceDescriptor {
                media_type: Some("application/json".to_owned()),
                ..ResourceDescriptor::sha256("report.v1.json", report)
            },
            checked_on: result.now,
        },
    ))
}
