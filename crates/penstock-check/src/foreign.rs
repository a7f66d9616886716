//! What other tools' users wrote down about findings, in those tools' own words.
//!
//! A rule says by its aliases (`zizmor/unpinned-uses`) what others call it; an ignore that names
//! such a name speaks of our rule. One that names none is *bare*: nobody knows what it was meant
//! for, so it is counted and not applied unless the project says so.

mod block;
mod comment;
mod gitleaks;
mod trivy;
mod zizmor;

use std::collections::BTreeSet;

use penstock_model::{
    Area, Finding, Location, RepoPath, Suppression, SuppressionAuthority, SuppressionPlace,
    Timestamp,
    report::{Note, NoteKind},
};
use serde::{Deserialize, Serialize};

use crate::{File, Findings, Place, Rule, SuppressionFiles, mask::Masks};

use comment::Comments;
use gitleaks::{Allowlists, Positions, Subject};

/// Every ignore file of another tool, read.
#[derive(Default)]
pub(crate) struct Foreign {
    allowlists: Option<Allowlists>,
    positions: Positions,
    trivy: trivy::Ignored,
    zizmor: zizmor::Ignored,
    /// The tools whose bare ignores are applied.
    bare: BTreeSet<String>,
    notes: Vec<Note>,
}

/// What another tool's words say of one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The tool: `zizmor`.
    pub(crate) tool: String,
    /// Why, in the words of who wrote it; may be empty.
    pub(crate) reason: String,
    /// It names no rule.
    pub(crate) bare: bool,
}

impl Foreign {
    /// Reads what is there. What cannot be read is a note, never an error: it is another tool's.
    pub(crate) fn read(files: &SuppressionFiles, bare: &[String], now: Timestamp) -> Self {
        let mut foreign = Self { bare: bare.iter().cloned().collect(), ..Self::default() };
        let mut notes = Notes { path: "", notes: Vec::new() };
        let content = |notes: &mut Notes, name: &'static str| {
            notes.path = name;
            match files.content(name)? {
                Ok(bytes) => Some(bytes),
                Err(detail) => {
                    notes.add(NoteKind::Unreadable, format!("not applied: {detail}"));
                    None
                }
            }
        };
        if let Some(bytes) = content(&mut notes, ".gitleaks.toml") {
            // Who has its configuration runs it: its bare comments are decisions then.
            foreign.bare.insert("gitleaks".to_owned());
            foreign.allowlists = Allowlists::read(bytes, &mut notes);
        }
        if let Some(bytes) = content(&mut notes, ".gitleaksignore") {
            foreign.positions = Positions::read(bytes);
        }
        if let Some(bytes) = content(&mut notes, ".trivyignore") {
            foreign.trivy = trivy::Ignored::read(bytes, now, &mut notes);
        }
        for name in ["zizmor.yml", "zizmor.yaml", ".github/zizmor.yml", ".github/zizmor.yaml"] {
            if let Some(bytes) = content(&mut notes, name) {
                foreign.zizmor.read(bytes, &mut notes);
            }
        }
        foreign.notes = notes.notes;
        foreign
    }

    /// What is wrong with the files.
    pub(crate) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What comments in the file and allowlists over its content say of each finding, in order. A
    /// file without findings is not looked at.
    pub(crate) fn marks(
        &self,
        file: &File<'_>,
        findings: &Findings<'_>,
        masks: &Masks<'_>,
    ) -> Vec<Option<Mark>> {
        if findings.drafts.is_empty() {
            return Vec::new();
        }
        let comments = Comments::of(file);
        if comments.is_empty() && self.allowlists.is_none() {
            return Vec::new();
        }
        let mark = |draft: &crate::Draft| {
            let range = match &draft.place {
                Place::Span(range, _) => range.clone(),
                Place::File => 0..0,
                Place::Elsewhere(_) => return None,
            };
            let region = file.region(&range);
            let lines = region.start_line..=region.end_line;
            let mut mark = comments
                .naming(draft.rule, &lines)
                .or_else(|| {
                    let subject = Subject { file, rule: draft.rule, range: &range };
                    self.allowlists.as_ref()?.allow(&subject, draft.secret())
                })
                .or_else(|| comments.bare(draft.rule, &lines))?;
            mark.reason = masks.without_values(&mark.reason);
            Some(mark)
        };
        findings.drafts.iter().map(mark).collect()
    }

    /// Whether this tool's bare ignores are applied.
    pub(crate) fn applies_bare(&self, tool: &str) -> bool {
        self.bare.contains(tool)
    }

    /// What the ignore files say of a finding by its place and the names of its rule.
    pub(crate) fn of_place(&self, rule: &Rule, finding: &Finding) -> Option<Suppression> {
        let mark = self
            .positions
            .mark(rule, finding)
            .or_else(|| self.trivy.mark(rule))
            .or_else(|| self.zizmor.mark(rule, finding))?;
        let place = Some(SuppressionPlace::Configuration);
        Some(Suppression { place, ..mark.suppression() })
    }
}

impl Mark {
    /// The suppression that a comment asks for: proposed, like one of ours, until a base has it.
    pub(crate) fn suppression(self) -> Suppression {
        let reason = match self.reason.trim() {
            "" => format!("ignored for {}", self.tool),
            reason => reason.to_owned(),
        };
        Suppression {
            authority: SuppressionAuthority::Proposed,
            reason,
            owner: None,
            expires: None,
            tool: Some(self.tool),
            place: Some(SuppressionPlace::Comment),
        }
    }
}

/// Whether another tool calls this rule so.
fn is_called(rule: &Rule, tool: &str, name: &str) -> bool {
    rule.aliases
        .iter()
        .any(|alias| alias.strip_prefix(tool).and_then(|rest| rest.strip_prefix('/')) == Some(name))
}

/// The tools that look for secrets only: their bare comments speak of nothing else.
fn speaks_of(tool: &str, rule: &Rule) -> bool {
    let secrets = ["detect-secrets", "gitleaks", "kingfisher", "trufflehog"].contains(&tool);
    !secrets || rule.area == Area::Secrets
}

/// Notes about one file.
struct Notes {
    path: &'static str,
    notes: Vec<Note>,
}

impl Notes {
    fn add(&mut self, kind: NoteKind, message: String) {
        let location = RepoPath::new(self.path).ok().map(Location::file);
        self.notes.push(Note { location, kind, message });
    }
}

#[cfg(test)]
mod tests;
