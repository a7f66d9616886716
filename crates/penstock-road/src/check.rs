//! The check of a commit's tree, judged by what was there before and by the policy.

use std::{collections::BTreeSet, num::NonZeroUsize, thread};

use penstock_check::{Cache, CheckError, Engine, EngineError, Ignore, Options, Tree, against_base};
use penstock_config::{CheckSettings, PenstockToml, Policy};
use penstock_git::{GitError, Repository};
use penstock_model::{
    Area, GitOid, ProjectId, RepoPath, Report, Sha256, Timestamp, report::Subject,
};

use crate::{
    commit_tree::CommitTree, error::RoadError, project::Project, session::Session,
    unexamined::unexamined,
};

/// Every rule of every area this program has.
///
/// # Errors
/// Two rules of one name: a defect of the program.
pub fn engine() -> Result<Engine, EngineError> {
    let mut checks = penstock_secrets::checks();
    checks.extend(penstock_ci::checks());
    Engine::new(checks)
}

/// The key of the repository's secret fingerprints: the same in every clone, another one in every
/// repository. It is no secret; the values fingerprinted with it have too many bits to be guessed.
pub fn salt(project: Option<&ProjectId>) -> [u8; 32] {
    let repository = project.map_or("", ProjectId::repository);
    *Sha256::of(format!("penstock/v1 salt {repository}").as_bytes()).as_bytes()
}

/// The options a configuration asks for. What judges a change may be stricter than these.
pub fn options(
    settings: &CheckSettings,
    project: Option<&ProjectId>,
    now: Timestamp,
    version: &str,
) -> Options {
    let mut options = Options::new(now, salt(project), version);
    options.threshold = settings.threshold;
    options.rule_set = settings.rules;
    options.require = settings.required();
    options.exclude = settings.exclude.iter().map(ToString::to_string).collect();
    options.ignores = settings
        .ignore
        .iter()
        .map(|ignore| Ignore {
            rule: ignore.rule.clone(),
            path: ignore.path.as_ref().map(ToString::to_string),
            fingerprint: ignore.fingerprint.clone(),
            reason: ignore.reason.clone(),
            owner: ignore.owner.clone(),
            expires: ignore.expires.map(|expiry| expiry.0),
        })
        .collect();
    options.bare_ignores =
        settings.bare_ignores.iter().map(|tool| tool.name().to_owned()).collect();
    options.threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    options
}

/// Checks a tree, and says what of it no rule of this version looks at.
///
/// # Errors
/// As [`Engine::check`].
pub fn check(
    engine: &Engine,
    tree: &dyn Tree,
    subject: Subject,
    options: &Options,
) -> Result<Report, CheckError> {
    check_cached(engine, tree, subject, options, None)
}

/// The same with what is known of the files from an earlier check. Not for evidence, and not for
/// what lets anything in.
///
/// # Errors
/// As [`Engine::check`].
pub fn check_cached(
    engine: &Engine,
    tree: &dyn Tree,
    subject: Subject,
    options: &Options,
    cache: Option<&mut Cache>,
) -> Result<Report, CheckError> {
    let listing = tree.list()?;
    let unexamined = unexamined(&listing.files);
    let mut report = engine.check_listing(tree, listing, subject, options, cache)?;
    report.not_checked.extend(unexamined);
    Ok(report)
}

/// Tells which suppressions of a work tree's report are committed and which are only proposed: those
/// that are not in the commit that is checked out. Outside of a repository, or before its first
/// commit, there is no change to be judged, and what the files say is taken.
///
/// # Errors
/// The commit cannot be checked.
pub fn against_head(
    engine: &Engine,
    report: &mut Report,
    repository: Option<(&Repository, Option<&RepoPath>)>,
    options: &Options,
) -> Result<(), CandidateError> {
    if report.suppressed.is_empty() {
        return Ok(());
    }
    let head = repository.and_then(|(repository, subdirectory)| {
        let head = repository.head().ok()?;
        let tree = repository.tree_at(&head.id, subdirectory).ok()?;
        Some((repository, head, tree))
    });
    match head {
        Some((repository, head, tree)) => {
            let subject = Subject {
                project: None,
                commit: Some(head.id),
                tree: Some(tree.clone()),
                scope: "commit".to_owned(),
            };
            judge(report, engine.check(&CommitTree::of(repository, &tree)?, subject, options))?;
        }
        None => against_base(report, &report.clone()),
    }
    Ok(())
}

