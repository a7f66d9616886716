//! Shapes: templates that say how a secret looks, strict enough to be searched for in linear time.

use super::{Piece, TemplateError, parse};

/// The least length of a text that makes a shape findable by itself, in bytes.
const LEAST_LITERAL: usize = 3;
/// The least length of a text with which a shape needs no `near` word of a rule that has some.
pub const OWN_LITERAL: usize = 5;
/// The longest run of a shape, in bytes.
const MAX_RUN: usize = 4096;
/// The most pieces of a shape.
const MAX_PIECES: usize = 32;
/// The least number of variable characters in all: fewer name something.
const LEAST_VARIABLE: usize = 8;

/// How a secret looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its parts in order; there is at least one run, and no two texts stand next to each other.
    pub pieces: Vec<Piece>,
}

/// A shape that cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ShapeError {
    #[error("a shape varies in at least {LEAST_VARIABLE} characters")]
    FewVariable,
    #[error(
        "a shape without a text of {LEAST_LITERAL} bytes or more is told by what stands before it: add words to `near`"
    )]
    NoLiteral,
    #[error(
        "a run of variable length ends where its characters end: behind it stands a text, or a run of other characters"
    )]
    OpenRun,
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("a shape has at most {MAX_PIECES} pieces, each of at most {MAX_RUN} characters")]
    TooLong,
}

impl Shape {
    /// Reads a shape of a rule that does or does not name words near it.
    ///
    /// # Errors
    /// What keeps the shape from being found, or from being found quickly.
    pub fn parse(text: &str, has_near: bool) -> Result<Self, ShapeError> {
        let pieces = parse(text)?;
        let runs =
            || pieces.iter().filter_map(|p| if let Piece::Run(r) = p { Some(r) } else { None });
        if pieces.len() > MAX_PIECES || runs().any(|run| run.most > MAX_RUN) {
            return Err(ShapeError::TooLong);
        }
        if runs().map(|run| run.least).sum::<usize>() < LEAST_VARIABLE {
            return Err(ShapeError::FewVariable);
        }
        let literals = || {
            pieces
                .iter()
                .filter_map(|p| if let Piece::Literal(l) = p { Some(l.len()) } else { None })
        };
        if !has_near && literals().all(|length| length < LEAST_LITERAL) {
            return Err(ShapeError::NoLiteral);
        }
        for pair in pieces.windows(2) {
            if let [Piece::Run(one), Piece::Run(two)] = pair
                && (one.least != one.most || two.least != two.most)
                && one.class.overlaps(two.class)
            {
                return Err(ShapeError::OpenRun);
            }
        }
        Ok(Self { pieces })
    }

    /// Whether its longest text is long enough to go without the words near it.
    pub fn has_own_literal(&self) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::Literal(l) if l.len() >= OWN_LITERAL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_found_quickly_or_at_all_is_refused() {
        for (text, near, error) in [
            ("ab{{hex:6}}", true, ShapeError::FewVariable),
            ("abcdefghijkl", true, ShapeError::FewVariable),
            ("{{hex:32}}", false, ShapeError::NoLiteral),
            ("SK{{hex:32}}", false, ShapeError::NoLiteral),
            ("abc{{hex:8-9}}{{alnum:4}}", false, ShapeError::OpenRun),
            ("abc{{hex:8}}{{alnum:4-9}}", false, ShapeError::OpenRun),
            ("abc{{hex:4097}}", false, ShapeError::TooLong),
        ] {
            assert_eq!(Shape::parse(text, near), Err(error), "{text}");
        }
        assert!(matches!(Shape::parse("abc{{x:9}}", false), Err(ShapeError::Template(_))));
        for text in ["abc{{hex:8}}{{alnum:4}}", "abc{{digits:8-9}}{{lower:4-9}}", "abc{{uuid}}"] {
            assert!(Shape::parse(text, false).is_ok(), "{text}");
        }
        assert!(Shape::parse("SK{{hex:32}}", true).is_ok_and(|shape| !shape.has_own_literal()));
        assert!(Shape::parse("glpat-{{hex:32}}", true).is_ok_and(|shape| shape.has_own_literal()));
    }
}
