use std::ops::Range;

use penstock_document::{Document, Format, Limits, Node};
use penstock_model::{Area, report::NoteKind};
use regex::bytes::{Regex, RegexBuilder};

use super::super::{Mark, Notes, is_called};
use crate::{File, Rule};

/// The most patterns that are compiled, how long each may be and the most it may take when compiled,
/// in bytes.
const MOST: usize = 200;
const LONGEST_PATTERN: usize = 2000;
const PATTERN_BYTES: usize = 256 << 10;
/// The longest line a pattern over lines is tried on; a bundle's line is not searched once for each
/// finding in it.
const LONGEST_LINE: usize = 2 << 10;

/// What `.gitleaks.toml` allows.
///
/// Of its rules only the allowlists and the disabled ones are understood: the rules themselves are
/// ours. Allowlists by commit and those of configurations it extends are not read.
pub(in super::super) struct Allowlists(Vec<Allowlist>);

/// A finding while its file is at hand.
pub(in super::super) struct Subject<'a, 'f> {
    pub(in super::super) file: &'a File<'f>,
    pub(in super::super) rule: &'a Rule,
    pub(in super::super) range: &'a Range<usize>,
}

#[derive(Default)]
struct Allowlist {
    /// Its rules by Gitleaks' names; every rule about secrets when absent.
    rules: Option<Vec<String>>,
    /// The rules are disabled: everything of them is allowed.
    everything: bool,
    description: String,
    /// All of its criteria must hold, not one.
    all: bool,
    paths: Vec<Regex>,
    regexes: Vec<Regex>,
    target: Target,
    stopwords: Vec<String>,
    /// It has a criterion that is never met here: commits, or only patterns that do not compile.
    unmet: bool,
}

#[derive(Clone, Copy, Default)]
enum Target {
    #[default]
    Secret,
    /// The line; also what Gitleaks calls the match, which is the part of the line its own pattern
    /// takes in.
    Line,
}

impl Allowlists {
    pub(in super::super) fn read(bytes: &[u8], notes: &mut Notes) -> Option<Self> {
        let limits = Limits { depth: 16, nodes: 100_000, ..Limits::default() };
        let document = match Document::parse(Format::Toml, bytes, &limits) {
            Ok(document) => document,
            Err(error) => {
                notes.add(NoteKind::Unreadable, format!("not applied: {error}"));
                return None;
            }
        };
        let root = document.root();
        let mut reader = Reader { notes, left: MOST };
        let mut lists = Vec::new();
        let of =
            |node: Node<'_>, reader: &mut Reader<'_>, lists: &mut Vec<_>, rule: Option<&str>| {
                let one = node.get("allowlist");
                let many = one.items().chain(node.get("allowlists").items());
                for list in std::iter::once(one).chain(many) {
                    lists.extend(reader.allowlist(list, rule));
                }
            };
        of(root, &mut reader, &mut lists, None);
        for rule in root.get("rules").items() {
            let Some(id) = rule.get("id").as_str() else { continue };
            of(rule, &mut reader, &mut lists, Some(id));
        }
        let disabled = texts(root.get("extend").get("disabledRules"));
        if !disabled.is_empty() {
            lists.push(Allowlist {
                rules: Some(disabled),
                everything: true,
                description: "disabled in .gitleaks.toml".to_owned(),
                ..Allowlist::default()
            });
        }
        Some(Self(lists))
    }

    /// The first list that allows a finding. `value` is the secret where it is written in another
    /// form than it has.
    pub(in super::super) fn allow(
        &self,
        subject: &Subject<'_, '_>,
        value: Option<&[u8]>,
    ) -> Option<Mark> {
        let list = self.0.iter().find(|list| list.allows(subject, value))?;
        let reason = match list.description.as_str() {
            "" => "allowed in .gitleaks.toml".to_owned(),
            description => description.to_owned(),
        };
        Some(Mark { tool: "gitleaks".to_owned(), reason, bare: false })
    }
}

