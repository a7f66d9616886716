//! Checks of a change and of history: which commit they are about, and where it says how.

use std::path::{Path, PathBuf};

use penstock_check::Engine;
use penstock_git::Repository;
use penstock_model::{Area, RepoPath};
use penstock_road::{
    error::RoadError,
    history::history,
    project::{ProjectError, refuse_tracked_cache},
    scope::{Place, Scoped, diff, staged},
};

use super::{Looked, directory_name};
use crate::{
    arguments::{self, CheckFormat},
    command::{Context, Failure},
    surroundings::VERSION,
};

/// Checks what was asked for other than the files as they are; `None` where those were.
pub(super) fn look(
    context: &Context,
    wanted: &arguments::Check,
    engine: &Engine,
    root: &Path,
) -> Result<Option<Looked>, Failure> {
    if !wanted.staged && wanted.diff.is_none() && !wanted.history {
        return Ok(None);
    }
    if wanted.history && !wanted.area.is_empty() && !wanted.area.contains(&Area::Secrets) {
        let message =
            "history is looked at for secrets only: leave out `--area`, or add secrets to it";
        return Err(Failure::Usage(message.to_owned()));
    }
    let repository = Repository::discover_any(root).map_err(RoadError::from)?;
    let subdirectory = subdirectory(&repository, root, wanted.history)?;
    let subdirectory = subdirectory.as_ref();
    let place = Place {
        repository: &repository,
        subdirectory,
        audience: wanted.audience.into(),
        areas: &wanted.area,
        now: (context.around.clock)(),
        version: VERSION,
        named: wanted.format != CheckFormat::Human,
    };
    let Scoped { name, report, baseline } = if wanted.staged {
        let index = (context.around.lookup)("GIT_INDEX_FILE").filter(|path| !path.is_empty());
        staged(engine, &place, index.map(PathBuf::from).as_deref())?
    } else {
        let tracked = refuse_tracked_cache(&repository, subdirectory);
        if let Err(error @ ProjectError::TrackedCache(_)) = tracked {
            return Err(error.into());
        }
        match &wanted.diff {
            Some(revision) => diff(engine, &place, root, revision)?,
            None => history(engine, &place, wanted.unreachable)?,
        }
    };
    let name = name.unwrap_or_else(|| directory_name(root));
    Ok(Some(Looked { name, report, baseline, prefix: subdirectory.cloned() }))
}

/// Where in the repository the directory lies. Only history needs no work tree.
fn subdirectory(
    repository: &Repository,
    root: &Path,
    history: bool,
) -> Result<Option<RepoPath>, Failure> {
    if !repository.is_bare() {
        return Ok(repository.subdirectory(root).map_err(RoadError::from)?);
    }
    if history {
        return Ok(None);
    }
    let bare = penstock_git::GitError::Bare(repository.root_dir().to_owned());
    Err(RoadError::from(bare).into())
}
