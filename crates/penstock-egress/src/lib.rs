//! The proxy process through which a confined step reaches the network.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod address;
mod authority;
mod client_hello;
mod dns;
mod host;
mod rule;

pub use address::AddressClass;
pub use authority::{Authority, AuthorityError};
pub use client_hello::{ClientHello, HelloError, MAX_HELLO_BYTES};
pub use dns::{Kind, MAX_QUERY_BYTES, Query, QueryError};
pub use host::{Host, HostError, MAX_NAME_CHARS, Name};
pub use rule::{PathError, RequestPath, Rule, RuleError, Scheme};
