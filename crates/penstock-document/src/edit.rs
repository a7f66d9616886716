//! Edits that keep layout and comments.
//!
//! An edit is a replacement of one stretch of text. Each is tried before it is handed out: the
//! edited text must read back as the document with exactly the wanted difference, every comment
//! still there. What cannot be edited so is refused, never approximated.

mod value;

use std::ops::Range;

use penstock_model::Route;

use crate::{Document, Format, Kind, Limits, Node, Style};

pub use value::Value;

/// A replacement of one stretch of a document's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes that are replaced; empty for an insertion.
    pub span: Range<usize>,
    /// What takes their place.
    pub replacement: String,
}

/// Why a document was not edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// Nothing is at the route.
    #[error("there is nothing at `{0}`")]
    Missing(Route),
    /// What is there came through an alias: an edit would change another place.
    #[error("`{0}` comes through a YAML alias: edit what the anchor names")]
    Aliased(Route),
    /// Only scalars are replaced.
    #[error("`{route}` is {}, not a value", kind.description())]
    NotAScalar {
        /// Where.
        route: Route,
        /// What it is.
        kind: Kind,
    },
    /// Keys are only inserted into mappings.
    #[error("`{route}` is {}, not a mapping", kind.description())]
    NotAMapping {
        /// Where.
        route: Route,
        /// What it is.
        kind: Kind,
    },
    /// The key is there.
    #[error("`{0}` exists: replace it instead")]
    KeyExists(Route),
    /// The layout around the route cannot be edited without changing something else.
    #[error("`{0}` is written in a way that cannot be edited safely: edit it by hand")]
    Unsupported(Route),
    /// Two edits touch the same bytes.
    #[error("two edits overlap at byte {0}")]
    Overlapping(usize),
}

impl Document {
    /// The edit that gives the scalar at `route` another value, in its own style of quotes where
    /// that can hold the value.
    ///
    /// # Errors
    /// Nothing there, no scalar there, a scalar behind an alias, and layouts that cannot be edited.
    pub fn replace(&self, route: &Route, value: &Value) -> Result<TextEdit, EditError> {
        let node = self.get(route).ok_or_else(|| EditError::Missing(route.clone()))?;
        if node.alias_span().is_some() {
            return Err(EditError::Aliased(route.clone()));
        }
        if !node.is_scalar() {
            return Err(EditError::NotAScalar { route: route.clone(), kind: node.kind() });
        }
        let source = node.source().unwrap_or_default();
        let mut replacement = value.in_style(self.format(), node.style());
        match node.style() {
            // A block scalar owns its last line break; the value after it must not lose its line.
            Some(Style::Literal | Style::Folded) if source.ends_with('\n') => {
                replacement += self.line_break();
            }
            // `key:` without a value ends at the colon.
            Some(Style::Plain) if source.is_empty() => replacement.insert(0, ' '),
            _ => {}
        }
        self.proven(TextEdit { span: node.span(), replacement }, route, value)
    }

    /// The edit that adds `key` to the mapping at `mapping`, after what is there.
    ///
    /// # Errors
    /// Nothing there, no mapping there, the key there already, a mapping behind an alias, and
    /// layouts that cannot be edited.
    pub fn insert(&self, mapping: &Route, key: &str, value: &Value) -> Result<TextEdit, EditError> {
        let node = self.get(mapping).ok_or_else(|| EditError::Missing(mapping.clone()))?;
        let route = mapping.then(key);
        if node.alias_span().is_some() {
            return Err(EditError::Aliased(mapping.clone()));
        }
        if !node.is_mapping() {
            return Err(EditError::NotAMapping { route: mapping.clone(), kind: node.kind() });
        }
        if node.get(key).exists() {
            return Err(EditError::KeyExists(route));
        }
        let edit = match (self.format(), node.style()) {
            (_, Some(Style::Flow)) => self.in_brackets(node, key, value),
            (Format::Toml, _) => self.in_table(node, key, value),
            (Format::Hcl, _) => self.in_body(node, key, value),
            _ => self.in_block(node, key, value),
        };
        let edit = edit.ok_or_else(|| EditError::Unsupported(route.clone()))?;
        self.proven(edit, &route, value)
    }

