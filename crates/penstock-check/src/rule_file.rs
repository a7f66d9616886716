//! Reading a rule's Markdown file; the format is described in `RULES.md` beside this crate.

use penstock_model::{Area, Audience, Confidence, RuleId, RuleSet, Severity};
use serde::Deserialize;

use crate::template::{Shape, ShapeError};

/// A rule's file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFile {
    /// What stands between the `+++` lines.
    pub front: FrontMatter,
    /// The fenced blocks under `## Examples`.
    pub examples: Vec<Example>,
}

/// A rule's metadata; the fields are those of [`Rule`](crate::Rule).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented at `Rule` and in `RULES.md`")]
pub struct FrontMatter {
    pub id: RuleId,
    pub title: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub audience: Audience,
    pub area: Area,
    pub cwe: Vec<u32>,
    pub controls: Vec<String>,
    pub control_areas: Vec<u8>,
    pub threats: Vec<String>,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub since: String,
    #[serde(default = "first_set")]
    pub set: RuleSet,
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default)]
    pub pattern: Option<String>,
    #[serde(default)]
    pub entropy: Option<f64>,
    #[serde(default)]
    pub shapes: Vec<String>,
    #[serde(default)]
    pub near: Vec<String>,
    #[serde(default)]
    pub parts: Vec<PartMatter>,
}

/// Another part of a credential; the fields are those of [`Part`](crate::Part).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented at `Part`")]
pub struct PartMatter {
    pub name: String,
    #[serde(default)]
    pub keys: Vec<String>,
    #[serde(default)]
    pub shape: Option<String>,
}

/// The set of rules that name none.
fn first_set() -> RuleSet {
    RuleSet::FIRST
}

/// One fenced block under `## Examples`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What the rule must do with it.
    pub kind: ExampleKind,
    /// The path the file has in the test, as [`RepoPath`](penstock_model::RepoPath) is written.
    pub path: String,
    /// The file's content, templates not yet expanded.
    pub text: String,
    /// The line of the opening fence, from 1.
    pub line: usize,
}

/// What a rule must do with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExampleKind {
    /// Fire.
    Hit,
    /// Keep quiet.
    NearMiss,
    /// Fire, and be suppressed by a comment in the example.
    Suppressed,
}

impl ExampleKind {
    /// Every kind; a rule has at least one example of each.
    pub const ALL: [Self; 3] = [Self::Hit, Self::NearMiss, Self::Suppressed];

    /// Its name in an info string.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::NearMiss => "near-miss",
            Self::Suppressed => "suppressed",
        }
    }
}

/// What is wrong with a rule's file, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {fault}")]
pub struct RuleFileError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a rule's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file does not begin with front matter.
    #[error("a rule begins with front matter between two lines `+++`")]
    NoFrontMatter,
    /// The front matter does not say what it must.
    #[error("{0}")]
    FrontMatter(String),
    /// A metadata value is outside its set.
    #[error("`{value}` is not {expected}")]
    Value {
        /// What is written.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A shape cannot be searched for.
    #[error("`{shape}`: {error}")]
    Shape {
        /// What is written.
        shape: String,
        /// What is wrong with it.
        error: ShapeError,
    },
    /// A section every rule has is missing or empty.
    #[error("the section `## {0}` is missing or empty")]
    NoSection(&'static str),
    /// A fence is not closed.
    #[error("this fence is not closed")]
    OpenFence,
    /// An example says not, or not only once, what it is.
    #[error(
        "`{0}` does not say what the example is: `yaml hit path=…`, `near-miss` or `suppressed`"
    )]
    InfoString(String),
    /// There is no example of one kind.
    #[error("there is no example `{0}`")]
    NoExample(&'static str),
}

/// The sections of prose every rule has.
const PROSE: [&str; 3] = ["What it does", "Why it matters", "How to fix"];

