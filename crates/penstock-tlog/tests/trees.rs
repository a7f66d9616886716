//! Roots and proofs from tiles against a tree computed the way RFC 6962 defines it.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::{cell::Cell, collections::BTreeMap};

use penstock_tlog::{
    Hash, HashReader, ProofError, Tile, Tree, TreeError, append, empty_root, leaf_hash, node_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

/// MTH of RFC 6962 section 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1, word for word.
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return vec![];
    }
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k {
        (naive_path(m, left), naive_root(right))
    } else {
        (naive_path(m - k, right), naive_root(left))
    };
    path.push(other);
    path
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("no `{0}`")]
struct Missing(String);

#[derive(Default)]
struct Tiles {
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
    reads: Cell<usize>,
}

impl Tiles {
    fn grow(&mut self, size: u64, leaves: &[Hash]) -> Hash {
        let appended = append(size, leaves, self).unwrap();
        assert_eq!(appended.size, size + leaves.len() as u64);
        for (tile, hashes) in appended.tiles {
            assert_eq!(usize::from(tile.width()), hashes.len());
            self.tiles.insert((tile.level(), tile.index()), hashes);
        }
        appended.root
    }
}

impl HashReader for Tiles {
    type Error = Missing;

    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, Missing> {
        self.reads.set(self.reads.get() + 1);
        self.tiles.get(&(tile.level(), tile.index())).cloned().ok_or(Missing(tile.path()))
    }
}

/// A tree in which every leaf is the same, so that it can be as large as the format allows.
struct Endless;

impl HashReader for Endless {
    type Error = Missing;

    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, Missing> {
        let mut hash = leaf_hash(b"same");
        for _ in 0..u32::from(tile.level()) * 8 {
            hash = node_hash(&hash, &hash);
        }
        Ok(vec![hash; tile.width().into()])
    }
}

#[test]
fn every_small_tree_and_every_proof_in_it() {
    let all = leaves(70);
    let mut tiles = Tiles::default();
    tiles.grow(0, &all);
    for size in 0..=all.len() {
        let tree = Tree::new(size as u64, &tiles);
        let root = tree.root().unwrap();
        assert_eq!(root, naive_root(&all[..size]));
        for index in 0..size {
            let path = tree.inclusion_proof(index as u64).unwrap();
            assert_eq!(path, naive_path(index, &all[..size]));
            assert_eq!(
                verify_inclusion(&path, index as u64, &all[index], size as u64, &root),
                Ok(())
            );
        }
        for old in 1..=size {
            let proof = tree.consistency_proof(old as u64).unwrap();
            let old_root = naive_root(&all[..old]);
            assert_eq!(
                verify_consistency(&proof, old as u64, &old_root, size as u64, &root),
                Ok(()),
                "{old} {size}"
            );
        }
    }
}

#[test]
fn the_largest_tree_has_a_root_and_proofs() {
    let tree = Tree::new(u64::MAX, &Endless);
    let (leaf, root) = (leaf_hash(b"same"), tree.root().unwrap());
    for index in [0, 1 << 63, u64::MAX - 1] {
        let path = tree.inclusion_proof(index).unwrap();
        assert_eq!(verify_inclusion(&path, index, &leaf, u64::MAX, &root), Ok(()));
    }
    for old in [1, 1 << 63, (1 << 63) + 1, u64::MAX - 1] {
        let proof = tree.consistency_proof(old).unwrap();
        let old_root = Tree::new(old, &Endless).root().unwrap();
        assert_eq!(verify_consistency(&proof, old, &old_root, u64::MAX, &root), Ok(()));
    }
    let outside = Err(TreeError::OutOfRange { index: u64::MAX, size: u64::MAX });
    assert_eq!(tree.inclusion_proof(u64::MAX), outside);
    assert_eq!(
        append(u64::MAX, &[leaf], &Endless),
        Err(TreeError::OutOfRange { index: u64::MAX, size: u64::MAX })
    );
}

