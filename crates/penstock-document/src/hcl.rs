//! HCL through `hcl-edit`: Terraform, Packer, Nomad and others (HCL native syntax specification,
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>).
//!
//! A block becomes what it is in the JSON syntax of HCL: its type and then its labels are keys, and
//! beneath them is a sequence with one mapping for each block, even for one:
//! `resource "a" "b" {}` is found at `resource/a/b/0`. What is no literal (a reference, a call, a
//! template with `${}`) is a scalar of type [`ScalarType::Expression`], its text as it is written.

use std::{collections::HashMap, ops::Range};

use hcl_edit::{
    Span,
    expr::{Expression, ObjectKey, UnaryOperator},
    structure::{Attribute, Block, BlockLabel, Body, Structure},
    template::{HeredocTemplate, StringTemplate},
    visit::{Visit, visit_expr, visit_heredoc_template, visit_string_template},
};

use crate::{
    Comment, DocumentError, Format, ScalarType, Style,
    tree::{Builder, Content, NodeData, NodeId, Tree},
};

/// The depth at which `hcl-edit` gives up: nested blocks, expressions and templates together.
const PARSER_DEPTH: usize = 64;

pub(crate) fn read(builder: Builder<'_>) -> Result<Tree, DocumentError> {
    let (body, base) = builder.body();
    let parsed = hcl_edit::parser::parse_body(body).map_err(|error| {
        let at = base + error.location().offset();
        // The parser has no error kinds; only its limits are told in such words.
        if error.message().contains("expected at most ") {
            builder.too_deep(builder.limits.depth.min(PARSER_DEPTH), at)
        } else {
            builder.syntax(Format::Hcl, error.message(), &(at..at + 1))
        }
    })?;

    let mut texts = Texts(Vec::new());
    texts.visit_body(&parsed);
    let opaque: Vec<Range<usize>> =
        texts.0.into_iter().map(|span| base + span.start..base + span.end).collect();
    let mut reader = Reader { builder, base };
    let root = reader.body(&parsed, 1, base..base + body.len())?;
    reader.builder.tree.roots.push(root);
    reader.builder.tree.comments = comments(reader.builder.text, base, opaque);
    Ok(reader.builder.tree)
}

struct Reader<'a> {
    builder: Builder<'a>,
    base: usize,
}

