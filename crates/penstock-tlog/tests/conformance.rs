//! The transparency-dev Merkle proof vectors (inclusion, consistency, and both over subtrees), when
//! `PENSTOCK_CORPORA` says where the corpora are.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use penstock_tlog::{
    Hash, leaf_hash, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use serde::Deserialize;

/// How many vectors of each kind there are; fewer is a corpus gone missing, not a pass.
const COUNTS: [(&str, usize); 4] = [
    ("consistency", 98),
    ("inclusion", 98),
    ("subtreeconsistency", 118),
    ("subtreeinclusion", 204),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    #[serde(default)]
    leaf_idx: u64,
    #[serde(default)]
    tree_size: u64,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    size1: u64,
    #[serde(default)]
    size2: u64,
    #[serde(default)]
    start: u64,
    #[serde(default)]
    end: u64,
    #[serde(default)]
    root: String,
    #[serde(default)]
    root1: String,
    #[serde(default)]
    root2: String,
    #[serde(default)]
    leaf_hash: String,
    proof: Option<Vec<String>>,
    desc: String,
    want_err: bool,
}

#[test]
fn every_merkle_vector_gives_the_expected_answer() {
    let Some(corpora) = std::env::var_os("PENSTOCK_CORPORA") else {
        println!("SKIPPED: 518 Merkle vectors; set PENSTOCK_CORPORA to the corpora to run them");
        return;
    };
    let root = PathBuf::from(corpora).join("attest/merkle");
    let mut wrong = Vec::new();
    for (kind, count) in COUNTS {
        let mut files = Vec::new();
        collect(&root.join(kind), &mut files);
        assert_eq!(files.len(), count, "{kind}");
        for file in files {
            let vector: Vector = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            let accepted = accepts(kind, &vector).is_some();
            if accepted == vector.want_err {
                wrong.push(format!("{}: {}", file.display(), vector.desc));
            }
        }
    }
    assert!(wrong.is_empty(), "{} vectors are wrong: {wrong:#?}", wrong.len());
}

/// `Some` when the proof verifies. A hash of another length than 32 bytes does not even parse, except
/// that some vectors compare short strings in place of roots: they get a hash of their own each.
fn accepts(kind: &str, vector: &Vector) -> Option<()> {
    let hash = |text: &str| Hash::from_base64(text).ok();
    let root_hash = |text: &str| hash(text).or_else(|| Some(leaf_hash(text.as_bytes())));
    let proof: Option<Vec<Hash>> = vector.proof.iter().flatten().map(|text| hash(text)).collect();
    let proof = proof?;
    match kind {
        "consistency" => verify_consistency(
            &proof,
            vector.size1,
            &root_hash(&vector.root1)?,
            vector.size2,
            &root_hash(&vector.root2)?,
        ),
        "inclusion" => verify_inclusion(
            &proof,
            vector.leaf_idx,
            &hash(&vector.leaf_hash)?,
            vector.tree_size,
            &hash(&vector.root)?,
        ),
        "subtreeconsistency" => verify_subtree_consistency(
            &proof,
            vector.start,
            vector.end,
            &root_hash(&vector.root1)?,
            vector.size,
            &root_hash(&vector.root2)?,
        ),
        _ => verify_subtree_inclusion(
            &proof,
            vector.leaf_idx,
            &hash(&vector.leaf_hash)?,
            vector.start,
            vector.end,
            &hash(&vector.root)?,
        ),
    }
    .ok()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
