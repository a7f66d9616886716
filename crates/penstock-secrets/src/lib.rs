//! Secrets: what a file holds that opens something.
//!
//! One automaton finds the literal texts secrets begin with; a detector looks at each such place and
//! decides by checksum, structure and surroundings. Nothing is asked of a network, and no secret
//! leaves this crate but masked. A rule is `rules/<name>.md` and `rules/<name>.rs`.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod assignment;
mod check;
mod composite;
mod decode;
mod detector;
mod generated;
mod htpasswd;
mod netrc;
mod pem;
mod places;
mod prefilter;
mod random;
mod rarity;
mod scan;
mod shape;
mod steps;
mod structured;
mod terraform_state;
mod token;
mod uses;
mod words;

use penstock_check::Check;

use detector::Detector;

pub use generated::RULES;

/// The checks of this area.
pub fn checks() -> Vec<Box<dyn Check>> {
    vec![Box::new(check::SecretsCheck)]
}
