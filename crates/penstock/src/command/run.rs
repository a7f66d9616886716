use penstock_config::PenstockToml;
use penstock_road::{
    command::allow::Whom,
    project::{CONFIGURATION, Project, refuse_tracked_cache},
    run::{Request, RunResult},
    session::{Place, Session},
};

use super::{Context, Failure, allow::write_rules};
use crate::{arguments, timeline::Lines};

/// The road from commit to deployment, told as it happens.
pub(super) fn run(context: &Context, wanted: &arguments::Run) -> Result<u8, Failure> {
    let project = context.project()?;
    refuse_tracked_cache(&project.repository, project.subdirectory.as_ref())?;
    let text = configuration(&project, wanted.worktree)?;
    let configuration = PenstockToml::parse(&text, CONFIGURATION)?;
    let place = Place::open(&project, &context.around)?;
    let session = Session::start(&context.around, &project, &place, &configuration)?;
    context.oddities(&session)?;
    let lines = Lines::new(&context.screen);
    lines.head(&session)?;
    let request = Request {
        steps: wanted.steps.clone(),
        work_tree: wanted.worktree,
        twice: wanted.twice,
        evidence_out: wanted.evidence_out.clone(),
        identity: wanted.identity.clone(),
    };
    // From here on Ctrl-C ends the steps, and the run is sealed as failed.
    context.around.cancel.on_signals()?;
    let result = penstock_road::run::run(&session, &configuration, &text, &request, &lines)?;
    lines.tail(result)?;
    if wanted.learn {
        learn(context, &project, &lines, wanted.write)?;
    }
    for warning in session.ledger.take_warnings() {
        context.screen.line(format_args!("WARNING   {warning}"))?;
    }
    Ok(RunResult::exit_code(result))
}

/// Prints, and writes if told to, what would have let through what the steps were denied.
fn learn(
    context: &Context,
    project: &Project,
    lines: &Lines<'_>,
    write: bool,
) -> Result<(), Failure> {
    let learned = lines.learned();
    if learned.is_empty() {
        return Ok(context.screen.line("learned   nothing to allow")?);
    }
    for (step, rule) in &learned {
        let whom = Whom::Step(step);
        let rules = std::slice::from_ref(rule);
        context.screen.text(&write_rules(&project.directory, rules, whom, false, write)?)?;
    }
    let next = match write {
        true => "written to penstock.toml: review and commit it, since what is built is the commit",
        false => "penstock run --learn --write writes it",
    };
    Ok(context.screen.line(format_args!("learned   {next}"))?)
}

/// The text that counts: the commit's, unless the work tree is to be built.
fn configuration(project: &Project, work_tree: bool) -> Result<String, Failure> {
    if work_tree {
        Ok(std::fs::read_to_string(project.directory.join(CONFIGURATION))?)
    } else {
        Ok(project.configuration(&project.head.id)?)
    }
}
