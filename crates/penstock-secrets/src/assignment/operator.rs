//! How a value is given to a name.

use std::ops::Range;

use super::{
    syntax::{Material, Syntax},
    value::{self, Literal, quoted, skip_blanks, skip_lines},
    weak::takes,
};

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// A further argument: `get("token", "…")`, `["password", "…"]`.
    Argument,
    /// `=`, `:`, `=>`, `:=`, `<-`.
    Assign,
    /// `setPassword("…")`.
    Call,
    /// `==` and its relatives.
    Compare,
    /// What is taken if there is none: `||`, `??`, `or`.
    Default,
    /// The text of an XML element.
    Element,
    /// An option on a command line: `--token …`.
    Flag,
    /// Part of a longer value: `?token=…&`, `;Password=…;`.
    Inline,
    /// Name and value as two fields: `name: TOKEN, value: …`, `key="token" value="…"`.
    Pair,
    /// Only blanks: SQL, `.netrc`.
    Space,
    /// What takes a password without a name for it: `login("…", "…")`, `Basic …`.
    Taken,
}

/// How far before a name its surroundings are looked at.
const MAX_BEFORE: usize = 400;
/// Longest type between a name and `=`.
const MAX_TYPE: usize = 48;

/// Whether an assignment can go on with this byte after the name.
pub(super) fn can_begin(byte: u8) -> bool {
    matches!(
        byte,
        b'=' | b':'
            | b'"'
            | b'\''
            | b'`'
            | b' '
            | b'\t'
            | b'\\'
            | b'>'
            | b'('
            | b'['
            | b'|'
            | b'?'
            | b'!'
            | b'&'
            | b'\n'
            | b'\r'
            | b'<'
            | b'-'
            | b'.'
            | b','
            | b')'
    )
}

