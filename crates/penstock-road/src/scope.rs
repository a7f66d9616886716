//! Checks of less or of more than the files as they are: what is about to be committed, what
//! differs from a revision, and all of history.
//!
//! A change is judged by the rules of the place it wants to enter (DECISIONS 1): configuration and
//! suppressions come from the commit before it, and what it adds of them is only proposed.

mod diff;
mod new;
mod staged;

use penstock_check::Options;
use penstock_config::{CheckSettings, PenstockToml};
use penstock_git::{EntryKind, Repository};
use penstock_model::{Area, Audience, GitOid, ProjectId, RepoPath, Report, Timestamp};

pub use self::{diff::diff, staged::staged};
use crate::{
    check::options,
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
}

/// The configuration that counts.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) check: CheckSettings,
}

impl Place<'_> {
    /// The configuration a commit's tree has; the default where it has none.
    pub(crate) fn settings(&self, tree: Option<&GitOid>) -> Result<Settings, RoadError> {
        let Some(tree) = tree else { return Ok(Settings::default()) };
        let entry = self.repository.entry_at(tree, &configuration())?;
        match entry {
            None => Ok(Settings::default()),
            Some(entry) if matches!(entry.kind, EntryKind::File { .. }) => {
                Settings::parse(self.repository, &entry.oid)
            }
            Some(_) => Err(ProjectError::ConfigurationIsNoFile.into()),
        }
    }

    /// The project's identity, where it can be told.
    pub(crate) fn identity(&self) -> Option<ProjectId> {
        identity(self.repository, self.subdirectory).ok()
    }

    pub(crate) fn options(&self, settings: &Settings, project: Option<&ProjectId>) -> Options {
        let mut options = options(&settings.check, project, self.now, self.version);
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
            if report.findings.is_empty() && report.suppressed.is_empty() {
                return Ok(report);
            }
        }
        check(self.identity())
    }
}

impl Settings {
    fn parse(repository: &Repository, blob: &GitOid) -> Result<Self, RoadError> {
        let text = String::from_utf8(repository.blob(blob)?)
            .map_err(|_| ProjectError::ConfigurationIsNotUtf8)?;
        let configuration = PenstockToml::parse(&text, CONFIGURATION)?;
        Ok(Self { name: Some(configuration.project.name), check: configuration.check })
    }
}

#[expect(clippy::expect_used, reason = "a constant that is a path")]
fn configuration() -> RepoPath {
    RepoPath::new(CONFIGURATION).expect("a path")
}
