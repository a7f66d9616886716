//! Edits keep layout and comments, change exactly what they should, or are refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use penstock_document::{Document, EditError, Format, Limits, TextEdit, Value};
use penstock_model::{Route, RouteStep};

fn parse(format: Format, text: &str) -> Document {
    Document::parse(format, text, &Limits::default()).unwrap()
}

/// `a/0/b`; digits are indices.
fn route(text: &str) -> Route {
    let steps = text.split('/').filter(|step| !step.is_empty());
    Route(steps.map(|s| s.parse().map_or(RouteStep::from(s), RouteStep::Index)).collect())
}

fn replaced(format: Format, text: &str, at: &str, value: impl Into<Value>) -> String {
    let document = parse(format, text);
    let edit = document.replace(&route(at), &value.into()).unwrap();
    document.apply(&[edit]).unwrap()
}

fn inserted(format: Format, text: &str, at: &str, key: &str, value: impl Into<Value>) -> String {
    let document = parse(format, text);
    let edit = document.insert(&route(at), key, &value.into()).unwrap();
    document.apply(&[edit]).unwrap()
}

#[test]
fn a_scalar_is_replaced_in_its_own_style() {
    use Format::{Hcl, Json, Toml, Yaml};
    for (format, text, at, value, expected) in [
        (Yaml, "a: x # c\nb: 1\n", "a", "z", "a: z # c\nb: 1\n"),
        (Yaml, "a: 'x' # c\n", "a", "it's", "a: 'it''s' # c\n"),
        (Yaml, "a: \"x\"\n", "a", "y", "a: \"y\"\n"),
        (Yaml, "a: x\n", "a", "on", "a: \"on\"\n"),
        (Yaml, "a: x\n", "a", "1.0", "a: \"1.0\"\n"),
        (Yaml, "a: x\n", "a", "a: b # c", "a: \"a: b # c\"\n"),
        (Yaml, "a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
        (Yaml, "a: |\n  one\n  two\nb: 1\n", "a", "three", "a: three\nb: 1\n"),
        (
            Yaml,
            "- uses: a/b@v1 # pin\n- run: x\n",
            "0/uses",
            "a/b@abc",
            "- uses: a/b@abc # pin\n- run: x\n",
        ),
        (Yaml, "a: {b: [1, x]} # c\n", "a/b/1", "z", "a: {b: [1, z]} # c\n"),
        (Toml, "a = \"x\" # c\n", "a", "q\"\\", "a = 'q\"\\' # c\n"),
        (Toml, "a = 'x'\n", "a", "y", "a = 'y'\n"),
        (Toml, "[t]\na = { b = 'x' }\n", "t/a/b", "it's", "[t]\na = { b = \"it's\" }\n"),
        (Hcl, "a = \"x\" # c\n", "a", "${q}\"", "a = \"$${q}\\\"\" # c\n"),
        (
            Hcl,
            "b \"l\" {\n  a = var.x // c\n}\n",
            "b/l/0/a",
            "y",
            "b \"l\" {\n  a = \"y\" // c\n}\n",
        ),
        (Json, "{\"a\": \"x\" /* c */}", "a", "\u{1}\"", "{\"a\": \"\\u0001\\\"\" /* c */}"),
    ] {
        assert_eq!(replaced(format, text, at, value), expected, "{text}");
    }
    assert_eq!(replaced(Yaml, "a: x\n", "a", false), "a: false\n");
    assert_eq!(replaced(Toml, "a = 1 # c\n", "a", 2), "a = 2 # c\n");
    assert_eq!(replaced(Json, "[1, null]", "1", Value::Sequence(vec![])), "[1, []]");
}

#[test]
fn a_key_is_inserted_after_what_is_there() {
    use Format::{Json, Toml, Yaml};
    for (format, text, at, expected) in [
        (Yaml, "a: 1 # c\n\nb: 2\n", "", "a: 1 # c\n\nb: 2\nk: v\n"),
        (Yaml, "a: 1", "", "a: 1\nk: v"),
        (Yaml, "x:\n  a: 1 # c\n  # d\ny: 2\n", "x", "x:\n  a: 1 # c\n  k: v\n  # d\ny: 2\n"),
        (Yaml, "- a: 1\n  b: |\n    x\n- c\n", "0", "- a: 1\n  b: |\n    x\n  k: v\n- c\n"),
        (Yaml, "-   a: 1\n", "0", "-   a: 1\n    k: v\n"),
        (
            Yaml,
            "x:\n  a:\n    b:\n      - 1\ny: 2\n",
            "x",
            "x:\n  a:\n    b:\n      - 1\n  k: v\ny: 2\n",
        ),
        (Yaml, "a: &x {b: 1}\nc: *x\n", "", "a: &x {b: 1}\nc: *x\nk: v\n"),
        (Yaml, "a: {b: 1} # c\n", "a", "a: {b: 1, k: v} # c\n"),
        (Yaml, "a: {}\n", "a", "a: {k: v}\n"),
        (Yaml, "a: 1\r\nb: 2\r\n", "", "a: 1\r\nb: 2\r\nk: v\r\n"),
        (Json, "{\"a\": 1}", "", "{\"a\": 1, \"k\": \"v\"}"),
        (Json, "{}", "", "{\"k\": \"v\"}"),
        (Json, "{\n  \"a\": 1 // c\n}\n", "", "{\n  \"a\": 1,\n  \"k\": \"v\" // c\n}\n"),
        (Toml, "a = 1 # c\n[t]\n", "", "a = 1 # c\nk = \"v\"\n[t]\n"),
        (Toml, "[t]\nb = 1\n", "", "k = \"v\"\n[t]\nb = 1\n"),
        (Toml, "[t] # c\n[t.u]\nb = 1\n", "t", "[t] # c\nk = \"v\"\n[t.u]\nb = 1\n"),
        (
            Toml,
            "[t]\na = [\n  1,\n] # c\nx.y = 2 # d\n\n[u]\n",
            "t",
            "[t]\na = [\n  1,\n] # c\nx.y = 2 # d\nk = \"v\"\n\n[u]\n",
        ),
        (Toml, "[[t]]\na = 1\n[[t]]\na = 2\n", "t/0", "[[t]]\na = 1\nk = \"v\"\n[[t]]\na = 2\n"),
        (Toml, "a = { b = 1 } # c\n", "a", "a = { b = 1, k = \"v\" } # c\n"),
        (Toml, "a = {}\n", "a", "a = { k = \"v\" }\n"),
        (Toml, "", "", "k = \"v\"\n"),
    ] {
        assert_eq!(inserted(format, text, at, "k", "v"), expected, "{text:?}");
    }
}

#[test]
fn a_mapping_is_inserted_as_lines() {
    let value = Value::Mapping(vec![
        ("contents".to_owned(), "read".into()),
        ("on".to_owned(), Value::Mapping(vec![("x".to_owned(), Value::Sequence(vec![1.into()]))])),
    ]);
    assert_eq!(
        inserted(Format::Yaml, "jobs:\n  a: {}\n", "jobs", "permissions", value),
        "jobs:\n  a: {}\n  permissions:\n    contents: read\n    \"on\":\n      x: [1]\n"
    );
}

#[test]
fn what_cannot_be_edited_is_refused_with_the_reason() {
    let document = parse(Format::Yaml, "a: &x {b: 1}\nc: *x\nd: [1]\n? {e: 1}\n: 2\n");
    let insert = |at: &str, key: &str| document.insert(&route(at), key, &"v".into()).unwrap_err();
    let replace = |at: &str| document.replace(&route(at), &"v".into()).unwrap_err();
    for (error, message) in [
        (replace("z"), "there is nothing at `z`"),
        (replace("c/b"), "`c/b` comes through a YAML alias: edit what the anchor names"),
        (insert("c", "k"), "`c` comes through a YAML alias: edit what the anchor names"),
        (replace("d"), "`d` is a sequence, not a value"),
        (insert("d", "k"), "`d` is a sequence, not a mapping"),
        (insert("a", "b"), "`a/b` exists: replace it instead"),
    ] {
        assert_eq!(error.to_string(), message);
    }
    // `a` changes what `c` says as well.
    assert_eq!(replace("a/b"), EditError::Unsupported(route("a/b")));
    // A table that exists only in the name of another has no lines of its own.
    let toml = parse(Format::Toml, "[a.b]\nc = 1\n");
    let error = toml.insert(&route("a"), "k", &"v".into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`a/k` is written in a way that cannot be edited safely: edit it by hand"
    );
}

#[test]
fn several_edits_are_made_together_unless_they_overlap() {
    let document = parse(Format::Yaml, "a: 1\nb: 2\n");
    let a = document.replace(&route("a"), &3.into()).unwrap();
    let b = document.replace(&route("b"), &4.into()).unwrap();
    assert_eq!(document.apply(&[b, a.clone()]).unwrap(), "a: 3\nb: 4\n");
    let wide = TextEdit { span: 0..4, replacement: String::new() };
    assert_eq!(document.apply(&[wide, a]), Err(EditError::Overlapping(3)));
    let beyond = TextEdit { span: 99..99, replacement: String::new() };
    assert_eq!(document.apply(&[beyond]), Err(EditError::Overlapping(99)));
}

#[test]
fn an_attribute_is_added_to_a_body_of_hcl() {
    for (text, at, expected) in [
        ("", "", "new = true\n"),
        ("a = 1 # c", "", "a = 1 # c\nnew = true"),
        ("# c\n", "", "# c\nnew = true\n"),
        ("b \"l\" {}\n", "b/l/0", "b \"l\" {\n  new = true\n}\n"),
        (
            "b \"l\" {\n    x = [\n      1,\n    ] # c\n}\n",
            "b/l/0",
            "b \"l\" {\n    x = [\n      1,\n    ] # c\n    new = true\n}\n",
        ),
        ("b {\n  c {\n  }\n}\n", "b/0/c/0", "b {\n  c {\n    new = true\n  }\n}\n"),
        ("b {\n  c {\n  }\n}\n", "b/0", "b {\n  c {\n  }\n  new = true\n}\n"),
        ("t = {\n  a = 1\n}\n", "t", "t = {\n  a = 1,\n  new = true\n}\n"),
        ("t = {}\n", "t", "t = { new = true }\n"),
    ] {
        assert_eq!(inserted(Format::Hcl, text, at, "new", true), expected, "{text}");
    }
    // One attribute is all that a block on one line holds.
    let document = parse(Format::Hcl, "b { x = 1 }\n");
    let refused = document.insert(&route("b/0"), "new", &Value::from(true));
    assert_eq!(refused, Err(EditError::Unsupported(route("b/0/new"))));
}
