//! What holds for every document: spans lie where their text is, routes lead back, and no bytes at
//! all make a parser panic.

use penstock_document::{Document, Format, Kind, Limits, Node, ScalarType, Style, Value};
use proptest::prelude::*;

/// A value of any shape, to be written in each format.
#[derive(Clone, Debug)]
enum Any {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Self>),
    Table(Vec<(String, Self)>),
}

fn value() -> impl Strategy<Value = Any> {
    let leaf = prop_oneof![
        "\\PC{0,12}".prop_map(Any::Text),
        any::<i64>().prop_map(Any::Number),
        any::<bool>().prop_map(Any::Flag),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Any::List),
            prop::collection::btree_map("[a-z#é'\"]{1,6}", inner, 0..5)
                .prop_map(|map| Any::Table(map.into_iter().collect())),
        ]
    })
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The same text for HCL, in which `${` and `%{` begin what is evaluated.
fn no_template(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

fn flow(value: &Any, equals: &str) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    match value {
        Any::Text(text) => quoted(text),
        Any::Number(number) => number.to_string(),
        Any::Flag(flag) => flag.to_string(),
        Any::List(items) => {
            format!("[{}]", join(items.iter().map(|item| flow(item, equals)).collect()))
        }
        Any::Table(entries) => {
            let entries = entries
                .iter()
                .map(|(key, v)| format!("{}{equals}{}", quoted(key), flow(v, equals)));
            format!("{{{}}}", join(entries.collect()))
        }
    }
}

/// Block style, with a comment after every scalar.
fn block(value: &Any, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Any::List(items) if !items.is_empty() => items
            .iter()
            .map(|item| match item {
                Any::List(inner) if !inner.is_empty() => {
                    format!("{pad}-\n{}", block(item, indent + 2))
                }
                Any::Table(inner) if !inner.is_empty() => {
                    format!("{pad}-\n{}", block(item, indent + 2))
                }
                _ => format!("{pad}- {} # c\n", flow(item, ": ")),
            })
            .collect(),
        Any::Table(entries) if !entries.is_empty() => entries
            .iter()
            .map(|(key, value)| match value {
                Any::List(inner) if inner.is_empty() => format!("{pad}{}: [] # c\n", quoted(key)),
                Any::Table(inner) if inner.is_empty() => {
                    format!("{pad}{}: {{}} # c\n", quoted(key))
                }
                Any::List(_) | Any::Table(_) => {
                    format!("{pad}{}: # c\n{}", quoted(key), block(value, indent + 2))
                }
                _ => format!("{pad}{}: {} # c\n", quoted(key), flow(value, ": ")),
            })
            .collect(),
        _ => format!("{pad}{}\n", flow(value, ": ")),
    }
}

fn same(value: &Any, node: Node<'_>) -> bool {
    match value {
        Any::Text(text) => node.as_str() == Some(text),
        Any::Number(number) => node.as_i64() == Some(*number),
        Any::Flag(flag) => node.as_bool() == Some(*flag),
        Any::List(items) => {
            node.kind() == Kind::Sequence
                && node.items().len() == items.len()
                && items.iter().zip(node.items()).all(|(value, node)| same(value, node))
        }
        Any::Table(entries) => {
            node.kind() == Kind::Mapping
                && node.entries().len() == entries.len()
                && entries.iter().all(|(key, value)| same(value, node.get(key)))
        }
    }
}

/// What must hold of every node, whatever the document.
fn check_nodes(document: &Document) {
    for root in document.roots() {
        for node in root.descendants() {
            let span = node.span();
            assert!(document.text().get(span.clone()).is_some(), "{span:?} is no text");
            let region = node.region();
            assert!(region.start_line >= 1 && region.start_column >= 1);
            assert!(
                (region.start_line, region.start_column) <= (region.end_line, region.end_column)
            );
            if let Some(parent) = node.parent()
                && parent.style() == Some(Style::Flow)
                && node.alias_span().is_none()
            {
                let outer = parent.span();
                assert!(outer.start < span.start && span.end < outer.end, "{span:?} in {outer:?}");
            }
        }
    }
    let root = document.root();
    if document.duplicate_keys().is_empty() {
        for node in root.descendants().filter(|node| node.key().is_some()) {
            let route = node.route();
            let found = document.get(&route).map(Node::span);
            let simple = route_is_of_text(node);
            assert!(!simple || found == Some(node.span()), "{route}");
        }
    }
    for comment in document.comments() {
        assert!(document.text()[comment.span.clone()].contains(&comment.text));
    }
}

