use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{Finding, Fingerprint, RepoPath, RuleId, Timestamp};

use super::{Baseline, BaselineEntry};

/// How a baseline is brought up to today's findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineUpdate {
    /// The reason new entries give.
    pub reason: String,
    /// Who answers for new entries.
    pub owner: Option<String>,
    /// When new entries end, and those that have ended already end anew.
    pub expires: Option<Timestamp>,
    /// Whether entries that match nothing any more are dropped, and counts lowered.
    pub prune: bool,
    /// The instant called now.
    pub now: Timestamp,
}

/// What bringing a baseline up to date did, in entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaselineChanges {
    /// New ones.
    pub added: usize,
    /// Those that cover more occurrences than before.
    pub raised: usize,
    /// Those whose end had come and was set anew.
    pub renewed: usize,
    /// Those that are as they were.
    pub kept: usize,
    /// Those whose end has come, so that their findings still count.
    pub ended: usize,
    /// Those that match nothing, or fewer occurrences, and stay.
    pub stale: usize,
    /// Those that matched nothing and are gone, and those that cover fewer occurrences now.
    pub pruned: usize,
}

impl Baseline {
    /// This baseline with every one of `findings`, which are all that are open without it. What
    /// entries say of reason, owner and end is kept.
    #[must_use]
    pub fn updated(
        &self,
        findings: &[Finding],
        update: &BaselineUpdate,
    ) -> (Self, BaselineChanges) {
        let mut today = today(findings);
        let mut changes = BaselineChanges::default();
        let mut entries = Vec::with_capacity(today.len());
        for entry in &self.entries {
            let mut entry = entry.clone();
            let found = today.remove(&(entry.rule.clone(), entry.fingerprint.clone()));
            let (count, paths) = found.unwrap_or_default();
            if count < entry.count && update.prune {
                changes.pruned += 1;
                if count == 0 {
                    continue;
                }
            } else if count < entry.count {
                changes.stale += 1;
            } else if count > entry.count {
                changes.raised += 1;
            } else {
                changes.kept += 1;
            }
            if count > entry.count || update.prune {
                entry.count = count;
            }
            if count > 0 {
                entry.paths = paths;
            }
            if entry.expires.is_some_and(|end| end <= update.now) {
                match update.expires {
                    Some(end) => {
                        entry.expires = Some(end);
                        changes.renewed += 1;
                    }
                    None => changes.ended += 1,
                }
            }
            entries.push(entry);
        }
        changes.added = today.len();
        entries.extend(today.into_iter().map(|((rule, fingerprint), (count, paths))| {
            BaselineEntry {
                rule,
                fingerprint,
                count,
                paths,
                reason: update.reason.clone(),
                owner: update.owner.clone(),
                added: Some(first_of_day(update.now)),
                expires: update.expires,
            }
        }));
        (Self::new(entries), changes)
    }
}

/// How often each finding occurs, and in which files.
fn today(findings: &[Finding]) -> BTreeMap<(RuleId, Fingerprint), (u64, Vec<RepoPath>)> {
    let mut today: BTreeMap<_, (u64, BTreeSet<RepoPath>)> = BTreeMap::new();
    for finding in findings {
        let value = (finding.rule.clone(), finding.fingerprint.clone());
        let (count, paths) = today.entry(value).or_default();
        *count = count.saturating_add(finding.occurrences());
        paths.insert(finding.location.path.clone());
        paths.extend(finding.also.iter().map(|place| place.path.clone()));
    }
    let first = |paths: BTreeSet<RepoPath>| paths.into_iter().take(Baseline::MAX_PATHS).collect();
    today.into_iter().map(|(value, (count, paths))| (value, (count, first(paths)))).collect()
}

/// The day an instant lies in: the file says days, not seconds.
fn first_of_day(time: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60;
    time.plus_seconds(-time.unix().rem_euclid(DAY))
}