/// The operator behind `name` and the literal behind that.
pub(super) fn read(
    bytes: &[u8],
    name: &Range<usize>,
    material: Material,
) -> Option<(Operator, Literal)> {
    let (mut at, name_quoted) = after_name(bytes, name.end);
    let mut subscript = false;
    while let Some(b']' | b')') = bytes.get(at).filter(|_| name_quoted) {
        (at, subscript) = (at + 1, true);
    }
    let gap = at;
    at = skip_blanks(bytes, at);
    let blank = at > gap;
    let next = |offset: usize| bytes.get(at + offset).copied().unwrap_or(0);
    let literal = |from: usize| value::literal(bytes, from, material);
    let given = |operator, from| literal(from).map(|literal| (operator, literal));
    if next(0) == b':' && bytes.get(..name.start)?.ends_with(b"${") {
        // `${jwt.secret:…}`: what Spring takes if there is none.
        let rest = bytes.get(at + 1..bytes.len().min(at + value::MAX_VALUE))?;
        let length = rest.iter().position(|byte| matches!(byte, b'}' | b'\n'))?;
        let range = at + 1..at + 1 + length;
        return Some((Operator::Default, Literal { end: range.end, range, quote: None }));
    }
    match (next(0), next(1)) {
        (b'=', b'=') => {
            let length = if next(2) == b'=' { 3 } else { 2 };
            given(Operator::Compare, at + length).filter(|(_, value)| value.quote.is_some())
        }
        (b'!', b'=') => {
            let length = if next(2) == b'=' { 3 } else { 2 };
            given(Operator::Compare, at + length).filter(|(_, value)| value.quote.is_some())
        }
        (b'=', b'~') | (b':', b':') => None,
        (b'=', b'>') | (b':' | b'?', b'=') | (b'<' | b'-', b'-' | b'>')
            if next(0) != b'-' || next(1) == b'>' =>
        {
            given(Operator::Assign, at + 2)
        }
        (b'=', _) => {
            if !blank
                && !name_quoted
                && let Some(inline) = inline(bytes, name, at + 1, material)
            {
                return Some((Operator::Inline, inline));
            }
            given(Operator::Assign, at + 1)
        }
        (b':', _) => typed(bytes, at + 1, material)
            .map(|literal| (Operator::Assign, literal))
            .or_else(|| given(Operator::Assign, at + 1))
            // `key:value` without a blank is something else, but in lists of properties.
            .filter(|(_, value)| {
                value.quote.is_some()
                    || material.syntax == Syntax::Lines
                    || next(1).is_ascii_whitespace()
            }),
        (b'|', b'|') | (b'?', b'?' | b':') => {
            let length = if next(2) == b'=' { 3 } else { 2 };
            given(Operator::Default, at + length).filter(|(_, value)| value.quote.is_some())
        }
        (b'o', b'r') if blank && next(2) == b' ' => {
            // `password` or `token`, in a text.
            quoted(bytes, skip_blanks(bytes, at + 2))
                .filter(|literal| literal.quote != Some(b'`'))
                .map(|literal| (Operator::Default, literal))
        }
        (b',', _) if name_quoted => {
            let from = skip_lines(bytes, at + 1);
            pair(bytes, name, at).map(|literal| (Operator::Pair, literal)).or_else(|| {
                value::literal(bytes, from, Material { syntax: Syntax::Code, ..material })
                    .filter(|_| begins_call(bytes, name))
                    .map(|literal| (Operator::Argument, literal))
            })
        }
        // `assertEqual(user.password, "…")`
        (b',', _) if !blank && asserts(bytes, name) => {
            given(Operator::Compare, at + 1).filter(|(_, value)| value.quote.is_some())
        }
        // `if string(config.Secret) != "…"`
        (b')', b'.') if !name_quoted && !blank => {
            let from = equality(bytes, at)?;
            quoted(bytes, from).map(|literal| (Operator::Compare, literal))
        }
        (b')', _) if !name_quoted && !blank => {
            let equals = skip_blanks(bytes, at + 1);
            let is_compared = matches!(bytes.get(equals..equals + 2), Some(b"==" | b"!="));
            let length = if bytes.get(equals + 2) == Some(&b'=') { 3 } else { 2 };
            is_compared
                .then(|| given(Operator::Compare, equals + length))?
                .filter(|(_, value)| value.quote.is_some())
        }
        (b'(', b')') if !name_quoted && asserts(bytes, name) && next(2) == b',' => {
            given(Operator::Compare, at + 3).filter(|(_, value)| value.quote.is_some())
        }
        // `user.getPassword().equals("…")`
        (b'(', b')') if !name_quoted && equality(bytes, at + 2).is_some() => {
            let from = equality(bytes, at + 2)?;
            quoted(bytes, from).map(|literal| (Operator::Compare, literal))
        }
        (b'(', _) if !name_quoted => {
            let from = skip_lines(bytes, at + 1);
            let literal = value::argument(bytes, from).or_else(|| {
                // `setPassword(user, "…")`
                let text = bytes.get(name.clone()).unwrap_or_default();
                takes(text).then(|| quoted(bytes, second_argument(bytes, from)?))?
            })?;
            let end = bytes.get(skip_lines(bytes, literal.end))?;
            matches!(end, b')' | b',').then_some((Operator::Call, literal))
        }
        (b'[', _) if !name_quoted && material.syntax == Syntax::Code => {
            // `char password[] = "…"`
            let rest = bytes.get(at..bytes.len().min(at + 24))?;
            let close = at + rest.iter().position(|byte| *byte == b']')? + 1;
            let equals = skip_blanks(bytes, close);
            (bytes.get(equals) == Some(&b'=') && bytes.get(equals + 1) != Some(&b'='))
                .then(|| quoted(bytes, skip_blanks(bytes, equals + 1)))?
                .map(|literal| (Operator::Assign, literal))
        }
        (b'>', _)
            if is_element(bytes, name) || name_quoted && material.syntax == Syntax::Markup =>
        {
            element(bytes, at + 1).map(|literal| (Operator::Element, literal))
        }
        _ => None
            .or_else(|| attribute_or_pair(bytes, name, at, name_quoted))
            .or_else(|| typed_by_word(bytes, at, blank && !name_quoted, material))
            .or_else(|| attributes_of_element(bytes, name, at, blank))
            .or_else(|| (blank && !subscript).then(|| spaced(bytes, name, at, material))?),
    }
}

