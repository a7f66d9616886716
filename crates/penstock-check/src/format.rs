//! The forms a report is written in. Each is a function of the report and of what a [`Setting`]
//! says beside it: no file, no clock, no terminal, no environment.
//!
//! Text of the repository is hostile in every one of them: each form escapes it by its own rules,
//! and only `human` and `json` carry excerpts (already masked); no form ever holds a secret.

pub mod catalogue;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
#[cfg(test)]
mod sample;
pub mod sarif;
mod setting;
mod terminal;

pub use setting::{Baseline, Setting, by_rank};
pub use terminal::escape;
