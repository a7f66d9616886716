use std::{
    cell::{Cell, OnceCell},
    ops::Range,
};

use penstock_document::{Document, DocumentError, Limits};
use penstock_model::{Region, RepoPath};

use crate::{Kind, Lines};

/// What a check is told about a file before it says whether it wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileInfo<'a> {
    /// Where it is.
    pub path: &'a RepoPath,
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
}

/// One file, read once; lines and document are made at most once and shared by all checks.
#[derive(Debug)]
pub struct File<'a> {
    path: &'a RepoPath,
    bytes: &'a [u8],
    kind: Kind,
    text: OnceCell<Option<&'a str>>,
    lines: OnceCell<Lines<'a>>,
    document: OnceCell<Result<Document, DocumentError>>,
    document_wanted: Cell<bool>,
}

impl<'a> File<'a> {
    /// A file with this content, classified by both.
    pub fn new(path: &'a RepoPath, bytes: &'a [u8]) -> Self {
        Self {
            path,
            bytes,
            kind: Kind::of(path, bytes),
            text: OnceCell::new(),
            lines: OnceCell::new(),
            document: OnceCell::new(),
            document_wanted: Cell::new(false),
        }
    }

    /// Where it is, relative to the project.
    pub fn path(&self) -> &'a RepoPath {
        self.path
    }

    /// Its whole content.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What checks are asked with.
    pub fn info(&self) -> FileInfo<'a> {
        FileInfo { path: self.path, kind: self.kind, size: self.bytes.len() as u64 }
    }

    /// The content as text, if all of it is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        *self.text.get_or_init(|| std::str::from_utf8(self.bytes).ok())
    }

    /// The index of its lines.
    pub fn lines(&self) -> &Lines<'a> {
        self.lines.get_or_init(|| Lines::of(self.bytes))
    }

    /// Lines and columns of a byte range, which is cut to the file.
    pub fn region(&self, range: &Range<usize>) -> Region {
        self.lines().region(range)
    }

    /// The parsed document, if the file's kind has structure and it is well formed. A file of which
    /// a check wanted the document and that does not parse makes the result incomplete.
    pub fn document(&self) -> Option<&Document> {
        self.document_wanted.set(true);
        self.parsed()
    }

    /// The same without the claim that it should parse.
    pub(crate) fn parsed(&self) -> Option<&Document> {
        let format = self.kind.format()?;
        let parse = || Document::parse(format, self.bytes, &Limits::default());
        self.document.get_or_init(parse).as_ref().ok()
    }

    /// Why the document that some check asked for is not there.
    pub(crate) fn document_error(&self) -> Option<&DocumentError> {
        self.document.get().filter(|_| self.document_wanted.get())?.as_ref().err()
    }
}
