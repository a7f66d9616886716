//! One finding for one secret, however many places hold it.

use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{Area, Finding, Fingerprint, History, Location, RepoPath, RuleId};

use super::rank;

/// Joins open findings of the secrets area that have one rule and one fingerprint: they are one
/// value, which has to be revoked once. The gravest leads (of those one that is still checked out,
/// then the first by path); the places of the others become its further ones.
///
/// Two passwords of equal context and shape share a fingerprint, because the value never enters it;
/// they are joined as well, and each place is named.
pub(super) fn one_per_value(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_cached_key(|finding| {
        let behind = finding.history.as_ref().is_some_and(|history| !history.at_head);
        ((std::cmp::Reverse(finding.severity), behind), rank(finding))
    });
    let mut leads: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut by_value: BTreeMap<(RuleId, Fingerprint), usize> = BTreeMap::new();
    let mut places: BTreeMap<usize, BTreeSet<Place>> = BTreeMap::new();
    for finding in findings {
        if finding.rule.area() != Some(Area::Secrets) {
            leads.push(finding);
            continue;
        }
        let value = (finding.rule.clone(), finding.fingerprint.clone());
        let index = *by_value.entry(value).or_insert(leads.len());
        let seen = places.entry(index).or_default();
        let is_new = seen.insert(Place::of(&finding));
        match leads.get_mut(index) {
            Some(lead) => {
                if is_new {
                    lead.also.push(finding.location);
                }
                lead.also.extend(finding.also);
                lead.history = joined(lead.history.take(), finding.history);
            }
            None => leads.push(finding),
        }
    }
    for lead in &mut leads {
        lead.also.sort();
        lead.also.dedup();
    }
    leads
}

/// What makes two places of a value different ones. Of history only the paths are told apart: the
/// versions of one file that hold a value are told by the commits.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Now(Location),
    Once(RepoPath),
}

impl Place {
    fn of(finding: &Finding) -> Self {
        match finding.history {
            Some(_) => Self::Once(finding.location.path.clone()),
            None => Self::Now(finding.location.clone()),
        }
    }
}

/// Which commits hold one of both.
fn joined(a: Option<History>, b: Option<History>) -> Option<History> {
    let (Some(a), Some(b)) = (&a, &b) else { return a.or(b) };
    let earlier = (b.first.time, &b.first.commit) < (a.first.time, &a.first.commit);
    let later = (b.last.time, &b.last.commit) > (a.last.time, &a.last.commit);
    Some(History {
        first: if earlier { b.first.clone() } else { a.first.clone() },
        last: if later { b.last.clone() } else { a.last.clone() },
        at_head: a.at_head || b.at_head,
    })
}

#[cfg(test)]
mod tests;
