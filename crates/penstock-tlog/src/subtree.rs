//! Proofs over subtrees `[start, end)`, of which whole-tree proofs are the case `start == 0`
//! (draft-ietf-plants-merkle-tree-certs, section 4).

use crate::{Hash, ProofError, empty_root, node_hash};

/// Verifies that `leaf` is leaf `index` within the subtree `[start, end)` whose root is `root`.
///
/// # Errors
/// Why it does not follow.
pub fn verify_subtree_inclusion(
    proof: &[Hash],
    index: u64,
    leaf: &Hash,
    start: u64,
    end: u64,
    root: &Hash,
) -> Result<(), ProofError> {
    check_subtree(start, end)?;
    if index < start || index >= end {
        return Err(ProofError::Index { index, size: end });
    }
    // Place of the leaf, and of the last leaf, on the level the hash stands on.
    let mut place = index - start;
    let mut last = end - start - 1;
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length(proof.len()));
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            // A right edge without siblings passes through levels unhashed.
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length(proof.len()));
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Verifies that the subtree `[start, end)` with root `subtree_root` is part of the tree of `size`
/// leaves with root `root`.
///
/// The empty subtree is part of every tree that reaches it and takes an empty proof; nothing is then
/// said about `root`.
///
/// # Errors
/// Why it does not follow.
pub fn verify_subtree_consistency(
    proof: &[Hash],
    start: u64,
    end: u64,
    subtree_root: &Hash,
    size: u64,
    root: &Hash,
) -> Result<(), ProofError> {
    if end > size {
        return Err(ProofError::Shrunk { old: end, new: size });
    }
    if start == end {
        return match (proof.len(), *subtree_root == empty_root()) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::Root),
            (length, _) => Err(ProofError::Length(length)),
        };
    }
    check_subtree(start, end)?;
    let (mut first, mut second, mut third) = (start, end - 1, size - 1);
    // Climb to the node at which the proof starts.
    if second == third {
        while first != second {
            first >>= 1;
            second >>= 1;
            third >>= 1;
        }
    } else {
        while first != second && second & 1 == 1 {
            first >>= 1;
            second >>= 1;
            third >>= 1;
        }
    }
    let (mut old, mut new, rest) = if first == second {
        (*subtree_root, *subtree_root, proof)
    } else {
        let (seed, rest) = proof.split_first().ok_or(ProofError::Length(0))?;
        (*seed, *seed, rest)
    };
    for hash in rest {
        if third == 0 {
            return Err(ProofError::Length(proof.len()));
        }
        if second & 1 == 1 || second == third {
            if first < second {
                old = node_hash(hash, &old);
            }
            new = node_hash(hash, &new);
            while second & 1 == 0 {
                first >>= 1;
                second >>= 1;
                third >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        first >>= 1;
        second >>= 1;
        third >>= 1;
    }
    if third != 0 {
        return Err(ProofError::Length(proof.len()));
    }
    if old == *subtree_root && new == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// A subtree is not empty and starts at a multiple of the smallest power of two that holds it.
fn check_subtree(start: u64, end: u64) -> Result<(), ProofError> {
    let error = ProofError::Subtree { start, end };
    if start >= end {
        return Err(error);
    }
    let aligned = match (end - start).checked_next_power_of_two() {
        Some(width) => start & (width - 1) == 0,
        // Wider than 2^63: only a subtree from the first leaf is that wide.
        None => start == 0,
    };
    if aligned { Ok(()) } else { Err(error) }
}
