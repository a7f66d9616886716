//! Every kind of file changed, cut, removed or put back from yesterday: found, and named.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of a test")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use penstock_ledger::{Fault, Ledger, LedgerError, Problem};
use penstock_model::Sha256;
use penstock_tlog::{Checkpoint, CheckpointError, NoteError, SignedCheckpoint, leaf_hash};
use support::{Key, ORIGIN, evidence, filled};
use tempfile::TempDir;

/// A ledger of 300 entries: one full tile, one partial, one above them.
fn ledger() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    filled(home.path(), 300, 100);
    home
}

fn open(home: &Path) -> Result<Ledger<'static>, LedgerError> {
    let key: &'static Key = Box::leak(Box::new(Key::log()));
    Ledger::open(home, &[key])
}

fn problems(home: &Path) -> Vec<Problem> {
    match open(home).and_then(|ledger| ledger.verify()) {
        Err(LedgerError::Damaged(problems)) => problems,
        other => panic!("not found to be damaged: {other:?}"),
    }
}

/// Calls `check` with the file's content replaced by what `change` makes of it, then restores it.
fn with(home: &Path, path: &str, change: impl Fn(&mut Vec<u8>), check: impl Fn(Vec<Problem>)) {
    let file = home.join(path);
    let original = fs::read(&file).unwrap();
    let mut changed = original.clone();
    change(&mut changed);
    assert_ne!(changed, original);
    fs::write(&file, &changed).unwrap();
    check(problems(home));
    fs::write(&file, original).unwrap();
}

fn one(path: &str, fault: Fault) -> Vec<Problem> {
    vec![Problem { path: path.to_owned(), fault }]
}

fn evidence_file(name: &str) -> String {
    let digest = Sha256::of(&evidence(name).bytes).to_string();
    format!("evidence/sha256/{}/{digest}", &digest[..2])
}

#[test]
fn a_changed_byte_is_found_in_the_file_it_is_in() {
    let home = ledger();
    let files = [
        evidence_file("7"),
        "ledger/tile/0/000".into(),
        "ledger/tile/0/001.p/44".into(),
        "ledger/tile/1/000.p/1".into(),
    ];
    for path in &files {
        for place in [0, 1, 2] {
            let change = |bytes: &mut Vec<u8>| {
                let at = (bytes.len() - 1) * place / 2;
                bytes[at] ^= 1;
            };
            with(home.path(), path, change, |found| assert_eq!(found, one(path, Fault::Changed)));
        }
    }
    for path in ["ledger/tile/entries/000", "ledger/tile/entries/001.p/44"] {
        // Within an entry, not in a length.
        let change = |bytes: &mut Vec<u8>| bytes[200] ^= 1;
        with(home.path(), path, change, |found| assert_eq!(found, one(path, Fault::Changed)));
        // In a length: what is read then is other entries, or none.
        let change = |bytes: &mut Vec<u8>| bytes[1] ^= 1;
        with(home.path(), path, change, |found| {
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].path, path);
        });
    }
    assert!(open(home.path()).unwrap().verify().is_ok());
}

#[test]
fn a_file_that_is_gone_or_cut_is_named() {
    let home = ledger();
    let files = [
        (evidence_file("7"), None),
        ("ledger/tile/0/000".into(), Some((256, 255))),
        ("ledger/tile/0/001.p/44".into(), Some((44, 43))),
        ("ledger/tile/1/000.p/1".into(), Some((1, 0))),
        ("ledger/tile/entries/000".into(), None),
        ("ledger/tile/entries/001.p/44".into(), None),
    ];
    for (path, lengths) in &files {
        let file = home.path().join(path);
        let original = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert_eq!(problems(home.path()), one(path, Fault::Missing));
        fs::write(&file, original).unwrap();

        // A whole hash, and then some: a partial tile that was cut short.
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len().saturating_sub(32));
        with(home.path(), path, cut, |found| {
            assert_eq!((found.len(), found[0].path.as_str()), (1, path.as_str()), "{found:?}");
            if let Some((expected, hashes)) = *lengths {
                assert_eq!(found[0].fault, Fault::Length { expected, found: hashes });
            }
        });
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(7);
        with(home.path(), path, cut, |found| {
            assert_eq!((found.len(), found[0].path.as_str()), (1, path.as_str()), "{found:?}");
        });
    }
    assert!(open(home.path()).unwrap().verify().is_ok());
}

