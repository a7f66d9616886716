use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RepoPath;

/// A place in a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file, relative to the project.
    pub path: RepoPath,
    /// The part of the file; absent when the finding is about the file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The way to the value through the document, where the file has structure.
    #[serde(default, skip_serializing_if = "Route::is_empty")]
    pub route: Route,
}

impl Location {
    /// A whole file.
    pub fn file(path: RepoPath) -> Self {
        Self { path, region: None, route: Route::default() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.region {
            Some(region) => write!(f, "{}:{}", self.path, region.start_line),
            None => write!(f, "{}", self.path),
        }
    }
}

/// A stretch of a file. Bytes count from 0; lines and columns from 1; columns count Unicode scalar
/// values (SARIF's `unicodeCodePoints`). Ends are exclusive in bytes and columns.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[expect(missing_docs, reason = "the type's documentation says what each number counts")]
pub struct Region {
    pub start_byte: u64,
    pub end_byte: u64,
    pub start_line: u32,
    pub start_column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// The way from a document's root to a value: `jobs/build/steps/0/run`.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Route(pub Vec<RouteStep>);

impl Route {
    /// Whether it is the root itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This route, one step further.
    #[must_use]
    pub fn then(&self, step: impl Into<RouteStep>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("/")?;
            }
            match step {
                RouteStep::Key(key) => f.write_str(key)?,
                RouteStep::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}

/// One step of a [`Route`].
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(untagged)]
pub enum RouteStep {
    /// Into a mapping, by key.
    Key(String),
    /// Into a sequence, from 0.
    Index(u64),
}

impl From<&str> for RouteStep {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for RouteStep {
    fn from(index: usize) -> Self {
        Self::Index(index as u64)
    }
}
