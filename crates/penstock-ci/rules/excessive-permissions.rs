//! Facts: GitHub docs, "Workflow syntax", `permissions`: without it the token has what the repository's
//! settings say, which was read and write for everything in repositories made before February 2023.

use penstock_check::Findings;
use penstock_document::{Node, Value};
use penstock_model::{Applicability, Audience, Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Form, Job},
    generated::EXCESSIVE_PERMISSIONS,
};

pub(crate) const DETECTOR: Detector = check;

/// Actions that exist to write with the job's token.
const WRITERS: [&str; 16] = [
    "actions/attest-build-provenance",
    "actions/deploy-pages",
    "actions/first-interaction",
    "actions/labeler",
    "actions/stale",
    "ad-m/github-push-action",
    "changesets/action",
    "googleapis/release-please-action",
    "marocchino/sticky-pull-request-comment",
    "ncipollo/release-action",
    "peaceiris/actions-gh-pages",
    "peter-evans/create-or-update-comment",
    "peter-evans/create-pull-request",
    "release-drafter/release-drafter",
    "softprops/action-gh-release",
    "stefanzweifel/git-auto-commit-action",
];
/// Commands that do the same.
const WRITING_COMMANDS: [&str; 8] = [
    "git push",
    "gh release create",
    "gh release upload",
    "gh pr comment",
    "gh pr create",
    "gh pr merge",
    "gh issue create",
    "gh issue comment",
];

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    if definition.form != Form::Workflow {
        return;
    }
    let whole = definition.root.get("permissions");
    if each_has_its_own(definition) {
        unused(whole, findings);
    } else {
        judge(whole, "every job of this workflow", findings);
    }
    if definition.jobs.len() > 1 {
        for (scope, access) in whole.entries().filter(|(_, access)| access.text() == Some("write"))
        {
            let scope = scope.text().unwrap_or_default();
            let message =
                format!("`{scope}: write` is given to all jobs, not to the one it is for");
            findings
                .report(EXCESSIVE_PERMISSIONS, access, message)
                .severity(Severity::Low)
                .audience(Audience::Pedantic);
        }
    }
    for job in &definition.jobs {
        judge(job.node.get("permissions"), &format!("job `{}`", job.id), findings);
        if job.permissions.is_none() {
            undeclared(definition, job, findings);
        }
    }
}

/// Whether every job says itself what its token may do. What the workflow says then holds for none:
/// the rights of a job replace those of the workflow, they are not added to them (GitHub docs,
/// "Workflow syntax", `jobs.<job_id>.permissions`).
fn each_has_its_own(definition: &Definition<'_>) -> bool {
    let own = |job: &Job<'_>| {
        let permissions = job.node.get("permissions");
        let all = ["read-all", "write-all"];
        permissions.is_mapping() || permissions.text().is_some_and(|text| all.contains(&text))
    };
    let jobs = definition.root.get("jobs");
    !definition.jobs.is_empty()
        && jobs.entries().count() == definition.jobs.len()
        && definition.jobs.iter().all(own)
}

/// Rights that no job has, and that the next job to be written would have. To take them away changes
/// nothing of what runs today.
fn unused(permissions: Node<'_>, findings: &mut Findings<'_>) {
    if permissions.text() != Some("write-all") {
        return;
    }
    let message = "no job has the rights the workflow gives, each has its own: the next job that is written would have them all";
    let draft =
        findings.report(EXCESSIVE_PERMISSIONS, permissions, message).severity(Severity::Low);
    let document = permissions.document();
    // Of two equal keys nobody knows which one counts, and what has an anchor stands elsewhere too.
    let key_end = permissions.key().map_or(0, |key| key.span().end);
    let between = document.text().get(key_end..permissions.span().start);
    if document.duplicate_keys().is_empty() && between.is_some_and(|text| !text.contains('&')) {
        let nothing = document.replace(&permissions.route(), &Value::Mapping(Vec::new()));
        draft.fix(Applicability::Safe, "give the workflow no rights of its own", nothing);
    }
}

fn judge(permissions: Node<'_>, what: &str, findings: &mut Findings<'_>) {
    match permissions.text() {
        Some("write-all") => {
            let message = format!("the token of {what} may write everything it can be allowed to");
            let contents = Value::Mapping(vec![("contents".to_owned(), "read".into())]);
            let read = permissions.document().replace(&permissions.route(), &contents);
            findings
                .report(EXCESSIVE_PERMISSIONS, permissions, message)
                .severity(Severity::High)
                .fix(
                    Applicability::Unsafe,
                    "leave the token nothing but reading the repository",
                    read,
                );
        }
        Some("read-all") => {
            let message = format!("the token of {what} may read everything it can be allowed to");
            findings
                .report(EXCESSIVE_PERMISSIONS, permissions, message)
                .severity(Severity::Low)
                .audience(Audience::Pedantic);
        }
        _ => {}
    }
}

/// A job for which nobody wrote down what its token may do.
fn undeclared(definition: &Definition<'_>, job: &Job<'_>, findings: &mut Findings<'_>) {
    let place = job.node.key().unwrap_or(job.node);
    let id = job.id;
    if let Some((event, trigger)) = definition.privileged_trigger() {
        let message = format!(
            "job `{id}` says nothing of its token, and anyone on GitHub can start it by `{event}`"
        );
        findings
            .report(EXCESSIVE_PERMISSIONS, place, message)
            .confidence(Confidence::Medium)
            .related(trigger, "anyone on GitHub can cause this");
    } else if let Some(writer) = writer(job) {
        let message = format!(
            "job `{id}` writes with a token whose rights nobody wrote down: it has the default of the repository"
        );
        findings
            .report(EXCESSIVE_PERMISSIONS, place, message)
            .confidence(Confidence::Medium)
            .related(writer, "needs a right to write");
    } else {
        let message = format!("job `{id}` has a token with the default rights of the repository");
        findings
            .report(EXCESSIVE_PERMISSIONS, place, message)
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .audience(Audience::Pedantic);
    }
}

/// The first step that writes with the job's own token. One that brings another token does not.
fn writer<'a>(job: &Job<'a>) -> Option<Node<'a>> {
    job.steps().find_map(|step| {
        if step.node.descendants().any(|node| {
            node.text().is_some_and(|text| {
                text.contains("secrets.") && !text.contains("secrets.GITHUB_TOKEN")
            })
        }) {
            return None;
        }
        let action = step.uses().filter(|(_, uses)| WRITERS.iter().any(|action| uses.is(action)));
        let command = step.run().filter(|(_, script)| {
            script.lines().map(str::trim).any(|line| {
                !line.starts_with('#') && WRITING_COMMANDS.iter().any(|word| line.contains(word))
            })
        });
        action.map(|(node, _)| node).or(command.map(|(node, _)| node))
    })
}
