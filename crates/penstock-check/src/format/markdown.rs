//! The report as Markdown, for a comment on a change and for the summary of a step.
//!
//! All text that is not ours is written so that neither CommonMark nor HTML nor the reference
//! filters of GitHub and GitLab find anything in it: every ASCII character that could have a meaning
//! is a numeric character reference, which CommonMark (6.2) never takes for structure, and each sigil
//! of a mention or reference is followed by a zero-width space. Paths stand in `<code>`, where those
//! filters do not look.

use penstock_model::{Finding, Location, Report, Suppression};

use super::{
    Setting, escape,
    setting::{by_rank, by_severity, headline, is_change, used},
    terminal::{count, thousands},
};

/// The most characters of a comment on GitHub. Counted in bytes here, which is never less strict.
pub const MAX: usize = 65_536;
/// How many findings stand before the folded part.
const SHOWN: usize = 20;
/// Room kept for what comes after the findings.
const TAIL: usize = 2_048;
/// The most of one text that is not ours, in characters; a hostile one could fill the comment.
const MAX_TEXT: usize = 500;
/// How many entries of what was not checked or could not be told are listed.
const LISTED: usize = 20;

const HEAD: &str = "| severity | rule | place | finding |\n|---|---|---|---|\n";

/// The report in at most [`MAX`] bytes. Its first line is a comment a program finds it by.
pub fn markdown(report: &Report, setting: &Setting<'_>) -> String {
    let open = by_rank(report);
    let (code, why) = setting.outcome(report);
    let mut page = String::from("<!-- penstock check -->\n");
    let title = if open.is_empty() {
        let none = if is_change(report) { "nothing new" } else { "no open findings" };
        format!("{none} in {} files", thousands(report.coverage.files))
    } else {
        let new = if setting.compared(report) { "new: " } else { "" };
        format!("{new}{}", by_severity(open.iter().map(|(finding, _)| *finding)))
    };
    page.push_str(&format!(
        "### Penstock: {title}\n\n{} · exit {code}: {why}\n\n",
        text(setting.name)
    ));
    let gaps = advising(report, setting) + &gaps(report, setting);
    let room = MAX.saturating_sub(page.len() + gaps.len() + TAIL);
    page.push_str(&table(&open, setting, room));
    page.push_str(&gaps);
    page
}

/// The findings: the first in sight, the others folded, and how many did not fit.
fn table(open: &[(&Finding, Option<&Suppression>)], setting: &Setting<'_>, room: usize) -> String {
    let mut written = String::new();
    let mut rows = 0;
    for (index, (finding, proposed)) in open.iter().enumerate() {
        let row = row(finding, *proposed, setting);
        if written.len() + row.len() + 2 * HEAD.len() > room {
            break;
        }
        if index == 0 {
            written.push_str(HEAD);
        } else if index == SHOWN {
            let more = thousands((open.len() - SHOWN) as u64);
            let fold = format!("\n<details><summary>{more} more</summary>\n\n{HEAD}");
            written.push_str(&fold);
        }
        written.push_str(&row);
        rows = index + 1;
    }
    if rows > SHOWN {
        written.push_str("\n</details>\n");
    }
    if rows < open.len() {
        let rest = thousands((open.len() - rows) as u64);
        written.push_str(&format!("\n{rest} did not fit here: `penstock check --all`\n"));
    }
    if !written.is_empty() {
        written.push('\n');
    }
    written
}

fn row(finding: &Finding, proposed: Option<&Suppression>, setting: &Setting<'_>) -> String {
    let location = &finding.location;
    let mut place = setting.repository_path(&location.path).to_string();
    if let Some(region) = location.region {
        place.push_str(&format!(":{}", region.start_line));
    }
    let mut what = text(&headline(finding));
    let place_of = |location: &Location| {
        let path = setting.repository_path(&location.path);
        Location { path, ..location.clone() }.to_string()
    };
    if let Some(used) = used(finding, place_of) {
        what.push_str(&format!("<br>used in {}", text(&used)));
    }
    if let Some(suppression) = proposed {
        let reason = text(&suppression.reason);
        what.push_str(&format!("<br>proposed ignore, so it counts: {reason}"));
    }
    format!(
        "| {} | {} | {} | {what} |\n",
        finding.severity,
        code(finding.rule.as_str()),
        code(&place)
    )
}

