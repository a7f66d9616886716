use crate::{Format, Node, ScalarType, Style, yaml::plain_type};

/// A value to be written into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Bool(bool),
    /// Values in order.
    Sequence(Vec<Self>),
    /// Keys and values in order.
    Mapping(Vec<(String, Self)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl Value {
    /// On one line.
    pub(crate) fn flow(&self, format: Format) -> String {
        match self {
            Self::String(text) => string(format, text),
            Self::Integer(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Sequence(items) => {
                let items: Vec<_> = items.iter().map(|item| item.flow(format)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Mapping(entries) => {
                let equals = equals(format);
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| {
                        format!("{}{equals}{}", key(format, name), value.flow(format))
                    })
                    .collect();
                let pad = if equals == " = " && !entries.is_empty() { " " } else { "" };
                format!("{{{pad}{}{pad}}}", entries.join(", "))
            }
        }
    }

    /// On one line, in the quotes of the scalar it replaces where they can hold it.
    pub(crate) fn in_style(&self, format: Format, style: Option<Style>) -> String {
        let Self::String(text) = self else { return self.flow(format) };
        let plain_enough = !text.contains(|c: char| c.is_control());
        match (format, style) {
            (Format::Yaml, Some(Style::SingleQuoted)) if plain_enough => {
                format!("'{}'", text.replace('\'', "''"))
            }
            (Format::Toml, Some(Style::SingleQuoted)) if plain_enough && !text.contains('\'') => {
                format!("'{text}'")
            }
            (Format::Yaml, Some(Style::DoubleQuoted)) => double_quoted(text),
            _ => string(format, text),
        }
    }

    /// Whether a node says the same.
    pub(crate) fn is(&self, node: Node<'_>) -> bool {
        match self {
            Self::String(text) => node.as_str() == Some(text),
            Self::Integer(number) => node.as_i64() == Some(*number),
            Self::Bool(value) => node.as_bool() == Some(*value),
            Self::Sequence(items) => {
                node.is_sequence()
                    && node.items().len() == items.len()
                    && items.iter().zip(node.items()).all(|(value, item)| value.is(item))
            }
            Self::Mapping(entries) => {
                node.is_mapping()
                    && node.entries().len() == entries.len()
                    && entries.iter().all(|(key, value)| value.is(node.get(key)))
            }
        }
    }
}

/// What stands between a key and its value.
pub(crate) fn equals(format: Format) -> &'static str {
    match format {
        Format::Hcl | Format::Toml => " = ",
        Format::Json | Format::Yaml => ": ",
    }
}

/// A key as it must be written.
pub(crate) fn key(format: Format, text: &str) -> String {
    match format {
        Format::Toml => toml_edit::Key::new(text).display_repr().into_owned(),
        Format::Hcl if is_identifier(text) => text.to_owned(),
        Format::Hcl | Format::Json | Format::Yaml => string(format, text),
    }
}

/// An identifier of HCL, as far as it is ASCII (specification, "Identifiers").
fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// `key: value` for a YAML block mapping, without the indentation of its first line.
pub(crate) fn block_entry(name: &str, value: &Value, indent: usize, line_break: &str) -> String {
    let name = key(Format::Yaml, name);
    match value {
        Value::Mapping(entries) if !entries.is_empty() => {
            let pad = " ".repeat(indent + 2);
            let lines: Vec<_> = entries
                .iter()
                .map(|(inner, value)| {
                    format!(
                        "{line_break}{pad}{}",
                        block_entry(inner, value, indent + 2, line_break)
                    )
                })
                .collect();
            format!("{name}:{}", lines.concat())
        }
        _ => format!("{name}: {}", value.flow(Format::Yaml)),
    }
}

fn string(format: Format, text: &str) -> String {
    match format {
        Format::Toml => toml_edit::Value::from(text).to_string(),
        Format::Json => double_quoted(text),
        // Nothing in it may become a template.
        Format::Hcl => double_quoted(text).replace("${", "$${").replace("%{", "%%{"),
        Format::Yaml if is_plain(text) => text.to_owned(),
        Format::Yaml => double_quoted(text),
    }
}

/// Whether every YAML loader, those of version 1.1 included, reads the text without quotes as
/// itself. Narrower than the grammar: in doubt there are quotes.
fn is_plain(text: &str) -> bool {
    let words_of_1_1 = ["y", "n", "yes", "no", "on", "off"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./@-".contains(&b))
        && plain_type(text) == ScalarType::String
        && !words_of_1_1.contains(&text.to_ascii_lowercase().as_str())
}

/// In double quotes, with escapes that JSON (RFC 8259 §7) and YAML (1.2.2 §5.7) share.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            // YAML does not print these, JSON allows the escape.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted += &format!("\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