impl RuleFile {
    /// Reads and validates a rule's file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(markdown: &str) -> Result<Self, RuleFileError> {
        let at = |line, fault| RuleFileError { line, fault };
        let (matter, body, body_line) =
            split(markdown).ok_or_else(|| at(1, Fault::NoFrontMatter))?;
        let front: FrontMatter =
            toml_edit::de::from_str(matter).map_err(|error| unreadable(matter, &error))?;
        front.validate().map_err(|(key, fault)| {
            let line = matter.lines().position(|line| line.starts_with(key)).unwrap_or(0);
            at(2 + line, fault)
        })?;
        for heading in PROSE {
            if section(markdown, heading).is_none_or(str::is_empty) {
                return Err(at(body_line, Fault::NoSection(heading)));
            }
        }
        let examples = examples(body, body_line)?;
        for kind in ExampleKind::ALL {
            if !examples.iter().any(|example| example.kind == kind) {
                return Err(at(body_line, Fault::NoExample(kind.name())));
            }
        }
        Ok(Self { front, examples })
    }
}

impl FrontMatter {
    /// Checks what types cannot, and names the key that is wrong.
    fn validate(&self) -> Result<(), (&'static str, Fault)> {
        let wrong = |key, value: &dyn std::fmt::Display, expected| {
            Err((key, Fault::Value { value: value.to_string(), expected }))
        };
        if self.id.area() != Some(self.area) {
            return wrong("id", &self.id, "a rule id of its own area");
        }
        if self.title.trim().is_empty() || self.title.ends_with('.') {
            return wrong("title", &self.title, "a short phrase without a final full stop");
        }
        for control in &self.controls {
            let family = control.split_once('-').filter(|(family, number)| {
                family.len() == 2
                    && family.bytes().all(|b| b.is_ascii_uppercase())
                    && !number.starts_with('0')
                    && number.starts_with(|c: char| c.is_ascii_digit())
            });
            if family.is_none() {
                return wrong("controls", control, "a NIST SP 800-53 control such as `AC-3`");
            }
        }
        for area in &self.control_areas {
            if penstock_model::ControlArea::new(*area).is_none() {
                return wrong("control_areas", area, "a control area, 1 to 13");
            }
        }
        for threat in &self.threats {
            let number = threat.strip_prefix('T').and_then(|number| number.parse::<u8>().ok());
            if !number.is_some_and(|number| (1..=15).contains(&number)) {
                return wrong("threats", threat, "a threat, `T1` to `T15`");
            }
        }
        for alias in &self.aliases {
            if !alias.contains('/') {
                return wrong("aliases", alias, "an alias such as `zizmor/unpinned-uses`");
            }
        }
        for word in &self.near {
            let plain = word.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.')
            });
            if !plain || word.len() < 3 || self.shapes.is_empty() {
                return wrong(
                    "near",
                    word,
                    "a word of 3 letters or more in lower case, for shapes",
                );
            }
        }
        for part in &self.parts {
            let word = |key: &String| {
                !key.is_empty()
                    && key.split('_').all(|word| {
                        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())
                    })
            };
            let known = !part.keys.is_empty() || part.shape.is_some();
            if part.name.trim().is_empty() || !known || !part.keys.iter().all(word) {
                return wrong(
                    "parts",
                    &part.name,
                    "a part with a name and with keys in lower case (`client_id`) or a shape",
                );
            }
            // It is tried at words near a secret only, so a text of its own is not needed.
            if let Some(shape) = &part.shape
                && let Err(error) = Shape::parse(shape, true)
            {
                return Err(("parts", Fault::Shape { shape: shape.clone(), error }));
            }
        }
        for shape in &self.shapes {
            if let Err(error) = Shape::parse(shape, !self.near.is_empty()) {
                return Err(("shapes", Fault::Shape { shape: shape.clone(), error }));
            }
        }
        Ok(())
    }
}

