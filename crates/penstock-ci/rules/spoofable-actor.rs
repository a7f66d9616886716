//! Facts: GitHub docs, "Contexts", `github.actor`: who caused this run, which need not be who wrote
//! what it looks at; Synacktiv, "GitHub Actions exploitation: Dependabot" (2024).

use penstock_check::Findings;
use penstock_document::Node;
use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    definition::Definition,
    expression::{Comparison, Expression},
    generated::SPOOFABLE_ACTOR,
    guard::{condition, is},
};

pub(crate) const DETECTOR: Detector = check;

/// Who pressed the last button.
const ACTORS: [&str; 5] = [
    "github.actor",
    "github.actor_id",
    "github.triggering_actor",
    "github.event.sender.login",
    "github.event.sender.id",
];
/// The numbers of well-known bots' accounts.
const BOTS: [(&str, &str); 4] = [
    ("49699333", "dependabot[bot]"),
    ("29139614", "renovate[bot]"),
    ("27856297", "dependabot-preview[bot]"),
    ("41898282", "github-actions[bot]"),
];
/// Who wrote the change.
const AUTHORS: [&str; 5] = [
    "github.event.pull_request.user.login",
    "github.event.pull_request.user.id",
    "github.event.issue.user.login",
    "github.event.comment.user.login",
    "github.event.workflow_run.actor.login",
];
/// Events whose runs have the repository's rights and whose actor is not always the author.
const EVENTS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let privileged = definition.triggers().find(|(event, _)| EVENTS.contains(event));
    let other = definition.trigger("pull_request").map(|node| ("pull_request", node));
    let Some((event, trigger)) = privileged.or(other) else { return };
    let jobs = definition.jobs.iter().map(|job| job.node);
    let steps = definition.steps().map(|step| step.node);
    for node in jobs.chain(steps).map(|scope| scope.get("if")) {
        let Some(expression) = node.text().and_then(condition) else { continue };
        let Some(bot) = admits(&expression) else { continue };
        report(node, &bot, event, trigger, privileged.is_some(), findings);
    }
}

fn report(
    node: Node<'_>,
    bot: &str,
    event: &str,
    trigger: Node<'_>,
    privileged: bool,
    findings: &mut Findings<'_>,
) {
    let message = format!("lets in `{bot}` by who acted last, not by who wrote the change");
    let draft = findings.report(SPOOFABLE_ACTOR, node, message);
    draft.related(trigger, format!("`{event}` looks at changes of others"));
    if !privileged {
        draft.severity(Severity::Low).audience(Audience::Pedantic);
    }
}

/// The bot a condition lets in by the actor's name alone.
fn admits(expression: &Expression) -> Option<String> {
    match expression {
        // Both must hold, so a test of the author beside it is enough.
        Expression::And(left, right) => {
            let author = |side: &Expression| side.parts().iter().any(|part| is(part, &AUTHORS));
            if author(left) || author(right) {
                None
            } else {
                admits(left).or_else(|| admits(right))
            }
        }
        Expression::Or(left, right) => admits(left).or_else(|| admits(right)),
        Expression::Compare(Comparison::Equal, a, b) => bot(a, b).or_else(|| bot(b, a)),
        Expression::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
            ("contains" | "startswith" | "endswith", [text, part]) => {
                bot(text, part).or_else(|| bot(part, text))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The bot's name, if one side is the actor and the other names a bot.
fn bot(actor: &Expression, name: &Expression) -> Option<String> {
    let texts = name.parts().into_iter().filter_map(|part| match part {
        Expression::Text(text) | Expression::Constant(text) => Some(text.as_str()),
        _ => None,
    });
    let mut bots = texts.filter_map(|text| {
        let number = BOTS.iter().find(|(number, _)| *number == text).map(|(_, name)| *name);
        let named = text.contains("[bot]") || matches!(text, "bot" | "dependabot");
        number.or(named.then_some(text))
    });
    is(actor, &ACTORS).then(|| bots.next().map(str::to_owned)).flatten()
}
