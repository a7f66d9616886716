//! Facts: GitHub docs, "Events that trigger workflows" (`pull_request_target`, `workflow_run`); GitHub
//! Security Lab, "Preventing pwn requests"; what newer releases of `actions/checkout` refuse:
//! <https://github.blog/changelog/2026-06-18-safer-pull_request_target-defaults-for-github-actions-checkout>.

use std::cell::OnceCell;

use penstock_check::Findings;
use penstock_document::Node;
use penstock_model::{Audience, Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Job, Step},
    generated::UNTRUSTED_CHECKOUT,
    guard::{Guard, guard},
    script,
    uses::{Uses, is_commit, trailing_comment, version},
};

pub(crate) const DETECTOR: Detector = check;

/// Events with the repository's rights that a pull request of a stranger causes.
const EVENTS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];
/// Values that name the code of a pull request.
const HEADS: [&str; 13] = [
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.repo.full_name",
    "github.event.pull_request.head.sha",
    "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_commit.id",
    "github.event.workflow_run.head_repository.full_name",
    "github.event.workflow_run.head_sha",
    "github.event.workflow_run.pull_requests.*.head.ref",
    "github.event.workflow_run.pull_requests.*.head.sha",
    "github.head_ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.user.login",
];
/// Numbers that name it in `refs/pull/<number>/head`.
const NUMBERS: [&str; 4] = [
    "github.event.issue.number",
    "github.event.number",
    "github.event.pull_request.number",
    "github.event.workflow_run.pull_requests.*.number",
];

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let events: Vec<_> =
        definition.triggers().filter(|(event, _)| EVENTS.contains(event)).collect();
    let Some(trigger) = events.first() else { return };
    for job in &definition.jobs {
        let steps: Vec<_> = job.steps().collect();
        let runs = OnceCell::new();
        for (at, step) in steps.iter().enumerate() {
            let Some((node, how)) = fetched(step, &events) else { continue };
            if guard(step) == Guard::SameRepository {
                continue;
            }
            let runs = runs.get_or_init(|| runs_after(&steps)).get(at).copied().flatten();
            let place = Fetch { node, how, step, runs, job };
            report(&place, *trigger, findings);
        }
    }
}

/// For each step, the first one after it that may run what lies in the checkout.
fn runs_after<'a>(steps: &[Step<'a>]) -> Vec<Option<Node<'a>>> {
    let mut next = None;
    let mut after = vec![None; steps.len()];
    for (slot, step) in after.iter_mut().zip(steps).rev() {
        *slot = next;
        let script = step.run().filter(|(_, script)| script::executes(script));
        let local = step.uses().filter(|(_, uses)| *uses == Uses::Local);
        let own = script.map(|(node, _)| node).or(local.map(|(node, _)| node));
        next = own.or(next);
    }
    after
}

/// A step that brings in the code of a pull request.
struct Fetch<'a> {
    /// What names the code.
    node: Node<'a>,
    how: How,
    step: &'a Step<'a>,
    /// What may run it afterwards.
    runs: Option<Node<'a>>,
    job: &'a Job<'a>,
}

/// By what it is fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// `actions/checkout` of a release that fetches what it is told.
    Checkout,
    /// `actions/checkout` of a release that refuses the code of forks for these events.
    Refused,
    /// A command in a script.
    Command,
}