/// Judges a report by the check of its base. A base whose baseline cannot be read vouches for nothing:
/// every suppression stays proposed, so that a change can put it right.
fn judge(report: &mut Report, before: Result<Report, CheckError>) -> Result<(), CheckError> {
    match before {
        Ok(before) => against_base(report, &before),
        Err(CheckError::Baseline(_)) => {
            let nothing = Report { suppressed: Vec::new(), ..report.clone() };
            against_base(report, &nothing);
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Checks the commit that is checked out, as its gate would.
///
/// # Errors
/// Its configuration or its tree cannot be read.
pub fn of_head(session: &Session<'_>) -> Result<Report, RoadError> {
    let project = session.project;
    let text = project.configuration(&project.head.id)?;
    let candidate = Candidate {
        project,
        commit: &project.head.id,
        configuration: &PenstockToml::parse(&text, PenstockToml::FILE_NAME)?,
        policy: &session.pinned.policy,
        base: Some(&session.pinned.policy.base),
        now: session.now(),
        version: &session.around.version,
    };
    Ok(candidate.check()?)
}

/// A candidate to be checked before it may enter anywhere.
pub(crate) struct Candidate<'a> {
    pub(crate) project: &'a Project,
    pub(crate) commit: &'a GitOid,
    pub(crate) configuration: &'a PenstockToml,
    pub(crate) policy: &'a Policy,
    /// The commit whose suppressions and exclusions are taken as decided.
    pub(crate) base: Option<&'a GitOid>,
    pub(crate) now: Timestamp,
    pub(crate) version: &'a str,
}

impl Candidate<'_> {
    /// Checks the candidate's tree. The change can only tighten: thresholds and required areas are
    /// the stricter of its own and the policy's; what it excludes or suppresses, and which rules it
    /// lets only advise, counts only as far as its base did so too.
    pub(crate) fn check(&self) -> Result<Report, CandidateError> {
        let engine = engine()?;
        let repository = &self.project.repository;
        let tree_oid = repository.tree_at(self.commit, self.project.subdirectory.as_ref())?;
        let tree = CommitTree::of(repository, &tree_oid)?;
        let subject = |commit: &GitOid, tree: &GitOid| Subject {
            project: Some(self.project.id.clone()),
            commit: Some(commit.clone()),
            tree: Some(tree.clone()),
            scope: "commit".to_owned(),
        };
        // A base that cannot be read any more decides nothing: everything is proposed.
        let base = self.base.and_then(|base| {
            let settings = self.settings_of(base)?;
            let tree = repository.tree_at(base, self.project.subdirectory.as_ref()).ok()?;
            Some((base, settings, tree))
        });
        let mut options = self.options(&self.configuration.check);
        let excluded: BTreeSet<String> = base
            .iter()
            .flat_map(|(_, settings, _)| &settings.exclude)
            .map(ToString::to_string)
            .collect();
        options.exclude.retain(|pattern| excluded.contains(pattern));
        engine.has_rule_set(options.rule_set)?;
        // A pin lets rules only advise: an older one than the base's, or one where the base has none
        // or cannot be read, would be the change's own.
        let pinned = base.as_ref().and_then(|(_, settings, _)| settings.rules);
        options.rule_set = options.rule_set.zip(pinned).map(|(own, base)| own.max(base));
        let mut report = check(&engine, &tree, subject(self.commit, &tree_oid), &options)?;
        if report.suppressed.is_empty() {
            return Ok(report);
        }
        if let Some((base, settings, base_tree)) = base {
            let pinned = options.rule_set;
            let options = Options { rule_set: pinned, ..self.options(&settings) };
            let tree = CommitTree::of(repository, &base_tree)?;
            judge(&mut report, engine.check(&tree, subject(base, &base_tree), &options))?;
        }
        Ok(report)
    }

    /// The options of some version's settings, tightened by the policy.
    fn options(&self, settings: &CheckSettings) -> Options {
        let mut options = options(settings, Some(&self.project.id), self.now, self.version);
        options.threshold = options.threshold.min(self.policy.check.threshold);
        let required: BTreeSet<Area> =
            options.require.iter().copied().chain(self.policy.check.required()).collect();
        options.require = required.into_iter().collect();
        options.exceptions = self
            .policy
            .exceptions
            .iter()
            .map(|exception| Ignore {
                rule: exception.rule.clone(),
                path: exception.path.as_ref().map(ToString::to_string),
                fingerprint: exception.fingerprint.clone(),
                reason: exception.reason.clone(),
                owner: Some(exception.owner.clone()),
                expires: Some(exception.expires.0),
            })
            .collect();
        options
    }

    /// The check settings of another commit, if they can be read.
    fn settings_of(&self, commit: &GitOid) -> Option<CheckSettings> {
        let text = self.project.configuration(commit).ok()?;
        Some(PenstockToml::parse(&text, PenstockToml::FILE_NAME).ok()?.check)
    }
}

/// Why a candidate could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// The engine could not.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The rules do not fit together.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] GitError),
}