#[test]
fn two_damaged_files_are_both_named() {
    let home = ledger();
    let (bundle, tile) = ("ledger/tile/entries/000", "ledger/tile/0/001.p/44");
    for (path, at) in [(bundle, 200), (tile, 5)] {
        let mut bytes = fs::read(home.path().join(path)).unwrap();
        bytes[at] ^= 1;
        fs::write(home.path().join(path), bytes).unwrap();
    }
    let named: Vec<String> = problems(home.path()).into_iter().map(|p| p.path).collect();
    assert!(named.contains(&bundle.to_owned()) && named.contains(&tile.to_owned()), "{named:?}");
}

#[test]
fn what_is_damaged_is_neither_read_nor_built_upon() {
    let home = ledger();
    let path = home.path().join("ledger/tile/entries/001.p/44");
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = LedgerError::Damaged(one("ledger/tile/entries/001.p/44", Fault::Changed));
    let ledger = open(home.path()).unwrap();
    assert!(ledger.entries(0..256).is_ok());
    assert_eq!(ledger.entries(255..257), Err(damaged.clone()));
    assert_eq!(ledger.append(&[evidence("new")], &Key::log()), Err(damaged));
    assert_eq!(ledger.size(), 300);

    let home = self::ledger();
    let path = home.path().join("ledger/tile/0/000");
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ledger = open(home.path()).unwrap();
    let damaged = LedgerError::Damaged(one("ledger/tile/0/000", Fault::Changed));
    assert_eq!(ledger.proof(1).unwrap_err(), damaged);

    let id = Sha256::of(&evidence("7").bytes);
    fs::write(ledger.evidence_path(&id), b"other").unwrap();
    let changed = LedgerError::Damaged(one(&evidence_file("7"), Fault::Changed));
    assert_eq!(ledger.evidence(&id), Err(changed));
}

#[test]
fn evidence_that_is_gone_comes_back_when_it_is_appended_again() {
    let home = ledger();
    fs::remove_file(home.path().join(evidence_file("7"))).unwrap();
    let ledger = open(home.path()).unwrap();
    assert_eq!(ledger.append(&[evidence("7")], &Key::log()).unwrap()[0].index, 7);
    assert!(ledger.verify().is_ok());
}

#[test]
fn a_changed_or_missing_checkpoint_is_named() {
    let home = ledger();
    let checkpoint = home.path().join("ledger/checkpoint");
    let seen = home.path().join("seen-checkpoint");
    for path in [&checkpoint, &seen] {
        let original = fs::read(path).unwrap();
        for at in 0..original.len() {
            let mut changed = original.clone();
            changed[at] ^= 1;
            fs::write(path, changed).unwrap();
            match open(home.path()).err() {
                Some(LedgerError::Checkpoint { path: named, .. }) => assert_eq!(named, *path),
                other => panic!("byte {at}: {other:?}"),
            }
        }
        fs::write(path, &original[..original.len() / 2]).unwrap();
        assert!(matches!(open(home.path()).err(), Some(LedgerError::Checkpoint { .. })));
        fs::write(path, original).unwrap();
    }

    let original = fs::read(&seen).unwrap();
    fs::remove_file(&seen).unwrap();
    let missing = LedgerError::SeenCheckpointMissing { path: seen.clone(), found: 300 };
    assert_eq!(open(home.path()).err(), Some(missing));
    Ledger::adopt(home.path(), &[&Key::log()]).unwrap();
    assert_eq!(fs::read(&seen).unwrap(), original);
    assert!(open(home.path()).is_ok());

    fs::remove_file(&checkpoint).unwrap();
    let missing = LedgerError::CheckpointMissing { path: checkpoint.clone(), seen: 300 };
    assert_eq!(open(home.path()).err(), Some(missing.clone()));
    // Nor can a new ledger be made in its place.
    assert_eq!(Ledger::create(home.path(), ORIGIN, &Key::log()), Err(missing));
}

#[test]
fn yesterdays_ledger_is_told_from_todays() {
    let home = ledger();
    let yesterday = tempfile::tempdir().unwrap();
    copy(&home.path().join("ledger"), yesterday.path());
    let key = Key::log();
    open(home.path()).unwrap().append(&[evidence("today")], &key).unwrap();
    restore(home.path(), yesterday.path());
    let smaller = LedgerError::Smaller { seen: 301, found: 300 };
    assert_eq!(open(home.path()).err(), Some(smaller.clone()));
    let text = smaller.to_string();
    assert!(text.contains("300") && text.contains("301"), "{text}");
}