fn fetched<'a>(step: &Step<'a>, events: &[(&str, Node<'_>)]) -> Option<(Node<'a>, How)> {
    if let Some((node, script)) = step.run() {
        return script.lines().any(|line| fetches(step, line)).then_some((node, How::Command));
    }
    let (node, uses) = step.uses()?;
    if !uses.is("actions/checkout") {
        return None;
    }
    let named = ["ref", "repository"]
        .into_iter()
        .map(|input| step.with(input))
        .find(|input| names_a_head(step, input.text().unwrap_or_default()))?;
    let covered = events.iter().all(|(event, _)| *event != "issue_comment");
    let how = if covered && refuses_forks(step, node, uses) { How::Refused } else { How::Checkout };
    Some((named, how))
}

/// Whether a `ref:` or `repository:` is the code of a pull request, also through `env:` or the output
/// of a step that says so in its name.
fn names_a_head(step: &Step<'_>, text: &str) -> bool {
    let numbered = text.contains("pull/");
    step.outcomes(text).iter().any(|outcome| match outcome.path.as_slice() {
        [context, _, outputs, name] if context == "steps" && outputs == "outputs" => {
            name.contains("head") && !name.contains("header")
        }
        path => {
            let path = path.join(".");
            HEADS.contains(&path.as_str()) || numbered && NUMBERS.contains(&path.as_str())
        }
    })
}

/// A command that checks a pull request out.
fn fetches(step: &Step<'_>, line: &str) -> bool {
    let line = line.trim();
    if line.starts_with('#') || line.starts_with("echo ") {
        return false;
    }
    let git = ["git checkout", "git switch", "git fetch", "git pull", "git reset", "git worktree"]
        .iter()
        .any(|command| line.contains(command));
    let variable = script::variables(line).into_iter().any(|name| {
        step.env(name).and_then(Node::text).is_some_and(|text| names_a_head(step, text))
    });
    let pull = line.contains("pull/") && !line.contains("://");
    line.contains("gh pr checkout") || git && (pull || variable || names_a_head(step, line))
}

/// Since June 2026 version 7, and since July 2026 what the tags of version 4 and later point to,
/// refuse the code of forks unless told otherwise.
fn refuses_forks(step: &Step<'_>, node: Node<'_>, uses: Uses<'_>) -> bool {
    let asked = step.with("allow-unsafe-pr-checkout");
    if asked.exists() && asked.as_bool() != Some(false) {
        return false;
    }
    let reference = uses.reference().unwrap_or_default();
    if is_commit(reference) {
        let comment = trailing_comment(node).and_then(version);
        return comment.is_some_and(|version| version.first() >= Some(&7));
    }
    match version(reference).as_deref() {
        Some([major]) => *major >= 4,
        Some([major, ..]) => *major >= 7,
        _ => reference == "main",
    }
}

fn report(fetch: &Fetch<'_>, (event, trigger): (&str, Node<'_>), findings: &mut Findings<'_>) {
    // A script that fetches may also build, further down.
    let own = fetch.step.run().filter(|(_, script)| {
        let rest: Vec<_> =
            script.lines().skip_while(|line| !fetches(fetch.step, line)).skip(1).collect();
        script::executes(&rest.join("\n"))
    });
    let runs = own.map(|(node, _)| node).or(fetch.runs);
    let secret = fetch.job.secret;
    let writes = fetch.job.may_write;
    let who = "code of a pull request, which anyone on GitHub can open";
    let message = match fetch.how {
        How::Refused => format!(
            "{who}, is asked for; only the refusal of `actions/checkout` stands before `{event}`"
        ),
        _ => format!("{who}, is fetched into a job that `{event}` starts with our rights"),
    };
    let severity = match (fetch.how, runs, secret, writes) {
        (How::Refused, ..) | (_, None, ..) => Severity::Medium,
        (_, Some(_), Some(_), _) | (_, Some(_), _, Some(true)) => Severity::Critical,
        // What the token may do is a setting of the repository.
        (_, Some(_), None, None) => Severity::High,
        // Caches of the default branch can still be filled.
        (_, Some(_), None, Some(false)) => Severity::Medium,
    };
    let person = guard(fetch.step) == Guard::Person || fetch.job.node.get("environment").exists();
    let draft = findings.report(UNTRUSTED_CHECKOUT, fetch.node, message);
    draft.severity(if person { severity.min(Severity::High) } else { severity });
    // Another workflow decides which events it answers to.
    if person || event == "workflow_run" {
        draft.confidence(Confidence::Medium);
    }
    if fetch.how == How::Refused && runs.is_none() {
        draft.severity(Severity::Low).audience(Audience::Pedantic);
    }
    draft.related(trigger, format!("anyone on GitHub can cause `{event}`"));
    if let Some(node) = runs {
        draft.related(node, "may run what was fetched");
    }
    if let Some(node) = secret {
        draft.related(node, "with this in reach");
    }
    if let Some(node) = fetch.job.permissions.filter(|_| writes == Some(true)) {
        draft.related(node, "with a token that may write");
    }
}
