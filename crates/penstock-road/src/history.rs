//! The check of everything that was ever committed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use penstock_check::{Engine, Entry, Listing, ReadError, Tree, TreeError};
use penstock_git::{Backwards, Handles, Past, PastBlob};
use penstock_model::{
    Area, History, NotChecked, ProjectId, RepoPath, Report, SkipReason, Skipped,
    SuppressionAuthority,
    report::{Note, NoteKind, Subject},
};

use crate::{
    commit_tree::{read_error, skip_reason},
    error::RoadError,
    scope::{Place, Scoped},
};

/// The areas whose findings matter in files that are no longer there: a secret stays one.
const AREAS: [Area; 1] = [Area::Secrets];

/// Looks for secrets in every file content that any commit holds, each once: reachable from any
/// ref or checked-out commit, and with `unreachable` whatever else the object store has. The work
/// tree is not looked at.
///
/// Configuration and suppressions are those of the checked-out commit, and what an old version of a
/// file says about itself is taken. What is missing, damaged or cut off makes the result
/// incomplete, and everything else is looked at all the same.
///
/// # Errors
/// Refs or a configuration that cannot be read.
pub fn history(engine: &Engine, place: &Place<'_>, unreachable: bool) -> Result<Scoped, RoadError> {
    let repository = place.repository;
    let head = repository.head().ok();
    let tree = head.and_then(|head| repository.tree_at(&head.id, place.subdirectory).ok());
    let settings = place.settings(tree.as_ref())?;
    let past = repository.past(place.subdirectory, unreachable)?;
    let project = place.identity();
    let mut options = place.options(&settings, project.as_ref());
    options.areas = Some(AREAS.to_vec());
    options.require.retain(|area| AREAS.contains(area));
    options.partial = true;
    let tree = PastTree { past, handles: repository.handles(), walked: Mutex::default() };
    let mut report = engine.check(&tree, subject(project), &options)?;
    report.not_checked = not_checked(engine, &tree.past, unreachable);
    cover(&mut report, &tree.past);
    settle(&mut report);
    Ok(Scoped { baseline: settings.baseline(&tree), name: settings.name, report })
}

/// Whether a note is not about a configuration entry or a baseline entry that matches nothing: of
/// those only a check of all files can tell.
pub(crate) fn is_of_a_line(note: &Note) -> bool {
    note.kind != NoteKind::Unused || note.location.as_ref().is_some_and(|at| at.region.is_some())
}

fn subject(project: Option<ProjectId>) -> Subject {
    Subject { project, commit: None, tree: None, scope: "history".to_owned() }
}

/// History as a tree: its places may have had several contents.
struct PastTree {
    past: Past,
    handles: Handles,
    walked: Mutex<Backwards>,
}

impl PastTree {
    fn blob(&self, entry: &Entry) -> Option<&PastBlob> {
        self.past.blobs().get(usize::try_from(entry.version).ok()?)
    }
}

impl Tree for PastTree {
    fn list(&self) -> Result<Listing, TreeError> {
        let entry = |(version, blob): (u32, &PastBlob)| Entry {
            version,
            ..Entry::new(blob.path.clone(), 0)
        };
        let files = (0..).zip(self.past.blobs()).map(entry).collect();
        Ok(Listing { files, skipped: Vec::new() })
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        let blob = self.blob(entry).ok_or_else(|| ReadError::unreadable("no such content"))?;
        self.handles.with(|repository| repository.past_blob(blob, limit)).map_err(read_error)
    }

    fn history(&self, entry: &Entry) -> Option<History> {
        let blob = self.blob(entry)?;
        let first = self.past.first(blob)?;
        let mut walked = self.walked.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.handles.with(|repository| self.past.last(repository, blob, &mut walked));
        let last = last.unwrap_or_else(|| first.clone());
        Some(History { first, last, at_head: blob.is_at_head() })
    }
}

/// What of history was seen, and what not.
fn cover(report: &mut Report, past: &Past) {
    let coverage = &mut report.coverage;
    coverage.blobs = std::mem::take(&mut coverage.files);
    coverage.commits = past.commits();
    if past.links > 0 {
        *coverage.skipped.entry(SkipReason::NotRegular).or_default() += past.links;
    }
    let mut incomplete: Vec<Skipped> = past
        .gaps
        .iter()
        .map(|gap| {
            let mut detail = gap.error.to_string();
            if gap.is_commit {
                let lost = commits(past.unreachable);
                detail.push_str(&format!(
                    "; {lost} to which nothing leads were looked at instead of what is behind it"
                ));
            }
            Skipped { path: gap.path.clone(), reason: skip_reason(&gap.error), detail }
        })
        .collect();
    if past.shallow > 0
        && let Ok(path) = RepoPath::new(*b".git/shallow")
    {
        let detail = format!(
            "a shallow clone: the parents of {} are missing, with all before them; run git fetch --unshallow",
            commits(past.shallow)
        );
        incomplete.push(Skipped { path, reason: SkipReason::Missing, detail });
    }
    for skipped in incomplete {
        *coverage.skipped.entry(skipped.reason).or_default() += 1;
        coverage.incomplete.push(skipped);
    }
    coverage.incomplete.sort();
}

fn commits(count: u64) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}

/// Everything committed is decided, and a place is named once, however many versions of the file
/// had the finding there.
fn settle(report: &mut Report) {
    for finding in report.findings.iter_mut().chain(&mut report.advising) {
        let mut paths = BTreeSet::from([finding.location.path.clone()]);
        finding.also.retain(|place| paths.insert(place.path.clone()));
    }
    // What is not there any more may have been accepted once.
    report.notes.retain(is_of_a_line);
    let mut seen = BTreeMap::new();
    report.suppressed.retain_mut(|suppressed| {
        let authority = &mut suppressed.suppression.authority;
        if *authority == SuppressionAuthority::Proposed {
            *authority = SuppressionAuthority::Base;
        }
        let finding = &suppressed.finding;
        let key = (finding.fingerprint.clone(), finding.location.path.clone());
        seen.insert(key, ()).is_none()
    });
}

/// What a look at history leaves out.
fn not_checked(engine: &Engine, past: &Past, unreachable: bool) -> Vec<NotChecked> {
    let part = |part: String, reason: String| NotChecked { part, reason, required: false };
    let mut areas: Vec<Area> = engine.rules().iter().map(|rule| rule.area).collect();
    areas.sort();
    areas.dedup();
    areas.retain(|area| !AREAS.contains(area));
    let mut parts: Vec<NotChecked> = areas
        .iter()
        .map(|area| {
            let reason = "old versions are searched for secrets only; penstock check looks at the \
                          files as they are";
            part(format!("{} in history", area.name()), reason.to_owned())
        })
        .collect();
    let reason = "only what was committed; penstock check looks at the files as they are";
    parts.push(part("the work tree".to_owned(), reason.to_owned()));
    if past.submodules > 0 {
        let reason = format!(
            "their files are in other repositories: check those; {} of them are named",
            commits(past.submodules)
        );
        parts.push(part("submodules".to_owned(), reason));
    }
    if !unreachable {
        let reason = "what was amended or dropped and not yet collected; give --unreachable";
        parts.push(part("objects no ref leads to".to_owned(), reason.to_owned()));
    }
    parts
}
