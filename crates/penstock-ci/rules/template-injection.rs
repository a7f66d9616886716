//! Facts: GitHub docs, "Script injections"; which inputs of actions are code: the actions' own pages.

use penstock_check::{Findings, Place};
use penstock_document::Node;
use penstock_model::{Audience, Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Step},
    expression::placeholders,
    generated::TEMPLATE_INJECTION,
    taint::{Control, PRIVILEGED, Tainted},
};

/// Inputs that their action runs as code.
const CODE_INPUTS: [(&str, &str); 9] = [
    ("actions/github-script", "script"),
    ("addnab/docker-run-action", "run"),
    ("appleboy/ssh-action", "script"),
    ("azure/cli", "inlineScript"),
    ("azure/powershell", "inlineScript"),
    ("cardinalby/js-eval-action", "expression"),
    ("jannekem/run-python-script-action", "script"),
    ("mikefarah/yq", "cmd"),
    ("nick-fields/retry", "command"),
];

pub(crate) const DETECTOR: Detector = check;

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    for step in definition.steps() {
        if let Some((node, _)) = step.run() {
            scan(definition, &step, node, "the script", findings);
        }
        let Some((_, uses)) = step.uses() else { continue };
        for (_, input) in CODE_INPUTS.iter().filter(|(action, _)| uses.is(action)) {
            scan(definition, &step, step.with(input), "code", findings);
        }
    }
}

fn scan(
    definition: &Definition<'_>,
    step: &Step<'_>,
    node: Node<'_>,
    sink: &str,
    findings: &mut Findings<'_>,
) {
    let text = node.text().unwrap_or_default();
    let source = node.source().unwrap_or_default();
    let written = placeholders(source);
    for (at, (range, _)) in placeholders(text).into_iter().enumerate() {
        // The worst value decides; one expression is one finding.
        let values = definition.tainted(step, text.get(range).unwrap_or_default());
        let Some(value) = values.iter().max_by_key(|value| value.control) else { continue };
        // Where the text stands in the file: escapes may move it, but not change the order.
        let span = written.get(at).map_or_else(
            || node.span(),
            |(range, _)| node.span().start + range.start..node.span().start + range.end,
        );
        report(definition, step, Place::Span(span, node.route()), value, sink, findings);
    }
}

fn report(
    definition: &Definition<'_>,
    step: &Step<'_>,
    place: Place,
    value: &Tainted,
    sink: &str,
    findings: &mut Findings<'_>,
) {
    let Tainted { path, who, .. } = value;
    let message = format!("`{path}` is put into {sink} as text, and {who} decides it");
    let secret = step.job.and_then(|job| job.secret);
    let powerful = secret.is_some() || step.job.and_then(|job| job.may_write).unwrap_or(false);
    let privileged = value.trigger.is_some_and(|event| PRIVILEGED.contains(&event));
    let draft = findings.report(TEMPLATE_INJECTION, place, message);
    match value.control {
        Control::Stranger if privileged => {
            draft.severity(if powerful { Severity::Critical } else { Severity::High });
        }
        // A fork's pull request has a token that only reads, and no secrets.
        Control::Stranger => {
            draft.severity(Severity::Medium);
        }
        Control::Caller => {
            draft.severity(Severity::Medium).audience(Audience::Pedantic);
            draft.confidence(Confidence::Medium);
        }
        Control::Insider => {
            draft.severity(Severity::Low).audience(Audience::Pedantic);
        }
    }
    if let Some((event, node)) =
        value.trigger.and_then(|event| Some((event, definition.trigger(event)?)))
    {
        draft.related(node, format!("`{event}` starts it"));
    }
    if let Some(node) = secret.filter(|_| value.control == Control::Stranger && privileged) {
        draft.related(node, "with this in reach");
    }
}
