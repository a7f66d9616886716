//! The check engine: walk, classify, parse once, suppress, rank, report. It knows no area.
//!
//! A [`Tree`] lists and reads files, a [`Check`] looks at one [`File`] at a time and reports into
//! [`Findings`], and [`Engine::check`] runs all checks over a tree and makes one
//! [`Report`](penstock_model::Report) of it: the same bytes for the same input, whatever the number
//! of threads. How a rule is written is in `RULES.md` beside this crate.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod accepted;
mod against_base;
mod archive;
pub mod archive_members;
mod baseline;
mod cache;
mod check;
mod encoding;
mod engine;
mod exclude;
mod exit;
mod explain;
mod file;
mod findings;
mod finish;
pub mod fix;
#[cfg(test)]
mod fixture;
mod foreign;
pub mod format;
mod kind;
mod lines;
mod look;
mod mask;
mod merge;
mod options;
mod redact;
mod rule;
pub mod rule_file;
pub mod rule_test;
mod suppression;
pub mod template;
mod tree;
mod work_tree;

pub use accepted::SuppressionFiles;
pub use against_base::against_base;
pub use baseline::{
    Baseline, BaselineChanges, BaselineEntry, BaselineError, BaselineErrors, BaselineProblem,
    BaselineUpdate,
};
pub use cache::{Cache, CacheError};
pub use check::{Check, Facts};
pub use engine::{Engine, EngineError};
pub use exclude::GlobError;
pub use exit::exit;
pub use file::{File, FileInfo};
pub use findings::{Draft, Findings, Place};
pub use kind::Kind;
pub use lines::Lines;
pub use options::{CheckError, Ignore, Options};
pub use redact::redact;
pub use rule::{Part, Rule};
pub use tree::{Entry, Listing, MemoryTree, ReadError, Stat, Tree, TreeError};
pub use work_tree::WorkTree;
