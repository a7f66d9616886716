use std::collections::BTreeMap;

use penstock_document::{Document, Format, Limits, Node, ScalarType};
use penstock_model::Timestamp;

use super::{Baseline, BaselineEntry, BaselineError, BaselineErrors, BaselineProblem as Problem};

/// The longest reason or owner, in bytes.
const MAX_TEXT: usize = 2000;

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line: a key it does not know, an entry
    /// without reason, two entries of one finding, a limit that was reached.
    pub fn parse(bytes: &[u8]) -> Result<Self, BaselineErrors> {
        let limits = Limits { bytes: Self::MAX_BYTES, depth: 8, ..Limits::default() };
        let document = Document::parse(Format::Toml, bytes, &limits).map_err(|error| {
            let (line, column) =
                error.region().map_or((1, 1), |region| (region.start_line, region.start_column));
            BaselineErrors(vec![BaselineError { line, column, problem: Problem::NotToml(error) }])
        })?;
        let mut reader = Reader::default();
        let entries = reader.file(document.root());
        if reader.errors.is_empty() {
            Ok(Self::new(entries))
        } else {
            reader.errors.sort_by_key(|error| (error.line, error.column));
            reader.errors.truncate(BaselineErrors::MOST);
            Err(BaselineErrors(reader.errors))
        }
    }
}

#[derive(Default)]
struct Reader {
    errors: Vec<BaselineError>,
}

impl Reader {
    fn fail(&mut self, node: Node<'_>, problem: impl Into<Problem>) {
        self.errors.push(BaselineError::at(node, problem.into()));
    }

    fn file(&mut self, root: Node<'_>) -> Vec<BaselineEntry> {
        let version = root.get("version");
        match version.as_i64() {
            Some(Baseline::VERSION) => {}
            None if !version.exists() => self.fail(root, Problem::MissingKey("version")),
            _ => {
                let written = version.text().unwrap_or_default().chars().take(20).collect();
                self.fail(version, Problem::Version(written));
                // Nothing else of a later version is judged by what this one knows.
                return Vec::new();
            }
        }
        self.known_keys(root, &["version", "finding"]);
        let findings = root.get("finding");
        if findings.exists() && !findings.is_sequence() {
            self.fail(findings, Problem::Value { key: "finding", expected: "tables" });
        }
        let mut entries = Vec::new();
        let mut lines = BTreeMap::new();
        for node in findings.items() {
            if entries.len() == Baseline::MAX_ENTRIES {
                self.fail(node, Problem::TooMany);
                break;
            }
            let Some(entry) = self.entry(node) else { continue };
            let key = (entry.rule.clone(), entry.fingerprint.clone());
            let line = node.get("fingerprint").region().start_line;
            let first = *lines.entry(key).or_insert(line);
            if first != line {
                let (rule, fingerprint) = (entry.rule.to_string(), entry.fingerprint.to_string());
                let node = node.get("fingerprint");
                self.fail(node, Problem::Twice { rule, fingerprint, first });
            }
            entries.push(entry);
        }
        entries
    }

    fn entry(&mut self, node: Node<'_>) -> Option<BaselineEntry> {
        if !node.is_mapping() {
            self.fail(node, Problem::Value { key: "finding", expected: "tables" });
            return None;
        }
        self.known_keys(
            node,
            &["rule", "fingerprint", "count", "paths", "reason", "owner", "added", "expires"],
        );
        let rule = self.required(node, "rule");
        let fingerprint = self.required(node, "fingerprint");
        let reason = self.required(node, "reason");
        let owner = self.text(node, "owner");
        let count = self.count(node.get("count"));
        let paths = self.paths(node.get("paths"));
        let (added, expires) = (self.day(node, "added"), self.day(node, "expires"));
        let parsed = |reader: &mut Self, key, problem: Problem| reader.fail(node.get(key), problem);
        let rule = rule.and_then(|text| match text.parse() {
            Ok(rule) => Some(rule),
            Err(error) => {
                parsed(self, "rule", Problem::Rule(error));
                None
            }
        });
        let fingerprint = fingerprint.and_then(|text| match text.parse() {
            Ok(fingerprint) => Some(fingerprint),
            Err(error) => {
                parsed(self, "fingerprint", Problem::Fingerprint(error));
                None
            }
        });
        Some(BaselineEntry {
            rule: rule?,
            fingerprint: fingerprint?,
            count: count?,
            paths,
            reason: reason?,
            owner,
            added,
            expires,
        })
    }

    fn known_keys(&mut self, node: Node<'_>, known: &[&str]) {
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let shown = name.chars().take(80).map(shown).collect();
                self.fail(key, Problem::UnknownKey(shown));
            }
        }
    }

    fn required(&mut self, node: Node<'_>, key: &'static str) -> Option<String> {
        if !node.get(key).exists() {
            self.fail(node, Problem::MissingKey(key));
            return None;
        }
        self.text(node, key)
    }

    /// Words of one line, of which nothing can hide or move what a person reads.
    fn text(&mut self, node: Node<'_>, key: &'static str) -> Option<String> {
        let value = node.get(key).present()?;
        let text = value.as_str().map(str::trim);
        let plain = text.filter(|text| {
            !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(is_hidden)
        });
        if plain.is_none() {
            let expected = "a few words on one line";
            self.fail(value, Problem::Value { key, expected });
        }
        plain.map(str::to_owned)
    }

    fn count(&mut self, node: Node<'_>) -> Option<u64> {
        if !node.exists() {
            return Some(1);
        }
        let count = node.as_i64().and_then(|count| u64::try_from(count).ok()).filter(|c| *c > 0);
        if count.is_none() {
            let expected = "a whole number of at least 1";
            self.fail(node, Problem::Value { key: "count", expected });
        }
        count
    }

    fn paths(&mut self, node: Node<'_>) -> Vec<penstock_model::RepoPath> {
        let mut paths = Vec::new();
        if node.exists() && (!node.is_sequence() || node.items().count() > Baseline::MAX_PATHS) {
            self.fail(node, Problem::Value { key: "paths", expected: "a list of at most 16" });
            return paths;
        }
        for item in node.items() {
            match item.as_str().map(str::parse) {
                Some(Ok(path)) => paths.push(path),
                Some(Err(error)) => self.fail(item, Problem::Path(error)),
                None => self.fail(item, Problem::Value { key: "paths", expected: "text" }),
            }
        }
        paths
    }

    /// A day (its first moment in UTC) or an instant.
    fn day(&mut self, node: Node<'_>, key: &'static str) -> Option<Timestamp> {
        let value = node.get(key).present()?;
        let text = match value.scalar_type() {
            Some(ScalarType::DateTime | ScalarType::String) => value.text(),
            _ => None,
        };
        let time = text.and_then(instant);
        if time.is_none() {
            let expected = "a day as \"2027-01-01\" or a time as \"2027-01-01T00:00:00Z\"";
            self.fail(value, Problem::Value { key, expected });
        }
        time
    }
}

/// A day as its first moment in UTC, or an instant in RFC 3339.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let is_day = text.len() == 10 && !text.contains(['T', ':']);
    if is_day { format!("{text}T00:00:00Z").parse().ok() } else { text.parse().ok() }
}

fn shown(c: char) -> String {
    if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }
}

/// Control characters and Unicode's invisible and bidirectional ones.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
