use std::fmt;

use penstock_document::{DocumentError, Node};
use penstock_model::{FingerprintError, RepoPathError, RuleIdError};

use super::Baseline;

/// What is wrong with a baseline, in the order of the file: at least one error, at most 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineErrors(pub(super) Vec<BaselineError>);

impl BaselineErrors {
    /// How many errors are told at once.
    pub(super) const MOST: usize = 20;

    pub(crate) fn one(error: BaselineError) -> Self {
        Self(vec![error])
    }

    /// The errors.
    pub fn iter(&self) -> std::slice::Iter<'_, BaselineError> {
        self.0.iter()
    }
}

impl fmt::Display for BaselineErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.iter().enumerate() {
            let separator = if i > 0 { "\n" } else { "" };
            write!(f, "{separator}{error}\n  help: {}", error.problem.help())?;
        }
        Ok(())
    }
}

impl std::error::Error for BaselineErrors {}

/// One thing that is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {problem}", Baseline::FILE_NAME)]
pub struct BaselineError {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What is wrong.
    pub problem: BaselineProblem,
}

impl BaselineError {
    pub(super) fn at(node: Node<'_>, problem: BaselineProblem) -> Self {
        let region = node.region();
        Self { line: region.start_line, column: region.start_column, problem }
    }
}

/// What can be wrong with a baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineProblem {
    /// It cannot be read as TOML at all.
    #[error("{0}")]
    NotToml(DocumentError),
    /// It is a link, a directory or too large.
    #[error("{0}")]
    NoFile(String),
    /// A later version of the format, or none.
    #[error("version {0} is not {version}", version = Baseline::VERSION)]
    Version(String),
    /// A key this version does not know.
    #[error("unknown key `{0}`")]
    UnknownKey(String),
    /// A key every entry has is not there.
    #[error("the entry has no `{0}`")]
    MissingKey(&'static str),
    /// A value of another type or outside its range.
    #[error("`{key}` must be {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A rule id that is none.
    #[error(transparent)]
    Rule(#[from] RuleIdError),
    /// A fingerprint that is none.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// A path that is none.
    #[error(transparent)]
    Path(#[from] RepoPathError),
    /// Two entries of one finding.
    #[error("`{rule}` {fingerprint} is entered twice, first in line {first}")]
    Twice {
        /// The rule.
        rule: String,
        /// The fingerprint.
        fingerprint: String,
        /// The line of the first.
        first: u32,
    },
    /// More entries than are read.
    #[error("more than {limit} entries", limit = Baseline::MAX_ENTRIES)]
    TooMany,
}

impl BaselineProblem {
    /// What to do about it, without a final full stop.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotToml(error) if error.is_limit() => {
                "fix findings or exclude generated files, then write it anew"
            }
            Self::NotToml(_) => "correct the TOML here: https://toml.io/en/v1.0.0",
            Self::NoFile(_) => "let it be a regular file of at most 16 MiB",
            Self::Version(_) => "use the version of penstock that wrote it, or write it anew",
            Self::UnknownKey(_) => {
                "at the top `version` and `[[finding]]`; in it `rule`, `fingerprint`, `count`, \
                 `paths`, `reason`, `owner`, `added` and `expires`"
            }
            Self::MissingKey("version") => "begin the file with `version = 1`",
            Self::MissingKey(_) => "add it, or let `penstock init --baseline` write the entry",
            Self::Value { .. } => "write it as `penstock init --baseline` does",
            Self::Rule(_) | Self::Fingerprint(_) => "copy it from the finding",
            Self::Path(_) => "write it relative to the project",
            Self::Twice { .. } => "join them: one entry with the sum of both counts",
            Self::TooMany => "exclude generated files with `[check] exclude`",
        }
    }
}
