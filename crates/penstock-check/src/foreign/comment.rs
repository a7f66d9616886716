//! Comments other tools understand.

use std::{ops::RangeInclusive, sync::LazyLock};

use aho_corasick::AhoCorasick;

use super::{
    Mark,
    block::{Blocks, annotations},
    is_called, speaks_of,
};
use crate::{
    File, Kind, Rule,
    suppression::{Place, place_of},
};

/// The words such a comment begins with, and how what follows is read.
const MARKERS: [(&str, Form); 11] = [
    // https://docs.zizmor.sh/usage/#ignoring-results
    ("zizmor:", Form::Zizmor),
    // https://trivy.dev/docs/latest/configuration/filtering/
    ("trivy:ignore:", Form::Trivy),
    // https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
    ("checkov:skip=", Form::Checkov),
    // https://semgrep.dev/docs/ignoring-files-folders-code
    ("nosemgrep", Form::List("semgrep")),
    ("nosem", Form::List("semgrep")),
    // https://bandit.readthedocs.io/en/latest/config.html#suppressing-individual-lines, and gosec.
    ("nosec", Form::Nosec),
    // https://github.com/hadolint/hadolint#inline-ignores
    ("hadolint", Form::Hadolint),
    ("gitleaks:allow", Form::Bare("gitleaks")),
    ("kingfisher:ignore", Form::Bare("kingfisher")),
    ("trufflehog:ignore", Form::Bare("trufflehog")),
    ("pragma: allowlist secret", Form::Bare("detect-secrets")),
];

