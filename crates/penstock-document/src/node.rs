use std::{fmt, ops::Range};

use penstock_model::{Region, Route, RouteStep};

use crate::{
    Document, Kind, ScalarType, Style,
    tree::{Content, NodeData, NodeId, Place},
};

/// A value of a document, as cheap to copy as a reference.
///
/// Asking for a child that is not there gives a *missing* node, on which every further question is
/// answered with nothing; so a rule can walk a whole way and ask once at its end.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    id: Option<NodeId>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(document: &'a Document, id: Option<NodeId>) -> Self {
        Self { document, id }
    }

    fn data(self) -> Option<&'a NodeData> {
        self.document.tree().node(self.id?)
    }

    fn missing(self) -> Self {
        Self { document: self.document, id: None }
    }

    /// The document it belongs to.
    pub fn document(self) -> &'a Document {
        self.document
    }

    /// Whether there is anything here.
    pub fn exists(self) -> bool {
        self.data().is_some()
    }

    /// This node if there is anything here.
    pub fn present(self) -> Option<Self> {
        self.exists().then_some(self)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        match self.data().map(|data| &data.content) {
            Some(Content::Mapping(_)) => Kind::Mapping,
            Some(Content::Sequence(_)) => Kind::Sequence,
            Some(Content::Scalar { .. }) => Kind::Scalar,
            None => Kind::Missing,
        }
    }

    /// Whether it is a mapping.
    pub fn is_mapping(self) -> bool {
        self.kind() == Kind::Mapping
    }

    /// Whether it is a sequence.
    pub fn is_sequence(self) -> bool {
        self.kind() == Kind::Sequence
    }

    /// Whether it is a scalar.
    pub fn is_scalar(self) -> bool {
        self.kind() == Kind::Scalar
    }

    /// Whether it is a null: `null`, `~` or a key without a value.
    pub fn is_null(self) -> bool {
        self.scalar_type() == Some(ScalarType::Null)
    }

    /// The value under a key, or a missing node. Where a key occurs twice the last one counts, as
    /// it does for most loaders; see [`Document::duplicate_keys`]. YAML merge keys (`<<`) are not
    /// followed. Takes time in the number of entries.
    pub fn get(self, key: &str) -> Self {
        self.entry(key).map_or(self.missing(), |(_, value)| value)
    }

    /// The key node and the value under a key.
    pub fn entry(self, key: &str) -> Option<(Self, Self)> {
        self.entries().rfind(|(name, _)| name.text() == Some(key))
    }

    /// The item at an index of a sequence, or a missing node.
    pub fn item(self, index: usize) -> Self {
        self.items().nth(index).unwrap_or(self.missing())
    }

    /// Keys and values of a mapping as they are written; none for anything else.
    pub fn entries(self) -> Entries<'a> {
        let entries = match self.data().map(|data| &data.content) {
            Some(Content::Mapping(entries)) => entries.as_slice(),
            _ => &[],
        };
        Entries { document: self.document, inner: entries.iter() }
    }

    /// Items of a sequence; none for anything else.
    pub fn items(self) -> Items<'a> {
        let items = match self.data().map(|data| &data.content) {
            Some(Content::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        Items { document: self.document, inner: items.iter() }
    }

    /// Items of a sequence, or the node itself when it is a scalar: for the many fields that take
    /// one or several.
    pub fn one_or_many(self) -> impl Iterator<Item = Self> {
        let own = self.is_scalar().then_some(self);
        own.into_iter().chain(self.items())
    }

    /// The node and everything beneath it, keys included, in the order of the file.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let node = stack.pop().filter(|node| node.exists())?;
            let from = stack.len();
            stack.extend(node.entries().flat_map(|(key, value)| [key, value]));
            stack.extend(node.items());
            if let Some(added) = stack.get_mut(from..) {
                added.reverse();
            }
            Some(node)
        })
    }

    /// The decoded text of a scalar of any type (`true`, `1.10`, `push`); nothing for a null that
    /// is not written.
    pub fn text(self) -> Option<&'a str> {
        let data = self.data()?;
        match &data.content {
            Content::Scalar { text: Some(text), .. } => Some(text),
            Content::Scalar { text: None, scalar } => {
                self.source().filter(|source| !(source.is_empty() && *scalar == ScalarType::Null))
            }
            _ => None,
        }
    }

    /// The text of a scalar that is a string in its format. Use [`Node::text`] where `1.10` and
    /// `true` are as good as a string, as in most pipeline definitions.
    pub fn as_str(self) -> Option<&'a str> {
        self.text().filter(|_| self.scalar_type() == Some(ScalarType::String))
    }

    /// The value of a Boolean.
    pub fn as_bool(self) -> Option<bool> {
        if self.scalar_type()? != ScalarType::Bool {
            return None;
        }
        match self.text()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The value of a whole number that fits.
    pub fn as_i64(self) -> Option<i64> {
        if self.scalar_type()? != ScalarType::Integer {
            return None;
        }
        let text = self.text()?;
        if let Some(digits) = text.strip_prefix("0x") {
            i64::from_str_radix(digits, 16).ok()
        } else if let Some(digits) = text.strip_prefix("0o") {
            i64::from_str_radix(digits, 8).ok()
        } else {
            text.parse().ok()
        }
    }

    /// What a scalar is in its format.
    pub fn scalar_type(self) -> Option<ScalarType> {
        match self.data()?.content {
            Content::Scalar { scalar, .. } => Some(scalar),
            _ => None,
        }
    }

    /// How it is written.
    pub fn style(self) -> Option<Style> {
        self.data().map(|data| data.style)
    }

    /// Its YAML tag as written (`!Sub`), if it has one.
    pub fn tag(self) -> Option<&'a str> {
        self.data()?.tag.as_ref().map(|tag| tag.0.as_str())
    }

    /// Where its YAML tag stands.
    pub fn tag_span(self) -> Option<Range<usize>> {
        self.data()?.tag.as_ref().map(|tag| tag.1.clone())
    }

    /// The bytes it was read from, quotes included; empty for a missing node.
    ///
    /// A collection by lines spans its first to its last child; a TOML table under a header spans
    /// the header. What came through a YAML alias spans the text behind the anchor
    /// ([`Node::alias_span`] is the other end).
    pub fn span(self) -> Range<usize> {
        self.data().map_or(0..0, |data| data.span.clone())
    }

    /// The `*alias` through which this node, or the collection it is in, came here.
    pub fn alias_span(self) -> Option<Range<usize>> {
        let mut node = self;
        loop {
            if let Some(alias) = &node.data()?.alias {
                return Some(alias.as_ref().clone());
            }
            node = node.parent()?;
        }
    }

    /// The source it was read from.
    pub fn source(self) -> Option<&'a str> {
        self.document.text().get(self.data()?.span.clone())
    }

    /// Lines and columns of [`Node::span`].
    pub fn region(self) -> Region {
        self.document.region(&self.span())
    }

    /// The collection it is in.
    pub fn parent(self) -> Option<Self> {
        match self.data()?.place {
            Place::Root => None,
            Place::Key { of } | Place::Value { of, .. } | Place::Item { of, .. } => {
                Some(Self::new(self.document, Some(of)))
            }
        }
    }

    /// The key it stands under, if it is a value of a mapping.
    pub fn key(self) -> Option<Self> {
        match self.data()?.place {
            Place::Value { key, .. } => Some(Self::new(self.document, Some(key))),
            _ => None,
        }
    }

    /// The way to it from its document's root. A key has the route of its value; a key that is
    /// itself a collection is named by its source.
    pub fn route(self) -> Route {
        let mut steps = Vec::new();
        let mut node = self;
        while let Some(data) = node.data() {
            let named = |key: Self| {
                RouteStep::Key(key.text().or_else(|| key.source()).unwrap_or_default().to_owned())
            };
            match data.place {
                Place::Root => break,
                Place::Key { of } => {
                    steps.push(named(node));
                    node = Self::new(self.document, Some(of));
                }
                Place::Value { of, key } => {
                    steps.push(named(Self::new(self.document, Some(key))));
                    node = Self::new(self.document, Some(of));
                }
                Place::Item { of, index } => {
                    steps.push(index.into());
                    node = Self::new(self.document, Some(of));
                }
            }
        }
        steps.reverse();
        Route(steps)
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Mapping => f.debug_map().entries(self.entries()).finish(),
            Kind::Sequence => f.debug_list().entries(self.items()).finish(),
            Kind::Scalar => write!(f, "{:?}", self.text().unwrap_or_default()),
            Kind::Missing => f.write_str("(missing)"),
        }
    }
}

/// Keys and values of a mapping; see [`Node::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    document: &'a Document,
    inner: std::slice::Iter<'a, (NodeId, NodeId)>,
}

impl<'a> Entries<'a> {
    fn pair(&self, (key, value): (NodeId, NodeId)) -> (Node<'a>, Node<'a>) {
        (Node::new(self.document, Some(key)), Node::new(self.document, Some(value)))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Node<'a>, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|pair| self.pair(*pair))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.inner.next_back().map(|pair| self.pair(*pair))
    }
}

impl ExactSizeIterator for Entries<'_> {}

/// Items of a sequence; see [`Node::items`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    document: &'a Document,
    inner: std::slice::Iter<'a, NodeId>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|id| Node::new(self.document, Some(*id)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl ExactSizeIterator for Items<'_> {}