    /// The text with all `edits` made.
    ///
    /// # Errors
    /// Edits that overlap.
    pub fn apply(&self, edits: &[TextEdit]) -> Result<String, EditError> {
        let mut sorted: Vec<_> = edits.iter().collect();
        sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut text = String::with_capacity(self.text().len());
        let mut at = 0;
        for edit in sorted {
            let kept = self.text().get(at..edit.span.start);
            text += kept.ok_or(EditError::Overlapping(edit.span.start))?;
            text += &edit.replacement;
            at = edit.span.end;
        }
        text += self.text().get(at..).ok_or(EditError::Overlapping(at))?;
        Ok(text)
    }

    /// After the last entry of a mapping or object in brackets.
    fn in_brackets(&self, node: Node<'_>, key: &str, value: &Value) -> Option<TextEdit> {
        let format = self.format();
        let equals = value::equals(format);
        let entry = format!("{}{equals}{}", value::key(format, key), value.flow(format));
        let Some((last_key, last)) = node.entries().next_back() else {
            let at = node.span().start + 1;
            let pad = if equals == " = " { " " } else { "" };
            let inside = self.text().get(at..node.span().end.checked_sub(1)?)?;
            let span = if inside.trim().is_empty() { at..at + inside.len() } else { at..at };
            return Some(TextEdit { span, replacement: format!("{pad}{entry}{pad}") });
        };
        let end = last.alias_span().map_or(last.span().end, |alias| alias.end);
        let line = self.line_start(last_key.span().start);
        let before = self.text().get(line..last_key.span().start)?;
        // One entry per line stays one entry per line.
        let separator = if before.trim().is_empty() && line > node.span().start {
            format!(",{}{before}", self.line_break())
        } else {
            ", ".to_owned()
        };
        Some(TextEdit { span: end..end, replacement: format!("{separator}{entry}") })
    }

    /// As the last line of a YAML block mapping.
    fn in_block(&self, node: Node<'_>, key: &str, value: &Value) -> Option<TextEdit> {
        let (first, _) = node.entries().next()?;
        let line = self.text().get(self.line_start(first.span().start)..first.span().start)?;
        let indent = line.chars().count();
        let entry = value::block_entry(key, value, indent, self.line_break());
        let end = node.entries().next_back().map(|(_, last)| self.end_of(last))?;
        // A block scalar ends behind its line break, anything else within its line.
        if self.text().get(..end)?.ends_with('\n') {
            let pad = " ".repeat(indent);
            return Some(TextEdit {
                span: end..end,
                replacement: format!("{pad}{entry}{}", self.line_break()),
            });
        }
        Some(self.after_line(end, &format!("{}{entry}", " ".repeat(indent))))
    }

    /// As the last line of an HCL body.
    fn in_body(&self, node: Node<'_>, key: &str, value: &Value) -> Option<TextEdit> {
        let line = format!("{} = {}", value::key(Format::Hcl, key), value.flow(Format::Hcl));
        let last = node.entries().map(|(_, value)| self.end_of(value)).max();
        if let Some(end) = last {
            let (first, _) = node.entries().next()?;
            let start = self.line_start(first.span().start);
            let indent = self.text().get(start..first.span().start)?;
            // A block on one line has room for one attribute only.
            return indent
                .trim()
                .is_empty()
                .then(|| self.after_line(end, &format!("{indent}{line}")));
        }
        if node.parent().is_none() {
            let at = self.text().len();
            let broken = at == 0 || self.text().ends_with('\n');
            let before = if broken { "" } else { self.line_break() };
            let replacement = format!("{before}{line}{}", self.line_break());
            return Some(TextEdit { span: at..at, replacement });
        }
        let span = node.span();
        let open = span.start + self.text().get(span.clone())?.rfind('{')? + 1;
        let close = span.end.checked_sub(1)?;
        let inside = self.text().get(open..close)?;
        let start = self.line_start(span.start);
        let rest = self.text().get(start..)?;
        let indent = rest.get(..rest.len() - rest.trim_start_matches([' ', '\t']).len())?;
        let line_break = self.line_break();
        if !inside.trim().is_empty() {
            // A comment alone.
            return None;
        }
        let replacement = format!("{line_break}{indent}  {line}{line_break}{indent}");
        Some(TextEdit { span: open..close, replacement })
    }

