//! What is about to be committed, what differs from a revision, and all of history.

mod damaged;
mod diff;
mod history;
mod staged;

use super::harness::{Sandbox, places, secret};
