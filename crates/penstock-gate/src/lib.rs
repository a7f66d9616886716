//! Whether a release may enter an environment: the pure `decide(&Input, &Policy) -> Decision`.
//!
//! Nothing here reads a file, a clock or the network. An [`Input`] holds verified statements only;
//! each gate rule is one file under `rules/` and one line in [`RULES`]. What does not verify is
//! named, never counted; what is missing is never taken as given.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod case;
mod change;
mod command;
mod decide;
mod deploy;
mod input;
mod judgement;
mod novelty;
mod record;
mod rules;
mod vsa;
mod waiting;

pub use case::Case;
pub use command::break_glass;
pub use decide::decide;
pub use deploy::{DeployRefusal, DeployRequest, Leave, MAX_DECISION_AGE, may_deploy};
pub use input::{Input, Refused, last_admitted};
pub use judgement::Judgement;
pub use record::record_fault;
pub use rules::{GateRule, RULES};
pub use vsa::vsa;
pub use waiting::waiting;