/// Whether every key on the way is a scalar that is written (others are named by their source).
fn route_is_of_text(node: Node<'_>) -> bool {
    let mut node = node;
    loop {
        if node.key().is_some_and(|key| key.text().is_none()) {
            return false;
        }
        match node.parent() {
            Some(parent) => node = parent,
            None => return true,
        }
    }
}

/// A scalar that is quoted in its span, or literally there.
fn check_scalars(document: &Document) {
    for node in document.root().descendants().filter(|node| node.is_scalar()) {
        let source = node.source().unwrap_or_default();
        match node.scalar_type() {
            Some(ScalarType::String) => {
                assert_eq!(source, quoted(node.text().unwrap_or_default()), "{:?}", node.span());
            }
            _ => assert_eq!(Some(source), node.text()),
        }
    }
}

/// Replaces every scalar and adds a key to every mapping, one at a time.
fn check_edits(document: &Document, new: &str) {
    let new = Value::from(new);
    for node in document.root().descendants().filter(|node| node.parent().is_some()) {
        let is_key =
            node.parent().is_some_and(|p| p.entries().any(|(k, _)| k.span() == node.span()));
        if node.is_scalar() && !is_key {
            let edit = document.replace(&node.route(), &new);
            assert!(edit.is_ok(), "{edit:?} in {:?}", document.text());
        }
    }
    // An attribute's name is an identifier.
    let key = if document.format() == Format::Hcl { "new-key" } else { "new key" };
    for node in document.root().descendants().filter(|node| node.is_mapping()) {
        let edit = document.insert(&node.route(), key, &new);
        assert!(edit.is_ok(), "{edit:?} in {:?}", document.text());
    }
}

proptest! {
    #[test]
    fn every_value_can_be_edited(value in value(), new in "\\PC{0,12}") {
        for (format, text) in [
            (Format::Json, flow(&value, ": ")),
            (Format::Yaml, flow(&value, ": ")),
            (Format::Yaml, block(&value, 0)),
            (Format::Toml, format!("# c\nx = {} # c\n", flow(&value, " = "))),
            (Format::Hcl, format!("# c\nx = {} # c\n", no_template(&flow(&value, " = ")))),
        ] {
            let document = Document::parse(format, &text, &Limits::default()).unwrap();
            check_edits(&document, &new);
        }
    }

    #[test]
    fn no_edit_makes_an_editor_panic(text in "[\\[\\]{}:,#&*|>'\"\\-=. \n\rab]{0,40}", new in "\\PC{0,3}") {
        for format in [Format::Toml, Format::Yaml, Format::Json, Format::Hcl] {
            if let Ok(document) = Document::parse(format, &text, &Limits::default()) {
                for node in document.root().descendants() {
                    drop(document.replace(&node.route(), &Value::from(new.as_str())));
                    drop(document.insert(&node.route(), "new", &Value::from(new.as_str())));
                }
            }
        }
    }

    #[test]
    fn json_reads_back_with_exact_spans(value in value()) {
        let text = flow(&value, ": ");
        let document = Document::parse(Format::Json, &text, &Limits::default()).unwrap();
        prop_assert!(same(&value, document.root()), "{text}");
        check_nodes(&document);
        check_scalars(&document);
    }

    #[test]
    fn yaml_flow_reads_back_with_exact_spans(value in value()) {
        let text = flow(&value, ": ");
        let document = Document::parse(Format::Yaml, &text, &Limits::default()).unwrap();
        prop_assert!(same(&value, document.root()), "{text}");
        check_nodes(&document);
        check_scalars(&document);
    }

    #[test]
    fn yaml_block_reads_back_with_exact_spans(value in value()) {
        let text = block(&value, 0);
        let document = Document::parse(Format::Yaml, &text, &Limits::default()).unwrap();
        prop_assert!(same(&value, document.root()), "{text}");
        check_nodes(&document);
        check_scalars(&document);
    }

    #[test]
    fn toml_reads_back_with_exact_spans(value in value()) {
        let text = format!("# c\nx = {} # c\n", flow(&value, " = "));
        let document = Document::parse(Format::Toml, &text, &Limits::default()).unwrap();
        prop_assert!(same(&value, document.root().get("x")), "{text}");
        prop_assert_eq!(document.comments().len(), 2);
        check_nodes(&document);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[\\[\\]{}:,#&*!|>'\"\\-=.\\\\ \n\r\t\u{feff}\u{0}a0é]{0,60}") {
        for format in [Format::Toml, Format::Yaml, Format::Json, Format::Hcl] {
            if let Ok(document) = Document::parse(format, &text, &Limits::default()) {
                check_nodes(&document);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for format in [Format::Toml, Format::Yaml, Format::Json, Format::Hcl] {
            drop(Document::parse(format, &bytes, &Limits::default()));
        }
    }
}
