//! GitHub's expression language, as far as needed to tell which values can come out of an expression.
//!
//! Grammar: GitHub docs, "Evaluate expressions in workflows and actions".

use std::ops::Range;

/// Deepest nesting followed; GitHub's own limit is 50.
const MAX_DEPTH: usize = 50;

/// An expression that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// A string, in the case it was written.
    Text(String),
    /// A number, Boolean or null, as it was written.
    Constant(String),
    /// The way to a value in a context, in lower case; `*` for an index that is not a literal.
    Path(Vec<String>),
    /// A function, its name in lower case.
    Call(String, Vec<Self>),
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`.
    Compare(Comparison, Box<Self>, Box<Self>),
    /// `&&`.
    And(Box<Self>, Box<Self>),
    /// `||`.
    Or(Box<Self>, Box<Self>),
    /// `!`.
    Not(Box<Self>),
    /// A member of what another expression yields.
    Member(Box<Self>, String),
}

/// A path whose value can be in the result of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The path.
    pub(crate) path: Vec<String>,
    /// Whether all of an object comes out (`toJSON`). Otherwise an object is only the word `Object`.
    pub(crate) whole: bool,
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Order,
}

impl Expression {
    /// Reads the text between `${{` and `}}`, or a whole `if:`. Nothing if it is not well formed,
    /// in which case GitHub refuses the file as well.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text, depth: 0 };
        let expression = parser.or()?;
        parser.rest.trim().is_empty().then_some(expression)
    }

    /// The paths whose text can be in the result. What is only compared or tested is not among them:
    /// its result is a Boolean; nor is the left side of `&&`, which is the result only when it is
    /// empty or false.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        match self {
            Self::Path(path) => vec![Outcome { path: path.clone(), whole: false }],
            Self::Text(_) | Self::Constant(_) | Self::Compare(..) | Self::Not(_) => Vec::new(),
            Self::And(_, right) => right.outcomes(),
            Self::Or(left, right) => [left.outcomes(), right.outcomes()].concat(),
            Self::Member(of, step) => {
                let mut outcomes = of.outcomes();
                // A member of what a function made is still made of what went in.
                if !of.is_made() {
                    outcomes.iter_mut().for_each(|outcome| outcome.path.push(step.clone()));
                }
                outcomes
            }
            Self::Call(name, arguments) => match name.as_str() {
                "contains" | "startswith" | "endswith" | "hashfiles" | "success" | "always"
                | "cancelled" | "failure" => Vec::new(),
                // `case(condition, value, …, default)`: conditions are only tested.
                "case" => arguments
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| at % 2 == 1 || at + 1 == arguments.len())
                    .flat_map(|(_, argument)| argument.outcomes())
                    .collect(),
                _ => {
                    let mut outcomes: Vec<_> = arguments.iter().flat_map(Self::outcomes).collect();
                    outcomes.iter_mut().for_each(|outcome| outcome.whole |= name == "tojson");
                    outcomes
                }
            },
        }
    }

    /// Whether it is what a function returned, or a member of that.
    fn is_made(&self) -> bool {
        match self {
            Self::Call(..) => true,
            Self::Member(of, _) => of.is_made(),
            _ => false,
        }
    }

    /// The expression and everything in it, itself first.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        let mut parts = vec![self];
        match self {
            Self::Text(_) | Self::Constant(_) | Self::Path(_) => {}
            Self::Not(of) | Self::Member(of, _) => parts.extend(of.parts()),
            Self::And(a, b) | Self::Or(a, b) | Self::Compare(_, a, b) => {
                parts.extend(a.parts());
                parts.extend(b.parts());
            }
            Self::Call(_, arguments) => parts.extend(arguments.iter().flat_map(Self::parts)),
        }
        parts
    }
}

/// The `${{ … }}` of a text: where each stands, braces included, and what is inside.
pub(crate) fn placeholders(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("${{")).map(|i| at + i) {
        let inner = text.get(start + 3..).unwrap_or_default();
        let Some(length) = closing(inner) else { break };
        let end = start + 3 + length + 2;
        found.push((start..end, inner.get(..length).unwrap_or_default().trim()));
        at = end;
    }
    found
}

/// Where the `}}` is that is not inside a string.
fn closing(inner: &str) -> Option<usize> {
    let mut quoted = false;
    let mut previous = 0;
    for (at, byte) in inner.bytes().enumerate() {
        quoted ^= byte == b'\'';
        if byte == b'}' && previous == b'}' && !quoted {
            return Some(at - 1);
        }
        previous = byte;
    }
    None
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Takes `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut left = self.and()?;
        while self.take("||") {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn and(&mut self) -> Option<Expression> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            left = Expression::And(Box::new(left), Box::new(self.comparison()?));
        }
        Some(left)
    }

    fn comparison(&mut self) -> Option<Expression> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::Order),
            (">=", Comparison::Order),
            ("<", Comparison::Order),
            (">", Comparison::Order),
        ];
        let mut left = self.unary()?;
        while let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| self.take(sign)) {
            left = Expression::Compare(*sign, Box::new(left), Box::new(self.unary()?));
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        let mut nots = 0;
        self.rest = self.rest.trim_start();
        while !self.rest.starts_with("!=") && self.take("!") {
            nots += 1;
        }
        let mut expression = self.postfix()?;
        // Two cancel out as far as results go: what comes out is still a Boolean.
        for _ in 0..nots.min(2) {
            expression = Expression::Not(Box::new(expression));
        }
        Some(expression)
    }

    fn postfix(&mut self) -> Option<Expression> {
        let mut expression = self.primary()?;
        loop {
            let step = if self.take("[") {
                let index = self.or()?;
                if !self.take("]") {
                    return None;
                }
                match index {
                    Expression::Text(key) => key.to_ascii_lowercase(),
                    _ => "*".to_owned(),
                }
            } else if self.take(".") {
                if self.take("*") { "*".to_owned() } else { self.name()?.to_ascii_lowercase() }
            } else {
                return Some(expression);
            };
            expression = match expression {
                Expression::Path(mut path) => {
                    path.push(step);
                    Expression::Path(path)
                }
                other => Expression::Member(Box::new(other), step),
            };
        }
    }

    fn primary(&mut self) -> Option<Expression> {
        if self.take("(") {
            let inner = self.or()?;
            return self.take(")").then_some(inner);
        }
        if self.take("'") {
            return self.text();
        }
        let first = self.rest.chars().next()?;
        if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') {
            let number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
            let end = self.rest.find(|c| !number(c)).unwrap_or(self.rest.len());
            let (written, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest;
            return Some(Expression::Constant(written.to_owned()));
        }
        let name = self.name()?.to_ascii_lowercase();
        if self.take("(") {
            return self.arguments().map(|arguments| Expression::Call(name, arguments));
        }
        match name.as_str() {
            "true" | "false" | "null" | "nan" | "infinity" => Some(Expression::Constant(name)),
            _ => Some(Expression::Path(vec![name])),
        }
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Some(arguments);
        }
        loop {
            arguments.push(self.or()?);
            if self.take(")") {
                return Some(arguments);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    /// The rest of a string; a quote in it is written twice.
    fn text(&mut self) -> Option<Expression> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'')?;
            text.push_str(part);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    self.rest = after;
                }
                None => return Some(Expression::Text(text)),
            }
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let end = self.rest.find(|c| !letter(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        self.rest = rest;
        starts_well.then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(text: &str) -> Vec<String> {
        let expression = Expression::parse(text).unwrap_or_else(|| panic!("{text}"));
        let text = |o: &Outcome| o.path.join(".") + if o.whole { " whole" } else { "" };
        expression.outcomes().iter().map(text).collect()
    }

    #[test]
    fn only_what_can_come_out_is_a_result() {
        for (text, expected) in [
            ("github.head_ref", &["github.head_ref"][..]),
            ("GitHub.Event['Issue'].Title", &["github.event.issue.title"]),
            ("github.event.commits[0].message", &["github.event.commits.*.message"]),
            ("github.event.commits.*.message", &["github.event.commits.*.message"]),
            ("github[format('{0}', 'x')]", &["github.*"]),
            ("github.head_ref == 'x'", &[]),
            ("!github.head_ref", &[]),
            ("contains(github.head_ref, 'x')", &[]),
            ("startsWith(github.head_ref, 'x') && 'a' || 'b'", &[]),
            ("github.head_ref && 'a'", &[]),
            ("github.head_ref || github.ref_name", &["github.head_ref", "github.ref_name"]),
            ("inputs.a == 'x' && github.head_ref || ''", &["github.head_ref"]),
            ("format('{0}-{1}', github.head_ref, env.A)", &["github.head_ref", "env.a"]),
            ("toJSON(github.event)", &["github.event whole"]),
            (
                "(github.event.pull_request || github.event.issue).number",
                &["github.event.pull_request.number", "github.event.issue.number"],
            ),
            ("fromJSON(steps.a.outputs.b).c[0]", &["steps.a.outputs.b"]),
            ("case(a.b == 'x', a.c, a.d)", &["a.c", "a.d"]),
            ("(github.head_ref)", &["github.head_ref"]),
            ("'it''s }} fine'", &[]),
            ("1.5e3 || -2 || true || null", &[]),
        ] {
            assert_eq!(results(text), expected, "{text}");
        }
    }

    #[test]
    fn what_github_refuses_is_not_understood() {
        for text in
            ["", "a.", "a b", "'open", "f(", "f(a", "a == ", "(a", "a[", "a['x'", "\"x\"", "!"]
        {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
        assert_eq!(Expression::parse(&"(".repeat(100_000)), None);
        assert_eq!(Expression::parse(&format!("{}a", "!".repeat(100_000))).map(|_| ()), Some(()));
    }

    #[test]
    fn placeholders_end_where_github_ends_them() {
        let text = "a ${{ x }} b ${{ '}}' }} c ${{ open";
        let found = placeholders(text);
        assert_eq!(found.iter().map(|(_, inner)| *inner).collect::<Vec<_>>(), ["x", "'}}'"]);
        assert_eq!(found.first().map(|(range, _)| &text[range.clone()]), Some("${{ x }}"));
        assert!(placeholders("${{}}").first().is_some_and(|(_, inner)| inner.is_empty()));
    }
}