/// Whether the line checks what the name holds.
fn asserts(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = bytes.get(name.start.saturating_sub(80)..name.start).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    [&b"assert"[..], b"self.assert", b"Assert", b"require", b"expect", b"is("]
        .iter()
        .any(|start| line.starts_with(start))
}

/// Where the argument of a comparison by a method begins.
fn equality(bytes: &[u8], from: usize) -> Option<usize> {
    const METHODS: [&[u8]; 6] =
        [b".equals(", b").isEqualTo(", b").toBe(", b").toEqual(", b").to.equal(", b").to.eq("];
    let rest = bytes.get(from..)?;
    METHODS.iter().find(|method| rest.starts_with(method)).map(|method| from + method.len())
}

/// Where the second argument begins, if the first is a name.
fn second_argument(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..bytes.len().min(from + 48))?;
    let length = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.$->&*@".contains(byte))
        .count();
    (length > 0 && rest.get(length) == Some(&b',')).then(|| skip_lines(bytes, from + length + 1))
}

/// Whether the name is the first argument of a call or a pair, or an option: not one of a list.
fn begins_call(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = bytes.get(name.start.saturating_sub(16)..name.start).unwrap_or_default();
    let before = trim_end(before, b"\"'`\\ @:");
    matches!(before.last(), Some(b'(' | b'{' | b'[')) || bytes.get(name.start) == Some(&b'-')
}

/// Past the closing quote of a name, and whether there is one.
fn after_name(bytes: &[u8], end: usize) -> (usize, bool) {
    let rest = bytes.get(end..).unwrap_or_default();
    match rest {
        [b'"' | b'\'' | b'`', ..] => (end + 1, true),
        [b'\\', b'"' | b'\'', ..] => (end + 2, true),
        [b'\\', b'\\', b'\\', b'"' | b'\'', ..] => (end + 4, true),
        _ if rest.starts_with(b"&quot;") => (end + 6, true),
        _ => (end, false),
    }
}

/// `password: &str = "…"`: a type between a colon and `=`.
fn typed(bytes: &[u8], from: usize, material: Material) -> Option<Literal> {
    if material.syntax != Syntax::Code {
        return None;
    }
    let at = skip_blanks(bytes, from);
    let rest = bytes.get(at..bytes.len().min(at + MAX_TYPE))?;
    // `Password: <input type="password">`
    if rest.first() == Some(&b'<') {
        return None;
    }
    let is_type = |byte: &&u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'<'
                    | b'>'
                    | b'?'
                    | b'&'
                    | b'\''
                    | b'['
                    | b']'
                    | b'|'
                    | b'.'
                    | b' '
                    | b':'
                    | b'!'
                    | b';'
            )
    };
    let length = rest.iter().take_while(is_type).count();
    // A quote belongs to a lifetime, or this is a value.
    let is_lifetime = |at: usize| at > 0 && rest.get(at - 1) == Some(&b'&');
    let mut quotes = rest.iter().take(length).enumerate().filter(|(_, byte)| **byte == b'\'');
    if !quotes.all(|(at, _)| is_lifetime(at)) {
        return None;
    }
    let equals = (length > 0 && rest.get(length) == Some(&b'=')).then_some(at + length)?;
    (!matches!(bytes.get(equals + 1), Some(b'=' | b'>')))
        .then(|| value::literal(bytes, equals + 1, material))?
}

/// `password string = "…"`: a type without a colon.
fn typed_by_word(
    bytes: &[u8],
    at: usize,
    blank: bool,
    material: Material,
) -> Option<(Operator, Literal)> {
    if !blank || material.syntax != Syntax::Code {
        return None;
    }
    let at = if bytes.get(at..)?.starts_with(b"As ") { at + 3 } else { at };
    let rest = bytes.get(at..bytes.len().min(at + MAX_TYPE))?;
    let is_type = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']' | b'*')
    };
    let length = rest.iter().take_while(is_type).count();
    let equals = skip_blanks(bytes, at + length);
    let assigned =
        length > 0 && bytes.get(equals) == Some(&b'=') && bytes.get(equals + 1) != Some(&b'=');
    assigned
        .then(|| quoted(bytes, skip_blanks(bytes, equals + 1)))?
        .map(|literal| (Operator::Assign, literal))
}

