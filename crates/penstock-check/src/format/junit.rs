//! JUnit XML, as Jenkins, GitLab and Azure DevOps show it. It has no standard; elements, attributes
//! and their order keep to the widely used schema
//! <https://github.com/windyroad/JUnit-Schema/blob/master/JUnit.xsd>.
//!
//! One suite is one area. A rule that found nothing is a passed case; a finding that fails the check
//! is a failure; one that does not (below the threshold, decided, or with `--advise`) and a question
//! without an answer are skipped cases that say why; what could not be looked at is an error.

use std::{collections::BTreeSet, io};

use penstock_model::{Area, Finding, Location, Report};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::{
    Setting, escape,
    setting::{by_rank, headline},
};

/// The report as XML with a final line break.
///
/// # Errors
/// None: nothing is written but memory.
pub fn junit(report: &Report, setting: &Setting<'_>) -> io::Result<String> {
    let mut suites: Vec<Suite> =
        report.areas.iter().map(|area| Suite::of_area(*area, report, setting)).collect();
    suites.push(Suite::of_coverage(report, setting));
    let timestamp = report.now.to_string();
    let timestamp = timestamp.trim_end_matches('Z');
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let total = |of: fn(&Outcome) -> bool| suites.iter().map(|s| s.count(of)).sum::<usize>();
    writer
        .create_element("testsuites")
        .with_attribute(("name", "penstock"))
        .with_attribute(("tests", total(|_| true).to_string().as_str()))
        .with_attribute(("failures", total(Outcome::is_failure).to_string().as_str()))
        .with_attribute(("errors", total(Outcome::is_error).to_string().as_str()))
        .with_attribute(("skipped", total(Outcome::is_skipped).to_string().as_str()))
        .write_inner_content(|writer| {
            for (id, suite) in suites.iter().enumerate() {
                suite.write(writer, id, timestamp)?;
            }
            Ok(())
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed { kind: String, message: String, text: String },
    Error { kind: String, message: String },
    Skipped { message: String },
}

impl Outcome {
    fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Error { .. })
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped { .. })
    }
}

impl Suite {
    fn of_area(area: Area, report: &Report, setting: &Setting<'_>) -> Self {
        let mut cases = Vec::new();
        let mut spoken = BTreeSet::new();
        for (finding, _) in by_rank(report) {
            if finding.rule.area() == Some(area) {
                spoken.insert(finding.rule.as_str());
                let outcome = if setting.advise {
                    Outcome::Skipped { message: format!("advice only: {}", headline(finding)) }
                } else if finding.severity < report.threshold {
                    let message = format!(
                        "{}, below the threshold ({}): {}",
                        finding.severity,
                        report.threshold,
                        headline(finding)
                    );
                    Outcome::Skipped { message }
                } else {
                    failed(finding, setting)
                };
                cases.push(case(finding, setting, outcome));
            }
        }
        let counted = penstock_model::SuppressionAuthority::Proposed;
        for suppressed in &report.suppressed {
            let (finding, suppression) = (&suppressed.finding, &suppressed.suppression);
            if finding.rule.area() == Some(area) && suppression.authority != counted {
                spoken.insert(finding.rule.as_str());
                let message = format!("not acted on: {}", suppression.reason);
                cases.push(case(finding, setting, Outcome::Skipped { message }));
            }
        }
        for open in report.unresolved.iter().filter(|open| open.rule.area() == Some(area)) {
            spoken.insert(open.rule.as_str());
            let message = format!("cannot tell: {} (missing: {})", open.question, open.fact);
            cases.push(Case {
                class: class(open.rule.as_str()),
                name: place(&open.location, setting),
                outcome: Outcome::Skipped { message },
            });
        }
        for rule in setting.rules.iter().filter(|rule| rule.area == area) {
            if !spoken.contains(rule.id) {
                let (class, name) = (class(rule.id), rule.title.to_owned());
                cases.push(Case { class, name, outcome: Outcome::Passed });
            }
        }
        Self { name: format!("penstock {}", area.name()), cases }
    }

