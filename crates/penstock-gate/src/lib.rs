//! Whether a release may enter an environment: the pure `decide(&Input, &Policy) -> Decision`.
//!
//! Nothing here reads a file, a clock or the network. An [`Input`] holds verified statements only;
//! each gate rule is one file under `rules/` and one line in its table.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod input;

pub use input::{Input, Refused, last_admitted};