/// What was not looked at and what could not be told, folded.
fn gaps(report: &Report, setting: &Setting<'_>) -> String {
    let parts = report.not_checked.iter().map(|part| {
        let required = if part.required { ", required" } else { "" };
        format!("not checked: {}{required}: {}", text(&part.part), text(&part.reason))
    });
    let files = report.coverage.incomplete.iter().map(|skipped| {
        let path = setting.repository_path(&skipped.path).to_string();
        format!("not checked: {}: {}", code(&path), text(&skipped.detail))
    });
    let open = report.unresolved.iter().map(|unresolved| {
        format!(
            "cannot tell: {} {}: {}",
            code(unresolved.rule.as_str()),
            code(&unresolved.location.to_string()),
            text(&unresolved.question)
        )
    });
    let lines: Vec<String> = parts.chain(files).chain(open).collect();
    folded(&format!("{} not checked or not known", count(lines.len(), "thing")), &lines)
}

/// What rules found that are newer than the pinned rule set, folded.
fn advising(report: &Report, setting: &Setting<'_>) -> String {
    let lines = report.advising.iter().map(|finding| {
        format!(
            "{} {} {}: {}",
            finding.severity,
            code(finding.rule.as_str()),
            code(&setting.repository_path(&finding.location.path).to_string()),
            text(&headline(finding))
        )
    });
    let lines: Vec<String> = lines.collect();
    folded(&format!("{} of new rules, not counted yet", count(lines.len(), "finding")), &lines)
}

/// A folded list, cut where it gets long; nothing where there is nothing to list.
fn folded(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut list = format!("<details><summary>{title}</summary>\n\n");
    for (index, line) in lines.iter().enumerate() {
        if index == LISTED || list.len() + line.len() > MAX / 4 {
            let more = thousands((lines.len() - index) as u64);
            list.push_str(&format!("- and {more} more: `penstock check --all`\n"));
            break;
        }
        list.push_str(&format!("- {line}\n"));
    }
    list.push_str("\n</details>\n");
    list
}

/// Text that is shown as it is, on one line; what stands between backticks is shown as code.
pub(super) fn text(text: &str) -> String {
    let short = shorten(text);
    let parts: Vec<&str> = short.split('`').collect();
    let mut written = String::new();
    for (index, part) in parts.iter().enumerate() {
        // With an odd number of backticks the last has no partner and is only a character.
        let alone = parts.len().is_multiple_of(2) && index + 1 == parts.len();
        if alone {
            written.push_str("&#96;");
        }
        if index % 2 == 1 && !alone && !part.is_empty() {
            written.push_str(&format!("<code>{}</code>", literal(part, false)));
        } else {
            written.push_str(&literal(part, true));
        }
    }
    written
}

/// Text shown as it is in a fixed-width face.
fn code(text: &str) -> String {
    format!("<code>{}</code>", literal(&shorten(text), false))
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Every ASCII character that means something anywhere as a character reference; with `sigils`, the
/// beginnings of mentions, references and addresses are also cut off from what follows.
fn literal(text: &str, sigils: bool) -> String {
    let mut safe = String::new();
    let text = escape(text);
    let mut before = [' '; 3];
    for c in text.chars() {
        let address = c == '.' && before.map(|c| c.to_ascii_lowercase()) == ['w'; 3];
        if c.is_ascii_punctuation()
            && (address || !matches!(c, ',' | '.' | '-' | '/' | ';' | '(' | ')' | '?'))
        {
            safe.push_str(&format!("&#{};", u32::from(c)));
            let sigil = matches!(c, '@' | '#' | '!' | '~' | '$' | '^' | '&' | '%' | '*' | ':');
            if sigils && (sigil || address) {
                safe.push_str("&#8203;");
            }
        } else {
            safe.push(c);
        }
        before = [before[1], before[2], c];
    }
    safe
}

#[cfg(test)]
mod tests;
