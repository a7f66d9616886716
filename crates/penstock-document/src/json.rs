//! JSON and JSONC through `jsonc-parser`.

use std::collections::BTreeMap;

use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ast::Value, common::Ranged,
    errors::ParseErrorKind, parse_to_ast,
};

use crate::{
    Comment, DocumentError, Format, ScalarType, Style,
    tree::{Builder, Content, NodeData, NodeId, Tree},
};

/// Objects and arrays the parser nests before it gives up (it counts properties as well).
const PARSER_DEPTH: usize = 250;

/// RFC 8259 plus the two liberties of JSONC.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(crate) fn read(builder: Builder<'_>) -> Result<Tree, DocumentError> {
    let (body, base) = builder.body();
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let parsed = parse_to_ast(body, &collect, &OPTIONS).map_err(|error| {
        let range = error.range();
        match error.kind() {
            ParseErrorKind::NestingDepthExceeded => {
                builder.too_deep(builder.limits.depth.min(PARSER_DEPTH), base + range.start)
            }
            kind => builder.syntax(
                Format::Json,
                &kind.to_string(),
                &(base + range.start..base + range.end.max(range.start)),
            ),
        }
    })?;

    let mut reader = Reader { builder, body, base };
    if let Some(value) = &parsed.value {
        let root = reader.value(value, 1)?;
        reader.builder.tree.roots.push(root);
    }
    // The map holds every group of comments twice, under both of its neighbours.
    let comments: BTreeMap<usize, _> = parsed
        .comments
        .iter()
        .flatten()
        .flat_map(|(_, group)| group.iter())
        .map(|comment| (comment.start(), comment))
        .collect();
    reader.builder.tree.comments = comments
        .into_values()
        .map(|comment| Comment {
            text: comment.text().to_owned(),
            span: base + comment.start()..base + comment.end(),
        })
        .collect();
    Ok(reader.builder.tree)
}

struct Reader<'a> {
    builder: Builder<'a>,
    body: &'a str,
    base: usize,
}

impl Reader<'_> {
    /// Refuses what stands in a string as it is and must be escaped (RFC 8259 section 7): the parser
    /// takes it, and other readers of the same file do not.
    fn check_string(&self, start: usize, end: usize) -> Result<(), DocumentError> {
        let source = self.body.get(start..end).unwrap_or_default();
        let Some(at) = source.bytes().position(|byte| byte < 0x20) else { return Ok(()) };
        let at = self.base + start + at;
        Err(self.builder.syntax(
            Format::Json,
            "control characters in a string must be escaped",
            &(at..at + 1),
        ))
    }

    fn value(&mut self, value: &Value<'_>, depth: usize) -> Result<NodeId, DocumentError> {
        let span = self.base + value.start()..self.base + value.end();
        let scalar = |text: &str, scalar, style| (text.to_owned(), scalar, style);
        let (text, scalar, style) = match value {
            Value::Object(object) => {
                self.builder.check_depth(depth, span.start)?;
                let mut entries = Vec::with_capacity(object.properties.len());
                for property in &object.properties {
                    let name = property.name.range();
                    self.check_string(name.start, name.end)?;
                    let key = self.builder.scalar(
                        property.name.as_str(),
                        ScalarType::String,
                        Style::DoubleQuoted,
                        self.base + name.start..self.base + name.end,
                    )?;
                    entries.push((key, self.value(&property.value, depth + 1)?));
                }
                return self.builder.mapping(entries, Style::Flow, span);
            }
            Value::Array(array) => {
                self.builder.check_depth(depth, span.start)?;
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    items.push(self.value(element, depth + 1)?);
                }
                let content = Content::Sequence(items);
                return self.builder.add(NodeData::new(content, Style::Flow, span));
            }
            Value::StringLit(string) => {
                self.check_string(value.start(), value.end())?;
                scalar(&string.value, ScalarType::String, Style::DoubleQuoted)
            }
            Value::NumberLit(number) => {
                let whole = !number.value.contains(['.', 'e', 'E']);
                let kind = if whole { ScalarType::Integer } else { ScalarType::Float };
                scalar(number.value, kind, Style::Plain)
            }
            Value::BooleanLit(boolean) => {
                let text = if boolean.value { "true" } else { "false" };
                scalar(text, ScalarType::Bool, Style::Plain)
            }
            Value::NullKeyword(_) => scalar("null", ScalarType::Null, Style::Plain),
        };
        self.builder.scalar(&text, scalar, style, span)
    }
}
