use crate::{Hash, empty_root, subtree};

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Every tree begins with the empty one: there is nothing to prove, and no proof.
    #[error("nothing is proved by consistency with the empty tree")]
    Empty,
    /// The sizes or the index do not describe a place in a tree.
    #[error("no leaf {index} in a tree of {size} leaves")]
    Index {
        /// The leaf asked about.
        index: u64,
        /// The leaves there are.
        size: u64,
    },
    /// The proof has fewer or more hashes than its place in the tree needs.
    #[error("the proof has {0} hashes, which is not what this place in the tree needs")]
    Length(usize),
    /// The hashes lead to another root than the one claimed.
    #[error("the proof leads to another root hash")]
    Root,
    /// The older tree is larger than the newer one.
    #[error("a tree of {old} leaves cannot grow into one of {new}")]
    Shrunk {
        /// Leaves of the older tree.
        old: u64,
        /// Leaves of the newer tree.
        new: u64,
    },
    /// `[start, end)` is no subtree of a tree with `size` leaves.
    #[error("[{start}, {end}) is not a subtree")]
    Subtree {
        /// First leaf.
        start: u64,
        /// One past the last leaf.
        end: u64,
    },
}

/// Verifies that `leaf` is leaf number `index` of the tree of `size` leaves whose root is `root`
/// (RFC 6962 section 2.1.1; verification as in RFC 9162 section 2.1.3.2).
///
/// # Errors
/// Why it does not follow.
pub fn verify_inclusion(
    proof: &[Hash],
    index: u64,
    leaf: &Hash,
    size: u64,
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    subtree::verify_subtree_inclusion(proof, index, leaf, 0, size, root)
}

/// Verifies that the tree of `old_size` leaves is the beginning of the tree of `new_size` leaves
/// (RFC 6962 section 2.1.2; verification as in RFC 9162 section 2.1.4.2).
///
/// Equal sizes take an empty proof and equal roots. Nothing is proved about a tree that grew from the
/// empty one, so that is [`ProofError::Empty`] and for the caller to decide.
///
/// # Errors
/// Why it does not follow.
pub fn verify_consistency(
    proof: &[Hash],
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old: old_size, new: new_size });
    }
    if old_size == 0 && new_size > 0 {
        return Err(ProofError::Empty);
    }
    if old_size == new_size {
        if !proof.is_empty() {
            return Err(ProofError::Length(proof.len()));
        }
        let possible = new_size > 0 || *new_root == empty_root();
        return if possible && old_root == new_root { Ok(()) } else { Err(ProofError::Root) };
    }
    subtree::verify_subtree_consistency(proof, 0, old_size, old_root, new_size, new_root)
}
