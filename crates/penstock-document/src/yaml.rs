//! YAML through the events of `granit-parser`.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span, StructureStyle, Tag};

use crate::{
    Comment, DocumentError, Format, ScalarType, Style,
    tree::{Builder, Content, NodeData, NodeId, Tree},
};

/// The deepest nesting the parser is asked for; it counts block and flow collections apart.
const PARSER_DEPTH: usize = 255;

pub(crate) fn read(builder: Builder<'_>) -> Result<Tree, DocumentError> {
    let (body, base) = builder.body();
    let depth = builder.limits.depth.min(PARSER_DEPTH);
    let options = granit_parser::options! {
        // The document's own size bounds comments; the default of 96 refuses long licence headers.
        max_buffered_comment_events: builder.limits.nodes,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
    };
    let mut reader =
        Reader { builder, base, stack: Vec::new(), anchors: HashMap::new(), aliased: 0 };
    for next in Parser::new_from_str_with_options(body, options) {
        let (event, span) = next.map_err(|error| {
            let at = base + error.marker().byte_offset().unwrap_or(0);
            match error.kind() {
                ErrorKind::RecursionLimitExceeded => reader.builder.too_deep(depth, at),
                kind => reader.builder.syntax(Format::Yaml, &kind.to_string(), &(at..at)),
            }
        })?;
        reader.event(event, span)?;
    }
    Ok(reader.builder.tree)
}

/// A collection whose end has not come yet.
struct Open {
    mapping: bool,
    style: Style,
    anchor: usize,
    tag: Option<Box<(String, Range<usize>)>>,
    start: usize,
    children: Vec<NodeId>,
}

struct Reader<'a> {
    builder: Builder<'a>,
    base: usize,
    stack: Vec<Open>,
    /// Complete nodes by the parser's anchor ids, which are never reused within a stream.
    anchors: HashMap<usize, NodeId>,
    /// Bytes that aliases repeated so far.
    aliased: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), DocumentError> {
        let range = self.range(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = scalar_type(&text, style, tag.as_deref());
                // The parser writes a value that is not there as `~`.
                let absent = range.is_empty() && style == ScalarStyle::Plain;
                let text = if absent { Cow::Borrowed("") } else { text };
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let range = match style {
                    Style::Literal | Style::Folded => block_scalar(self.builder.text, range),
                    _ => range,
                };
                let id = self.builder.scalar(&text, scalar, style, range)?;
                let tag = self.tag(tag, &span);
                self.builder.set_tag(id, tag);
                self.complete(id, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(false, style, anchor, tag, &span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.open(true, style, anchor, tag, &span)?
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end)?,
            Event::Alias(target) => {
                let Some(original) = self.anchors.get(&target).copied() else {
                    // The anchor is on a collection that is still open.
                    let message = "an alias stands inside the collection it refers to";
                    return Err(self.builder.syntax(Format::Yaml, message, &range));
                };
                let depth = self.stack.len() + 1;
                let copy = self.copy(original, depth, &range)?;
                self.builder.set_alias(copy, range);
                self.complete(copy, 0);
            }
            Event::Comment(text, _) => {
                let text = text.into_owned();
                self.builder.tree.comments.push(Comment { text, span: range });
            }
            _ => {}
        }
        Ok(())
    }

    fn open(
        &mut self,
        mapping: bool,
        style: StructureStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        span: &Span,
    ) -> Result<(), DocumentError> {
        let range = self.range(span);
        self.builder.check_depth(self.stack.len() + 1, range.start)?;
        let style = match style {
            StructureStyle::Block => Style::Block,
            StructureStyle::Flow => Style::Flow,
        };
        let tag = self.tag(tag, span);
        let children = Vec::new();
        self.stack.push(Open { mapping, style, anchor, tag, start: range.start, children });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), DocumentError> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        // A block collection ends where its last child does, not where the next token begins.
        let last = open.children.last().and_then(|id| self.builder.place_of(*id));
        let end = match (open.style, last) {
            (Style::Block, Some(last)) => last.end.max(open.start),
            _ => end.max(open.start),
        };
        let span = open.start..end;
        let id = if open.mapping {
            let mut children = open.children.into_iter();
            let mut entries = Vec::with_capacity(children.len() / 2);
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                self.settle(key, value);
                entries.push((key, value));
            }
            self.builder.mapping(entries, open.style, span)?
        } else {
            self.builder.add(NodeData::new(Content::Sequence(open.children), open.style, span))?
        };
        self.builder.set_tag(id, open.tag);
        self.complete(id, open.anchor);
        Ok(())
    }

    /// Puts a value that is not there right behind its key's colon; the parser has it before.
    fn settle(&mut self, key: NodeId, value: NodeId) {
        let (Some(key), Some(place)) = (self.builder.place_of(key), self.builder.place_of(value))
        else {
            return;
        };
        let rest = self.builder.text.get(key.end..).unwrap_or_default();
        let colon = key.end + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let is_colon = self.builder.text.as_bytes().get(colon) == Some(&b':');
        if place.is_empty() && place.start <= colon && is_colon {
            self.builder.set_span(value, colon + 1..colon + 1);
        }
    }

    fn complete(&mut self, id: NodeId, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        match self.stack.last_mut() {
            Some(open) => open.children.push(id),
            None => self.builder.tree.roots.push(id),
        }
    }

    /// Copies what is behind an anchor to where `alias` stands, within all limits.
    fn copy(
        &mut self,
        original: NodeId,
        depth: usize,
        alias: &Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        let Some(mut node) = self.builder.tree.node(original).cloned() else {
            return Err(self.builder.syntax(Format::Yaml, "an alias refers to nothing", alias));
        };
        match &mut node.content {
            Content::Scalar { .. } => {
                self.aliased = self.aliased.saturating_add(node.span.len());
                if self.aliased > self.builder.limits.bytes {
                    return Err(DocumentError::TooMuchAliased {
                        limit: self.builder.limits.bytes,
                        region: self.builder.lines.region(self.builder.text, alias),
                    });
                }
            }
            Content::Mapping(entries) => {
                self.builder.check_depth(depth, alias.start)?;
                for (key, value) in entries {
                    *key = self.copy(*key, depth + 1, alias)?;
                    *value = self.copy(*value, depth + 1, alias)?;
                }
            }
            Content::Sequence(items) => {
                self.builder.check_depth(depth, alias.start)?;
                for item in items {
                    *item = self.copy(*item, depth + 1, alias)?;
                }
            }
        }
        self.builder.add(node)
    }

    fn tag(&self, tag: Option<Cow<'_, Tag>>, span: &Span) -> Option<Box<(String, Range<usize>)>> {
        let tag = tag?;
        let place = span.tag_span().map_or_else(|| self.range(span), |span| self.range(&span));
        Some(Box::new((tag.original(), place)))
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or(0..0);
        let end = (self.base + range.end).min(self.builder.text.len());
        (self.base + range.start).min(end)..end
    }
}

