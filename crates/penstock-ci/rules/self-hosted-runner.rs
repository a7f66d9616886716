//! Facts: GitHub docs, "Secure use reference", hardening for self-hosted runners: they should almost
//! never be used for public repositories.

use penstock_check::Findings;
use penstock_document::Node;
use penstock_model::{Audience, Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Job, Step},
    expression::{Expression, placeholders},
    generated::SELF_HOSTED_RUNNER,
    guard::{Guard, guard},
};

pub(crate) const DETECTOR: Detector = check;

/// Events by which somebody without rights gets a job started.
const EVENTS: [&str; 7] = [
    "pull_request",
    "pull_request_target",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "workflow_run",
];

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let trigger = definition.triggers().find(|(event, _)| EVENTS.contains(event));
    for job in &definition.jobs {
        match runner(job) {
            Runner::Own(node, label) => report(job, node, &label, trigger, findings),
            Runner::Unknown(node) if trigger.is_some() => findings.unresolved(
                SELF_HOSTED_RUNNER,
                node,
                format!("does job `{}` run on a machine of ours for strangers", job.id),
                format!("the value of `{}`", node.text().unwrap_or_default()),
            ),
            Runner::Unknown(_) | Runner::Hosted => {}
        }
    }
}

enum Runner<'a> {
    /// A machine of the project, by this label.
    Own(Node<'a>, String),
    /// An expression whose value is not in the file.
    Unknown(Node<'a>),
    /// A machine of GitHub, or a label that says nothing.
    Hosted,
}

fn runner<'a>(job: &Job<'a>) -> Runner<'a> {
    let runs_on = job.node.get("runs-on");
    let labels = runs_on.one_or_many().chain(runs_on.get("labels").one_or_many());
    let mut unknown = None;
    for node in labels {
        let text = node.text().unwrap_or_default();
        if is_own(text) {
            return Runner::Own(node, text.to_owned());
        }
        for (_, inner) in placeholders(text) {
            match values(job, inner) {
                Some(values) => {
                    if let Some(own) = values.into_iter().find(|value| {
                        value.descendants().any(|node| node.text().is_some_and(is_own))
                    }) {
                        return Runner::Own(own, text.to_owned());
                    }
                }
                None => unknown = Some(node),
            }
        }
    }
    unknown.map_or(Runner::Hosted, Runner::Unknown)
}

fn is_own(label: &str) -> bool {
    label.eq_ignore_ascii_case("self-hosted")
}

/// The values an expression over the matrix can have; nothing if it reaches outside the file.
fn values<'a>(job: &Job<'a>, inner: &str) -> Option<Vec<Node<'a>>> {
    let expression = Expression::parse(inner)?;
    let matrix = job.node.get("strategy").get("matrix");
    let mut found = Vec::new();
    for outcome in expression.outcomes() {
        match outcome.path.as_slice() {
            [context, axis, ..] if context == "matrix" && !matrix.is_scalar() => {
                found.extend(matrix.get(axis).one_or_many());
                found.extend(matrix.get("include").items().map(|item| item.get(axis)));
            }
            _ => return None,
        }
    }
    // Literals in the expression itself: `x && 'self-hosted' || 'ubuntu-latest'`.
    let literal = expression
        .parts()
        .iter()
        .any(|part| matches!(part, Expression::Text(text) if is_own(text)));
    if literal { None } else { Some(found) }
}

fn report(
    job: &Job<'_>,
    node: Node<'_>,
    label: &str,
    trigger: Option<(&str, Node<'_>)>,
    findings: &mut Findings<'_>,
) {
    let id = job.id;
    let guarded = guard(&Step { node: job.node, job: None }) == Guard::SameRepository;
    let Some((event, trigger)) = trigger.filter(|_| !guarded) else {
        let message =
            format!("job `{id}` runs on a machine of ours (`{label}`), which may keep state");
        findings
            .report(SELF_HOSTED_RUNNER, node, message)
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .audience(Audience::Auditor);
        return;
    };
    let message = format!(
        "job `{id}` runs on a machine of ours (`{label}`), and `{event}` lets strangers start it if this repository is public"
    );
    findings
        .report(SELF_HOSTED_RUNNER, node, message)
        .related(trigger, "whoever opens a pull request or an issue causes this");
}
