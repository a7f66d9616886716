//! Pipeline definitions: what a workflow lets others do.
//!
//! Rules look at GitHub workflows and composite actions through their structure: `definition`
//! gives the file's jobs and steps, `expression` reads `${{ … }}`, `taint` knows which values
//! strangers decide. A rule is `rules/<name>.md` and `rules/<name>.rs` with one `check` function.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod check;
mod definition;
mod expression;
mod generated;
mod guard;
mod script;
mod taint;
mod uses;

use penstock_check::{Check, Findings};

use definition::Definition;

pub use generated::RULES;

/// The checks of this area.
pub fn checks() -> Vec<Box<dyn Check>> {
    vec![Box::new(check::CiCheck)]
}

/// The logic of one rule: what it looks at, and where it reports.
type Detector = fn(&Definition<'_>, &mut Findings<'_>);
