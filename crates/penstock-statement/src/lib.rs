//! in-toto statements, their predicates, and the DSSE envelope they are signed in.
//!
//! Pure: bytes in, types out. A predicate is one file under [`predicate`], named as it is in
//! DESIGN.md; its JSON Schema is generated from the type and committed under `schemas/`.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod descriptor;
pub mod dsse;
pub mod predicate;
mod schema;
mod statement;
mod verified;

pub use descriptor::{DigestSet, ResourceDescriptor};
pub use schema::schemas;
pub use statement::{Predicate, RawStatement, Statement, StatementError};
pub use verified::Verified;

/// The start of every predicate, build type and builder URI of ours. One constant, because it can
/// never change for what is signed already.
pub const NAMESPACE: &str = "https://penstock.dev/";

/// The media type of a statement as a DSSE payload (in-toto attestation framework, "Envelope":
/// <https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md>).
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
