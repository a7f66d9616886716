//! Which values of an event somebody outside the project decides, and when they are reached.
//!
//! Facts: GitHub docs, "Script injections" and "Webhook events and payloads"; GitHub Security Lab,
//! "Keeping your GitHub Actions and workflows secure: Untrusted input".

use penstock_document::Node;

use crate::{
    definition::{Definition, Form, Step},
    expression::Outcome,
};

/// Who decides a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Control {
    /// Whoever may start the workflow by hand or write to the repository.
    Insider,
    /// Whoever calls the workflow or uses the action.
    Caller,
    /// Anyone on GitHub.
    Stranger,
}

/// A value somebody else decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tainted {
    /// The path as written in an expression: `github.event.issue.title`.
    pub(crate) path: String,
    /// Who decides it.
    pub(crate) control: Control,
    /// In words: `whoever opens an issue`.
    pub(crate) who: &'static str,
    /// Whether it may contain line breaks.
    pub(crate) many_lines: bool,
    /// The trigger that lets it in, if the workflow says so itself.
    pub(crate) trigger: Option<&'static str>,
}

struct Source {
    /// `*` stands for one index.
    path: &'static str,
    who: &'static str,
    many_lines: bool,
    /// The events that carry it.
    events: &'static [&'static str],
}

const ISSUE: &[&str] = &["issues", "issue_comment"];
const PULL_REQUEST: &[&str] =
    &["pull_request_target", "pull_request", "pull_request_review", "pull_request_review_comment"];
const PUSH: &[&str] = &["push"];
const RUN: &[&str] = &["workflow_run"];
const DISCUSSION: &[&str] = &["discussion", "discussion_comment"];

macro_rules! source {
    ($path:literal, $who:literal, $many_lines:literal, $events:expr) => {
        Source { path: $path, who: $who, many_lines: $many_lines, events: $events }
    };
}

const SOURCES: [Source; 37] = [
    source!("github.event.issue.title", "whoever opens an issue", false, ISSUE),
    source!("github.event.issue.body", "whoever opens an issue", true, ISSUE),
    source!("github.event.pull_request.title", "whoever opens a pull request", false, PULL_REQUEST),
    source!("github.event.pull_request.body", "whoever opens a pull request", true, PULL_REQUEST),
    source!("github.event.pull_request.head.ref", "whoever names the branch", false, PULL_REQUEST),
    source!(
        "github.event.pull_request.head.label",
        "whoever names the branch",
        false,
        PULL_REQUEST
    ),
    source!(
        "github.event.pull_request.head.repo.default_branch",
        "the owner of the fork",
        false,
        PULL_REQUEST
    ),
    source!(
        "github.event.pull_request.head.repo.description",
        "the owner of the fork",
        false,
        PULL_REQUEST
    ),
    source!(
        "github.event.pull_request.head.repo.homepage",
        "the owner of the fork",
        false,
        PULL_REQUEST
    ),
    source!("github.head_ref", "whoever names the branch", false, PULL_REQUEST),
    source!(
        "github.event.comment.body",
        "whoever writes a comment",
        true,
        &["issue_comment", "commit_comment", "discussion_comment", "pull_request_review_comment"]
    ),
    source!("github.event.review.body", "whoever reviews", true, &["pull_request_review"]),
    source!(
        "github.event.review_comment.body",
        "whoever reviews",
        true,
        &["pull_request_review_comment"]
    ),
    source!("github.event.discussion.title", "whoever opens a discussion", false, DISCUSSION),
    source!("github.event.discussion.body", "whoever opens a discussion", true, DISCUSSION),
    source!("github.event.pages.*.page_name", "whoever edits the wiki", false, &["gollum"]),
    source!("github.event.pages.*.title", "whoever edits the wiki", false, &["gollum"]),
    source!("github.event.commits.*.message", "the author of a commit", true, PUSH),
    source!("github.event.commits.*.author.name", "the author of a commit", false, PUSH),
    source!("github.event.commits.*.author.email", "the author of a commit", false, PUSH),
    source!("github.event.commits.*.committer.name", "the author of a commit", false, PUSH),
    source!("github.event.commits.*.committer.email", "the author of a commit", false, PUSH),
    source!("github.event.head_commit.message", "the author of a commit", true, PUSH),
    source!("github.event.head_commit.author.name", "the author of a commit", false, PUSH),
    source!("github.event.head_commit.author.email", "the author of a commit", false, PUSH),
    source!("github.event.head_commit.committer.name", "the author of a commit", false, PUSH),
    source!("github.event.head_commit.committer.email", "the author of a commit", false, PUSH),
    source!("github.event.workflow_run.head_branch", "whoever names the branch", false, RUN),
    source!("github.event.workflow_run.display_title", "whoever opens a pull request", false, RUN),
    source!("github.event.workflow_run.head_commit.message", "the author of a commit", true, RUN),
    source!(
        "github.event.workflow_run.head_commit.author.name",
        "the author of a commit",
        false,
        RUN
    ),
    source!(
        "github.event.workflow_run.head_commit.author.email",
        "the author of a commit",
        false,
        RUN
    ),
    source!(
        "github.event.workflow_run.head_repository.description",
        "the owner of the fork",
        false,
        RUN
    ),
    source!(
        "github.event.workflow_run.pull_requests.*.head.ref",
        "whoever names the branch",
        false,
        RUN
    ),
    source!(
        "github.event.changes.title.from",
        "whoever edits it",
        false,
        &["issues", "pull_request_target", "pull_request"]
    ),
    source!(
        "github.event.changes.body.from",
        "whoever edits it",
        true,
        &["issues", "issue_comment", "pull_request_target", "pull_request"]
    ),
    source!("github.event.answer.body", "whoever answers a discussion", true, &["discussion"]),
];