impl Allowlist {
    fn allows(&self, subject: &Subject<'_, '_>, value: Option<&[u8]>) -> bool {
        let named = match &self.rules {
            Some(rules) => rules.iter().any(|rule| is_called(subject.rule, "gitleaks", rule)),
            None => subject.rule.area == Area::Secrets,
        };
        if !named || self.everything {
            return named;
        }
        let bytes = subject.file.bytes();
        let written = bytes.get(subject.range.clone()).unwrap_or_default();
        let of_value = |is: &dyn Fn(&[u8]) -> bool| is(written) || value.is_some_and(is);
        let by_path = || self.paths.iter().any(|p| p.is_match(subject.file.path().as_bytes()));
        let by_regex = || match self.target {
            Target::Secret => of_value(&|text| self.regexes.iter().any(|r| r.is_match(text))),
            Target::Line => {
                let lines = subject.file.lines();
                let line = lines.line(lines.line_at(subject.range.start));
                line.len() <= LONGEST_LINE && self.regexes.iter().any(|r| r.is_match(line))
            }
        };
        let by_word = || {
            of_value(&|text| {
                let text = String::from_utf8_lossy(text).to_lowercase();
                self.stopwords.iter().any(|word| text.contains(word))
            })
        };
        if self.all {
            let criteria =
                !(self.paths.is_empty() && self.regexes.is_empty() && self.stopwords.is_empty());
            criteria
                && !self.unmet
                && (self.paths.is_empty() || by_path())
                && (self.regexes.is_empty() || by_regex())
                && (self.stopwords.is_empty() || by_word())
        } else {
            by_path() || by_regex() || by_word()
        }
    }
}

struct Reader<'a> {
    notes: &'a mut Notes,
    /// How many more patterns are compiled.
    left: usize,
}

impl Reader<'_> {
    fn allowlist(&mut self, node: Node<'_>, rule: Option<&str>) -> Option<Allowlist> {
        if !node.is_mapping() {
            return None;
        }
        let targets = texts(node.get("targetRules"));
        let rules = match rule {
            Some(rule) => Some(vec![rule.to_owned()]),
            None if targets.is_empty() => None,
            None => Some(targets),
        };
        let condition = node.get("condition").as_str().unwrap_or_default();
        let target = match node.get("regexTarget").as_str() {
            Some("match" | "line") => Target::Line,
            _ => Target::Secret,
        };
        let (paths, paths_failed) = self.patterns(node.get("paths"));
        let (regexes, regexes_failed) = self.patterns(node.get("regexes"));
        Some(Allowlist {
            rules,
            everything: false,
            description: node.get("description").text().unwrap_or_default().to_owned(),
            all: matches!(condition.to_ascii_uppercase().as_str(), "AND" | "&&"),
            unmet: node.get("commits").exists()
                || (paths_failed && paths.is_empty())
                || (regexes_failed && regexes.is_empty()),
            paths,
            regexes,
            target,
            stopwords: texts(node.get("stopwords"))
                .into_iter()
                .filter(|word| !word.is_empty())
                .map(|word| word.to_lowercase())
                .collect(),
        })
    }

    /// Those that compile, and whether one does not.
    fn patterns(&mut self, node: Node<'_>) -> (Vec<Regex>, bool) {
        let (mut patterns, mut failed) = (Vec::new(), false);
        for text in texts(node) {
            if self.left == 0 {
                failed = true;
                let message = format!("patterns beyond the first {MOST} are not applied");
                self.notes.add(NoteKind::Unreadable, message);
                break;
            }
            self.left -= 1;
            // An empty pattern would match everything.
            match compile(&text).filter(|_| !text.is_empty()) {
                Some(pattern) => patterns.push(pattern),
                None => {
                    failed = true;
                    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
                    let line = node.region().start_line;
                    let message = format!(
                        "line {line}: the pattern `{shown}` is not applied: it cannot be compiled here"
                    );
                    self.notes.add(NoteKind::Unreadable, message);
                }
            }
        }
        (patterns, failed)
    }
}

/// Gitleaks' patterns are Go's (RE2), in which `\w`, `\d` and `\s` are ASCII. The engine is linear
/// in the text whatever the pattern; what a pattern may take is bounded.
fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > LONGEST_PATTERN {
        return None;
    }
    let build = |unicode| {
        RegexBuilder::new(pattern)
            .unicode(unicode)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .nest_limit(50)
            .build()
            .ok()
    };
    build(false).or_else(|| build(true))
}

fn texts(node: Node<'_>) -> Vec<String> {
    node.items().filter_map(Node::as_str).map(str::to_owned).collect()
}
