use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use penstock_check::{Baseline, BaselineChanges, BaselineUpdate, SuppressionFiles, WorkTree};
use penstock_config::PenstockToml;
use penstock_model::{Timestamp, report::Subject};
use penstock_road::{
    check::{self as road, engine, options},
    project::CONFIGURATION,
};

use super::{
    Context, Failure,
    check::{confine, directory_name, place, settings},
};
use crate::{arguments, surroundings::VERSION};

/// Writes one of the two files a project begins with. Nothing is installed.
pub(super) fn init(context: &Context, wanted: &arguments::Init) -> Result<u8, Failure> {
    let directory = &context.common.directory;
    let root = directory.canonicalize().map_err(|error| {
        Failure::Usage(format!("cannot enter `{}`: {error}", directory.display()))
    })?;
    confine(&[&root], false);
    if wanted.baseline { baseline(context, wanted, &root) } else { starter(context, &root) }
}

/// Makes today's open findings the baseline.
fn baseline(context: &Context, wanted: &arguments::Init, root: &Path) -> Result<u8, Failure> {
    let now = (context.around.clock)();
    let update = BaselineUpdate {
        reason: words("--reason", wanted.reason.as_deref())?
            .unwrap_or_else(|| "found when the baseline was made".to_owned()),
        owner: words("--owner", wanted.owner.as_deref())?,
        expires: wanted.expires.as_deref().map(|day| end(day, now)).transpose()?,
        prune: wanted.prune,
        now,
    };
    let tree = WorkTree::new(root);
    let files = SuppressionFiles::of(&tree);
    let before = files.baseline().map_err(penstock_check::CheckError::from)?;
    let (_, settings) = settings(root)?;
    let place = place(root)?;
    let project = place.and_then(|place| place.project);
    let mut options = options(&settings, project.as_ref(), now, VERSION);
    options.suppression_files = Some(files.without_baseline());
    // What only advises today will count.
    options.rule_set = None;
    let subject = Subject { project, commit: None, tree: None, scope: "work-tree".to_owned() };
    let report = road::check(&engine()?, &tree, subject, &options)?;
    let (after, changes) = before.updated(&report.findings, &update);
    let screen = &context.screen;
    if after == before {
        screen.line(format_args!(
            "{}: nothing to change, {}",
            Baseline::FILE_NAME,
            entries(after.entries().len())
        ))?;
    } else {
        replace(root, Baseline::FILE_NAME, &after.to_string())?;
        let count = entries(after.entries().len());
        screen.line(format_args!("{}: {count}: {}", Baseline::FILE_NAME, told(&changes)))?;
        screen.line("review and commit it: until a commit has it, its findings still count")?;
    }
    if changes.ended > 0 {
        screen.line(format_args!(
            "{} ended and still count: --expires DATE renews them",
            entries(changes.ended)
        ))?;
    }
    if !report.coverage.is_complete() {
        let unseen = report.coverage.incomplete.len();
        screen.line(format_args!("NOT SEEN  {unseen} files: penstock check names them"))?;
    }
    Ok(0)
}

/// What of an update is worth a word.
fn told(changes: &BaselineChanges) -> String {
    let parts = [
        (changes.added, "new"),
        (changes.raised, "with more occurrences"),
        (changes.renewed, "renewed"),
        (changes.kept, "as before"),
        (changes.pruned, "dropped or lowered"),
        (changes.stale, "stale (--prune drops them)"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// A few words on one line, as a baseline may hold.
fn words(flag: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    let wrong = || Failure::Usage(format!("{flag} takes a few words on one line"));
    let mut sample = Baseline::default().to_string();
    // The reader decides what may stand there.
    sample.push_str(&format!(
        "\n[[finding]]\nrule = \"a/b\"\nfingerprint = \"penstock/v1:{}\"\n",
        "0".repeat(32)
    ));
    let quoted = serde_json::to_string(text).map_err(|_| wrong())?;
    sample.push_str(&format!("reason = {quoted}\n"));
    Baseline::parse(sample.as_bytes()).map_err(|_| wrong())?;
    Ok(Some(text.to_owned()))
}

/// The first moment of a day to come.
fn end(day: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let time = format!("{day}T00:00:00Z")
        .parse::<Timestamp>()
        .map_err(|_| Failure::Usage(format!("--expires takes a day as 2027-01-01, not `{day}`")))?;
    if time <= now {
        return Err(Failure::Usage(format!("--expires {day} is not in the future")));
    }
    Ok(time)
}

/// Puts a file in place as a whole or not at all.
fn replace(root: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let new = root.join(format!(".{name}.new"));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&new)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&new, root.join(name)));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Usage(format!(
            "`{}` is there already: another init is at work, or one was interrupted; remove it",
            new.display()
        )),
        _ => Failure::Io(error),
    })
}

const SNIPPETS: &str = "
on every commit (.pre-commit-config.yaml), with penstock on the PATH:
  - repo: local
    hooks:
      - { id: penstock, name: penstock, entry: penstock check --staged, language: system, pass_filenames: false }
on every pull request, in a job that checked out with fetch-depth: 0:
  - run: penstock check --diff \"origin/$GITHUB_BASE_REF\" --format github
next: penstock check; penstock init --baseline keeps what it finds today from blocking
";

/// Writes a starter configuration where there is none, and says what can be added.
fn starter(context: &Context, root: &Path) -> Result<u8, Failure> {
    let screen = &context.screen;
    let path = root.join(CONFIGURATION);
    let name = project_name(&directory_name(root));
    let text = format!(
        "[project]\nname = \"{name}\"\n\n[check]\n# The mildest severity that makes a check fail: low, medium, high or critical.\nthreshold = \"high\"\n"
    );
    PenstockToml::parse(&text, CONFIGURATION)?;
    let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => screen.line(format_args!("{CONFIGURATION}: written for `{name}`"))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            screen.line(format_args!("{CONFIGURATION}: there already, left as it is"))?;
        }
        Err(error) => return Err(error.into()),
    }
    screen.text(SNIPPETS)?;
    Ok(0)
}

/// A directory's name with what no project may be called replaced.
pub(super) fn project_name(directory: &str) -> String {
    let name: String = directory
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '-' })
        .take(64)
        .collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { "project".to_owned() } else { name.to_owned() }
}
