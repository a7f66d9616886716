mod cache;
mod scope;
mod stdin;
mod target;

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    time::Instant,
};

use penstock_check::{
    Baseline, Cache, Engine, SuppressionFiles, Tree, WorkTree, exit,
    format::{self, Setting, human::Human},
};
use penstock_config::{CheckSettings, PenstockToml};
use penstock_git::Repository;
use penstock_model::{Area, Audience, ProjectId, RepoPath, Report, report::Subject};
use penstock_road::{
    check::{self as road, engine, options},
    project::{CONFIGURATION, ProjectError, identity, refuse_tracked_cache},
};

use penstock_sandbox::Mechanism;

use super::{Context, Failure};
use crate::{
    arguments::{self, CheckFormat},
    surroundings::VERSION,
};

pub(super) use target::Target;

/// One pass over a directory or a file. It needs no configuration, no repository, no state and no network.
pub(super) fn check(context: &Context, wanted: &arguments::Check) -> Result<u8, Failure> {
    let started = Instant::now();
    // Opened before the confinement, which would not allow it.
    let summary = summary(wanted)?;
    let from_stdin = from_stdin(wanted)?;
    let path = match &wanted.path {
        Some(path) if !from_stdin => context.common.directory.join(path),
        _ => context.common.directory.clone(),
    };
    let target = Target::of(&path)?;
    let named = target.path();
    refuse_file(wanted, &named)?;
    let mut kept = cache::open(context, wanted, &target);
    let writable: Vec<&Path> = kept.iter().map(|kept| kept.directory.as_path()).collect();
    confine(&writable, wanted.verbose);
    let engine = engine()?;
    let looked = match scope::look(context, wanted, &engine, &named)? {
        Some(looked) => looked,
        None => {
            let stdin = from_stdin.then_some(wanted.stdin_name.as_path());
            let cache = kept.as_mut().map(|kept| &mut kept.cache);
            files(context, wanted.audience.into(), &wanted.area, &engine, &target, stdin, cache)?
        }
    };
    cache::save(kept, wanted);
    let Looked { name, report, baseline, prefix } = looked;
    let baseline = format::Baseline::of(&baseline, report.now);
    let setting = Setting {
        prefix: prefix.as_ref(),
        baseline: baseline.as_ref(),
        strict: wanted.strict,
        advise: wanted.advise,
        ..Setting::new(&name, engine.rules())
    };
    let text = match wanted.format {
        CheckFormat::Json => format::json::json(&report).map_err(io::Error::from)?,
        CheckFormat::Sarif => format::sarif::sarif(&report, &setting).map_err(io::Error::from)?,
        CheckFormat::Github => format::github::github(&report, &setting),
        CheckFormat::GitlabSecretDetection => {
            format::gitlab::secret_detection(&report, &setting).map_err(io::Error::from)?
        }
        CheckFormat::GitlabCodeQuality => {
            format::gitlab::code_quality(&report, &setting).map_err(io::Error::from)?
        }
        CheckFormat::Junit => format::junit::junit(&report, &setting)?,
        CheckFormat::Markdown => format::markdown::markdown(&report, &setting),
        CheckFormat::Human => {
            let mut human = Human::new(&name, engine.rules());
            human.setting = setting;
            human.colour = context.screen.color();
            human.all = wanted.all;
            human.elapsed = Some(started.elapsed());
            human.page(&report)
        }
    };
    context.screen.text(&text)?;
    if let Some(mut summary) = summary {
        summary.write_all(format::markdown::markdown(&report, &setting).as_bytes())?;
    }
    Ok(exit(&report, wanted.strict, wanted.advise))
}

/// What came of a check, and where the files lie in their repository.
pub(super) struct Looked {
    pub(super) name: String,
    pub(super) report: Report,
    /// The baseline that counts.
    pub(super) baseline: Baseline,
    pub(super) prefix: Option<RepoPath>,
}

/// Whether one file from standard input is to be checked.
fn from_stdin(wanted: &arguments::Check) -> Result<bool, Failure> {
    let from_stdin = wanted.path.as_deref().is_some_and(|path| path == "-");
    if from_stdin && (wanted.staged || wanted.history || wanted.diff.is_some()) {
        let message = "`-` is one file and no part of a repository; leave out `-` or the scope";
        return Err(Failure::Usage(message.to_owned()));
    }
    Ok(from_stdin)
}

/// A change and history are looked at by the directory.
fn refuse_file(wanted: &arguments::Check, named: &Path) -> Result<(), Failure> {
    if named.is_dir() || !wanted.staged && wanted.diff.is_none() && !wanted.history {
        return Ok(());
    }
    let path = wanted.path.as_deref().unwrap_or(named).display();
    let message = format!("`{path}` is no directory; leave it out, or leave out the scope");
    Err(Failure::Usage(message))
}

