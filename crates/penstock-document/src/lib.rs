//! Spanned TOML, YAML, JSON and HCL documents behind one interface.
//!
//! [`Document::parse`] turns untrusted bytes into one tree of [`Node`]s, whatever the format: every
//! node knows the bytes it came from, the way to it ([`Node::route`]) and how it was written. A rule
//! reads `document.root().get("jobs")` and never needs to know which parser stands behind it.
//!
//! ```
//! use penstock_document::{Document, Format, Limits};
//!
//! let text = b"on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n";
//! let document = Document::parse(Format::Yaml, text, &Limits::default())?;
//! let runner = document.root().get("jobs").get("build").get("runs-on");
//! assert_eq!(runner.as_str(), Some("ubuntu-24.04"));
//! assert_eq!(runner.route().to_string(), "jobs/build/runs-on");
//! assert_eq!(runner.region().start_line, 4);
//! # Ok::<(), penstock_document::DocumentError>(())
//! ```
//!
//! What belongs here: reading with spans, and edits that keep layout and comments. What does not:
//! any judgement about what a document says.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod document;
mod edit;
mod error;
mod hcl;
mod json;
mod lines;
mod node;
mod toml;
mod tree;
mod yaml;

pub use document::{Comment, Document, DuplicateKey, Format};
pub use edit::{EditError, TextEdit, Value};
pub use error::{DocumentError, Limits};
pub use lines::LineIndex;
pub use node::{Entries, Items, Node};
pub use tree::{Kind, ScalarType, Style};