/// Events that run with the repository's token and secrets although a stranger causes them.
pub(crate) const PRIVILEGED: [&str; 8] = [
    "pull_request_target",
    "workflow_run",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "commit_comment",
    "gollum",
];

impl<'a> Definition<'a> {
    /// The first privileged event that starts the workflow, with its node.
    pub(crate) fn privileged_trigger(&self) -> Option<(&'a str, Node<'a>)> {
        self.triggers().find(|(event, _)| PRIVILEGED.contains(event))
    }

    /// What can be in a text with placeholders, and is decided by somebody else.
    pub(crate) fn tainted(&self, step: &Step<'_>, text: &str) -> Vec<Tainted> {
        step.outcomes(text).iter().filter_map(|outcome| self.judge(outcome)).collect()
    }

    /// Who decides the value at a path, if somebody else does and some trigger lets it in.
    fn judge(&self, outcome: &Outcome) -> Option<Tainted> {
        let path = outcome.path.as_slice();
        let written = path.join(".");
        let tainted = |control, who, many_lines, trigger| Tainted {
            path: written.clone(),
            control,
            who,
            many_lines,
            trigger,
        };
        let called = self.form == Form::Composite || self.trigger("workflow_call").is_some();
        let sources = || SOURCES.iter().filter(|source| reaches(outcome, source.path));
        // A value that holds several, such as the whole event, is as bad as the worst of them.
        let arrived = sources().find_map(|source| {
            let event = source.events.iter().find(|event| self.trigger(event).is_some())?;
            Some((source, *event))
        });
        match (arrived, sources().next()) {
            // A commit gets there by a push or a merge, so somebody with rights let it in.
            (Some((source, "push")), _) => Some(tainted(
                Control::Insider,
                "the author of a commit that was merged",
                source.many_lines,
                Some("push"),
            )),
            (Some((source, event)), _) => {
                Some(tainted(Control::Stranger, source.who, source.many_lines, Some(event)))
            }
            (None, Some(source)) if called => {
                Some(tainted(Control::Caller, source.who, source.many_lines, None))
            }
            (None, Some(_)) => None,
            (None, None) => self.judge_inside(path, called, tainted),
        }
    }

    /// The same for values that nobody outside decides alone.
    fn judge_inside(
        &self,
        path: &[String],
        called: bool,
        tainted: impl Fn(Control, &'static str, bool, Option<&'static str>) -> Tainted,
    ) -> Option<Tainted> {
        match path {
            [context, ..] if context == "inputs" && called => Some(tainted(
                Control::Caller,
                if self.form == Form::Composite {
                    "the workflow that uses the action"
                } else {
                    "the workflow that calls this one"
                },
                true,
                None,
            )),
            [context, ..] if context == "inputs" => {
                Some(tainted(Control::Insider, "whoever starts it by hand", false, None))
            }
            [github, event, inputs, ..]
                if [github.as_str(), event, inputs] == ["github", "event", "inputs"] =>
            {
                Some(tainted(Control::Insider, "whoever starts it by hand", false, None))
            }
            [github, name] if github == "github" && name == "ref_name" => {
                Some(tainted(Control::Insider, "whoever names a branch or tag here", false, None))
            }
            _ => None,
        }
    }
}

/// Whether the value of a source comes out: it alone, or within all of an object that holds it.
fn reaches(outcome: &Outcome, source: &str) -> bool {
    let parts: Vec<_> = source.split('.').collect();
    let path = &outcome.path;
    let complete = path.len() == parts.len() || outcome.whole && path.len() < parts.len();
    complete
        && path.iter().zip(parts).all(|(step, part)| part == step || part == "*" || step == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_written_whole_contains_its_members_and_a_member_is_not_its_neighbour() {
        for (written, whole, source, expected) in [
            ("github.event.issue.title", false, "github.event.issue.title", true),
            ("github.event.issue", false, "github.event.issue.title", false),
            ("github.event.issue", true, "github.event.issue.title", true),
            ("github.event", true, "github.event.issue.title", true),
            ("github", true, "github.event.issue.title", true),
            ("github", false, "github.event.issue.title", false),
            ("github.event.*.title", false, "github.event.issue.title", true),
            ("github.event.commits.*.message", false, "github.event.commits.*.message", true),
            ("github.event.issue.number", true, "github.event.issue.title", false),
            ("github.event.issue.title.x", true, "github.event.issue.title", false),
            ("github.sha", true, "github.event.issue.title", false),
            ("inputs", true, "github.event.issue.title", false),
        ] {
            let path = written.split('.').map(str::to_owned).collect();
            assert_eq!(reaches(&Outcome { path, whole }, source), expected, "{written} {whole}");
        }
    }
}
