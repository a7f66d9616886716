//! Secrets: what a file holds that opens something.
//!
//! One automaton finds the literal texts secrets begin with; a detector looks at each such place and
//! decides by checksum, structure and surroundings. Nothing is asked of a network, and no secret
//! leaves this crate but masked. A rule is `rules/<name>.md` and `rules/<name>.rs`.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod check;
mod detector;
mod generated;
mod pem;
mod scan;
mod token;

use penstock_check::Check;

use detector::Detector;
use generated::{
    aws_access_key, github_token, gitlab_token, google_api_key, npm_token, private_key, pypi_token,
    slack_token, stripe_live_key, url_credentials,
};

pub use generated::RULES;

/// The checks of this area.
pub fn checks() -> Vec<Box<dyn Check>> {
    vec![Box::new(check::SecretsCheck)]
}

/// The detector of every rule.
static DETECTORS: [&Detector; 10] = [
    &aws_access_key::DETECTOR,
    &github_token::DETECTOR,
    &gitlab_token::DETECTOR,
    &google_api_key::DETECTOR,
    &npm_token::DETECTOR,
    &private_key::DETECTOR,
    &pypi_token::DETECTOR,
    &slack_token::DETECTOR,
    &stripe_live_key::DETECTOR,
    &url_credentials::DETECTOR,
];
