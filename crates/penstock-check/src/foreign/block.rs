//! The stretches of a file that a comment of another tool can be about as a whole.

use std::ops::RangeInclusive;

use memchr::memmem;
use penstock_document::{Format, Node};

use crate::{File, Kind};

/// The first and last line of a block.
type Lines = RangeInclusive<u32>;

/// The blocks of one file: those of Terraform, in the order of the file, and the resources of a
/// `CloudFormation` template.
pub(super) struct Blocks {
    /// Those at the top, none within another.
    outer: Vec<Lines>,
    /// All, also those within others, by their first line.
    all: Vec<Lines>,
}

/// How deep the labels of a block are: `resource "type" "name"` has two.
const MAX_LABELS: usize = 4;

impl Blocks {
    /// Those of a file; none where it is of another kind or cannot be parsed.
    pub(super) fn of(file: &File<'_>) -> Self {
        let mut blocks = Self { outer: Vec::new(), all: Vec::new() };
        let name = file.path().name();
        if file.kind() == Kind::Hcl && !name.ends_with(b".tfvars") {
            if let Some(document) = file.parsed() {
                blocks.bodies(document.root(), 0, file);
            }
        } else if file.kind() == Kind::Yaml
            && memmem::find(file.bytes(), b"Resources:").is_some()
            && let Some(document) = file.parsed()
        {
            for root in document.roots() {
                for (key, value) in root.get("Resources").entries() {
                    blocks.outer.push(lines(file, key.span().start..value.span().end));
                }
            }
        }
        blocks.outer.sort_by_key(|lines| *lines.start());
        blocks.all.sort_by_key(|lines| *lines.start());
        blocks
    }

    /// Blocks in HCL's JSON syntax: labels are mappings, bodies the items of sequences.
    fn bodies<'d>(&mut self, node: Node<'d>, labels: usize, file: &File<'_>) {
        for (_, value) in node.entries() {
            if value.is_mapping() && labels < MAX_LABELS {
                self.bodies(value, labels + 1, file);
            }
            for body in value.items().filter(|body| body.is_mapping()) {
                self.outer.push(lines(file, body.span()));
                self.inner(body, file);
            }
        }
    }

    fn inner(&mut self, body: Node<'_>, file: &File<'_>) {
        let bodies = body.descendants().filter(|node| {
            node.is_mapping() && node.parent().is_none_or(|parent| parent.is_sequence())
        });
        self.all.extend(bodies.map(|node| lines(file, node.span())));
    }

    /// The outermost block that holds a line.
    pub(super) fn around(&self, line: u32) -> Option<Lines> {
        let next = self.outer.partition_point(|lines| *lines.start() <= line);
        let last = next.checked_sub(1).and_then(|at| self.outer.get(at))?;
        last.contains(&line).then(|| last.clone())
    }

    /// The block that begins on a line; the longest where several do.
    pub(super) fn beginning(&self, line: u32) -> Option<Lines> {
        let first = self.all.partition_point(|lines| *lines.start() < line);
        let here = self.all.iter().skip(first).take_while(|lines| *lines.start() == line);
        here.max_by_key(|lines| *lines.end()).cloned()
    }
}

/// What an annotation of a Kubernetes object says to checkov, and the lines of that object
/// (<https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>).
pub(super) fn annotations(file: &File<'_>) -> Vec<(String, u32, Lines)> {
    const PREFIX: &str = "checkov.io/skip";
    if file.kind() != Kind::Yaml || memmem::find(file.bytes(), PREFIX.as_bytes()).is_none() {
        return Vec::new();
    }
    let Some(document) = file.parsed().filter(|document| document.format() == Format::Yaml) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for root in document.roots() {
        let object = lines(file, root.span());
        for (key, value) in root.get("metadata").get("annotations").entries() {
            if key.text().is_some_and(|key| key.starts_with(PREFIX))
                && let Some(text) = value.text()
            {
                let line = *lines(file, key.span()).start();
                found.push((text.to_owned(), line, object.clone()));
            }
        }
    }
    found
}

fn lines(file: &File<'_>, span: std::ops::Range<usize>) -> Lines {
    let region = file.region(&span);
    region.start_line..=region.end_line
}

#[cfg(test)]
mod tests;
