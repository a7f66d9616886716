//! The signer: the only process that opens private keys.
//!
//! It is another process than the one that runs steps or reads repositories, is started when the
//! last step is gone, makes itself undumpable before it opens a key, and takes typed records over a
//! pipe ([`protocol`]). It signs only statements the key's role may speak, and checkpoints of the
//! one ledger the log key was made for. When it runs as the same user as everything else, that is a
//! separation of duties between processes, not between users, and the run seal says so.

mod client;
mod process;
pub mod protocol;
mod serve;

pub use client::{LogSigner, Signed, SignerClient, SignerError};
pub use process::{SUBCOMMAND, signer_main};
pub use serve::serve;
