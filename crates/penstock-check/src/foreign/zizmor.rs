//! `zizmor.yml` (<https://docs.zizmor.sh/configuration/>).

use penstock_document::{Document, Format, Limits, Node};
use penstock_model::{Finding, report::NoteKind};

use super::{Mark, Notes, is_called};
use crate::Rule;

/// The most ignores that are read.
const MOST: usize = 10_000;

/// What is ignored, in which file by name, and where in it.
#[derive(Default)]
pub(super) struct Ignored(Vec<Ignore>);

struct Ignore {
    rule: String,
    /// Everywhere, if absent: the rule is disabled.
    place: Option<Place>,
}

struct Place {
    /// The file's name without its directory, as Zizmor compares it.
    name: String,
    line: Option<u32>,
    column: Option<u32>,
}

impl Ignored {
    pub(super) fn read(&mut self, bytes: &[u8], notes: &mut Notes) {
        let limits = Limits { depth: 32, nodes: 100_000, ..Limits::default() };
        let document = match Document::parse(Format::Yaml, bytes, &limits) {
            Ok(document) => document,
            Err(error) => {
                return notes.add(NoteKind::Unreadable, format!("not applied: {error}"));
            }
        };
        for (rule, settings) in document.root().get("rules").entries() {
            let Some(rule) = rule.text() else { continue };
            if settings.get("disable").as_bool() == Some(true) {
                self.0.push(Ignore { rule: rule.to_owned(), place: None });
            }
            for place in settings.get("ignore").items().filter_map(Node::text).filter_map(place) {
                if self.0.len() < MOST {
                    self.0.push(Ignore { rule: rule.to_owned(), place: Some(place) });
                }
            }
        }
    }

    pub(super) fn mark(&self, rule: &Rule, finding: &Finding) -> Option<Mark> {
        let ignore = self.0.iter().find(|ignore| {
            is_called(rule, "zizmor", &ignore.rule)
                && ignore.place.as_ref().is_none_or(|place| place.is_of(finding))
        })?;
        let reason = if ignore.place.is_some() { "ignored" } else { "disabled" };
        let reason = format!("{reason} in zizmor's configuration");
        Some(Mark { tool: "zizmor".to_owned(), reason, bare: false })
    }
}

impl Place {
    fn is_of(&self, finding: &Finding) -> bool {
        let region = finding.location.region;
        self.name.as_bytes() == finding.location.path.name()
            && self.line.is_none_or(|line| region.is_some_and(|r| r.start_line == line))
            && self.column.is_none_or(|column| region.is_some_and(|r| r.start_column == column))
    }
}

/// `ci.yml`, `ci.yml:12` or `ci.yml:12:5`.
fn place(text: &str) -> Option<Place> {
    let mut parts = text.split(':');
    let name = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let mut number = || parts.next().map(str::parse::<u32>).transpose().ok();
    let (line, column) = (number()?, number()?);
    if parts.next().is_some() { None } else { Some(Place { name, line, column }) }
}