    /// What should have been looked at. A reader refuses a file without any case, so there is one
    /// even when nothing is amiss.
    fn of_coverage(report: &Report, setting: &Setting<'_>) -> Self {
        let class = "penstock.coverage".to_owned();
        let mut cases = Vec::new();
        for skipped in &report.coverage.incomplete {
            let (kind, message) = ("not-checked".to_owned(), skipped.detail.clone());
            cases.push(Case {
                class: class.clone(),
                name: setting.repository_path(&skipped.path).to_string(),
                outcome: Outcome::Error { kind, message },
            });
        }
        for part in &report.not_checked {
            let message = format!("not checked: {}", part.reason);
            let outcome = if part.required || setting.strict {
                Outcome::Error { kind: "not-checked".to_owned(), message }
            } else {
                Outcome::Skipped { message }
            };
            cases.push(Case { class: class.clone(), name: part.part.clone(), outcome });
        }
        if cases.is_empty() {
            let name = format!("{} files read", report.coverage.files);
            cases.push(Case { class, name, outcome: Outcome::Passed });
        }
        Self { name: "penstock coverage".to_owned(), cases }
    }

    fn count(&self, of: fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|case| of(&case.outcome)).count()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>, id: usize, timestamp: &str) -> io::Result<()> {
        writer
            .create_element("testsuite")
            .with_attribute(("id", id.to_string().as_str()))
            .with_attribute(("package", "penstock"))
            .with_attribute(("name", self.name.as_str()))
            .with_attribute(("timestamp", timestamp))
            .with_attribute(("hostname", "localhost"))
            .with_attribute(("tests", self.cases.len().to_string().as_str()))
            .with_attribute(("failures", self.count(Outcome::is_failure).to_string().as_str()))
            .with_attribute(("errors", self.count(Outcome::is_error).to_string().as_str()))
            .with_attribute(("skipped", self.count(Outcome::is_skipped).to_string().as_str()))
            .with_attribute(("time", "0"))
            .write_inner_content(|writer| {
                self.cases.iter().try_for_each(|case| case.write(writer))
            })?;
        Ok(())
    }
}

impl Case {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let (class, name) = (xml(&self.class), xml(&self.name));
        let element = writer
            .create_element("testcase")
            .with_attribute(("classname", class.as_str()))
            .with_attribute(("name", name.as_str()))
            .with_attribute(("time", "0"));
        match &self.outcome {
            Outcome::Passed => element.write_empty()?,
            Outcome::Failed { kind, message, text } => element.write_inner_content(|writer| {
                writer
                    .create_element("failure")
                    .with_attribute(("type", kind.as_str()))
                    .with_attribute(("message", xml(message).as_str()))
                    .write_text_content(BytesText::new(&lines(text)))?;
                Ok(())
            })?,
            Outcome::Error { kind, message } => element.write_inner_content(|writer| {
                writer
                    .create_element("error")
                    .with_attribute(("type", kind.as_str()))
                    .with_attribute(("message", xml(message).as_str()))
                    .write_empty()?;
                Ok(())
            })?,
            Outcome::Skipped { message } => element.write_inner_content(|writer| {
                writer
                    .create_element("skipped")
                    .with_attribute(("message", xml(message).as_str()))
                    .write_empty()?;
                Ok(())
            })?,
        };
        Ok(())
    }
}

fn case(finding: &Finding, setting: &Setting<'_>, outcome: Outcome) -> Case {
    let (class, name) = (class(finding.rule.as_str()), place(&finding.location, setting));
    Case { class, name, outcome }
}

fn failed(finding: &Finding, setting: &Setting<'_>) -> Outcome {
    let mut text = format!("{}\n", setting.title(&finding.rule));
    for place in super::setting::places(finding) {
        text.push_str(&format!("{}\n", self::place(place, setting)));
    }
    text.push_str(&format!("penstock explain {}", finding.rule));
    Outcome::Failed { kind: finding.severity.to_string(), message: headline(finding), text }
}

/// `penstock.ci.unpinned-action`: readers group by what stands before the last full stop.
fn class(rule: &str) -> String {
    format!("penstock.{}", rule.replace('/', "."))
}

fn place(location: &Location, setting: &Setting<'_>) -> String {
    let path = setting.repository_path(&location.path);
    match location.region {
        Some(region) => format!("{path}:{}", region.start_line),
        None => path.to_string(),
    }
}

/// Text within the characters of XML 1.0 (2.2): control characters are already spelt out by
/// [`escape`]; the two noncharacters XML does not allow are replaced.
fn xml(text: &str) -> String {
    escape(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn lines(text: &str) -> String {
    text.lines().map(xml).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
