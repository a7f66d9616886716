use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use penstock_check::{
    Engine, Entry, MemoryTree, Options, Tree as _, WorkTree,
    fix::{Change, Plan, diff, plan},
    format::by_rank,
};
use penstock_model::{
    Applicability, Audience, Finding, Fix, RepoPath, Report, Timestamp, report::Subject,
};
use penstock_road::check::engine;

use super::{
    Context, Failure,
    check::{Looked, Target, files},
};
use crate::{arguments, surroundings::VERSION};

/// Shows what the fixes of findings would change, proves that they remove what they are for, and
/// makes them when told to.
pub(super) fn fix(context: &Context, wanted: &arguments::Fix) -> Result<u8, Failure> {
    let target = Target::of(&context.common.directory)?;
    let root = &target.root;
    penstock_sandbox::confine(&[root]);
    let engine = engine()?;
    let Looked { report, .. } =
        files(context, wanted.audience.into(), &[], &engine, &target, None, None)?;
    let (fixes, left) = choose(&report, wanted)?;
    let tree = WorkTree::new(root);
    let read =
        |path: &RepoPath| tree.read(&Entry::new(path.clone(), 0), Options::MAX_FILE_BYTES).ok();
    let plan = plan(&fixes, read);
    for change in &plan.changes {
        prove(&engine, change)?;
        context.screen.text(&diff(change, &report))?;
    }
    for (index, refusal) in &plan.refused {
        let title = fixes.get(*index).map_or("a fix", |fix| fix.title.as_str());
        context.screen.line(format_args!("left      {title}: {refusal}"))?;
    }
    if left > 0 {
        context.screen.line(format_args!(
            "left      {left} for a person to read first: penstock fix --unsafe"
        ))?;
    }
    if plan.changes.is_empty() {
        context.screen.line("fixed     nothing: no finding here has such a fix")?;
        return Ok(0);
    }
    if !wanted.yes && !agreed(context)? {
        context.screen.line("fixed     nothing yet: penstock fix --yes writes it")?;
        return Ok(0);
    }
    write(context, root, &plan, read)?;
    Ok(0)
}

/// The fixes that were asked for, and how many more there are that only `--unsafe` makes.
fn choose<'r>(
    report: &'r Report,
    wanted: &arguments::Fix,
) -> Result<(Vec<&'r Fix>, usize), Failure> {
    let open: Vec<&Finding> = by_rank(report).into_iter().map(|(finding, _)| finding).collect();
    let mut chosen = Vec::new();
    for name in &wanted.findings {
        let named: Vec<&Finding> = match name.parse::<usize>() {
            Ok(number) => {
                number.checked_sub(1).and_then(|at| open.get(at)).copied().into_iter().collect()
            }
            Err(_) => open.iter().filter(|finding| is_named(finding, name)).copied().collect(),
        };
        if named.is_empty() {
            return Err(Failure::Usage(format!(
                "no finding is `{name}`: give a number of `penstock check`, a rule or a fingerprint"
            )));
        }
        if named.iter().all(|finding| finding.fix.is_none()) {
            let rule = named.first().map_or("", |finding| finding.rule.as_str());
            return Err(Failure::Usage(format!(
                "`{name}` has no fix: penstock explain {rule} says what to do"
            )));
        }
        chosen.extend(named);
    }
    if wanted.findings.is_empty() {
        chosen = open;
    }
    let all: Vec<&Fix> = chosen.into_iter().filter_map(|finding| finding.fix.as_ref()).collect();
    let (made, left): (Vec<&Fix>, Vec<&Fix>) = all
        .into_iter()
        .partition(|fix| wanted.with_unsafe || fix.applicability == Applicability::Safe);
    Ok((made, left.len()))
}

fn is_named(finding: &Finding, name: &str) -> bool {
    let print = finding.fingerprint.as_str();
    let digits = print.rsplit(':').next().unwrap_or(print);
    finding.rule.as_str() == name || print == name || name.len() >= 6 && digits.starts_with(name)
}

/// The changed file must have fewer findings than before and none that it did not have.
fn prove(engine: &Engine, change: &Change) -> Result<(), Failure> {
    let before = prints(engine, &change.path, &change.before)?;
    let mut after = prints(engine, &change.path, &change.after)?;
    let fewer = after.len() < before.len();
    for print in &before {
        if let Some(at) = after.iter().position(|other| other == print) {
            after.swap_remove(at);
        }
    }
    if fewer && after.is_empty() {
        return Ok(());
    }
    Err(failed(format!(
        "the fixes of `{}` would not remove what they are for; nothing was written, please report this defect",
        change.path
    )))
}

/// No fault of whoever asked: what was to be done could not be.
fn failed(message: String) -> Failure {
    Failure::Io(io::Error::other(message))
}

/// The rule and place of every finding in one file, whoever it is for.
fn prints(engine: &Engine, path: &RepoPath, content: &[u8]) -> Result<Vec<String>, Failure> {
    let now = Timestamp::from_unix(0).map_err(|error| Failure::Usage(error.to_string()))?;
    let options = Options { audience: Audience::Auditor, ..Options::new(now, [0; 32], VERSION) };
    let tree = MemoryTree::new([(path.clone(), content.to_vec())]);
    let subject =
        Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() };
    let report = engine.check(&tree, subject, &options)?;
    let suppressed = report.suppressed.iter().map(|suppressed| &suppressed.finding);
    let all = report.findings.iter().chain(suppressed);
    Ok(all.map(|finding| format!("{} {}", finding.rule, finding.location.route)).collect())
}

fn agreed(context: &Context) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(false);
    }
    context.screen.text("make these changes? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Writes every file beside its place and then in its place, so that none is ever half written.
fn write(
    context: &Context,
    root: &Path,
    plan: &Plan,
    read: impl Fn(&RepoPath) -> Option<Vec<u8>>,
) -> Result<(), Failure> {
    for change in &plan.changes {
        if read(&change.path).as_ref() != Some(&change.before) {
            return Err(failed(format!(
                "`{}` was changed meanwhile and is left as it is; run this again",
                change.path
            )));
        }
        let place = root.join(change.path.as_path());
        let mode = fs::symlink_metadata(&place)?.mode();
        let beside = place.with_extension(format!("penstock-{}", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&beside)
            .and_then(|mut file| {
                file.write_all(&change.after)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&beside, &place));
        if let Err(error) = written {
            _ = fs::remove_file(&beside);
            return Err(error.into());
        }
        context.screen.line(format_args!("fixed     {}", change.path))?;
    }
    Ok(())
}
