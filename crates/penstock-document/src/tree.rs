use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::{Comment, DocumentError, DuplicateKey, Format, Limits, LineIndex};

/// A node's place in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Keys and values, in the order they are written.
    Mapping,
    /// Values, in order.
    Sequence,
    /// One value.
    Scalar,
    /// Nothing: the answer to a question about a place that does not exist.
    Missing,
}

impl Kind {
    /// The kind as a person would say it: `a mapping`.
    pub fn description(self) -> &'static str {
        match self {
            Self::Mapping => "a mapping",
            Self::Sequence => "a sequence",
            Self::Scalar => "a value",
            Self::Missing => "nothing",
        }
    }
}

/// What a scalar is in its format. YAML is read by the core schema of 1.2.2 (§10.3.2), so `on`,
/// `yes` and `no` are strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number that is not whole, infinite, or not a number.
    Float,
    /// A date, a time or both (TOML only).
    DateTime,
    /// Text.
    String,
    /// Something to be evaluated: a reference, a call, a template (HCL only).
    Expression,
}

/// How a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'`, or TOML's `'''`.
    SingleQuoted,
    /// A scalar in `"`, or TOML's `"""`.
    DoubleQuoted,
    /// A YAML `|` block.
    Literal,
    /// A YAML `>` block.
    Folded,
    /// A collection by lines: YAML's block style, TOML's tables under a header or dotted keys.
    Block,
    /// A collection in brackets.
    Flow,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Mapping(Vec<(NodeId, NodeId)>),
    Sequence(Vec<NodeId>),
    Scalar {
        /// The decoded text; `None` when it is the source itself. Shared, since a copy for every
        /// alias would let a small file fill the memory.
        text: Option<Arc<str>>,
        scalar: ScalarType,
    },
}

/// Where a node hangs in its parent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Root,
    Key { of: NodeId },
    Value { of: NodeId, key: NodeId },
    Item { of: NodeId, index: usize },
}

/// One node, without its children's data.
#[derive(Clone, Debug)]
pub(crate) struct NodeData {
    pub(crate) span: Range<usize>,
    pub(crate) place: Place,
    pub(crate) style: Style,
    pub(crate) content: Content,
    /// A YAML tag as written, with its span.
    pub(crate) tag: Option<Box<(String, Range<usize>)>>,
    /// The `*alias` that brought a copy of the node here.
    pub(crate) alias: Option<Box<Range<usize>>>,
}

impl NodeData {
    pub(crate) fn new(content: Content, style: Style, span: Range<usize>) -> Self {
        Self { span, place: Place::Root, style, content, tag: None, alias: None }
    }
}

/// All nodes of a document, children before parents; no recursion is needed to drop it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<NodeData>,
    pub(crate) roots: Vec<NodeId>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) duplicates: Vec<DuplicateKey>,
}

impl Tree {
    pub(crate) fn node(&self, id: NodeId) -> Option<&NodeData> {
        self.nodes.get(id.0 as usize)
    }
}

/// No document is nested deeper, whatever a caller asks for: readers recurse over nesting.
const MAX_DEPTH: usize = 512;

