//! From TOML text to a typed value, by way of its schema: every error of the file at once.

use std::collections::BTreeSet;

use penstock_document::{Document, Format, Kind, Limits, Node, ScalarType};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{ConfigError, ConfigErrors, Problem, form, nearest::nearest, shown::shown};

/// What a person writes and reviews by hand; anything larger was not written by one.
const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 32, nodes: 100_000 };

/// A file being checked: its document, and what is wrong with it so far.
pub(crate) struct Checked<'a> {
    file: &'a str,
    document: &'a Document,
    errors: Vec<ConfigError>,
}

impl Checked<'_> {
    /// Adds an error at the node that `place` finds from the root.
    pub(crate) fn report(&mut self, place: impl FnOnce(Node<'_>) -> Node<'_>, problem: Problem) {
        let node = place(self.document.root());
        self.errors.push(ConfigError::at(self.file, node, problem));
    }
}

/// Reads `text` as a `T` whose schema is `schema`; then lets `check` look for what no schema says.
pub(crate) fn decode<T: DeserializeOwned>(
    text: &str,
    file: &str,
    schema: &Value,
    check: impl FnOnce(&T, &mut Checked<'_>),
) -> Result<T, ConfigErrors> {
    let document = Document::parse(Format::Toml, text, &LIMITS)
        .map_err(|error| ConfigErrors::new(vec![ConfigError::of_document(file, text, error)]))?;
    let mut reader = Reader { file, schema, errors: Vec::new() };
    let value = reader.value(schema, document.root());
    if !reader.errors.is_empty() {
        return Err(ConfigErrors::new(reader.errors));
    }
    let decoded: T = serde_json::from_value(value).map_err(|error| {
        let problem = Problem::Undecodable { message: error.to_string() };
        ConfigErrors::new(vec![ConfigError::at(file, document.root(), problem)])
    })?;
    let mut checked = Checked { file, document: &document, errors: Vec::new() };
    check(&decoded, &mut checked);
    if checked.errors.is_empty() { Ok(decoded) } else { Err(ConfigErrors::new(checked.errors)) }
}

/// A schema where it is used and, behind a `$ref`, where it is defined: what is said at its use
/// (`description`, `format`) comes first.
#[derive(Clone, Copy)]
struct Part<'a> {
    place: &'a Value,
    target: &'a Value,
}

impl<'a> Part<'a> {
    fn get(self, key: &str) -> Option<&'a Value> {
        self.place.get(key).or_else(|| self.target.get(key))
    }
}

