//! What is promised about the statements' shapes.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod frozen;
mod hostile;
mod provenance;
mod samples;
mod schemas;