#[test]
fn proofs_about_impossible_places_are_refused() {
    let (leaf, root) = (leaf_hash(b""), empty_root());
    assert_eq!(
        verify_inclusion(&[], 0, &leaf, 0, &root),
        Err(ProofError::Index { index: 0, size: 0 })
    );
    assert_eq!(
        verify_inclusion(&[], u64::MAX, &leaf, u64::MAX, &root),
        Err(ProofError::Index { index: u64::MAX, size: u64::MAX })
    );
    assert_eq!(verify_inclusion(&[], 0, &leaf, u64::MAX, &root), Err(ProofError::Length(0)));
    let long = vec![leaf; 100];
    assert_eq!(
        verify_inclusion(&long, u64::MAX - 1, &leaf, u64::MAX, &root),
        Err(ProofError::Length(100))
    );
    assert_eq!(verify_consistency(&long, 1, &leaf, u64::MAX, &root), Err(ProofError::Length(100)));
    assert_eq!(
        verify_consistency(&[], 2, &leaf, 1, &leaf),
        Err(ProofError::Shrunk { old: 2, new: 1 })
    );
    assert_eq!(verify_consistency(&[], 0, &root, 1, &leaf), Err(ProofError::Empty));
    assert_eq!(verify_consistency(&[], 0, &root, 0, &root), Ok(()));
    assert_eq!(verify_consistency(&[], 0, &leaf, 0, &leaf), Err(ProofError::Root));
    assert_eq!(verify_consistency(&[leaf], 7, &leaf, 7, &leaf), Err(ProofError::Length(1)));
    assert_eq!(verify_consistency(&[], 7, &leaf, 7, &root), Err(ProofError::Root));
}

#[test]
fn a_short_or_missing_tile_is_an_error() {
    let mut tiles = Tiles::default();
    tiles.grow(0, &leaves(300));
    tiles.tiles.get_mut(&(0, 1)).unwrap().pop();
    let tile = Tile::in_tree(0, 1, 300).unwrap();
    let short = TreeError::ShortTile { tile, found: 43 };
    assert_eq!(Tree::new(300, &tiles).root(), Err(short.clone()));
    assert_eq!(append(300, &leaves(1), &tiles), Err(short));
    tiles.tiles.remove(&(0, 1));
    let missing = TreeError::Read(Missing("tile/0/001.p/44".into()));
    assert_eq!(Tree::new(300, &tiles).root(), Err(missing));
}

#[test]
fn appending_reads_only_the_right_edge() {
    let mut tiles = Tiles::default();
    tiles.grow(0, &leaves(70_000));
    tiles.reads.set(0);
    let appended = append(70_000, &leaves(3), &tiles).unwrap();
    // One unfinished tile on each of three levels, and nothing twice but those above for the root.
    assert!(tiles.reads.get() <= 5, "{} reads", tiles.reads.get());
    let paths: Vec<String> = appended.tiles.iter().map(|(tile, _)| tile.path()).collect();
    assert_eq!(paths, ["tile/0/273.p/115"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn growing_in_any_steps_gives_the_naive_tree(steps in prop::collection::vec(0u64..400, 1..6)) {
        let total: u64 = steps.iter().sum();
        let all = leaves(total);
        let mut tiles = Tiles::default();
        let mut size = 0;
        for step in steps {
            let root = tiles.grow(size, &all[size as usize..(size + step) as usize]);
            size += step;
            prop_assert_eq!(root, naive_root(&all[..size as usize]));
        }
        if size > 0 {
            let tree = Tree::new(size, &tiles);
            for index in [0, size / 2, size - 1] {
                let path = tree.inclusion_proof(index).unwrap();
                prop_assert_eq!(path, naive_path(index as usize, &all));
            }
        }
    }

    #[test]
    fn an_altered_proof_proves_nothing(
        size in 2u64..600,
        place in any::<prop::sample::Index>(),
        hash in any::<prop::sample::Index>(),
        byte in 0usize..32,
        bit in 0u8..8,
    ) {
        let all = leaves(size);
        let mut tiles = Tiles::default();
        let root = tiles.grow(0, &all);
        let index = place.index(size as usize);
        let tree = Tree::new(size, &tiles);
        let path = tree.inclusion_proof(index as u64).unwrap();

        let mut altered = path.clone();
        let hash = hash.index(path.len());
        let mut bytes = *altered[hash].as_bytes();
        bytes[byte] ^= 1 << bit;
        altered[hash] = Hash::from_bytes(bytes);
        let leaf = &all[index];
        prop_assert_eq!(
            verify_inclusion(&altered, index as u64, leaf, size, &root),
            Err(ProofError::Root)
        );
        prop_assert!(verify_inclusion(&path[1..], index as u64, leaf, size, &root).is_err());
        let long = [path.clone(), vec![*leaf]].concat();
        prop_assert!(verify_inclusion(&long, index as u64, leaf, size, &root).is_err());
        for other in [0, size / 2, size - 1, size, u64::MAX] {
            if other != index as u64 {
                prop_assert!(verify_inclusion(&path, other, leaf, size, &root).is_err());
            }
        }
    }
}