/// Walks a document along a schema of the kind `schemars` writes for our types: `$ref`, `type`,
/// `properties`, `required`, `additionalProperties`, `propertyNames`, `items`, `minItems`,
/// `uniqueItems`, `enum`, `const`, `anyOf`, `oneOf`, `minimum`, `maximum` and our own `format`s.
struct Reader<'a> {
    file: &'a str,
    schema: &'a Value,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    /// The node as JSON. Where something is wrong it is reported and the result is never used.
    fn value(&mut self, schema: &'a Value, node: Node<'_>) -> Value {
        let schema = self.part(schema);
        if let Some(known) = self.choices(schema) {
            return self.choice(&known, schema, node);
        }
        let branches = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        let branches = branches.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if let Some(branch) = branches.iter().find(|branch| fits(self.part(branch), node)) {
            return self.value(branch, node);
        }
        if !fits(schema, node) {
            let types: Vec<_> = if branches.is_empty() {
                vec![type_name(schema)]
            } else {
                branches.iter().map(|branch| type_name(self.part(branch))).collect()
            };
            let expected = types.join(" or ");
            let description = description(schema, &expected);
            let problem =
                Problem::WrongType { name: name(node), expected, found: found(node), description };
            return self.fail(node, problem);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => self.table(schema, node),
            Some("array") => self.array(schema, node),
            Some("string") => self.text(schema, node),
            Some("integer") => self.integer(schema, node),
            Some("boolean") => node.as_bool().map_or(Value::Null, Value::Bool),
            _ => Value::Null,
        }
    }

    fn table(&mut self, schema: Part<'a>, node: Node<'_>) -> Value {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        // What other keys may be there: none at all, or any with values of one schema.
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let names = schema.get("propertyNames").and_then(|names| names.get("format"));
        let names = names.and_then(Value::as_str);
        let mut object = Map::new();
        for (key, value) in node.entries() {
            let Some(written) = key.text() else { continue };
            // The reference outlives the call: schemas live as long as the reader.
            let known = self.property(schema, written).or(others);
            let Some(known) = known else {
                let known: Vec<String> = properties.keys().cloned().collect();
                let nearest = nearest(written, known.iter().map(String::as_str));
                let key_text = shown(written);
                self.fail(key, Problem::UnknownKey { key: key_text, nearest, known });
                continue;
            };
            if let Some(form) = names {
                self.form(form, written, key);
            }
            let value = self.value(known, value);
            object.insert(written.to_owned(), value);
        }
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            if !node.get(key).exists() {
                let route = node.route();
                let table = if route.is_empty() { "the file".to_owned() } else { name(node) };
                let property = self.property(schema, key).map(|p| self.part(p));
                let description = property.map_or_else(String::new, |p| description(p, "a value"));
                self.fail(node, Problem::MissingKey { table, key: key.to_owned(), description });
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: Part<'a>, node: Node<'_>) -> Value {
        if schema.get("minItems").is_some() && node.items().len() == 0 {
            let description = description(schema, "an array");
            return self.fail(node, Problem::Empty { name: name(node), description });
        }
        let Some(items) = schema.get("items") else { return Value::Null };
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut seen = BTreeSet::new();
        let mut array = Vec::with_capacity(node.items().len());
        for item in node.items() {
            if unique && !seen.insert(item.text()) {
                let value = shown(item.text().unwrap_or_default());
                self.fail(item, Problem::Repeated { name: name(node), value });
            }
            array.push(self.value(items, item));
        }
        Value::Array(array)
    }

    fn text(&mut self, schema: Part<'a>, node: Node<'_>) -> Value {
        let text = node.text().unwrap_or_default();
        if let Some(form) = schema.get("format").and_then(Value::as_str) {
            self.form(form, text, node);
        }
        Value::String(text.to_owned())
    }

    fn integer(&mut self, schema: Part<'a>, node: Node<'_>) -> Value {
        let least = schema.get("minimum").and_then(Value::as_i64).unwrap_or(i64::MIN);
        let most = schema.get("maximum").and_then(Value::as_i64).unwrap_or(i64::MAX);
        match node.as_i64() {
            Some(number) if (least..=most).contains(&number) => number.into(),
            _ => {
                let value = shown(node.text().unwrap_or_default());
                self.fail(node, Problem::OutOfRange { name: name(node), least, most, value })
            }
        }
    }

    /// The words of an enumeration, if the schema is one.
    fn choices(&self, schema: Part<'a>) -> Option<Vec<String>> {
        let word = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(only) = schema.get("const") {
            return word(only).map(|only| vec![only]);
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return words.iter().map(word).collect();
        }
        let branches = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
        let words: Option<Vec<_>> =
            branches.iter().map(|branch| self.choices(self.part(branch))).collect();
        words.map(|words| words.concat())
    }

    fn choice(&mut self, known: &[String], schema: Part<'a>, node: Node<'_>) -> Value {
        let Some(text) = node.as_str() else {
            let description = description(schema, "a string");
            let expected = "a string".to_owned();
            return self.fail(
                node,
                Problem::WrongType { name: name(node), expected, found: found(node), description },
            );
        };
        if known.iter().any(|word| word == text) {
            return Value::String(text.to_owned());
        }
        let value = shown(text);
        let problem = if schema.get("format") == Some(&"network".into()) {
            Problem::Network { value }
        } else {
            let nearest = nearest(text, known.iter().map(String::as_str));
            Problem::UnknownValue { name: name(node), value, nearest, known: known.to_vec() }
        };
        self.fail(node, problem)
    }

    fn form(&mut self, form: &str, text: &str, node: Node<'_>) {
        // Widths of integers are formats as well in what `schemars` writes, never of text.
        if let Err(error) = form::check(form, text) {
            let problem =
                Problem::Malformed { value: error.value, noun: error.noun, help: error.help };
            self.fail(node, problem);
        }
    }

    fn property(&self, schema: Part<'a>, key: &str) -> Option<&'a Value> {
        schema.get("properties")?.as_object()?.get(key)
    }

    fn part(&self, schema: &'a Value) -> Part<'a> {
        let mut target = schema;
        // A chain of references in our own schemas is short; a circle would be a defect, so stop.
        for _ in 0..8 {
            let Some(reference) = target.get("$ref").and_then(Value::as_str) else { break };
            let pointer = reference.trim_start_matches('#');
            target = self.schema.pointer(pointer).unwrap_or(&Value::Null);
        }
        Part { place: schema, target }
    }

    fn fail(&mut self, node: Node<'_>, problem: Problem) -> Value {
        self.errors.push(ConfigError::at(self.file, node, problem));
        Value::Null
    }
}

/// Whether a node's type is the schema's.
fn fits(schema: Part<'_>, node: Node<'_>) -> bool {
    let expected = schema.get("type").and_then(Value::as_str);
    match node.scalar_type() {
        Some(ScalarType::String) => expected == Some("string"),
        // TOML's own dates need no quotes where a day or a time is asked for.
        Some(ScalarType::DateTime) => {
            let form = schema.get("format").and_then(Value::as_str);
            expected == Some("string") && matches!(form, Some("expiry" | "time"))
        }
        Some(ScalarType::Integer) => expected == Some("integer"),
        Some(ScalarType::Bool) => expected == Some("boolean"),
        Some(ScalarType::Expression | ScalarType::Float | ScalarType::Null) => false,
        None if node.is_mapping() => expected == Some("object"),
        None if node.is_sequence() => expected == Some("array"),
        None => false,
    }
}

fn type_name(schema: Part<'_>) -> &'static str {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => "a table",
        Some("array") => "an array",
        Some("integer") => "a whole number",
        Some("boolean") => "`true` or `false`",
        _ => "a string",
    }
}

fn found(node: Node<'_>) -> &'static str {
    match (node.kind(), node.scalar_type()) {
        (Kind::Mapping, _) => "a table",
        (Kind::Sequence, _) => "an array",
        (_, Some(ScalarType::Integer)) => "a whole number",
        (_, Some(ScalarType::Float)) => "a number",
        (_, Some(ScalarType::Bool)) => "a Boolean",
        (_, Some(ScalarType::DateTime)) => "a date or time",
        (_, Some(ScalarType::String)) => "a string",
        _ => "nothing",
    }
}

/// What to call a node: its key, or its table's header.
fn name(node: Node<'_>) -> String {
    let route = node.route();
    if route.is_empty() {
        "the file".to_owned()
    } else if node.is_mapping() {
        format!("`[{}]`", shown(&route.to_string().replace('/', ".")))
    } else if let Some(key) = node.key() {
        format!("`{}`", shown(key.text().unwrap_or_default()))
    } else {
        let parent = node.parent().and_then(Node::key).and_then(Node::text);
        format!("an item of `{}`", shown(parent.unwrap_or_default()))
    }
}

/// The first sentence of a schema's description, as the end of a sentence.
fn description(schema: Part<'_>, expected: &str) -> String {
    let Some(text) = schema.get("description").and_then(Value::as_str) else {
        return format!("write {expected}");
    };
    let paragraph = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    let sentence = paragraph.split_once(". ").map_or(paragraph.as_str(), |(first, _)| first);
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
