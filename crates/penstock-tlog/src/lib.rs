//! Merkle tree, tiles, signed notes, checkpoints and proofs; no I/O.
