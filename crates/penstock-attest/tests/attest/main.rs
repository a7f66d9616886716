//! Keys, signers, bundles and trust, attacked.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod bundles;
mod interoperation;
mod key_files;
mod malleability;
mod refusals;
mod signer;
mod verifying;
