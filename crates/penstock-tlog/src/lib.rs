//! Merkle tree, tiles, signed notes, checkpoints and proofs; no I/O.
//!
//! The formats are those of [C2SP](https://c2sp.org): signed-note, tlog-checkpoint, tlog-tiles,
//! tlog-cosignature and tlog-proof, over the Merkle tree of
//! [RFC 6962](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1). Nothing here opens a file,
//! reads a clock or holds a key: bytes come in through [`HashReader`], signatures through
//! [`NoteSigner`] and [`NoteVerifier`].

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod append;
mod bundle;
mod checkpoint;
mod cosignature;
mod hash;
mod key;
mod note;
mod proof;
mod subtree;
mod tile;
mod tlog_proof;
mod tree;

pub use append::{Appended, append};
pub use bundle::{BundleError, MAX_ENTRY_BYTES, decode_bundle, encode_entry};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_ORIGIN_BYTES, SignedCheckpoint};
pub use cosignature::{Cosignature, CosignatureError, cosigned_message};
pub use hash::{Hash, HashError, empty_root, leaf_hash, node_hash};
pub use key::{
    ED25519, KeyError, MAX_KEY_BYTES, NoteSigner, NoteVerifier, SignFailed, TIMESTAMPED_ED25519,
    VerifierKey, key_id,
};
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError, NoteSignature};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use subtree::{verify_subtree_consistency, verify_subtree_inclusion};
pub use tile::{TILE_WIDTH, Tile, TilePathError, decode_hashes, encode_hashes};
pub use tlog_proof::{MAX_EXTRA_BYTES, TlogProof, TlogProofError};
pub use tree::{HashReader, Tree, TreeError};
