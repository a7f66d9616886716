use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use penstock_check::{Engine, Entry, Listing, ReadError, Tree, TreeError, WorkTree, against_base};
use penstock_git::{EntryKind, GitError};
use penstock_model::{GitOid, ProjectId, RepoPath, Report, SkipReason, report::Subject};

use super::{
    Place, Scoped,
    new::{Content, only_new},
};
use crate::{check::check as check_tree, commit_tree::CommitTree, error::RoadError};

/// Checks the work tree beneath `root` against a revision: only findings count that the
/// revision's own files do not have, wherever in them; nothing new is clean.
///
/// The revision is taken as it is, not its merge base with what is checked out: configuration,
/// baseline and ignores are read from it, so it must be the place the change wants to enter, as it
/// is now. Only files whose content differs are looked at on either side, unless a check looks at
/// the project as a whole. Ignored files are looked at where they are tracked.
///
/// # Errors
/// A revision that names no commit, a configuration, an index or a directory that cannot be read.
pub fn diff(
    engine: &Engine,
    place: &Place<'_>,
    root: &Path,
    revision: &str,
) -> Result<Scoped, RoadError> {
    let repository = place.repository;
    let base = repository.resolve(revision)?.id;
    let tree = match repository.tree_at(&base, place.subdirectory) {
        Ok(tree) => Some(tree),
        Err(GitError::PathNotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let settings = place.settings(tree.as_ref())?;
    let mut old: BTreeMap<RepoPath, GitOid> = BTreeMap::new();
    for entry in tree.as_ref().map_or_else(|| Ok(Vec::new()), |tree| repository.files(tree))? {
        if matches!(entry.kind, EntryKind::File { .. }) {
            old.insert(entry.path, entry.oid);
        }
    }
    let mut after = Selected::new(root, repository.indexed_files(place.subdirectory)?)?;
    if !engine.looks_at_project() {
        let paths = after.listing.files.iter().map(|entry| entry.path.clone());
        let paths: BTreeSet<RepoPath> = paths.collect();
        let changed = repository.changed_files(place.subdirectory, &old, paths.iter().cloned())?;
        after.listing.files.retain(|entry| changed.contains(&entry.path));
        old.retain(|path, _| changed.contains(path) || !paths.contains(path));
    }
    let before = CommitTree::some(repository, old);
    let check = |project: Option<ProjectId>| -> Result<Report, RoadError> {
        let mut options = place.options(&settings, project.as_ref());
        options.partial = !engine.looks_at_project();
        let subject = |commit: Option<&GitOid>| Subject {
            project: project.clone(),
            commit: commit.cloned(),
            tree: tree.clone().filter(|_| commit.is_some()),
            scope: "diff".to_owned(),
        };
        let mut report = check_tree(engine, &after, subject(None), &options)?;
        let old = if report.found_nothing() {
            None
        } else {
            let old = engine.check(&before, subject(Some(&base)), &options)?;
            against_base(&mut report, &old);
            Some(old)
        };
        only_new(&mut report, old.as_ref(), Some(base.clone()), &after, &before);
        Ok(report)
    };
    let report = place.with_identity(check)?;
    Ok(Scoped { baseline: settings.baseline(&after), name: settings.name, report })
}

/// Some files of a directory.
struct Selected {
    tree: WorkTree,
    listing: Listing,
}

impl Selected {
    /// All that are not ignored, and those that are and were added all the same.
    fn new(root: &Path, tracked: Vec<RepoPath>) -> Result<Self, RoadError> {
        let tree = WorkTree::new(root);
        let mut listing = tree.list().map_err(penstock_check::CheckError::from)?;
        let known: BTreeSet<RepoPath> =
            listing.files.iter().map(|entry| entry.path.clone()).collect();
        for path in tracked {
            if !known.contains(&path)
                && let Some(size) = size(root, &path)
            {
                let ignored = |reason| reason == SkipReason::Ignored;
                listing.skipped.retain(|s| s.path != path || !ignored(s.reason));
                listing.files.push(Entry::new(path, size));
            }
        }
        Ok(Self { tree, listing })
    }
}

/// The size of a regular file to which no link leads.
fn size(root: &Path, path: &RepoPath) -> Option<u64> {
    let parents = path.as_path().ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
    for parent in parents {
        root.join(parent).symlink_metadata().ok().filter(|found| found.is_dir())?;
    }
    let found = root.join(path.as_path()).symlink_metadata().ok()?;
    found.is_file().then_some(found.len())
}

impl Tree for Selected {
    fn list(&self) -> Result<Listing, TreeError> {
        Ok(self.listing.clone())
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.tree.read(entry, limit)
    }
}

impl Content for Selected {
    fn content(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let entry = self.listing.files.iter().find(|entry| entry.path == *path)?;
        self.tree.read(entry, penstock_check::Options::MAX_FILE_BYTES).ok()
    }
}