/// What each format's reader fills: a tree that stays within its limits.
pub(crate) struct Builder<'a> {
    /// The whole source, a byte order mark included: what spans count in.
    pub(crate) text: &'a str,
    pub(crate) lines: &'a LineIndex,
    pub(crate) limits: Limits,
    pub(crate) tree: Tree,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str, lines: &'a LineIndex, limits: &Limits) -> Self {
        let limits = Limits { depth: limits.depth.min(MAX_DEPTH), ..*limits };
        Self { text, lines, limits, tree: Tree::default() }
    }

    /// The source without its byte order mark, which parsers count differently, and how many bytes
    /// that mark has.
    pub(crate) fn body(&self) -> (&'a str, usize) {
        match self.text.strip_prefix('\u{feff}') {
            Some(body) => (body, '\u{feff}'.len_utf8()),
            None => (self.text, 0),
        }
    }

    /// An error of a parser, at a range of the source.
    pub(crate) fn syntax(
        &self,
        format: Format,
        message: &str,
        range: &Range<usize>,
    ) -> DocumentError {
        let end = range.end.min(self.text.len());
        let region = self.lines.region(self.text, &(range.start.min(end)..end));
        // A parser may quote the text: nothing of it may reach a terminal as a control character.
        let message = message.trim_end_matches('.').replace(char::is_control, " ");
        let mut letters = message.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        DocumentError::Syntax { format, message: first.chain(letters).collect(), region }
    }

    /// Adds a node whose children were added before.
    ///
    /// # Errors
    /// The limit on nodes.
    pub(crate) fn add(&mut self, node: NodeData) -> Result<NodeId, DocumentError> {
        let count = self.tree.nodes.len();
        let id = match u32::try_from(count) {
            Ok(id) if count < self.limits.nodes => NodeId(id),
            _ => {
                return Err(DocumentError::TooManyNodes {
                    limit: self.limits.nodes,
                    region: self.lines.region(self.text, &node.span),
                });
            }
        };
        match &node.content {
            Content::Mapping(entries) => {
                for (key, value) in entries.clone() {
                    self.hang(key, Place::Key { of: id });
                    self.hang(value, Place::Value { of: id, key });
                }
            }
            Content::Sequence(items) => {
                for (index, item) in items.clone().into_iter().enumerate() {
                    self.hang(item, Place::Item { of: id, index });
                }
            }
            Content::Scalar { .. } => {}
        }
        self.tree.nodes.push(node);
        Ok(id)
    }

    /// Adds a scalar, keeping its text only where it differs from the source.
    pub(crate) fn scalar(
        &mut self,
        text: &str,
        scalar: ScalarType,
        style: Style,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        let text = (self.text.get(span.clone()) != Some(text)).then(|| text.into());
        self.add(NodeData::new(Content::Scalar { text, scalar }, style, span))
    }

    /// Adds a mapping and records keys that occur twice in it.
    pub(crate) fn mapping(
        &mut self,
        entries: Vec<(NodeId, NodeId)>,
        style: Style,
        span: Range<usize>,
    ) -> Result<NodeId, DocumentError> {
        self.find_duplicates(&entries);
        self.add(NodeData::new(Content::Mapping(entries), style, span))
    }

    /// Refuses a node `depth` levels down, the root being on level 1.
    pub(crate) fn check_depth(&self, depth: usize, at: usize) -> Result<(), DocumentError> {
        if depth > self.limits.depth { Err(self.too_deep(self.limits.depth, at)) } else { Ok(()) }
    }

    pub(crate) fn too_deep(&self, limit: usize, at: usize) -> DocumentError {
        DocumentError::TooDeep { limit, region: self.lines.region(self.text, &(at..at)) }
    }

    pub(crate) fn scalar_text(&self, id: NodeId) -> Option<&str> {
        let node = self.tree.node(id)?;
        match &node.content {
            Content::Scalar { text: Some(text), .. } => Some(text),
            Content::Scalar { text: None, .. } => self.text.get(node.span.clone()),
            _ => None,
        }
    }

    pub(crate) fn set_tag(&mut self, id: NodeId, tag: Option<Box<(String, Range<usize>)>>) {
        if let Some(node) = self.tree.nodes.get_mut(id.0 as usize) {
            node.tag = tag;
        }
    }

    pub(crate) fn set_span(&mut self, id: NodeId, span: Range<usize>) {
        if let Some(node) = self.tree.nodes.get_mut(id.0 as usize) {
            node.span = span;
        }
    }

    pub(crate) fn set_alias(&mut self, id: NodeId, alias: Range<usize>) {
        if let Some(node) = self.tree.nodes.get_mut(id.0 as usize) {
            node.alias = Some(Box::new(alias));
        }
    }

    /// Where a node stands in the file: at its alias if it came through one.
    pub(crate) fn place_of(&self, id: NodeId) -> Option<Range<usize>> {
        let node = self.tree.node(id)?;
        Some(node.alias.as_deref().unwrap_or(&node.span).clone())
    }

    fn find_duplicates(&mut self, entries: &[(NodeId, NodeId)]) {
        if entries.len() < 2 {
            return;
        }
        let mut seen: HashMap<&str, Range<usize>> = HashMap::with_capacity(entries.len());
        let mut duplicates = Vec::new();
        for (key, _) in entries {
            let (Some(text), Some(node)) = (self.scalar_text(*key), self.tree.node(*key)) else {
                continue;
            };
            match seen.get(text) {
                Some(first) => duplicates.push(DuplicateKey {
                    key: text.to_owned(),
                    span: node.span.clone(),
                    first: first.clone(),
                }),
                None => {
                    seen.insert(text, node.span.clone());
                }
            }
        }
        self.tree.duplicates.append(&mut duplicates);
    }

    fn hang(&mut self, id: NodeId, place: Place) {
        if let Some(node) = self.tree.nodes.get_mut(id.0 as usize) {
            node.place = place;
        }
    }
}