    /// After the last own line of a TOML table, before any table beneath it.
    fn in_table(&self, node: Node<'_>, key: &str, value: &Value) -> Option<TextEdit> {
        let line = format!("{} = {}", value::key(Format::Toml, key), value.flow(Format::Toml));
        let is_root = node.parent().is_none();
        if !is_root && !node.source()?.starts_with('[') {
            // A table that is written only as a part of other keys has no lines of its own.
            return None;
        }
        let under_header = |value: Node<'_>| {
            value.style() == Some(Style::Block)
                && (value.is_sequence() || self.end_of(value) == value.span().end)
        };
        let own = node.entries().filter(|(_, value)| !under_header(*value));
        match own.map(|(_, value)| self.end_of(value)).max() {
            Some(end) => Some(self.after_line(end, &line)),
            None if is_root => {
                let at = if self.text().starts_with('\u{feff}') { 3 } else { 0 };
                let replacement = format!("{line}{}", self.line_break());
                Some(TextEdit { span: at..at, replacement })
            }
            None => Some(self.after_line(node.span().end, &line)),
        }
    }

    /// A new line after the one that holds byte `at`.
    fn after_line(&self, at: usize, line: &str) -> TextEdit {
        let rest = self.text().get(at..).unwrap_or_default();
        let end = rest.find('\n').unwrap_or(rest.len());
        let kept = rest.get(..end).unwrap_or_default();
        let at = at + kept.strip_suffix('\r').unwrap_or(kept).len();
        TextEdit { span: at..at, replacement: format!("{}{line}", self.line_break()) }
    }

    /// Where a value ends, at its alias if it came through one. A TOML table by dotted keys ends
    /// with its last value.
    fn end_of(&self, node: Node<'_>) -> usize {
        if let Some(alias) = node.alias_span() {
            return alias.end;
        }
        if self.format() == Format::Toml && node.is_mapping() && node.style() == Some(Style::Block)
        {
            let header = node.source().is_some_and(|source| source.starts_with('['));
            let values = node.entries().map(|(_, value)| self.end_of(value));
            return if header { node.span().end } else { values.max().unwrap_or(node.span().end) };
        }
        node.span().end
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text().get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |line_break| line_break + 1)
    }

    fn line_break(&self) -> &'static str {
        if self.text().contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Hands an edit out only if it changes what it should and nothing else.
    fn proven(&self, edit: TextEdit, route: &Route, value: &Value) -> Result<TextEdit, EditError> {
        let refused = || EditError::Unsupported(route.clone());
        let text = self.apply(std::slice::from_ref(&edit))?;
        let bytes = text.len().max(Limits::default().bytes);
        let limits = Limits { bytes, depth: usize::MAX, nodes: usize::MAX };
        let edited = Self::parse(self.format(), &text, &limits).map_err(|_| refused())?;
        let written = edited.get(route).ok_or_else(refused)?;
        let comments = |document: &Self| -> Vec<String> {
            document.comments().iter().map(|comment| comment.text.clone()).collect()
        };
        let same = value.is(written)
            && outline(self, route) == outline(&edited, route)
            && comments(self) == comments(&edited);
        if same { Ok(edit) } else { Err(refused()) }
    }
}

/// Everything a document says outside `route` of its first document.
fn outline(document: &Document, route: &Route) -> Vec<(usize, Route, Kind, Option<String>)> {
    let mut outline = Vec::new();
    for (i, root) in document.roots().enumerate() {
        for node in root.descendants() {
            let own = node.route();
            if i > 0 || !own.0.starts_with(&route.0) {
                outline.push((i, own, node.kind(), node.text().map(str::to_owned)));
            }
        }
    }
    outline.sort_by(|a, b| (a.0, &a.1, &a.3).cmp(&(b.0, &b.1, &b.3)));
    outline
}
