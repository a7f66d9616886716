//! Facts: <https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/>
//! and CVE-2020-15228.

use penstock_check::{Draft, Findings};
use penstock_document::Node;
use penstock_model::{Applicability, Severity};

use crate::{Detector, definition::Definition, generated::INSECURE_COMMANDS};

const SWITCH: &str = "ACTIONS_ALLOW_UNSECURE_COMMANDS";

pub(crate) const DETECTOR: Detector = check;

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let root = definition.root;
    let jobs = definition.jobs.iter().map(|job| job.node);
    let steps = definition.steps().map(|step| step.node);
    for scope in std::iter::once(root).chain(jobs).chain(steps) {
        for (key, value) in scope.get("env").entries() {
            if key.text().is_some_and(|name| name.eq_ignore_ascii_case(SWITCH)) && is_on(value) {
                let message = format!("`{SWITCH}` lets every line of output set the environment");
                let draft = report(definition, value, message, findings);
                let off = value.document().replace(&value.route(), &false.into());
                draft.fix(Applicability::Unsafe, "turn the commands off", off);
            }
        }
    }
    for step in definition.steps() {
        if let Some((node, script)) = step.run()
            && script.lines().any(switches_on)
        {
            let message = format!("the script turns `{SWITCH}` on for the steps after it");
            report(definition, node, message, findings);
        }
    }
}

fn report<'f>(
    definition: &Definition<'_>,
    node: Node<'_>,
    message: String,
    findings: &'f mut Findings<'_>,
) -> &'f mut Draft {
    let draft = findings.report(INSECURE_COMMANDS, node, message);
    if let Some((event, trigger)) = definition.privileged_trigger() {
        draft.severity(Severity::High);
        draft.related(trigger, format!("`{event}` brings in text from strangers"));
    }
    draft
}

/// The runner asks for `true`, in any case. An expression may yield it.
fn is_on(value: Node<'_>) -> bool {
    value.text().is_some_and(|text| text.eq_ignore_ascii_case("true") || text.contains("${{"))
}

/// A line that writes the switch into the environment file.
fn switches_on(line: &str) -> bool {
    let line = line.trim();
    !line.starts_with('#') && line.contains("GITHUB_ENV") && {
        let after = line.split_once(SWITCH).map(|(_, after)| after).unwrap_or_default();
        after.trim_start_matches('=').get(..4).is_some_and(|word| word.eq_ignore_ascii_case("true"))
    }
}
