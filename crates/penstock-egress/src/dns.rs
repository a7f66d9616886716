//! The resolver inside the step's network: it answers for names that some rule allows, with
//! addresses that mean nothing outside, and for no other. No query leaves.

mod message;
mod synthetic;

pub use self::message::{Kind, MAX_QUERY_BYTES, Query, QueryError};
pub(crate) use self::{message::Answer, synthetic::Synthetic};
