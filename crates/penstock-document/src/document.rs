use std::{fmt, ops::Range};

use penstock_model::{Region, Route, RouteStep};

use crate::{
    DocumentError, Limits, LineIndex, Node, hcl, json, toml,
    tree::{Builder, Tree},
    yaml,
};

/// A format this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// TOML 1.1.
    Toml,
    /// YAML 1.2, any number of documents in one stream.
    Yaml,
    /// JSON (RFC 8259), with comments and trailing commas allowed as in JSONC.
    Json,
    /// HCL in its native syntax: Terraform, Packer, Nomad.
    Hcl,
}

impl Format {
    /// The format that goes with a file's name, by its extension.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" | "jsonc" | "json5" => Some(Self::Json),
            "hcl" | "tf" | "tfvars" => Some(Self::Hcl),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Hcl => "HCL",
        })
    }
}

/// A comment, without what marks it as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text between the markers (or after `#` or `//`), as written.
    pub text: String,
    /// The bytes of the whole comment, markers included, line break excluded.
    pub span: Range<usize>,
}

/// A key that occurs again in its mapping. Loaders disagree on which one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key.
    pub key: String,
    /// The later occurrence.
    pub span: Range<usize>,
    /// The first occurrence.
    pub first: Range<usize>,
}

/// A parsed file: its text, its nodes, its comments.
#[derive(Clone, Debug)]
pub struct Document {
    format: Format,
    text: String,
    lines: LineIndex,
    tree: Tree,
}

impl Document {
    /// Reads a whole file. Spans count bytes of what was passed in, a byte order mark included.
    ///
    /// Duplicate keys are an error in TOML; in YAML and JSON they are listed in
    /// [`Document::duplicate_keys`]. An empty file is an empty mapping in TOML and HCL, and no
    /// document at all in YAML and JSON.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, text that is not well formed, and limits that were reached.
    pub fn parse(
        format: Format,
        bytes: impl AsRef<[u8]>,
        limits: &Limits,
    ) -> Result<Self, DocumentError> {
        let bytes = bytes.as_ref();
        if bytes.len() > limits.bytes {
            return Err(DocumentError::TooLarge { limit: limits.bytes, size: bytes.len() });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| DocumentError::NotUtf8 { offset: error.valid_up_to() })?;
        let lines = LineIndex::new(text);
        let builder = Builder::new(text, &lines, limits);
        let tree = match format {
            Format::Toml => toml::read(builder)?,
            Format::Yaml => yaml::read(builder)?,
            Format::Json => json::read(builder)?,
            Format::Hcl => hcl::read(builder)?,
        };
        Ok(Self { format, text: text.to_owned(), lines, tree })
    }

    /// The format it was read as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The whole source.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root of the first document, or a missing node when there is none.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, self.tree.roots.first().copied())
    }

    /// The roots of all documents: any number in YAML, at most one elsewhere.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.tree.roots.iter().map(|id| Node::new(self, Some(*id)))
    }

    /// The node at a route in the first document.
    pub fn get(&self, route: &Route) -> Option<Node<'_>> {
        let node = route.0.iter().fold(self.root(), |node, step| match step {
            RouteStep::Key(key) => node.get(key),
            RouteStep::Index(index) => node.item(usize::try_from(*index).unwrap_or(usize::MAX)),
        });
        node.exists().then_some(node)
    }

    /// Line and column of a range of bytes.
    pub fn region(&self, range: &Range<usize>) -> Region {
        self.lines.region(&self.text, range)
    }

    /// The line index, for offsets that belong to no node.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Every comment, in the order of the file.
    pub fn comments(&self) -> &[Comment] {
        &self.tree.comments
    }

    /// Keys that occur more than once in one mapping (YAML and JSON), in the order of the file.
    pub fn duplicate_keys(&self) -> &[DuplicateKey] {
        &self.tree.duplicates
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }
}
