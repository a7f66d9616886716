//! The forms a report is written in. Each is a function of the report (and of the rules it speaks
//! of): no file, no clock, no terminal.

pub mod human;
pub mod json;
#[cfg(test)]
mod sample;
pub mod sarif;
mod terminal;

pub use terminal::escape;
