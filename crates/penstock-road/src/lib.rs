//! One run from commit to deployment: plan, steps, seal, evidence, gate, deploy.

pub mod change;
pub mod counts;
pub mod evidence;
pub mod home;
mod inputs;
pub mod plan;
pub mod project;
pub mod steps;
pub mod timeline;
