use std::path::Path;

use penstock_check::{Engine, against_base};
use penstock_model::{NotChecked, ProjectId, RepoPath, Report, report::Subject};

use super::{Place, Scoped, Settings, configuration, new::only_new};
use crate::{commit_tree::CommitTree, error::RoadError, project::ProjectError};

/// Checks what `git commit` would commit: the regular files of the index that are not the same in
/// the checked-out commit. Only findings count that are not in those files of the commit already,
/// wherever in them; nothing new is clean. Checks of the project as a whole are left out.
///
/// `index` is the index to look at instead of the repository's own (`GIT_INDEX_FILE`).
///
/// # Errors
/// A merge with conflicts, an index or a configuration that cannot be read.
pub fn staged(
    engine: &Engine,
    place: &Place<'_>,
    index: Option<&Path>,
) -> Result<Scoped, RoadError> {
    let repository = place.repository;
    let staged = repository.staged(place.subdirectory, index)?;
    let cache = RepoPath::new(*b".penstock").ok();
    if let Some(path) = cache.and_then(|cache| staged.indexed_within(&cache)) {
        return Err(ProjectError::TrackedCache(path.clone()).into());
    }
    // Before the first commit there is nothing to judge by but what is about to enter.
    let settings = match (&staged.head, staged.indexed(&configuration())) {
        (None, Some(blob)) => Settings::parse(repository, blob)?,
        _ => place.settings(staged.tree.as_ref())?,
    };
    let side = |after: bool| {
        let files = staged.files.iter().filter_map(|file| {
            let oid = if after { &file.after } else { &file.before };
            Some((file.path.clone(), oid.clone()?))
        });
        CommitTree::some(repository, files.collect::<Vec<_>>())
    };
    let (before, mut after) = (side(false), side(true));
    for path in &staged.not_regular {
        after.skip(path.clone(), "a link or a submodule");
    }
    let check = |project: Option<ProjectId>| -> Result<Report, RoadError> {
        let mut options = place.options(&settings, project.as_ref());
        options.partial = true;
        let subject = || Subject {
            project: project.clone(),
            commit: None,
            tree: None,
            scope: "staged".to_owned(),
        };
        let mut report = engine.check(&after, subject(), &options)?;
        if report.found_nothing() {
            only_new(&mut report, None, staged.head.clone(), &after, &before);
        } else if staged.head.is_some() {
            let old = engine.check(&before, subject(), &options)?;
            against_base(&mut report, &old);
            only_new(&mut report, Some(&old), staged.head.clone(), &after, &before);
        } else {
            // There is no change to be judged: what the files say is taken.
            let own = report.clone();
            against_base(&mut report, &own);
            only_new(&mut report, None, None, &after, &before);
        }
        if engine.looks_at_project() {
            report.not_checked.push(NotChecked {
                part: "checks of the project as a whole".to_owned(),
                reason: "--staged looks at the staged files alone; penstock check looks at all"
                    .to_owned(),
                required: false,
            });
        }
        Ok(report)
    };
    let report = place.with_identity(check)?;
    Ok(Scoped { baseline: settings.baseline(&after), name: settings.name, report })
}
