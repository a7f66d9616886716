//! One run from commit to deployment: plan, steps, seal, evidence, gate, deploy.
//!
//! [`run`](mod@run) is the road from end to end; each stretch of it is a module of its own. Nothing
//! here prints, reads the clock or the environment: what happens is told to a
//! [`Timeline`](timeline::Timeline), the world comes in as [`Surroundings`](session::Surroundings).

pub mod adopt;
pub mod approve;
pub mod archive;
pub mod audit;
pub mod bill;
mod certificates;
pub mod change;
pub mod check;
pub mod command;
mod commit_tree;
pub mod counts;
pub mod crates;
pub mod deliver;
pub mod doctor;
pub mod egress;
pub mod error;
pub mod evidence;
pub mod gate;
pub mod history;
pub mod home;
mod inputs;
pub mod pinned;
pub mod plan;
pub mod project;
pub mod recorder;
pub mod release;
pub mod roots;
pub mod run;
pub mod scope;
pub mod secrets;
pub mod session;
pub mod steps;
pub mod timeline;
mod trust;
mod unexamined;
pub mod verify;
