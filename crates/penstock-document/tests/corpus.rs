//! Fuzz targets over TOML, YAML, JSON and HCL: every node lies in its text and is found by its route,
//! and an edit changes what it was asked to change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_document::{Document, EditError, Format, Limits, Value};
use penstock_model::Route;

/// TOML.
pub(crate) fn toml(bytes: &[u8]) -> bool {
    document(Format::Toml, bytes)
}

/// YAML.
pub(crate) fn yaml(bytes: &[u8]) -> bool {
    document(Format::Yaml, bytes)
}

/// JSON, with comments.
pub(crate) fn json(bytes: &[u8]) -> bool {
    document(Format::Json, bytes)
}

/// HCL.
pub(crate) fn hcl(bytes: &[u8]) -> bool {
    document(Format::Hcl, bytes)
}

/// So many nodes of a document are looked at; each costs another reading of the whole.
const NODES: usize = 24;

fn document(format: Format, bytes: &[u8]) -> bool {
    let limits = Limits { bytes: 1 << 20, depth: 40, nodes: 20_000 };
    let document = match Document::parse(format, bytes, &limits) {
        Ok(document) => document,
        Err(error) => {
            let end = error.region().map_or(0, |region| region.end_byte);
            assert!(usize::try_from(end).unwrap() <= bytes.len(), "{error}");
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let text = document.text();
    assert_eq!(text.as_bytes(), bytes);
    for comment in document.comments() {
        assert!(text[comment.span.clone()].contains(&comment.text));
    }
    for duplicate in document.duplicate_keys() {
        assert!(duplicate.first.end <= duplicate.span.start && duplicate.span.end <= text.len());
    }
    for root in document.roots() {
        for node in root.descendants() {
            assert!(text.get(node.span()).is_some(), "{:?}", node.span());
            assert_eq!(node.source(), text.get(node.span()));
        }
    }
    // Of a key that is there twice the route names one only, and a key that is a collection, or
    // nothing, is named by its source.
    let mut keys = document.root().descendants().flat_map(|node| node.entries());
    if document.duplicate_keys().is_empty() && keys.all(|(key, _)| key.text().is_some()) {
        for node in document.root().descendants().take(NODES) {
            let route = node.route();
            let found = document.get(&route).unwrap_or_else(|| panic!("nothing at {route}"));
            // A key has the route of its value.
            let key = found.key().map(|key| key.span());
            assert!(found.span() == node.span() || key == Some(node.span()), "{route}");
        }
    }
    for node in document.root().descendants().take(NODES) {
        for value in [Value::from("it's \"x\"\u{7f}: #\n"), Value::from(-7), Value::from(true)] {
            if !replaces(&document, &node.route(), &value) {
                break;
            }
        }
    }
    true
}

/// Replaces what is at the route; `false` when that is refused.
fn replaces(document: &Document, route: &Route, value: &Value) -> bool {
    let edit = match document.replace(route, value) {
        Ok(edit) => edit,
        Err(EditError::Missing(missing)) => {
            assert_eq!(document.get(&missing).map(|node| node.kind()), None);
            return false;
        }
        Err(_) => return false,
    };
    let edited = document.apply(&[edit]).unwrap();
    let again = Document::parse(document.format(), &edited, &Limits::default())
        .unwrap_or_else(|error| panic!("{route}: {error}: {edited:?}"));
    let node = again.get(route).unwrap_or_else(|| panic!("{route} is gone: {edited:?}"));
    let same = match value {
        Value::String(text) => node.as_str() == Some(text),
        Value::Integer(number) => node.as_i64() == Some(*number),
        Value::Bool(flag) => node.as_bool() == Some(*flag),
        Value::Sequence(_) | Value::Mapping(_) => false,
    };
    assert!(same, "{route} is {:?} in {edited:?}", node.source());
    assert_eq!(again.comments().len(), document.comments().len(), "{edited:?}");
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/toml"], 300, toml);
    corpus::run(&["tests/corpus/yaml"], 300, yaml);
    corpus::run(&["tests/corpus/json"], 300, json);
    corpus::run(&["tests/corpus/hcl"], 300, hcl);
}