/// What stands under one key of a body.
enum Slot<'b> {
    Attribute(&'b Attribute),
    Blocks(Vec<&'b Block>),
}

impl Reader<'_> {
    fn body(
        &mut self,
        body: &Body,
        depth: usize,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        self.builder.check_depth(depth, span.start)?;
        let mut slots: Vec<Slot<'_>> = Vec::new();
        let mut types: HashMap<&str, usize> = HashMap::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => slots.push(Slot::Attribute(attribute)),
                Structure::Block(block) => {
                    let slot = *types.entry(block.ident.as_str()).or_insert(slots.len());
                    match slots.get_mut(slot) {
                        Some(Slot::Blocks(blocks)) => blocks.push(block),
                        _ => slots.push(Slot::Blocks(vec![block])),
                    }
                }
            }
        }
        let mut entries = Vec::with_capacity(slots.len());
        for slot in slots {
            entries.push(match slot {
                Slot::Attribute(attribute) => {
                    let name = self.span(attribute.key.span(), &span);
                    let key = self.name(attribute.key.as_str(), Style::Plain, name.clone())?;
                    (key, self.expression(&attribute.value, &name, depth + 1)?)
                }
                Slot::Blocks(blocks) => {
                    let first = blocks.first().copied();
                    let name = self.span(first.and_then(|block| block.ident.span()), &span);
                    let ident = first.map_or("", |block| block.ident.as_str());
                    let key = self.name(ident, Style::Plain, name)?;
                    (key, self.blocks(&blocks, 0, depth + 1, &span)?)
                }
            });
        }
        self.builder.mapping(entries, Style::Block, span)
    }

    /// Blocks of one type and equal labels before `label`, by that label.
    fn blocks(
        &mut self,
        blocks: &[&Block],
        label: usize,
        depth: usize,
        parent: &Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        let start = self.span(blocks.first().and_then(|block| block.span()), parent).start;
        let end = self.span(blocks.last().and_then(|block| block.span()), parent).end;
        self.builder.check_depth(depth, start)?;
        if blocks.iter().all(|block| block.labels.len() <= label) {
            let mut items = Vec::with_capacity(blocks.len());
            for block in blocks {
                let span = self.span(block.span(), parent);
                items.push(self.body(&block.body, depth + 1, span)?);
            }
            let content = Content::Sequence(items);
            return self.builder.add(NodeData::new(content, Style::Block, start..end));
        }
        // Blocks of one type with different numbers of labels make no sense to any program; those
        // with fewer stand under an empty one.
        let mut by_label: Vec<(&str, Vec<&Block>)> = Vec::new();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for block in blocks {
            let text = block.labels.get(label).map_or("", BlockLabel::as_str);
            let slot = *seen.entry(text).or_insert(by_label.len());
            match by_label.get_mut(slot) {
                Some((_, blocks)) => blocks.push(block),
                None => by_label.push((text, vec![block])),
            }
        }
        let mut entries = Vec::with_capacity(by_label.len());
        for (text, blocks) in by_label {
            let written = blocks.first().and_then(|block| block.labels.get(label));
            let (style, place) = match written {
                Some(BlockLabel::String(label)) => (Style::DoubleQuoted, label.span()),
                Some(BlockLabel::Ident(label)) => (Style::Plain, label.span()),
                None => (Style::Plain, None),
            };
            let place = self.span(place, &(start..start));
            let key = self.name(text, style, place)?;
            entries.push((key, self.blocks(&blocks, label + 1, depth + 1, parent)?));
        }
        self.builder.mapping(entries, Style::Block, start..end)
    }

    fn expression(
        &mut self,
        expression: &Expression,
        key: &Range<usize>,
        depth: usize,
    ) -> Result<NodeId, DocumentError> {
        let span = self.span(expression.span(), key);
        let source = self.builder.text.get(span.clone()).unwrap_or_default();
        let inner = |quotes: usize| source.get(quotes..source.len().saturating_sub(quotes));
        let (text, scalar, style) = match expression {
            Expression::Array(array) => {
                self.builder.check_depth(depth, span.start)?;
                let mut items = Vec::with_capacity(array.len());
                for value in array {
                    items.push(self.expression(value, &span, depth + 1)?);
                }
                let content = Content::Sequence(items);
                return self.builder.add(NodeData::new(content, Style::Flow, span));
            }
            Expression::Object(object) => {
                self.builder.check_depth(depth, span.start)?;
                let mut entries = Vec::with_capacity(object.len());
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => {
                            let place = self.span(name.span(), &span);
                            self.name(name.as_str(), Style::Plain, place)?
                        }
                        ObjectKey::Expression(key) => self.expression(key, &span, depth + 1)?,
                    };
                    entries.push((key, self.expression(value.expr(), &span, depth + 1)?));
                }
                return self.builder.mapping(entries, Style::Flow, span);
            }
            Expression::String(text) => (text.as_str(), ScalarType::String, Style::DoubleQuoted),
            Expression::HeredocTemplate(template) => {
                return self.heredoc(template, span);
            }
            Expression::StringTemplate(_) => {
                (inner(1).unwrap_or(source), ScalarType::Expression, Style::DoubleQuoted)
            }
            Expression::Null(_) => (source, ScalarType::Null, Style::Plain),
            Expression::Bool(_) => (source, ScalarType::Bool, Style::Plain),
            Expression::Number(_) => (source, number(source), Style::Plain),
            Expression::UnaryOp(operation)
                if *operation.operator.value() == UnaryOperator::Neg
                    && operation.expr.is_number() =>
            {
                (source, number(source), Style::Plain)
            }
            _ => (source, ScalarType::Expression, Style::Plain),
        };
        let text = text.to_owned();
        self.builder.scalar(&text, scalar, style, span)
    }

    /// A heredoc of nothing but text is a string.
    fn heredoc(
        &mut self,
        heredoc: &HeredocTemplate,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        let literal: Option<String> = heredoc
            .template
            .iter()
            .map(|element| element.as_literal().map(|text| text.as_str()))
            .collect();
        match literal {
            Some(text) => self.builder.scalar(&text, ScalarType::String, Style::Literal, span),
            None => {
                let source = self.builder.text.get(span.clone()).unwrap_or_default().to_owned();
                self.builder.scalar(&source, ScalarType::Expression, Style::Literal, span)
            }
        }
    }

    fn name(
        &mut self,
        text: &str,
        style: Style,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        self.builder.scalar(text, ScalarType::String, style, span)
    }

    /// Where a part stands; what the parser gives no place stands where its parent does.
    fn span(&self, span: Option<Range<usize>>, parent: &Range<usize>) -> Range<usize> {
        span.map_or_else(|| parent.clone(), |span| self.base + span.start..self.base + span.end)
    }
}

fn number(source: &str) -> ScalarType {
    if source.contains(['.', 'e', 'E']) { ScalarType::Float } else { ScalarType::Integer }
}

/// Every stretch in which a `#` or `//` is no comment, templates with their expressions as a whole.
struct Texts(Vec<Range<usize>>);

impl Visit for Texts {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::String(text) = node {
            self.0.extend(text.span());
        }
        visit_expr(self, node);
    }

    fn visit_block_label(&mut self, node: &BlockLabel) {
        if let BlockLabel::String(label) = node {
            self.0.extend(label.span());
        }
    }

    fn visit_string_template(&mut self, node: &StringTemplate) {
        self.0.extend(node.span());
        visit_string_template(self, node);
    }

    fn visit_heredoc_template(&mut self, node: &HeredocTemplate) {
        self.0.extend(node.span());
        visit_heredoc_template(self, node);
    }
}

/// `#` and `//` to the line's end and `/* … */` (specification, "Comments and Whitespace"), wherever
/// they are in no text.
fn comments(text: &str, base: usize, mut opaque: Vec<Range<usize>>) -> Vec<Comment> {
    opaque.sort_unstable_by_key(|range| (range.start, range.end));
    let mut opaque = opaque.into_iter().peekable();
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), base);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        while opaque.next_if(|range| range.end <= at).is_some() {}
        if let Some(range) = opaque.peek().filter(|range| range.start <= at) {
            at = range.end;
            continue;
        }
        let marker = if rest.starts_with(b"#") { 1 } else { 2 };
        if rest.starts_with(b"/*") {
            let body = text.get(at + 2..).unwrap_or_default();
            let length = body.find("*/").unwrap_or(body.len());
            let end = (at + length + 4).min(text.len());
            let text = body.get(..length).unwrap_or_default().to_owned();
            found.push(Comment { text, span: at..end });
            at = end;
        } else if marker == 1 || rest.starts_with(b"//") {
            let line = text.get(at + marker..).unwrap_or_default();
            let line = line.split('\n').next().unwrap_or_default();
            let line = line.strip_suffix('\r').unwrap_or(line);
            let end = at + marker + line.len();
            found.push(Comment { text: line.to_owned(), span: at..end });
            at = end;
        } else {
            at += 1;
        }
    }
    found
}