/// Whether the name is that of an element: `<password`, `<ns:password`.
fn is_element(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = bytes.get(name.start.saturating_sub(24)..name.start).unwrap_or_default();
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b':');
    start.is_some_and(|at| before.get(at) == Some(&b'<'))
}

/// The text of an element up to `</`, on one line or on a line of its own.
fn element(bytes: &[u8], from: usize) -> Option<Literal> {
    let from = skip_lines(bytes, from);
    let rest = bytes.get(from..bytes.len().min(from + value::MAX_VALUE))?;
    let (from, rest) = match rest.strip_prefix(b"<![CDATA[") {
        Some(rest) => (from + 9, rest),
        None => (from, rest),
    };
    let end = rest.iter().position(|byte| matches!(byte, b'<' | b']'))?;
    let closes = rest.get(end..)?.starts_with(b"</") || rest.get(end..)?.starts_with(b"]]>");
    let text = rest.get(..end)?.trim_ascii_end();
    (closes && !text.is_empty()).then(|| Literal {
        range: from..from + text.len(),
        quote: None,
        end: from + text.len(),
    })
}

/// `<password encrypted="false">…</password>`
fn attributes_of_element(
    bytes: &[u8],
    name: &Range<usize>,
    at: usize,
    blank: bool,
) -> Option<(Operator, Literal)> {
    if !blank || !is_element(bytes, name) {
        return None;
    }
    let rest = bytes.get(at..bytes.len().min(at + 100))?;
    let end = rest.iter().position(|byte| matches!(byte, b'>' | b'\n' | b'<'))?;
    (rest.get(end) == Some(&b'>') && end > 0 && rest.get(end - 1) != Some(&b'/'))
        .then(|| element(bytes, at + end + 1))?
        .map(|literal| (Operator::Element, literal))
}

/// `name="password" value="…"`, or `name: PASSWORD` with `value: …` behind it.
fn attribute_or_pair(
    bytes: &[u8],
    name: &Range<usize>,
    at: usize,
    name_quoted: bool,
) -> Option<(Operator, Literal)> {
    let at_line_end = matches!(bytes.get(at), Some(b'\n' | b'\r'));
    if !name_quoted && !at_line_end {
        return None;
    }
    pair(bytes, name, at).map(|literal| (Operator::Pair, literal))
}

/// The literal of the field `value` behind `at`, if the name is itself the value of `name` or `key`.
fn pair(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<Literal> {
    let before = bytes.get(name.start.saturating_sub(40)..name.start)?;
    let before = trim_end(before, b" \t\"'\\`");
    let before = before
        .strip_suffix(b"=")
        .or_else(|| before.strip_suffix(b":"))
        .or_else(|| before.strip_suffix(b"=>"))?;
    let before = trim_end(before, b" \t\"'\\");
    let field = [&b"name"[..], b"key", b"id", b"field", b"Name", b"Key", b"KEY", b"NAME"];
    if !field.iter().any(|field| before.ends_with(field)) {
        return None;
    }
    let rest = bytes.get(at..bytes.len().min(at + 160))?;
    let blanks = rest
        .iter()
        .take_while(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'' | b'\\')
        })
        .count();
    let word = rest.get(blanks..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let field = rest.get(blanks..blanks + word)?.to_ascii_lowercase();
    if !field.ends_with(b"value") && field != b"default" {
        return None;
    }
    let (behind, _) = after_name(bytes, at + blanks + word);
    let operator = skip_blanks(bytes, behind);
    let from = match bytes.get(operator..)? {
        [b'=', b'>', ..] => operator + 2,
        [b'=' | b':', ..] => operator + 1,
        _ => return None,
    };
    let from = skip_blanks(bytes, from);
    quoted(bytes, from).or_else(|| {
        // A bare value: YAML.
        let material = Material {
            syntax: Syntax::Yaml,
            translations: false,
            generated: false,
            digests: false,
        };
        value::literal(bytes, from, material)
    })
}

