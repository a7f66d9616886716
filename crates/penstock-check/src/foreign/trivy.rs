//! `.trivyignore`: one id on each line (<https://trivy.dev/docs/latest/configuration/filtering/>).

use std::collections::BTreeSet;

use penstock_model::{Timestamp, report::NoteKind};

use super::{Mark, Notes, is_called};
use crate::Rule;

/// The ids that are ignored everywhere.
#[derive(Default)]
pub(super) struct Ignored(BTreeSet<String>);

impl Ignored {
    /// Ids, each with an end (`exp:2027-01-01`) if it has one; comments begin with `#`.
    pub(super) fn read(bytes: &[u8], now: Timestamp, notes: &mut Notes) -> Self {
        let mut ids = BTreeSet::new();
        for line in String::from_utf8_lossy(bytes).lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(id) = words.next() else { continue };
            let end = words.find_map(|word| word.strip_prefix("exp:"));
            let end = end.map(|day| format!("{day}T00:00:00Z").parse::<Timestamp>());
            match end {
                None => {
                    ids.insert(id.to_owned());
                }
                Some(Ok(end)) if end > now => {
                    ids.insert(id.to_owned());
                }
                Some(Ok(end)) => {
                    notes.add(NoteKind::Expired, format!("`{}` ended on {end}", shown(id)));
                }
                Some(Err(_)) => {
                    let text = format!("`{}` is not applied: its end is no day", shown(id));
                    notes.add(NoteKind::Unreadable, text);
                }
            }
        }
        Self(ids)
    }

    pub(super) fn mark(&self, rule: &Rule) -> Option<Mark> {
        let id = self.0.iter().find(|id| is_called(rule, "trivy", id))?;
        let reason = format!("`{}` in .trivyignore", shown(id));
        Some(Mark { tool: "trivy".to_owned(), reason, bare: false })
    }
}

fn shown(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic()).take(80).collect()
}
