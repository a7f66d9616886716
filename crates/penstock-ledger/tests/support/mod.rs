//! A real log key, and evidence to append.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "helpers of tests"
)]
#![allow(clippy::allow_attributes, reason = "each test binary uses another part of this")]

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use penstock_ledger::{Ledger, NewEvidence, Subject};
use penstock_model::Sha256;
use penstock_tlog::{NoteSigner, NoteVerifier, SignFailed, key_id};

pub const ORIGIN: &str = "ledger.example/tests";

/// An Ed25519 key from a seed of one repeated byte.
pub struct Key {
    name: String,
    pair: Ed25519KeyPair,
}

impl Key {
    pub fn new(name: &str, seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Self { name: name.to_owned(), pair }
    }

    pub fn log() -> Self {
        Self::new(ORIGIN, 7)
    }

    fn id(&self) -> u32 {
        key_id(&self.name, penstock_tlog::ED25519, self.pair.public_key().as_ref())
    }
}

impl NoteSigner for Key {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        Ok(self.pair.sign(message).as_ref().to_vec())
    }
}

impl NoteVerifier for Key {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref());
        key.verify(message, signature).is_ok()
    }
}

/// Evidence about the digest of its name, different for every name.
pub fn evidence(name: &str) -> NewEvidence {
    NewEvidence {
        bytes: format!("{{\"bundle\":\"{name}\"}}").into_bytes(),
        predicate_type: "https://slsa.dev/provenance/v1".into(),
        media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".into(),
        subjects: vec![subject(name)],
        key_id: "3f9a".into(),
        time: "2026-11-23T14:02:00Z".parse().unwrap(),
    }
}

pub fn subject(name: &str) -> Subject {
    Subject::sha256(Some(name), &Sha256::of(name.as_bytes()))
}

/// A ledger with one entry for each number below `count`, appended in batches of `batch`.
pub fn filled(home: &Path, count: usize, batch: usize) {
    let key = Key::log();
    Ledger::create(home, ORIGIN, &key).unwrap();
    let ledger = Ledger::open(home, &[&key]).unwrap();
    let all: Vec<NewEvidence> = (0..count).map(|n| evidence(&n.to_string())).collect();
    for batch in all.chunks(batch) {
        ledger.append(batch, &key).unwrap();
    }
    assert_eq!(ledger.take_warnings(), []);
}