/// Checks the files as they are, or the one from standard input as if it were among them.
pub(super) fn files(
    context: &Context,
    audience: Audience,
    areas: &[Area],
    engine: &Engine,
    target: &Target,
    stdin: Option<&Path>,
    cache: Option<&mut Cache>,
) -> Result<Looked, Failure> {
    let root = target.root.as_path();
    let (name, settings) = settings(root)?;
    let place = place(root)?;
    let project = place.as_ref().and_then(|place| place.project.clone());
    let now = (context.around.clock)();
    let mut options = options(&settings, project.as_ref(), now, VERSION);
    options.audience = audience;
    options.narrow(areas);
    options.partial = stdin.is_some() || target.part.is_some();
    let files = SuppressionFiles::of(&WorkTree::new(root));
    // One that cannot be read makes the check fail.
    let baseline = files.baseline().unwrap_or_default();
    options.suppression_files = Some(files);
    let scope = if stdin.is_some() { "stdin" } else { "work-tree" };
    let subject = Subject { project, commit: None, tree: None, scope: scope.to_owned() };
    let tree: Box<dyn Tree> = match stdin {
        Some(name) => Box::new(stdin::tree(io::stdin(), name, target, options.max_file_bytes)?),
        None => target.tree(),
    };
    let mut report = road::check_cached(engine, &*tree, subject, &options, cache)?;
    // What is committed says which files accept findings there.
    options.suppression_files = None;
    let repository = place.as_ref().map(|p| (&p.repository, p.subdirectory.as_ref()));
    road::against_head(engine, &mut report, repository, &options)?;
    let prefix = place.and_then(|place| place.subdirectory);
    Ok(Looked { name, report, baseline, prefix })
}

/// The file a summary is added to, where the format has one.
fn summary(wanted: &arguments::Check) -> Result<Option<fs::File>, Failure> {
    let path = wanted.summary.as_ref().filter(|path| !path.as_os_str().is_empty());
    let Some(path) = path.filter(|_| wanted.format == CheckFormat::Github) else {
        return Ok(None);
    };
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.map(Some).map_err(|error| {
        Failure::Usage(format!("cannot write the summary to `{}`: {error}", path.display()))
    })
}

/// Gives up everything but reading, and writing beneath `writable`, before the first byte that a
/// stranger wrote is read. Where the machine does not allow it the check goes on, and says so to
/// whoever asks.
pub(super) fn confine(writable: &[&Path], verbose: bool) {
    let mechanisms = penstock_sandbox::confine(writable);
    if !verbose {
        return;
    }
    for Mechanism { name, detail, applied, reason } in mechanisms {
        let (word, detail) = if applied { ("confined", detail) } else { ("NOT CONFINED", reason) };
        // Without a standard error nobody is told, and nothing else changes.
        _ = writeln!(io::stderr(), "{word}: {name}, {}", detail.unwrap_or_default());
    }
}

/// What the directory is called and how it wants to be checked.
pub(super) fn settings(root: &Path) -> Result<(String, CheckSettings), Failure> {
    match fs::read_to_string(root.join(CONFIGURATION)) {
        Ok(text) => {
            let configuration = PenstockToml::parse(&text, CONFIGURATION)?;
            Ok((configuration.project.name, configuration.check))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok((directory_name(root), CheckSettings::default()))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn directory_name(root: &Path) -> String {
    root.file_name().map_or("/".into(), |name| name.to_string_lossy()).into_owned()
}

/// Where in a repository the directory lies.
pub(super) struct Place {
    pub(super) repository: Repository,
    pub(super) project: Option<ProjectId>,
    pub(super) subdirectory: Option<RepoPath>,
}

/// The directory's place in a repository; `None` outside of one. A repository that cannot be read
/// (or is empty, or shallow) has no identity, and that keeps nobody from checking files.
pub(super) fn place(root: &Path) -> Result<Option<Place>, Failure> {
    let Ok(repository) = Repository::discover(root) else { return Ok(None) };
    let Ok(subdirectory) = repository.subdirectory(root) else { return Ok(None) };
    // A repository without a commit has nothing tracked that could be read.
    let tracked = refuse_tracked_cache(&repository, subdirectory.as_ref());
    if let Err(error @ ProjectError::TrackedCache(_)) = tracked {
        return Err(error.into());
    }
    let project = identity(&repository, subdirectory.as_ref()).ok();
    Ok(Some(Place { repository, project, subdirectory }))
}
