//! What a ledger does when nobody harms it.

mod support;

use penstock_ledger::{Entry, Ledger, LedgerError, Subject};
use penstock_model::Sha256;
use support::{Key, ORIGIN, evidence, filled};

#[test]
fn what_is_appended_is_found_proved_and_verified() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    assert_eq!((ledger.size(), ledger.origin().as_str()), (0, ORIGIN));

    let (one, two) = (evidence("one"), evidence("two"));
    let receipts = ledger.append(&[one.clone(), two.clone()], &key).unwrap();
    assert_eq!(receipts.iter().map(|r| r.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(receipts[0].evidence, Sha256::of(&one.bytes));
    assert_eq!(ledger.evidence(&receipts[1].evidence).unwrap(), two.bytes);

    let entry = ledger.entry(0).unwrap();
    assert_eq!((entry.sha256, entry.size), (receipts[0].evidence, one.bytes.len() as u64));
    assert_eq!(ledger.entry(2), Err(LedgerError::NoEntry { index: 2, size: 2 }));

    // The proof verifies without the ledger, and lies beside the evidence.
    let proof = ledger.proof(0).unwrap();
    assert_eq!(proof.verify(&entry.to_bytes().unwrap(), ORIGIN, &[&key]), Ok(()));
    let beside = ledger.evidence_path(&entry.sha256).with_added_extension("tlog-proof");
    assert_eq!(std::fs::read_to_string(beside).unwrap(), proof.to_string());

    let report = ledger.verify().unwrap();
    assert_eq!((report.entries, report.stale_proofs.len()), (2, 0));
    assert_eq!(ledger.take_warnings(), []);
}

#[test]
fn evidence_has_one_entry() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    let one = evidence("one");
    let first = ledger.append(&[one.clone(), one.clone()], &key).unwrap();
    assert_eq!(first[0], first[1]);
    let mut later = one.clone();
    later.time = later.time.plus_seconds(60);
    assert_eq!(ledger.append(&[evidence("two"), later], &key).unwrap()[1], first[0]);
    assert_eq!(ledger.size(), 2);

    let mut other = one;
    other.key_id = "other".into();
    let conflict = LedgerError::Conflict { evidence: first[0].evidence, index: 0 };
    assert_eq!(ledger.append(&[evidence("three"), other], &key), Err(conflict));
    assert_eq!(ledger.size(), 2);
    ledger.verify().unwrap();
}

#[test]
fn queries_find_the_same_with_and_without_an_index() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path(), 300, 100);
    let key = Key::log();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    let mut decision = evidence("again");
    decision.subjects = vec![support::subject("7"), support::subject("299")];
    decision.predicate_type = "https://example.com/decision".into();
    ledger.append(&[decision.clone()], &key).unwrap();

    let check = |ledger: &Ledger<'_>| {
        let seven = Sha256::of(b"7").to_string();
        let numbers = |found: Vec<(u64, Entry)>| found.into_iter().map(|f| f.0).collect::<Vec<_>>();
        assert_eq!(numbers(ledger.by_subject("sha256", &seven).unwrap()), [7, 300]);
        assert_eq!(numbers(ledger.by_subject("sha512", &seven).unwrap()), [0u64; 0]);
        assert_eq!(numbers(ledger.by_type(&decision.predicate_type).unwrap()), [300]);
        assert_eq!(ledger.by_type("https://slsa.dev/provenance/v1").unwrap().len(), 300);
        let latest = ledger.latest("https://slsa.dev/provenance/v1", "sha256", &seven).unwrap();
        assert_eq!(latest.unwrap().0, 7);
        assert_eq!(ledger.latest("other", "sha256", &seven).unwrap(), None);
        let id = Sha256::of(&decision.bytes);
        assert_eq!(ledger.by_evidence(&id).unwrap().unwrap().0, 300);
        assert_eq!(ledger.by_evidence(&Sha256::of(b"")).unwrap(), None);
    };
    check(&ledger);
    assert_eq!(ledger.take_warnings(), []);

    // Deleted while in use, deleted while closed, overwritten, made for another log.
    let index = home.path().join("index.sqlite");
    for content in [None, Some(vec![b'x'; 5000]), Some(vec![])] {
        drop(Ledger::open(home.path(), &[&key]).unwrap());
        for part in ["index.sqlite-wal", "index.sqlite-shm"] {
            let _ = std::fs::remove_file(home.path().join(part));
        }
        match content {
            None => std::fs::remove_file(&index).unwrap(),
            Some(content) => std::fs::write(&index, content).unwrap(),
        }
        let ledger = Ledger::open(home.path(), &[&key]).unwrap();
        check(&ledger);
        assert_eq!(ledger.take_warnings(), []);
        ledger.verify().unwrap();
    }
    check(&ledger);
}

#[test]
fn tiles_fill_and_their_partial_forms_go() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path(), 700, 90);
    let tiles = home.path().join("ledger/tile");
    let names = |path: &str| {
        let mut names: Vec<String> = std::fs::read_dir(tiles.join(path))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    for folder in ["0", "entries"] {
        assert_eq!(names(folder), ["000", "000.p", "001", "001.p", "002.p"]);
        assert_eq!(names(&format!("{folder}/000.p")), [""; 0]);
        assert!(names(&format!("{folder}/002.p")).contains(&"188".to_owned()));
    }
    let key = Key::log();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    assert_eq!(ledger.entries(0..700).unwrap().len(), 700);
    for index in [0, 255, 256, 511, 512, 699] {
        let entry = ledger.entry(index).unwrap().to_bytes().unwrap();
        ledger.proof(index).unwrap().verify(&entry, ORIGIN, &[&key]).unwrap();
    }
    assert_eq!(ledger.verify().unwrap().tiles, 4);
}

#[test]
fn a_ledger_is_made_once() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    let missing = Ledger::open(home.path(), &[&key]).err();
    assert_eq!(missing, Some(LedgerError::NotFound(home.path().to_owned())));
    let deep = home.path().join("a/b");
    Ledger::create(&deep, ORIGIN, &key).unwrap();
    assert_eq!(Ledger::create(&deep, ORIGIN, &key), Err(LedgerError::Exists(deep.clone())));
    assert_eq!(Ledger::open(&deep, &[&key]).unwrap().size(), 0);
}

#[test]
fn an_entry_that_is_too_large_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    let mut large = evidence("large");
    large.subjects = vec![Subject::sha256(None, &Sha256::of(b"")); 60];
    let error = ledger.append(&[evidence("small"), large], &key);
    assert!(matches!(error, Err(LedgerError::Entry(_))), "{error:?}");
    assert_eq!(ledger.size(), 0);
    let stored = std::fs::read_dir(home.path().join("evidence/sha256")).unwrap().count();
    assert_eq!(stored, 0);
}
