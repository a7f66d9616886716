//! Every type of `penstock.toml` and of the policy, with their schemas and errors.
//!
//! The Rust types are the only source: JSON Schemas are derived from them, a document is checked
//! against the schema with spans (so that all errors of a file come at once, each with its line and
//! the nearest right name), and what passes is deserialised into the same types. What a schema
//! cannot say (a circle of steps, a key nobody holds) is checked afterwards, with spans as well.
//!
//! Pure: no file, clock or environment is read here.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod decode;
mod error;
mod form;
mod nearest;
mod plan;
pub mod policy;
mod project;
mod reach;
mod schema;
mod secret_source;
mod shown;
mod text;

pub use error::{ConfigError, ConfigErrors, Problem};
pub use form::TextError;
pub use plan::UnknownStep;
pub use policy::{Policy, PolicyRules};
pub use project::{
    CheckSettings, Command, ConfigIgnore, IgnoringTool, PenstockToml, Project, Step, TestFormat,
};
pub use reach::{Network, Reach, RunSettings};
pub use schema::schemas;
pub use secret_source::SecretSource;
pub use text::{Expiry, Glob, OutputPath, RootDigest, Timeout};
