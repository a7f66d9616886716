//! Signers and their process, verifiers, bundles, trust.
//!
//! A statement is signed by the [`signer`] process, travels as a [`bundle`], and counts only after
//! [`Trust::verify`]: a key the policy lists really signed these bytes, and its role may say what
//! they say. [`may_speak`] is the one table both ends use. Custody of key files is [`keys`].

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

pub mod bundle;
mod entrusted;
pub mod keys;
mod log_verifier;
mod pem;
mod public_key;
mod secret_key;
pub mod signer;
mod trust;

pub use entrusted::{may_speak, predicate_types};
pub use log_verifier::{LogVerifier, LogVerifierError};
pub use public_key::{Algorithm, PublicKey, PublicKeyError};
pub use trust::{Trust, TrustError, TrustedKey, VerifyError};
