//! Findings of rules that are newer than the pinned rule set.

use std::collections::BTreeMap;

use penstock_model::{Finding, SuppressedFinding, Timestamp};

use crate::{Options, Rule};

/// Takes what only advises out of what counts: findings of rules that came with a newer rule set
/// than the pinned one, until their month is 30 days old. What is suppressed is marked alike, because
/// a suppression that is only proposed must not make it count.
pub(super) fn split_off(
    known: &[&'static Rule],
    options: &Options,
    findings: &mut Vec<Finding>,
    suppressed: &mut [SuppressedFinding],
) -> Vec<Finding> {
    let Some(pin) = options.rule_set else { return Vec::new() };
    let until: BTreeMap<&str, Timestamp> = known
        .iter()
        .filter_map(|rule| {
            // A rule of which nobody knows the set counts.
            let set = rule.rule_set().ok().filter(|set| *set > pin)?;
            let until = set.counts_from().filter(|until| options.now < *until)?;
            Some((rule.id, until))
        })
        .collect();
    let advises = |finding: &Finding| until.get(finding.rule.as_str()).copied();
    for suppressed in suppressed {
        suppressed.finding.advises_until = advises(&suppressed.finding);
    }
    for finding in findings.iter_mut() {
        finding.advises_until = advises(finding);
    }
    findings.extract_if(.., |finding| finding.advises_until.is_some()).collect()
}

#[cfg(test)]
mod tests;
