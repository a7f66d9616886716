//! The language of templates and shapes: text, and runs of characters between braces.

use super::{Checksum, Class};

/// The longest run of one template, in characters.
const MAX_LENGTH: usize = 16 * 1024;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Literal(String),
    /// Characters of a class.
    Run(Run),
}

/// So many characters of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which characters.
    pub class: Class,
    /// The least number of them, the checksum included.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// What their end must be.
    pub checksum: Option<Checksum>,
}

/// A template that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{{{{{text}}}}}` is not a template: `{{{{class:length}}}}`, `{{{{class:least-most}}}}`, `{{{{class:length|crc}}}}` or `{{{{uuid}}}}` with a class of {classes}", classes = Class::names()
)]
pub struct TemplateError {
    text: String,
}

/// Takes a text apart. What only resembles a template, such as `${{ github.ref }}`, is text.
///
/// # Errors
/// A template with an unknown class or option, or a length that is none.
pub fn parse(text: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        literal.push_str(before);
        let Some((body, end)) = after.split_once("}}").filter(|(body, _)| is_template(body)) else {
            literal.push_str("{{");
            rest = after;
            continue;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        if body == "uuid" {
            pieces.extend(uuid());
        } else {
            let error = || TemplateError { text: body.chars().take(80).collect() };
            pieces.push(Piece::Run(run(body).ok_or_else(error)?));
        }
        rest = end;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

/// `uuid`, or `word:digit…` without blanks: nothing a workflow expression looks like.
fn is_template(body: &str) -> bool {
    body == "uuid"
        || body.split_once(':').is_some_and(|(class, length)| {
            !class.is_empty()
                && class.bytes().all(|b| b.is_ascii_alphanumeric())
                && length.starts_with(|c: char| c.is_ascii_digit())
        })
}

/// RFC 9562, section 4, in lower case.
fn uuid() -> impl Iterator<Item = Piece> {
    [8, 4, 4, 4, 12].into_iter().enumerate().flat_map(|(index, length)| {
        let run = Run { class: Class::Hex, least: length, most: length, checksum: None };
        let dash = (index > 0).then(|| Piece::Literal("-".to_owned()));
        dash.into_iter().chain([Piece::Run(run)])
    })
}

fn run(body: &str) -> Option<Run> {
    let (class, length) = body.split_once(':')?;
    let class = Class::named(class)?;
    let (length, checksum) = match length.split_once('|') {
        Some((length, option)) => (length, Some(Checksum::named(option)?)),
        None => (length, None),
    };
    let (least, most) = length.split_once('-').unwrap_or((length, length));
    let (least, most): (usize, usize) = (least.parse().ok()?, most.parse().ok()?);
    let fits = match checksum {
        // Its digits must be of the class.
        Some(Checksum::Base62) => class.overlaps(Class::Alnum) && least >= 6,
        Some(Checksum::Hex(_)) => {
            matches!(class, Class::Hex | Class::Uhex) && (least, most) == (8, 8)
        }
        None => true,
    };
    (fits && (1..=most).contains(&least) && most <= MAX_LENGTH).then_some(Run {
        class,
        least,
        most,
        checksum,
    })
}
