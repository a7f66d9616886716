//! Fuzz targets over commit objects and over the signatures OpenSSH makes.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use gix::objs::Write as _;
use penstock_git::{CommitSignature, RawSignature, Repository, SignatureKind};
use tempfile::TempDir;

/// What the signatures of the corpus were made over.
const SIGNED: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
author A <a@example.org> 1767323045 +0000\n\
committer A <a@example.org> 1767323045 +0000\n\
\nsample\n";

/// The keys that made them; their private halves were thrown away.
const KEYS: [&str; 3] = [
    "SHA256:HEDBEhcy+TDsbj9UiXZbPVdJpTG4fWkkdGgPLmrlQW8",
    "SHA256:cnsS1RXOf0nQn4vA9LA+sfF42Cq4h5vIINY7KFmXF/E",
    "SHA256:TNHWrZSKt+8vtyuoRCUvAwfQHzkywb8gegIUhZ1UuWw",
];

thread_local! {
    /// A repository to put objects into.
    static STORE: (TempDir, gix::Repository, Repository) = {
        let directory = TempDir::new().unwrap();
        let store = gix::init(directory.path()).unwrap();
        let repository = Repository::discover(directory.path()).unwrap();
        (directory, store, repository)
    };
}

/// A commit object, as a repository hands it out.
pub(crate) fn commit(bytes: &[u8]) -> bool {
    STORE.with(|(_, store, repository)| {
        let oid = store.objects.write_buf(gix::objs::Kind::Commit, bytes).unwrap();
        let oid = oid.to_hex().to_string().parse().unwrap();
        let Ok(commit) = repository.commit(&oid) else { return false };
        assert_eq!(commit.id, oid);
        assert!(!commit.summary().contains('\n'));
        let text = String::from_utf8_lossy(bytes);
        assert!(text.ends_with(&commit.message));
        for oid in commit.parents.iter().chain([&commit.tree]) {
            assert!(text.contains(oid.as_str()));
        }
        // A trailer may be folded over several lines.
        let unfolded = |text: &str| text.split_whitespace().collect::<String>();
        for person in &commit.co_authors {
            assert!(unfolded(&commit.message).contains(&unfolded(&person.email)));
        }
        if let CommitSignature::Present(signature) = &commit.signature {
            // The signature does not cover itself, and covers everything else.
            assert!(signature.payload.len() < bytes.len());
            assert!(!signature.payload.starts_with(b"gpgsig "));
            let _whoever = signature.verify_ssh();
        }
        true
    })
}

/// An armoured SSH signature.
pub(crate) fn sshsig(bytes: &[u8]) -> bool {
    let signature =
        RawSignature { kind: SignatureKind::Ssh, armour: bytes.to_vec(), payload: SIGNED.to_vec() };
    let Ok(key) = signature.verify_ssh() else { return false };
    assert!(KEYS.contains(&&*key.fingerprint()), "a forgery by {key}");
    let other = RawSignature { payload: b"something else".to_vec(), ..signature };
    assert!(other.verify_ssh().is_err(), "it fits another commit too");
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/commit"], 500, commit);
    corpus::run(&["tests/corpus/sshsig"], 800, sshsig);
}
