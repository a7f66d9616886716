use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{
    Finding, Fingerprint, Location, RepoPath, RuleId, SuppressedFinding, Suppression,
    SuppressionAuthority, Timestamp,
    report::{Note, NoteKind},
};

use super::{Baseline, BaselineEntry};

/// How long before an entry ends its owner is told: 14 days, in seconds.
pub(crate) const WARNING: i64 = 14 * 24 * 60 * 60;

/// What the baseline is applied with.
pub(crate) struct Applied<'a> {
    /// The instant called now.
    pub(crate) now: Timestamp,
    /// Whether a rule exists in this version.
    pub(crate) known: &'a dyn Fn(&RuleId) -> bool,
    /// Whether a rule ran over everything, so that nothing found means nothing there.
    pub(crate) ran: &'a dyn Fn(&RuleId) -> bool,
    /// Findings outside of the result (for a wider audience), which entries may speak of.
    pub(crate) hidden: &'a BTreeSet<(RuleId, Fingerprint)>,
}

/// Takes what the baseline covers out of `findings`, which are ranked, and says what is odd about
/// its entries.
///
/// An entry covers as many occurrences of its fingerprint as it counts; where there are more, those
/// at places it does not name are the ones that stay open. In history it covers its value wherever
/// that ever stood: how often it occurs is a question about one tree.
pub(crate) fn apply(
    baseline: &Baseline,
    findings: Vec<Finding>,
    with: &Applied<'_>,
) -> (Vec<Finding>, Vec<SuppressedFinding>, Vec<Note>) {
    let mut of_value: BTreeMap<(RuleId, Fingerprint), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let value = (finding.rule.clone(), finding.fingerprint.clone());
        of_value.entry(value).or_default().push(index);
    }
    let mut covered: BTreeMap<usize, &BaselineEntry> = BTreeMap::new();
    let mut oddities = Oddities::default();
    for entry in baseline.entries() {
        let value = (entry.rule.clone(), entry.fingerprint.clone());
        let found = of_value.get(&value).map(Vec::as_slice).unwrap_or_default();
        if !(with.known)(&entry.rule) {
            oddities.unknown.push(entry);
        } else if found.is_empty() {
            if (with.ran)(&entry.rule) && !with.hidden.contains(&value) {
                oddities.unused.push(entry);
            }
        } else if let Some(end) = entry.expires.filter(|end| *end <= with.now) {
            oddities.expired.entry((entry.owner.as_deref(), end)).or_default().push(entry);
        } else {
            if let Some(end) = entry.expires.filter(|end| is_near(*end, with.now)) {
                oddities.expiring.entry((entry.owner.as_deref(), end)).or_default().push(entry);
            }
            covered.extend(covered_by(entry, found, &findings).map(|index| (index, entry)));
        }
    }
    let (mut open, mut suppressed) = (Vec::new(), Vec::new());
    for (index, finding) in findings.into_iter().enumerate() {
        match covered.get(&index) {
            Some(entry) => {
                suppressed.push(SuppressedFinding { finding, suppression: entry.suppression() });
            }
            None => open.push(finding),
        }
    }
    (open, suppressed, oddities.notes())
}

/// Whether `end`, which has not come, is so near that it is worth a word.
pub(crate) fn is_near(end: Timestamp, now: Timestamp) -> bool {
    end <= now.plus_seconds(WARNING)
}

fn covered_by(
    entry: &BaselineEntry,
    found: &[usize],
    findings: &[Finding],
) -> impl Iterator<Item = usize> {
    let finding = |index: &usize| findings.get(*index);
    let is_old = |index: &usize| finding(index).is_some_and(|f| f.history.is_some());
    let mut order = found.to_vec();
    // The sort is stable: within both groups the ranking stays.
    order.sort_by_key(|index| {
        !finding(index).is_some_and(|finding| entry.paths.contains(&finding.location.path))
    });
    let (old, now): (Vec<usize>, Vec<usize>) = order.into_iter().partition(is_old);
    let count = usize::try_from(entry.count).unwrap_or(usize::MAX);
    now.into_iter().take(count).chain(old)
}

impl BaselineEntry {
    fn suppression(&self) -> Suppression {
        Suppression {
            authority: SuppressionAuthority::Baseline,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires: self.expires,
            tool: None,
            place: None,
        }
    }
}

/// What is to be said about entries, the like of each other in one note.
#[derive(Default)]
struct Oddities<'a> {
    unknown: Vec<&'a BaselineEntry>,
    unused: Vec<&'a BaselineEntry>,
    expired: BTreeMap<(Option<&'a str>, Timestamp), Vec<&'a BaselineEntry>>,
    expiring: BTreeMap<(Option<&'a str>, Timestamp), Vec<&'a BaselineEntry>>,
}

impl Oddities<'_> {
    fn notes(self) -> Vec<Note> {
        let location = RepoPath::new(Baseline::FILE_NAME).ok().map(Location::file);
        let note = |kind, message: String| Note { location: location.clone(), kind, message };
        let owned = |owner: Option<&str>| {
            owner.map_or_else(|| "nobody owns them".to_owned(), |owner| format!("owner: {owner}"))
        };
        let mut notes = Vec::new();
        if !self.unknown.is_empty() {
            let text = format!("{}: no rule of this version; not applied", named(&self.unknown));
            notes.push(note(NoteKind::UnknownRule, text));
        }
        if !self.unused.is_empty() {
            let text = format!(
                "{}: nothing is found any more; penstock init --baseline --prune removes it",
                named(&self.unused)
            );
            notes.push(note(NoteKind::Unused, text));
        }
        for ((owner, end), entries) in self.expired {
            let text = format!(
                "{}: ended on {end} ({}), so it counts again; fix it or set a new end",
                named(&entries),
                owned(owner)
            );
            notes.push(note(NoteKind::Expired, text));
        }
        for ((owner, end), entries) in self.expiring {
            let text = format!("{}: ends on {end} ({})", named(&entries), owned(owner));
            notes.push(note(NoteKind::Expiring, text));
        }
        notes
    }
}

/// `3 entries (ci/eval, secrets/token)`: how many, and of which rules, three at most.
fn named(entries: &[&BaselineEntry]) -> String {
    const SHOWN: usize = 3;
    let rules: BTreeSet<&str> = entries.iter().map(|entry| entry.rule.as_str()).collect();
    let mut shown: Vec<&str> = rules.iter().take(SHOWN).copied().collect();
    if rules.len() > SHOWN {
        shown.push("…");
    }
    let count = match entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    format!("{count} ({})", shown.join(", "))
}
