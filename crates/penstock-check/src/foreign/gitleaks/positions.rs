use std::collections::BTreeMap;

use penstock_model::Finding;

use super::super::{Mark, is_called};
use crate::Rule;

/// `.gitleaksignore`: findings by their place, `file:rule:line` or `commit:file:rule:line`.
///
/// Such an ignore says nothing about the value, so it would hide the next secret on that line as
/// well. It therefore speaks of exactly that line; one that names a commit speaks only of what
/// history finds first in that commit.
#[derive(Default)]
pub(in super::super) struct Positions(BTreeMap<(Vec<u8>, u32), Vec<Position>>);

struct Position {
    rule: String,
    commit: Option<String>,
}

impl Positions {
    /// Lines that are none are passed over, as Gitleaks does.
    pub(in super::super) fn read(bytes: &[u8]) -> Self {
        let mut positions: BTreeMap<_, Vec<Position>> = BTreeMap::new();
        for line in String::from_utf8_lossy(bytes).lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.rsplitn(3, ':');
            let number = parts.next().and_then(|number| number.parse::<u32>().ok());
            let (Some(number), Some(rule), Some(file)) = (number, parts.next(), parts.next())
            else {
                continue;
            };
            let (commit, file) = match file.split_once(':') {
                Some((commit, file)) if is_commit(commit) => (Some(commit.to_owned()), file),
                _ => (None, file),
            };
            // It writes Windows' paths with backslashes.
            let key = (file.replace('\\', "/").into_bytes(), number);
            let position = Position { rule: rule.to_owned(), commit };
            positions.entry(key).or_default().push(position);
        }
        Self(positions)
    }

    pub(in super::super) fn mark(&self, rule: &Rule, finding: &Finding) -> Option<Mark> {
        if self.0.is_empty() {
            return None;
        }
        let line = finding.location.region?.start_line;
        let here = self.0.get(&(finding.location.path.as_bytes().to_vec(), line))?;
        let first = finding.history.as_ref().map(|history| history.first.commit.to_string());
        here.iter().find(|position| {
            is_called(rule, "gitleaks", &position.rule)
                && position.commit.as_ref().is_none_or(|commit| first.as_ref() == Some(commit))
        })?;
        let reason = "listed in .gitleaksignore".to_owned();
        Some(Mark { tool: "gitleaks".to_owned(), reason, bare: false })
    }
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
