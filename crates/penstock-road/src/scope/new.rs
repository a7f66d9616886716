//! What of a report is new against the state before.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use penstock_model::{
    Finding, Fingerprint, GitOid, Location, RepoPath, Report, RuleId, report::Change,
};

use crate::{commit_tree::CommitTree, history::is_of_a_line};

type Key = (RuleId, Fingerprint);

/// Leaves of what is open in a report what was not open before: of each fingerprint as many
/// occurrences as there are more of it. Where only some of equal ones are new, those in lines the
/// change touches stay.
///
/// Notes on suppressions that match nothing are dropped, since only a part of the files was seen.
pub(super) fn only_new(
    report: &mut Report,
    old: Option<&Report>,
    base: Option<GitOid>,
    after: &dyn Content,
    before: &CommitTree,
) {
    let mut known: BTreeMap<Key, u64> = BTreeMap::new();
    for finding in old.iter().flat_map(|old| old.findings.iter().chain(&old.advising)) {
        *known.entry(key(finding)).or_default() += finding.occurrences();
    }
    let mut now: BTreeMap<Key, Vec<Location>> = BTreeMap::new();
    for finding in report.open().chain(&report.advising) {
        now.entry(key(finding)).or_default().extend(places(finding).cloned());
    }
    let advises: BTreeSet<Key> = report.advising.iter().map(key).collect();
    let mut change = Change { base, unchanged: 0 };
    let mut lines = ChangedLines { after, before, by_path: BTreeMap::new() };
    let mut kept: BTreeMap<Key, BTreeSet<Location>> = BTreeMap::new();
    for (key, mut places) in now {
        let before = known.get(&key).copied().unwrap_or(0);
        let new = (places.len() as u64).saturating_sub(before);
        if !advises.contains(&key) {
            change.unchanged += places.len() as u64 - new;
        }
        if before > 0 && new > 0 {
            // Stable: where the lines do not tell, the later place is the copy.
            places.reverse();
            places.sort_by_key(|place| !lines.touch(place));
        }
        places.truncate(usize::try_from(new).unwrap_or(usize::MAX));
        kept.insert(key, places.into_iter().collect());
    }
    report.findings.retain_mut(|finding| keep(finding, &kept));
    report.advising.retain_mut(|finding| keep(finding, &kept));
    report
        .suppressed
        .retain_mut(|suppressed| !suppressed.is_open() || keep(&mut suppressed.finding, &kept));
    if let Some(old) = old {
        let known: HashSet<_> =
            old.unresolved.iter().map(|u| (&u.rule, &u.location.path, &u.question)).collect();
        report.unresolved.retain(|u| !known.contains(&(&u.rule, &u.location.path, &u.question)));
    }
    report.notes.retain(is_of_a_line);
    report.change = Some(change);
}

fn key(finding: &Finding) -> Key {
    (finding.rule.clone(), finding.fingerprint.clone())
}

fn places(finding: &Finding) -> impl Iterator<Item = &Location> {
    std::iter::once(&finding.location).chain(&finding.also)
}

/// Reduces a finding to its new places; whether one is left.
fn keep(finding: &mut Finding, kept: &BTreeMap<Key, BTreeSet<Location>>) -> bool {
    let Some(kept) = kept.get(&key(finding)) else { return false };
    let mut left = places(finding).filter(|place| kept.contains(place)).cloned();
    let Some(first) = left.next() else { return false };
    let also = left.collect();
    if first != finding.location {
        // The excerpt is that of the place that was there before.
        finding.excerpt = None;
        finding.location = first;
    }
    finding.also = also;
    true
}

/// Where the content after a change comes from.
pub(super) trait Content {
    fn content(&self, path: &RepoPath) -> Option<Vec<u8>>;
}

impl Content for CommitTree {
    fn content(&self, path: &RepoPath) -> Option<Vec<u8>> {
        Self::content(self, path)
    }
}

/// Which lines of which files a change touches, worked out only for files that are asked for: lines
/// whose text the file did not have before.
struct ChangedLines<'a> {
    after: &'a dyn Content,
    before: &'a CommitTree,
    by_path: BTreeMap<RepoPath, BTreeSet<u32>>,
}

impl ChangedLines<'_> {
    fn touch(&mut self, place: &Location) -> bool {
        let Some(region) = place.region else { return false };
        let (after, before) = (self.after, self.before);
        let lines = self.by_path.entry(place.path.clone()).or_insert_with(|| {
            let old = before.content(&place.path).unwrap_or_default();
            let old: HashSet<&[u8]> = old.split(|byte| *byte == b'\n').collect();
            let new = after.content(&place.path).unwrap_or_default();
            let lines = (1_u32..).zip(new.split(|byte| *byte == b'\n'));
            lines.filter(|(_, line)| !old.contains(line)).map(|(number, _)| number).collect()
        });
        lines.range(region.start_line..=region.end_line).next().is_some()
    }
}