/// The whole of a block scalar: from its `|` or `>` to the end of its last line. The parser gives
/// its content alone, up to the next token.
fn block_scalar(text: &str, content: Range<usize>) -> Range<usize> {
    let before = text.get(..content.start).unwrap_or_default();
    // The header is on the last line before the content that is not blank.
    let header_end = before.trim_end().len();
    let line_start = before.get(..header_end).and_then(|b| b.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..header_end).unwrap_or_default();
    let header = line.match_indices(['|', '>']).find(|(at, _)| {
        let rest = line.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        let apart = line.get(..*at).is_some_and(|b| b.is_empty() || b.ends_with([' ', '\t']));
        apart && (rest.is_empty() || rest.trim_start().starts_with('#'))
    });
    let start = header.map_or(content.start, |(at, _)| line_start + at);
    let whole = text.get(start..content.end).unwrap_or_default();
    start..start + whole.trim_end_matches([' ', '\t']).len()
}

/// The type of a scalar by the core schema (YAML 1.2.2 §10.3.2). Quoted text, text with a tag of
/// its own and the words YAML 1.1 took for Booleans are strings.
fn scalar_type(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> ScalarType {
    if let Some(tag) = tag {
        return match tag.core_suffix() {
            Some("null") => ScalarType::Null,
            Some("bool") => ScalarType::Bool,
            Some("int") => ScalarType::Integer,
            Some("float") => ScalarType::Float,
            _ => ScalarType::String,
        };
    }
    if style == ScalarStyle::Plain { plain_type(text) } else { ScalarType::String }
}

/// The type of text without quotes and tag.
pub(crate) fn plain_type(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarType::Bool,
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float,
        _ => {}
    }
    let all = |digits: &str, is: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| is(&byte))
    };
    if text.strip_prefix("0x").is_some_and(|rest| all(rest, u8::is_ascii_hexdigit))
        || text.strip_prefix("0o").is_some_and(|rest| all(rest, |b| matches!(b, b'0'..=b'7')))
    {
        return ScalarType::Integer;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if all(unsigned, u8::is_ascii_digit) {
        return ScalarType::Integer;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_decimal(unsigned) {
        return ScalarType::Float;
    }
    ScalarType::String
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|part| part.strip_prefix(['-', '+']).unwrap_or(part));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|part| !part.is_empty() && digits(part))
}