#[test]
fn an_open_ledger_notices_that_it_was_replaced() {
    let home = ledger();
    let yesterday = tempfile::tempdir().unwrap();
    copy(&home.path().join("ledger"), yesterday.path());
    let key = Key::log();
    let ledger = open(home.path()).unwrap();
    ledger.append(&[evidence("today")], &key).unwrap();
    restore(home.path(), yesterday.path());
    let smaller = LedgerError::Smaller { seen: 301, found: 300 };
    assert_eq!(ledger.append(&[evidence("more")], &key), Err(smaller.clone()));
    assert_eq!(ledger.verify().err(), Some(smaller));
}

#[test]
fn another_history_is_told_from_this_one() {
    let home = ledger();
    let other = tempfile::tempdir().unwrap();
    copy(home.path(), other.path());
    let key = Key::log();
    open(home.path()).unwrap().append(&[evidence("this")], &key).unwrap();
    let fork = open(other.path()).unwrap();
    fork.append(&[evidence("that")], &key).unwrap();
    restore(home.path(), &other.path().join("ledger"));
    assert_eq!(open(home.path()).err(), Some(LedgerError::Forked { seen: 301, found: 301 }));
    // The holder of the key lets it grow beyond what was seen: still not a continuation.
    fork.append(&[evidence("those"), evidence("these")], &key).unwrap();
    restore(home.path(), &other.path().join("ledger"));
    assert_eq!(open(home.path()).err(), Some(LedgerError::Forked { seen: 301, found: 303 }));
}

#[test]
fn a_checkpoint_by_another_key_is_not_believed() {
    let home = ledger();
    let path = home.path().join("ledger/checkpoint");
    let genuine = SignedCheckpoint::parse(&fs::read(&path).unwrap()).unwrap();
    // Same name, another key.
    let forger = Key::new(ORIGIN, 8);
    let forged = SignedCheckpoint::sign(genuine.checkpoint().clone(), &[&forger]).unwrap();
    fs::write(&path, forged.to_string()).unwrap();
    match open(home.path()).err() {
        Some(LedgerError::Checkpoint {
            source: CheckpointError::Note(NoteError::Unverified(_)),
            path: named,
        }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
    fs::write(&path, genuine.to_string()).unwrap();

    // Nor can a key that the ledger is not verified with extend it.
    let ledger = open(home.path()).unwrap();
    let refused = LedgerError::SignerNotTrusted(ORIGIN.to_owned());
    assert_eq!(ledger.append(&[evidence("new")], &forger), Err(refused));
    assert_eq!(open(home.path()).unwrap().size(), 300);
    assert!(ledger.verify().is_ok());
}

#[test]
fn a_signed_root_that_nothing_leads_to_is_the_checkpoints_fault() {
    let home = ledger();
    let wrong = Checkpoint {
        origin: ORIGIN.into(),
        size: 300,
        root: leaf_hash(b"other"),
        extensions: vec![],
    };
    let wrong = SignedCheckpoint::sign(wrong, &[&Key::log()]).unwrap().to_string();
    for path in ["ledger/checkpoint", "seen-checkpoint"] {
        fs::write(home.path().join(path), &wrong).unwrap();
    }
    assert_eq!(problems(home.path()), one("ledger/checkpoint", Fault::Root));
}

#[test]
fn lost_proofs_are_listed_and_made_anew() {
    let home = ledger();
    let path = format!("{}.tlog-proof", evidence_file("7"));
    let file = home.path().join(&path);
    let original = fs::read(&file).unwrap();
    let ledger = open(home.path()).unwrap();
    let cut = original[..original.len() - 9].to_vec();
    let other = fs::read(home.path().join(evidence_file("8") + ".tlog-proof")).unwrap();
    for content in [None, Some(cut), Some(other)] {
        match content {
            None => fs::remove_file(&file).unwrap(),
            Some(content) => fs::write(&file, content).unwrap(),
        }
        assert_eq!(ledger.verify().unwrap().stale_proofs, [path.as_str()]);
        ledger.reindex().unwrap();
        assert_eq!(ledger.verify().unwrap().stale_proofs, [""; 0]);
    }
}

fn restore(home: &Path, copy_of_ledger: &Path) {
    let ledger = home.join("ledger");
    fs::remove_dir_all(&ledger).unwrap();
    copy(copy_of_ledger, &ledger);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from: PathBuf = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
