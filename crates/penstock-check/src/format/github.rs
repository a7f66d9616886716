//! Workflow commands of GitHub Actions: annotations on the lines of a change.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
//!
//! GitHub shows at most ten annotations of each type for a step, so only the first ten of each are
//! written and the rest is counted; the Markdown form belongs into the step's summary.

use penstock_model::{Finding, Location, RepoPath, Report, Severity};

use super::{
    Setting, escape,
    setting::{by_rank, by_severity, headline},
};

/// The most annotations of one type GitHub shows for one step.
const MAX_OF_A_TYPE: usize = 10;

/// The report as lines for a step's standard output: annotations, what they leave out, and the exit
/// code with its reason. Lines that are no command hold nothing of the repository, since the runner
/// obeys `##[command]` anywhere in them.
pub fn github(report: &Report, setting: &Setting<'_>) -> String {
    let mut text = String::new();
    let mut written = [0_usize; 3];
    let mut left_out: Vec<&Finding> = Vec::new();
    for (finding, _) in by_rank(report) {
        let command = Command::of(finding.severity);
        let number = written.get_mut(command as usize);
        if number.is_some_and(|number| {
            *number += 1;
            *number <= MAX_OF_A_TYPE
        }) {
            text.push_str(&annotation(command, finding, setting));
        } else {
            left_out.push(finding);
        }
    }
    // What should have been looked at and was not must not read as "nothing there", so it is an
    // annotation as well, unless findings took every place; the exit line says it in any case.
    let gaps = report.coverage.incomplete.iter().map(|skipped| {
        let place = Location::file(skipped.path.clone());
        (Some(place), format!("not checked: {}", skipped.detail))
    });
    let required = report.not_checked.iter().filter(|part| part.required || setting.strict);
    let parts = required.map(|part| (None, format!("not checked: {}: {}", part.part, part.reason)));
    let [errors, ..] = written;
    for (place, message) in gaps.chain(parts).take(MAX_OF_A_TYPE.saturating_sub(errors)) {
        text.push_str(&line(Command::Error, place.as_ref(), "not checked", &message, setting));
    }
    if !left_out.is_empty() {
        let counts = by_severity(left_out.iter().copied());
        text.push_str(&format!("{} more: {counts}\n", left_out.len()));
    }
    let (code, why) = setting.outcome(report);
    text.push_str(&format!("exit {code}: {why}\n"));
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Error,
    Warning,
    Notice,
}

impl Command {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low => Self::Notice,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

fn annotation(command: Command, finding: &Finding, setting: &Setting<'_>) -> String {
    let title = format!("{}: {}", finding.rule, setting.title(&finding.rule));
    let mut message = headline(finding);
    let others: Vec<String> = finding.also.iter().take(3).map(ToString::to_string).collect();
    if !others.is_empty() {
        message.push_str(&format!("; also {}", others.join(", ")));
    }
    line(command, Some(&finding.location), &title, &message, setting)
}

fn line(
    command: Command,
    place: Option<&Location>,
    title: &str,
    message: &str,
    setting: &Setting<'_>,
) -> String {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&name(&setting.repository_path(&place.path)))));
        if let Some(region) = place.region {
            properties.push(format!("line={}", region.start_line.max(1)));
            properties.push(format!("endLine={}", region.end_line.max(region.start_line).max(1)));
        }
    }
    properties.push(format!("title={}", property(&escape(title))));
    format!("::{} {}::{}\n", command.name(), properties.join(","), data(&escape(message)))
}

/// The path as GitHub knows it, where that is text that does not deceive; otherwise as we write it.
fn name(path: &RepoPath) -> String {
    match std::str::from_utf8(path.as_bytes()) {
        Ok(text) if escape(text) == text => text.to_owned(),
        _ => escape(&path.to_string()),
    }
}

/// The part after the second `::`, as the runner decodes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which also may not hold what separates properties.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests;