/// Part of a longer value: `?token=…&`, `"Server=a;Password=…;"`, `"--password=…"`.
fn inline(bytes: &[u8], name: &Range<usize>, from: usize, material: Material) -> Option<Literal> {
    let previous = name.start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let in_query = matches!(previous, b'?' | b'&') || bytes.get(..name.start)?.ends_with(b"&amp;");
    let in_string = || match material.syntax {
        Syntax::Lines | Syntax::Shell => previous == b';',
        _ => previous == b';' || is_in_string(bytes, name.start),
    };
    if !in_query && !in_string() {
        return None;
    }
    let rest = bytes.get(from..bytes.len().min(from + value::MAX_VALUE))?;
    let stops: &[u8] = if in_query { b"&;\"'<>`#\\,)| " } else { b";\"'<>`\\,) &" };
    let end = rest
        .iter()
        .position(|byte| stops.contains(byte) || byte.is_ascii_whitespace())
        .unwrap_or(rest.len());
    // In code without a string around it: `a;token=b;` of a minified program.
    let stopped_by_string = in_query
        || previous != b';'
        || is_in_string(bytes, name.start)
        || material.syntax != Syntax::Code;
    (end > 0 && stopped_by_string).then(|| Literal {
        range: from..from + end,
        quote: None,
        end: from + end,
    })
}

/// Whether a string of the line is open at `at`.
fn is_in_string(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(MAX_BEFORE)..at).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut open = None;
    let mut escaped = false;
    for byte in line {
        match (byte, open) {
            (b'\\', _) if !escaped => {
                escaped = true;
                continue;
            }
            (b'"' | b'\'' | b'`', None) => open = Some(*byte),
            (byte, Some(quote)) if *byte == quote && !escaped => open = None,
            _ => {}
        }
        escaped = false;
    }
    open.is_some()
}

/// Only blanks between name and value: options, `.netrc`, SQL.
fn spaced(
    bytes: &[u8],
    name: &Range<usize>,
    at: usize,
    material: Material,
) -> Option<(Operator, Literal)> {
    let whole = bytes.get(name.clone())?;
    if whole.starts_with(b"--") || whole.starts_with(b"-") && material.syntax == Syntax::Shell {
        let literal = quoted(bytes, at).or_else(|| {
            value::literal(bytes, at, Material { syntax: Syntax::Shell, ..material })
        })?;
        let first = bytes.get(literal.range.start)?;
        return (!matches!(first, b'-' | b'[' | b'<' | b'=')).then_some((Operator::Flag, literal));
    }
    let before = bytes.get(name.start.saturating_sub(160)..name.start)?;
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    // A directive at the beginning of its line: `requirepass …`, `ENV TOKEN …`, `#define PIN "…"`.
    if matches!(line, b"" | b"ENV" | b"#define" | b"# define") {
        let literal = quoted(bytes, at).or_else(|| {
            let bare = material.has_bare_values()
                && !matches!(material.syntax, Syntax::Prose | Syntax::Yaml | Syntax::Markup);
            let shell = Material { syntax: Syntax::Shell, ..material };
            bare.then(|| value::literal(bytes, at, shell))?
        });
        let alone = |literal: &Literal| {
            matches!(
                bytes.get(skip_blanks(bytes, literal.end)),
                None | Some(b'\n' | b'\r' | b';' | b'#')
            )
        };
        return literal.filter(alone).map(|literal| (Operator::Space, literal));
    }
    if matches!(whole, b"PASSWORD" | b"password" | b"passwd") {
        let netrc = contains(line, b"login ") || contains(before, b"machine ");
        if netrc && whole == b"password" {
            let literal = value::literal(bytes, at, Material { syntax: Syntax::Shell, ..material });
            return literal.map(|literal| (Operator::Space, literal));
        }
        // `CREATE USER a WITH PASSWORD '…'`
        let sql = line.to_ascii_lowercase();
        if [&b"user"[..], b"role", b"with", b"identified", b"set", b"connection", b"alter"]
            .iter()
            .any(|w| contains(&sql, w))
        {
            return quoted(bytes, at)
                .filter(|l| l.quote == Some(b'\''))
                .map(|literal| (Operator::Space, literal));
        }
    }
    None
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

fn trim_end<'a>(mut bytes: &'a [u8], of: &[u8]) -> &'a [u8] {
    while let [head @ .., last] = bytes {
        if !of.contains(last) {
            break;
        }
        bytes = head;
    }
    bytes
}
