//! Facts: GitHub docs, "Workflow commands", setting an environment variable and adding a system path;
//! GitHub Security Lab, "Keeping your GitHub Actions and workflows secure: New vulnerability patterns".

use std::collections::BTreeSet;

use penstock_check::{Findings, Place};
use penstock_document::{Node, Style};
use penstock_model::{Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Step},
    generated::ENVIRONMENT_INJECTION,
    script::{Assignments, Write, assignments, reads_a_file, splits_lines, variables, writes},
    taint::{Control, PRIVILEGED, Tainted},
};

/// How many variables of a script are followed for one line that writes.
const MAX_VARIABLES: usize = 100;

pub(crate) const DETECTOR: Detector = check;

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let jobs = definition.jobs.iter().map(|job| job.steps().collect::<Vec<_>>());
    for steps in jobs.chain([definition.action_steps().to_vec()]) {
        let mut brought_in: Option<Node<'_>> = None;
        for step in steps {
            if let Some((node, script)) = step.run() {
                let set = assignments(script);
                for write in writes(script) {
                    judge(definition, &step, (node, &set), &write, brought_in, findings);
                }
            }
            brought_in = brought_in.or_else(|| downloads(&step));
        }
    }
}

fn judge(
    definition: &Definition<'_>,
    step: &Step<'_>,
    (node, set): (Node<'_>, &Assignments<'_>),
    write: &Write<'_>,
    brought_in: Option<Node<'_>>,
    findings: &mut Findings<'_>,
) {
    let file = write.file;
    let place = Place::Span(span(node, write), node.route());
    if let Some(value) = decided_by_others(definition, step, set, write) {
        let Tainted { path, who, trigger, .. } = &value;
        let message = format!("`{path}` is written to `${file}`, and {who} decides it");
        let draft = findings.report(ENVIRONMENT_INJECTION, place, message);
        let privileged = trigger.is_some_and(|event| PRIVILEGED.contains(&event));
        draft.severity(if privileged { Severity::High } else { Severity::Medium });
        if let Some(trigger) = trigger.and_then(|event| definition.trigger(event)) {
            draft.related(trigger, "anyone on GitHub can cause this");
        }
        return;
    }
    // What an earlier, unprivileged run left behind is as much a stranger's as its pull request.
    if let (Some(artifact), Some(trigger)) = (brought_in, definition.trigger("workflow_run"))
        && reads_a_file(write.content)
    {
        let message = format!("a file of another run's artifact is written to `${file}`");
        findings
            .report(ENVIRONMENT_INJECTION, place, message)
            .confidence(Confidence::Medium)
            .related(trigger, "runs after workflows that strangers can start")
            .related(artifact, "brings the file in");
    }
}

/// The first value a stranger decides that can do harm in that file.
fn decided_by_others(
    definition: &Definition<'_>,
    step: &Step<'_>,
    set: &Assignments<'_>,
    write: &Write<'_>,
) -> Option<Tainted> {
    values(definition, step, set, write.content).into_iter().find(|value| {
        // Without a line break no second variable can be smuggled in; a path is harm enough.
        value.control == Control::Stranger && (value.many_lines || write.file == "GITHUB_PATH")
    })
}

/// What others decide in a text of the script: by an expression, by a variable of the step, by a
/// variable the script set from one.
fn values(
    definition: &Definition<'_>,
    step: &Step<'_>,
    set: &Assignments<'_>,
    text: &str,
) -> Vec<Tainted> {
    let mut found = Vec::new();
    let mut split = false;
    let mut seen = BTreeSet::new();
    let mut texts = vec![text];
    // Every variable is followed once, and not more than a person could keep track of.
    while let Some(text) = texts.pop().filter(|_| seen.len() < MAX_VARIABLES) {
        split |= splits_lines(text);
        found.extend(definition.tainted(step, text));
        for name in variables(text).into_iter().filter(|name| seen.insert(*name)) {
            match set.get(name) {
                Some(assigned) => texts.extend(assigned),
                None => {
                    let content = step.env(name).and_then(Node::text).unwrap_or_default();
                    found.extend(definition.tainted(step, content));
                }
            }
        }
    }
    found.iter_mut().for_each(|value| value.many_lines |= split);
    found
}

/// A step that fetches artifacts of another run.
fn downloads<'a>(step: &Step<'a>) -> Option<Node<'a>> {
    let action = step.uses().filter(|(_, uses)| {
        uses.is("dawidd6/action-download-artifact")
            || uses.is("actions/download-artifact") && step.with("run-id").exists()
    });
    let script = step.uses().filter(|(_, uses)| {
        uses.is("actions/github-script")
            && step.with("script").text().is_some_and(|text| text.contains("downloadArtifact"))
    });
    let command = step.run().filter(|(_, text)| text.contains("gh run download"));
    action.or(script).map(|(node, _)| node).or(command.map(|(node, _)| node))
}

/// Where a write stands in the file: its own lines in a literal block, else the whole script.
fn span(node: Node<'_>, write: &Write<'_>) -> std::ops::Range<usize> {
    let whole = node.span();
    let first = write.content.lines().next().unwrap_or_default().trim();
    let source = node.source().unwrap_or_default();
    match source.find(first) {
        Some(at) if node.style() == Some(Style::Literal) && !first.is_empty() => {
            let rest = source.get(at..).unwrap_or_default();
            let length = rest.find('\n').unwrap_or(rest.len());
            whole.start + at..whole.start + at + length
        }
        _ => whole,
    }
}
