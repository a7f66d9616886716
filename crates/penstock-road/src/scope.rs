//! Checks of less or of more than the files as they are: what is about to be committed, what
//! differs from a revision, and all of history.
//!
//! A change is judged by the rules of the place it wants to enter (DECISIONS 1): configuration and
//! suppressions come from the commit before it, and what it adds of them is only proposed.

mod diff;
mod new;
mod staged;

use penstock_check::{Baseline, Options, SuppressionFiles, Tree};
use penstock_config::{CheckSettings, PenstockToml};
use penstock_git::{EntryKind, Repository};
use penstock_model::{Area, Audience, GitOid, ProjectId, RepoPath, Report, Timestamp};

pub use self::{diff::diff, staged::staged};
use crate::{
    check::options,
    commit_tree::CommitTree,
    error::RoadError,
    project::{CONFIGURATION, ProjectError, identity},
};

/// A project's place in a repository, and how it is to be checked there.
pub struct Place<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The project in it; `None` for its top.
    pub subdirectory: Option<&'a RepoPath>,
    /// The widest audience whose findings are reported.
    pub audience: Audience,
    /// The only areas to run; all where none is named.
    pub areas: &'a [Area],
    /// The instant to call now.
    pub now: Timestamp,
    /// This program's version.
    pub version: &'a str,
    /// Whether the report must name the project even where nothing was found. Without a remote its
    /// name takes a walk to the first commit, which otherwise only a fingerprint is worth.
    pub named: bool,
}

/// What came of a check of a change or of history.
pub struct Scoped {
    /// What the configuration that counts calls the project.
    pub name: Option<String>,
    /// The result.
    pub report: Report,
    /// The baseline that counts.
    pub baseline: Baseline,
}

/// The configuration that counts.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) check: CheckSettings,
    /// The baseline and ignore files that count; those of the tree that is checked if absent.
    pub(crate) files: Option<SuppressionFiles>,
}

impl Place<'_> {
    /// The configuration a commit's tree has; the default where it has none.
    pub(crate) fn settings(&self, tree: Option<&GitOid>) -> Result<Settings, RoadError> {
        let files = Some(self.suppression_files(tree)?);
        let Some(tree) = tree else { return Ok(Settings { files, ..Settings::default() }) };
        let entry = self.repository.entry_at(tree, &configuration())?;
        let settings = match entry {
            None => Settings::default(),
            Some(entry) if matches!(entry.kind, EntryKind::File { .. }) => {
                Settings::parse(self.repository, &entry.oid)?
            }
            Some(_) => return Err(ProjectError::ConfigurationIsNoFile.into()),
        };
        Ok(Settings { files, ..settings })
    }

    /// The baseline and ignore files of a commit's tree; none where there is no tree.
    fn suppression_files(&self, tree: Option<&GitOid>) -> Result<SuppressionFiles, RoadError> {
        let Some(tree) = tree else { return Ok(SuppressionFiles::default()) };
        let mut blobs = Vec::new();
        for path in SuppressionFiles::paths() {
            if let Some(entry) = self.repository.entry_at(tree, &path)?
                && matches!(entry.kind, EntryKind::File { .. })
            {
                blobs.push((path, entry.oid));
            }
        }
        Ok(SuppressionFiles::of(&CommitTree::some(self.repository, blobs)))
    }

    /// The project's identity, where it can be told.
    pub(crate) fn identity(&self) -> Option<ProjectId> {
        identity(self.repository, self.subdirectory).ok()
    }

    pub(crate) fn options(&self, settings: &Settings, project: Option<&ProjectId>) -> Options {
        let mut options = options(&settings.check, project, self.now, self.version);
        options.suppression_files.clone_from(&settings.files);
        options.audience = self.audience;
        options.narrow(self.areas);
        options
    }

    /// Checks without knowing the project, and again with its name where that matters: a
    /// fingerprint depends on it.
    fn with_identity(
        &self,
        mut check: impl FnMut(Option<ProjectId>) -> Result<Report, RoadError>,
    ) -> Result<Report, RoadError> {
        if !self.named {
            let report = check(None)?;
            if report.found_nothing() {
                return Ok(report);
            }
        }
        check(self.identity())
    }
}

impl Settings {
    /// The baseline that counts: that of `tree` where nothing else is to judge it. One that cannot
    /// be read has made the check fail before.
    pub(crate) fn baseline(&self, tree: &dyn Tree) -> Baseline {
        let own = || SuppressionFiles::of(tree).baseline();
        self.files.as_ref().map_or_else(own, SuppressionFiles::baseline).unwrap_or_default()
    }

    fn parse(repository: &Repository, blob: &GitOid) -> Result<Self, RoadError> {
        let text = String::from_utf8(repository.blob(blob)?)
            .map_err(|_| ProjectError::ConfigurationIsNotUtf8)?;
        let configuration = PenstockToml::parse(&text, CONFIGURATION)?;
        Ok(Self { name: Some(configuration.project.name), check: configuration.check, files: None })
    }
}

#[expect(clippy::expect_used, reason = "a constant that is a path")]
fn configuration() -> RepoPath {
    RepoPath::new(CONFIGURATION).expect("a path")
}
