//! The forms a report is written in.

pub mod json;