/// How a comment of a tool is read.
#[derive(Clone, Copy)]
enum Form {
    Bare(&'static str),
    Checkov,
    Hadolint,
    List(&'static str),
    Nosec,
    Trivy,
    Zizmor,
}

/// The most such comments of a file that are read, and the most of a line that is.
const MOST: usize = 10_000;
const LONGEST: usize = 1000;

/// What other tools' comments in one file say.
#[derive(Default)]
pub(super) struct Comments(Vec<Comment>);

#[derive(Debug)]
struct Comment {
    tool: &'static str,
    /// None: it is bare.
    names: Vec<String>,
    reason: String,
    line: u32,
    /// The line it speaks of below, when it has a line to itself.
    below: Option<u32>,
    whole_file: bool,
    /// The lines of the block it is about as a whole.
    block: Option<RangeInclusive<u32>>,
}

impl Comments {
    /// Every one of a file. Where no marker occurs at all this is one search.
    pub(super) fn of(file: &File<'_>) -> Self {
        static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
            let words = MARKERS.iter().map(|(word, _)| word);
            // The longer of two that begin alike is listed first.
            let kind = aho_corasick::MatchKind::LeftmostFirst;
            AhoCorasick::builder().match_kind(kind).build(words).ok()
        });
        let Some(finder) = FINDER.as_ref().filter(|_| file.kind() != Kind::Binary) else {
            return Self::default();
        };
        let mut found = Vec::new();
        for place in finder.find_iter(file.bytes()).take(MOST) {
            let Some((_, form)) = MARKERS.get(place.pattern().as_usize()) else { continue };
            let Some(Place::Comment { whole_line, closer }) = place_of(file, place.start()) else {
                continue;
            };
            let line = file.lines().line_at(place.start());
            let end = file.lines().range(line).end.min(place.end().saturating_add(LONGEST));
            let rest = file.bytes().get(place.end()..end).unwrap_or_default();
            let rest = String::from_utf8_lossy(rest);
            let rest = if closer.is_empty() { None } else { rest.split(closer).next() }
                .unwrap_or(&rest)
                .trim_end();
            let Some(read) = form.read(rest, file) else { continue };
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            found.push(Comment {
                tool: read.tool,
                names: read.names,
                reason: read.reason.to_owned(),
                line,
                below: whole_line.then(|| line.saturating_add(1)),
                whole_file: read.whole_file,
                block: None,
            });
        }
        stack(&mut found);
        about_blocks(&mut found, file);
        for (text, line, block) in annotations(file).into_iter().take(MOST) {
            let (name, reason) = text.split_once('=').unwrap_or((&text, ""));
            found.push(Comment {
                tool: "checkov",
                names: words(name),
                reason: trimmed(reason).to_owned(),
                line,
                below: None,
                whole_file: false,
                block: Some(block),
            });
        }
        // One without a name says nothing; it would be taken for a bare one.
        found.retain(|comment| comment.block.is_none() || !comment.names.is_empty());
        Self(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first comment that names this rule for a finding on these lines.
    pub(super) fn naming(&self, rule: &Rule, lines: &RangeInclusive<u32>) -> Option<Mark> {
        let named = |comment: &&Comment| {
            comment.names.iter().any(|name| is_called(rule, comment.tool, name))
        };
        Some(self.speaking(lines).find(named)?.mark())
    }

    /// The first comment that names no rule.
    pub(super) fn bare(&self, rule: &Rule, lines: &RangeInclusive<u32>) -> Option<Mark> {
        let bare = |comment: &&Comment| comment.names.is_empty() && speaks_of(comment.tool, rule);
        Some(self.speaking(lines).find(bare)?.mark())
    }

    fn speaking(&self, lines: &RangeInclusive<u32>) -> impl Iterator<Item = &Comment> {
        self.0.iter().filter(move |comment| {
            comment.whole_file
                || lines.contains(&comment.line)
                || comment.below == Some(*lines.start())
                || comment.block.as_ref().is_some_and(|block| {
                    block.contains(lines.start()) && block.contains(lines.end())
                })
        })
    }
}

impl Comment {
    fn mark(&self) -> Mark {
        let bare = self.names.is_empty();
        Mark { tool: self.tool.to_owned(), reason: self.reason.clone(), bare }
    }
}

/// Checkov's comments are about the block they stand in, Trivy's about the one they stand above, or
/// whose first line they end.
fn about_blocks(found: &mut [Comment], file: &File<'_>) {
    if !found.iter().any(|comment| matches!(comment.tool, "checkov" | "trivy")) {
        return;
    }
    let blocks = Blocks::of(file);
    for comment in found {
        comment.block = match comment.tool {
            "checkov" => blocks.around(comment.line),
            "trivy" => blocks.beginning(comment.below.unwrap_or(comment.line)),
            _ => None,
        };
    }
}

/// Several comments above one line all speak of it.
fn stack(found: &mut [Comment]) {
    let mut under: Option<(u32, u32)> = None;
    for comment in found.iter_mut().rev() {
        let Some(below) = &mut comment.below else { continue };
        if let Some((line, reach)) = under
            && (line == comment.line || line == *below)
        {
            *below = reach;
        }
        under = Some((comment.line, *below));
    }
}

/// What one comment says.
struct Read<'t> {
    tool: &'static str,
    names: Vec<String>,
    reason: &'t str,
    whole_file: bool,
}

impl Form {
    /// Reads what stands after the marker; `None` if it is none of this tool's comments after all.
    fn read<'t>(self, rest: &'t str, file: &File<'_>) -> Option<Read<'t>> {
        let read = |tool, names: Vec<String>, reason: &'t str| {
            Some(Read { tool, names, reason: trimmed(reason), whole_file: false })
        };
        match self {
            Self::Bare(tool) => read(tool, Vec::new(), rest).filter(|_| ends_word(rest)),
            Self::Zizmor => {
                let list = rest.trim_start().strip_prefix("ignore")?.trim_start();
                let (names, reason) = list.strip_prefix('[')?.split_once(']')?;
                let names = words(names);
                (!names.is_empty()).then(|| read("zizmor", names, reason))?
            }
            Self::Trivy => {
                let (name, reason) = split_word(rest, |c| c.is_ascii_alphanumeric() || c == '-');
                // A resource or an end may follow: `trivy:ignore:AVD-1:exp:2027-01-01` is not read.
                let plain = !name.is_empty() && ends_word(reason);
                plain.then(|| read("trivy", vec![name.to_owned()], reason))?
            }
            Self::Checkov => {
                let (names, reason) = rest.split_once(':').unwrap_or((rest, ""));
                let names = words(names.split_whitespace().next().unwrap_or_default());
                (!names.is_empty()).then(|| read("checkov", names, reason))?
            }
            Self::List(tool) => {
                let Some(names) = rest.strip_prefix(':') else {
                    return ends_word(rest).then(|| read(tool, Vec::new(), rest))?;
                };
                read(tool, words(names), "")
            }
            Self::Nosec => {
                if !ends_word(rest) {
                    return None;
                }
                let go = file.path().name().ends_with(b".go");
                let tool = if go { "gosec" } else { "bandit" };
                let text = rest.trim_start_matches([':', ' ', '\t']);
                let (text, reason) = text.split_once("--").unwrap_or((text, ""));
                let ids: Vec<String> = words(text).into_iter().take_while(|w| is_id(w)).collect();
                read(tool, ids, reason)
            }
            Self::Hadolint => {
                let text = rest.trim_start();
                let global = text.strip_prefix("global").map(str::trim_start);
                let names = words(global.unwrap_or(text).strip_prefix("ignore=")?);
                let whole_file = global.is_some();
                if names.is_empty() {
                    return None;
                }
                Some(Read { tool: "hadolint", names, reason: "", whole_file })
            }
        }
    }
}

/// `B105`, `G101`, or a name with underscores: what Bandit and gosec call their tests.
fn is_id(word: &str) -> bool {
    let number = |rest: &str| rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_digit());
    word.strip_prefix(['B', 'G']).is_some_and(number) || word.contains('_')
}

/// Names between commas and white space.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The characters of a kind a text begins with, and the rest.
fn split_word(text: &str, is: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Whether a marker is not only the beginning of a longer word.
fn ends_word(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

fn trimmed(reason: &str) -> &str {
    reason.trim_start_matches([':', '-', '–', '—', '#', ' ', '\t']).trim()
}
