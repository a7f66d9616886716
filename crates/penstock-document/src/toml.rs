//! TOML through `toml_edit`.

use std::ops::Range;

use toml_edit::{Item, Key, TableLike, Value};

use crate::{
    Comment, DocumentError, Format, ScalarType, Style,
    tree::{Builder, Content, NodeData, NodeId, Tree},
};

/// The depth at which `toml_edit` gives up.
const PARSER_DEPTH: usize = 80;

pub(crate) fn read(builder: Builder<'_>) -> Result<Tree, DocumentError> {
    let (body, base) = builder.body();
    let parsed = toml_edit::Document::parse(body).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        // The parser has no error kinds; these two texts are its only limits.
        if error.message().contains("recursion") || error.message().contains("recurse") {
            builder.too_deep(builder.limits.depth.min(PARSER_DEPTH), base + span.start)
        } else {
            let span = base + span.start..base + span.end;
            builder.syntax(Format::Toml, error.message(), &span)
        }
    })?;

    let mut reader = Reader { builder, base, opaque: Vec::new() };
    let root = reader.table(parsed.as_table(), 1, Style::Block, base..base + body.len())?;
    reader.builder.tree.roots.push(root);
    reader.opaque.sort_unstable_by_key(|range| range.start);
    reader.builder.tree.comments = comments(reader.builder.text, base, &reader.opaque);
    Ok(reader.builder.tree)
}

struct Reader<'a> {
    builder: Builder<'a>,
    base: usize,
    /// Keys and scalars: where a `#` is no comment.
    opaque: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn item(
        &mut self,
        item: &Item,
        key: &Range<usize>,
        depth: usize,
    ) -> Result<NodeId, DocumentError> {
        match item {
            Item::Value(value) => self.value(value, key, depth),
            Item::Table(table) => {
                let span = self.span(table.span()).unwrap_or_else(|| key.clone());
                self.table(table, depth, Style::Block, span)
            }
            Item::ArrayOfTables(tables) => {
                let span = self.span(tables.span()).unwrap_or_else(|| key.clone());
                self.builder.check_depth(depth, span.start)?;
                let mut items = Vec::with_capacity(tables.len());
                for table in tables {
                    let span = self.span(table.span()).unwrap_or_else(|| key.clone());
                    items.push(self.table(table, depth + 1, Style::Block, span)?);
                }
                let content = Content::Sequence(items);
                self.builder.add(NodeData::new(content, Style::Block, span))
            }
            // A parsed table never yields an item that is nothing.
            Item::None => self.builder.scalar("", ScalarType::Null, Style::Plain, key.clone()),
        }
    }

    fn table(
        &mut self,
        table: &dyn TableLike,
        depth: usize,
        style: Style,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        self.builder.check_depth(depth, span.start)?;
        let mut entries = Vec::with_capacity(table.len());
        for (name, item) in table.iter() {
            let key_span =
                self.span(table.key(name).and_then(Key::span)).unwrap_or_else(|| span.clone());
            let style = match self.builder.text.as_bytes().get(key_span.start) {
                Some(b'"') => Style::DoubleQuoted,
                Some(b'\'') => Style::SingleQuoted,
                _ => Style::Plain,
            };
            self.opaque.push(key_span.clone());
            let key = self.builder.scalar(name, ScalarType::String, style, key_span.clone())?;
            entries.push((key, self.item(item, &key_span, depth + 1)?));
        }
        self.builder.mapping(entries, style, span)
    }

    fn value(
        &mut self,
        value: &Value,
        key: &Range<usize>,
        depth: usize,
    ) -> Result<NodeId, DocumentError> {
        let span = self.span(value.span()).unwrap_or_else(|| key.clone());
        let (text, scalar) = match value {
            Value::InlineTable(table) => {
                // `a.b = 1` makes a table of `a` that is not written in braces.
                let style = if table.is_dotted() { Style::Block } else { Style::Flow };
                return self.table(table, depth, style, span);
            }
            Value::Array(array) => {
                self.builder.check_depth(depth, span.start)?;
                let mut items = Vec::with_capacity(array.len());
                for value in array {
                    items.push(self.value(value, &span, depth + 1)?);
                }
                let content = Content::Sequence(items);
                return self.builder.add(NodeData::new(content, Style::Flow, span));
            }
            Value::String(text) => (text.value().clone(), ScalarType::String),
            Value::Integer(number) => (number.value().to_string(), ScalarType::Integer),
            Value::Float(number) => (number.value().to_string(), ScalarType::Float),
            Value::Boolean(boolean) => (boolean.value().to_string(), ScalarType::Bool),
            Value::Datetime(time) => (time.value().to_string(), ScalarType::DateTime),
        };
        let style = match self.builder.text.as_bytes().get(span.start) {
            Some(b'"') => Style::DoubleQuoted,
            Some(b'\'') => Style::SingleQuoted,
            _ => Style::Plain,
        };
        self.opaque.push(span.clone());
        self.builder.scalar(&text, scalar, style, span)
    }

    fn span(&self, span: Option<Range<usize>>) -> Option<Range<usize>> {
        span.map(|span| self.base + span.start..self.base + span.end)
    }
}

/// Every `#` to its line's end that is in no key and no value. Keys repeated in later headers are
/// in no node, so quotes are skipped as well (TOML 1.1, "Comment" and "Keys": a quoted key is on
/// one line).
fn comments(text: &str, base: usize, opaque: &[Range<usize>]) -> Vec<Comment> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut opaque = opaque.iter().peekable();
    let mut at = base;
    while let Some(byte) = bytes.get(at) {
        while opaque.next_if(|range| range.end <= at).is_some() {}
        if let Some(range) = opaque.peek().filter(|range| range.contains(&at)) {
            at = range.end;
            continue;
        }
        let rest = bytes.get(at + 1..).unwrap_or_default();
        at = match byte {
            b'#' => {
                let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                let line = text.get(at + 1..at + 1 + length).unwrap_or_default();
                let line = line.strip_suffix('\r').unwrap_or(line);
                found.push(Comment { text: line.to_owned(), span: at..at + 1 + line.len() });
                at + 1 + length
            }
            b'\'' => at + 2 + rest.iter().position(|b| *b == b'\'').unwrap_or(rest.len()),
            b'"' => {
                let mut escaped = false;
                let end = rest.iter().position(|b| {
                    let ends = *b == b'"' && !escaped;
                    escaped = *b == b'\\' && !escaped;
                    ends
                });
                at + 2 + end.unwrap_or(rest.len())
            }
            _ => at + 1,
        };
    }
    found
}