/// The rule set that a rule's file says it came with; the first one if it says nothing.
///
/// # Errors
/// Front matter that cannot be read.
pub fn rule_set(markdown: &str) -> Result<RuleSet, RuleFileError> {
    #[derive(Deserialize)]
    struct Only {
        #[serde(default = "first_set")]
        set: RuleSet,
    }
    let at = |line, fault| RuleFileError { line, fault };
    let (matter, ..) = split(markdown).ok_or_else(|| at(1, Fault::NoFrontMatter))?;
    // Most rules name none, and reading TOML for each of them takes time at every start.
    if !matter.lines().any(|line| line.contains("set")) {
        return Ok(RuleSet::FIRST);
    }
    toml_edit::de::from_str(matter)
        .map(|Only { set }| set)
        .map_err(|error| unreadable(matter, &error))
}

/// What is wrong with front matter, and on which line.
fn unreadable(matter: &str, error: &toml_edit::de::Error) -> RuleFileError {
    let before = error.span().and_then(|span| matter.get(..span.start)).unwrap_or_default();
    let line = 2 + before.matches('\n').count();
    RuleFileError { line, fault: Fault::FrontMatter(error.message().to_owned()) }
}

/// Front matter, the rest, and the line the rest begins on.
fn split(markdown: &str) -> Option<(&str, &str, usize)> {
    let rest = markdown.strip_prefix("+++\n")?;
    let (matter, body) = rest.split_once("\n+++\n")?;
    Some((matter, body, 3 + matter.lines().count()))
}

/// The text under `## heading` up to the next heading of that rank, trimmed. Headings inside fences
/// do not count.
pub fn section<'a>(markdown: &'a str, heading: &str) -> Option<&'a str> {
    let mut start = None;
    let mut at = 0;
    let mut fence = None;
    for line in markdown.split_inclusive('\n') {
        let text = line.trim_end();
        match fence {
            Some(open) if text == open => fence = None,
            Some(_) => {}
            None if text.starts_with("```") => fence = Some(ticks(text)),
            None if text.starts_with("## ") => {
                if let Some(start) = start {
                    return markdown.get(start..at).map(str::trim);
                }
                if text.strip_prefix("## ").map(str::trim) == Some(heading) {
                    start = Some(at + line.len());
                }
            }
            None => {}
        }
        at += line.len();
    }
    markdown.get(start?..).map(str::trim)
}

/// The run of backticks a line begins with.
fn ticks(line: &str) -> &str {
    line.get(..line.len() - line.trim_start_matches('`').len()).unwrap_or_default()
}

/// Every fence after `## Examples`; fences of the prose are none.
fn examples(body: &str, first_line: usize) -> Result<Vec<Example>, RuleFileError> {
    let mut examples = Vec::new();
    let mut inside = false;
    let mut lines = body.lines().zip(first_line..);
    while let Some((line, number)) = lines.next() {
        if line.starts_with("## ") {
            inside = line.trim_end() == "## Examples";
        }
        if !line.starts_with("```") {
            continue;
        }
        let fence = ticks(line);
        let mut text = String::new();
        let mut closed = false;
        for (line, _) in lines.by_ref() {
            if line.trim_end() == fence {
                closed = true;
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        if !closed {
            return Err(RuleFileError { line: number, fault: Fault::OpenFence });
        }
        if inside {
            let info = line.trim_start_matches('`').trim();
            let (kind, path) = read_info(info).ok_or_else(|| RuleFileError {
                line: number,
                fault: Fault::InfoString(info.to_owned()),
            })?;
            examples.push(Example { kind, path, text, line: number });
        }
    }
    Ok(examples)
}

/// `yaml hit path=x`: the language (optional, first), one kind, and the path (optional).
fn read_info(info: &str) -> Option<(ExampleKind, String)> {
    let (mut kind, mut path, mut extension) = (None, None, "txt");
    for (index, word) in info.split_whitespace().enumerate() {
        if let Some(found) = ExampleKind::ALL.into_iter().find(|kind| kind.name() == word) {
            if kind.replace(found).is_some() {
                return None;
            }
        } else if let Some(found) = word.strip_prefix("path=").filter(|path| !path.is_empty()) {
            path = Some(found.to_owned());
        } else if index == 0 {
            extension = if word == "text" { "txt" } else { word };
        } else {
            return None;
        }
    }
    Some((kind?, path.unwrap_or_else(|| format!("example.{extension}"))))
}

#[cfg(test)]
mod tests;
