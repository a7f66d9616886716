//! Crashes, full disks and failed syncs at every single change an append makes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use penstock_model::{Sha256, Timestamp};
use penstock_tlog::{NoteSigner, NoteVerifier, SignFailed, leaf_hash};

use crate::{
    Entry, Index, IndexError, IndexState, Ledger, LedgerError, NewEvidence, Receipt, Subject,
    disk::Disk,
    indexing::Indexing,
    layout::Layout,
    memory_disk::{Change, Failing, Leaves, MemoryDisk},
};

const HOME: &str = "/home/ledger-home";

/// How many entries are there before the append that is disturbed: none, so that every directory is
/// new; a few; and so many that it crosses the end of a tile.
const SIZES: [usize; 3] = [0, 3, 254];

/// Stands in for a key: these tests are about files.
struct Key;

impl NoteSigner for Key {
    fn name(&self) -> &str {
        "log.example"
    }

    fn key_id(&self) -> u32 {
        1
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        Ok(leaf_hash(message).as_bytes().to_vec())
    }
}

impl NoteVerifier for Key {
    fn name(&self) -> &str {
        "log.example"
    }

    fn key_id(&self) -> u32 {
        1
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        leaf_hash(message).as_bytes() == signature
    }
}

fn evidence(name: &str) -> NewEvidence {
    NewEvidence {
        bytes: name.as_bytes().to_vec(),
        predicate_type: "https://example.com/test".into(),
        media_type: "text/plain".into(),
        subjects: vec![Subject::sha256(None, &Sha256::of(name.as_bytes()))],
        key_id: "key".into(),
        time: Timestamp::from_unix(0).unwrap(),
    }
}

fn open(disk: &Arc<MemoryDisk>) -> Result<Ledger<'static>, LedgerError> {
    let disk: Arc<dyn Disk> = Arc::clone(disk) as Arc<dyn Disk>;
    Ledger::open_on(disk, Layout::new(Path::new(HOME)), &[&Key], Indexing::given(None))
}

fn create(disk: &Arc<MemoryDisk>) -> Result<(), LedgerError> {
    Ledger::create_on(Arc::clone(disk) as Arc<dyn Disk>, Path::new(HOME), "log.example", &Key)
}

/// A disk with a ledger of `size` entries.
fn prepared(size: usize) -> MemoryDisk {
    let disk = Arc::new(MemoryDisk::new());
    create(&disk).unwrap();
    let all: Vec<_> = (0..size).map(|n| evidence(&format!("before {n}"))).collect();
    open(&disk).unwrap().append(&all, &Key).unwrap();
    disk.repaired()
}

fn batch() -> Vec<NewEvidence> {
    ["one", "two", "three"].map(evidence).to_vec()
}

/// The ledger on `disk` is whole, has the `size` entries that were there before and what was
/// `acknowledged`, takes the batch again, and has each piece of evidence once.
fn assert_recovers(
    disk: MemoryDisk,
    size: usize,
    acknowledged: Option<Vec<Receipt>>,
    context: &str,
) {
    let disk = Arc::new(disk);
    let ledger = open(&disk).unwrap_or_else(|error| panic!("{context}: {error}"));
    ledger.verify().unwrap_or_else(|error| panic!("{context}: {error}"));
    assert!(ledger.size() >= size as u64, "{context}: {}", ledger.size());
    for receipt in acknowledged.iter().flatten() {
        let entry = ledger.entry(receipt.index).unwrap_or_else(|e| panic!("{context}: {e}"));
        assert_eq!(entry.sha256, receipt.evidence, "{context}");
    }
    let again = ledger.append(&batch(), &Key).unwrap_or_else(|e| panic!("{context}: {e}"));
    if let Some(acknowledged) = acknowledged {
        assert_eq!(again, acknowledged, "{context}");
    }
    ledger.append(&[evidence("four")], &Key).unwrap_or_else(|e| panic!("{context}: {e}"));
    let report = ledger.verify().unwrap_or_else(|error| panic!("{context}: {error}"));
    let logged: BTreeSet<Sha256> =
        ledger.entries(0..report.entries).unwrap().into_iter().map(|(_, e)| e.sha256).collect();
    assert_eq!(report.entries, size as u64 + 4, "{context}");
    assert_eq!(logged.len(), size + 4, "{context}");
}

/// Appends the batch once for every change it makes, with that change failing.
fn at_every_change(
    failing: Failing,
    size: usize,
    busy: bool,
    check: impl Fn(&MemoryDisk, Outcome, usize),
) {
    let prepared = prepared(size);
    for at in 0.. {
        let disk = Arc::new(prepared.failing(at, failing).busy(busy));
        let outcome = open(&disk).and_then(|ledger| {
            let receipts = ledger.append(&batch(), &Key)?;
            Ok((receipts, ledger.take_warnings()))
        });
        if !disk.has_failed() {
            assert!(at > 20, "an append makes more than {at} changes");
            return;
        }
        check(&disk, outcome, at);
    }
}

type Outcome = Result<(Vec<Receipt>, Vec<LedgerError>), LedgerError>;

/// The sizes and whether another writer holds the lock; the largest size is slow, and once is enough.
const CASES: [(usize, bool); 5] =
    [(SIZES[0], false), (SIZES[1], false), (SIZES[2], false), (SIZES[0], true), (SIZES[1], true)];

#[test]
fn a_crash_at_any_change_loses_nothing_acknowledged() {
    for (size, busy) in CASES {
        let slow = size == SIZES[2];
        let all = [Leaves::Synced, Leaves::Torn, Leaves::Everything];
        for &leaves in &all[..if slow { 1 } else { 3 }] {
            at_every_change(Failing::Crash, size, busy, |disk, outcome, at| {
                let context = format!("{size} entries, crash at {at}, {leaves:?}, busy {busy}");
                let acknowledged = outcome.ok().map(|outcome| outcome.0);
                assert_recovers(disk.after_crash(leaves), size, acknowledged, &context);
            });
        }
    }
}

#[test]
fn a_second_crash_after_the_next_append_loses_nothing_either() {
    // What a killed writer made or renamed is there for the next one, and not durable.
    for size in [SIZES[0], SIZES[1]] {
        at_every_change(Failing::Crash, size, false, |disk, _, at| {
            let disk = Arc::new(disk.repaired());
            let receipts = open(&disk).unwrap().append(&batch(), &Key).unwrap();
            let context = format!("{size} entries, killed at {at}, then power lost");
            assert_recovers(disk.after_crash(Leaves::Synced), size, Some(receipts), &context);
        });
    }
}

#[test]
fn a_full_disk_is_an_error_and_harms_nothing() {
    for (size, busy) in CASES {
        at_every_change(Failing::Full, size, busy, |disk, outcome, at| {
            let context = format!("{size} entries, full at {at}, busy {busy}");
            match &outcome {
                Err(LedgerError::Io(error)) => {
                    assert_eq!(error.kind, std::io::ErrorKind::StorageFull, "{context}");
                    let found = open(&Arc::new(disk.repaired())).unwrap().size();
                    assert_eq!(found, size as u64, "{context}: something was logged");
                    assert!(inbox(disk).is_empty(), "{context}");
                    assert!(error.to_string().contains("free some space"), "{error}");
                }
                Err(error) => panic!("{context}: {error}"),
                // Durable before the disk was full; what could not be written after is a warning.
                Ok((receipts, warnings)) => {
                    assert_eq!(receipts.len(), 3);
                    assert!(!warnings.is_empty());
                }
            }
            let acknowledged = outcome.ok().map(|outcome| outcome.0);
            assert_recovers(disk.repaired(), size, acknowledged, &context);
        });
    }
}

#[test]
fn a_failed_write_or_sync_is_never_taken_for_success() {
    for (size, busy) in CASES {
        at_every_change(Failing::Broken, size, busy, |disk, outcome, at| {
            let context = format!("{size} entries, {at} failed, busy {busy}");
            let acknowledged = outcome.ok().map(|outcome| outcome.0);
            // The power goes right after: what was acknowledged had better be on the disk.
            let after = disk.after_crash(Leaves::Synced);
            assert_recovers(after, size, acknowledged.clone(), &context);
            assert_recovers(disk.repaired(), size, acknowledged, &context);
        });
    }
}

#[test]
fn making_a_ledger_can_be_cut_short_anywhere() {
    for leaves in [Leaves::Everything, Leaves::Synced, Leaves::Torn] {
        for at in 0.. {
            let disk = Arc::new(MemoryDisk::new().failing(at, Failing::Crash));
            let outcome = create(&disk);
            if !disk.has_failed() {
                break;
            }
            let disk = Arc::new(disk.after_crash(leaves));
            let again = create(&disk);
            let exists = Err(LedgerError::Exists(HOME.into()));
            assert!(again.is_ok() || again == exists, "{at} {leaves:?} {again:?}");
            assert!(outcome.is_err() || again == exists);
            open(&disk).unwrap().append(&batch(), &Key).unwrap();
        }
    }
}

#[test]
fn everything_is_durable_before_the_checkpoint_and_the_checkpoint_before_the_answer() {
    let disk = Arc::new(prepared(SIZES[2]).failing(usize::MAX, Failing::Crash));
    open(&disk).unwrap().append(&batch(), &Key).unwrap();
    let changes = disk.state().changes.clone();
    let log = Path::new(HOME).join("ledger");
    let checkpoint = log.join("checkpoint");
    let position = |change: &Change| {
        changes.iter().position(|c| c == change).unwrap_or_else(|| panic!("no {change:?}"))
    };
    let committed =
        position(&Change::Rename(checkpoint.with_added_extension("tmp"), checkpoint.clone()));

    // Whatever is written before the commit is synced before it, and so is the directory of its
    // name; for evidence, that is the name it is renamed to.
    let mut before = Vec::new();
    for change in &changes[..committed] {
        let Change::Write(path) = change else { continue };
        let synced = position(&Change::Sync(path.clone()));
        assert!(position(change) < synced && synced < committed, "{path:?}");
        let renamed = changes.iter().enumerate().find_map(|(n, change)| match change {
            Change::Rename(from, to) if from == path => Some((n, to.clone())),
            _ => None,
        });
        let (named, name) = renamed.unwrap_or((synced, path.clone()));
        if name == checkpoint {
            continue;
        }
        assert!(synced <= named && named < committed, "{path:?}");
        let directory = Change::SyncDir(name.parent().unwrap().to_owned());
        let durable = changes.iter().rposition(|c| *c == directory).unwrap();
        assert!(named < durable && durable < committed, "{name:?}");
        before.push((synced, name));
    }
    // All three pieces of evidence before the first tile.
    let is_evidence = |path: &Path| path.starts_with(Path::new(HOME).join("evidence"));
    let last_evidence = before.iter().filter(|b| is_evidence(&b.1)).map(|b| b.0).max().unwrap();
    let tiles: Vec<_> = before.iter().filter(|b| b.1.starts_with(log.join("tile"))).collect();
    assert_eq!(before.iter().filter(|b| is_evidence(&b.1)).count(), 3);
    assert!(tiles.iter().all(|tile| last_evidence < tile.0));
    // Two leaf tiles, the one above them, two bundles: no more is rewritten than has changed.
    assert_eq!(tiles.len(), 5, "{tiles:?}");

    // Then the checkpoint's own directory, and only then the last seen checkpoint and the proofs.
    assert_eq!(changes[committed + 1], Change::SyncDir(log.clone()));
    let after = &changes[committed + 2..];
    assert!(
        after
            .iter()
            .any(|c| matches!(c, Change::Write(path) if path.ends_with("seen-checkpoint.tmp")))
    );
    let names = |change: &Change| format!("{change:?}");
    assert!(changes[..committed].iter().all(|c| !names(c).contains("seen-checkpoint")));
    assert!(changes[..committed].iter().all(|c| !names(c).contains("tlog-proof")));
}

#[test]
fn a_failing_index_never_fails_an_append() {
    struct Broken;
    fn broken<T>() -> Result<T, IndexError> {
        Err(IndexError { path: "index".into(), message: "broken".into() })
    }
    impl Index for Broken {
        fn state(&self) -> Result<IndexState, IndexError> {
            broken()
        }
        fn add(&mut self, _: &[(u64, Entry)], _: IndexState) -> Result<(), IndexError> {
            broken()
        }
        fn by_evidence(&self, _: &Sha256) -> Result<Option<u64>, IndexError> {
            broken()
        }
        fn by_subject(&self, _: &str, _: &str) -> Result<Vec<u64>, IndexError> {
            broken()
        }
        fn by_type(&self, _: &str) -> Result<Vec<u64>, IndexError> {
            broken()
        }
        fn latest(&self, _: &str, _: &str, _: &str) -> Result<Option<u64>, IndexError> {
            broken()
        }
    }
    let disk = Arc::new(prepared(SIZES[1]));
    let layout = Layout::new(Path::new(HOME));
    let indexing = Indexing::given(Some(Box::new(Broken)));
    let ledger = Ledger::open_on(disk, layout, &[&Key], indexing).unwrap();
    let receipts = ledger.append(&batch(), &Key).unwrap();
    assert_eq!(receipts[2].index, 5);
    assert!(ledger.take_warnings().iter().all(|w| matches!(w, LedgerError::Index(_))));
    let one = Sha256::of(b"one").to_string();
    assert_eq!(ledger.by_subject("sha256", &one).unwrap()[0].0, 3);
    assert_eq!(ledger.append(&batch(), &Key), Ok(receipts));
}

#[test]
fn an_index_that_lies_adds_nothing() {
    struct Liar(IndexState);
    impl Index for Liar {
        fn state(&self) -> Result<IndexState, IndexError> {
            Ok(self.0)
        }
        fn add(&mut self, _: &[(u64, Entry)], state: IndexState) -> Result<(), IndexError> {
            self.0 = state;
            Ok(())
        }
        fn by_evidence(&self, _: &Sha256) -> Result<Option<u64>, IndexError> {
            Ok(Some(0))
        }
        fn by_subject(&self, _: &str, _: &str) -> Result<Vec<u64>, IndexError> {
            Ok(vec![1, 0])
        }
        fn by_type(&self, _: &str) -> Result<Vec<u64>, IndexError> {
            Ok(vec![0])
        }
        fn latest(&self, _: &str, _: &str, _: &str) -> Result<Option<u64>, IndexError> {
            Ok(Some(1))
        }
    }
    let disk = Arc::new(prepared(SIZES[1]));
    let layout = Layout::new(Path::new(HOME));
    let indexing = Indexing::given(Some(Box::new(Liar(IndexState { size: 0, root: None }))));
    let ledger = Ledger::open_on(disk, layout, &[&Key], indexing).unwrap();
    let receipts = ledger.append(&batch(), &Key).unwrap();
    assert_eq!(receipts[0].index, 3);
    let digest = Sha256::of(b"before 2").to_string();
    assert_eq!(ledger.by_subject("sha256", &digest).unwrap()[0].0, 2);
    assert_eq!(ledger.by_type("https://example.com/other").unwrap(), []);
    assert_eq!(ledger.latest("https://example.com/test", "sha256", &digest).unwrap().unwrap().0, 2);
    assert!(!ledger.take_warnings().is_empty());
}

#[test]
fn a_network_file_system_is_refused() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new());
    let home = Path::new("/net/home");
    let refused = LedgerError::NetworkFileSystem { home: home.to_owned(), kind: "NFS" };
    assert_eq!(Ledger::create_on(disk, home, "log.example", &Key), Err(refused));
}

#[test]
fn items_in_the_inbox_are_logged_whole_or_not_at_all() {
    let disk = Arc::new(prepared(SIZES[1]));
    let shared: Arc<dyn Disk> = Arc::clone(&disk) as Arc<dyn Disk>;
    let layout = Layout::new(Path::new(HOME));
    let put = |name: &str, bytes: &[u8]| {
        let path = layout.inbox().join(name);
        shared.write(&crate::disk::NewFile { path, bytes }).unwrap();
    };
    // Cut short, under another name, and without evidence.
    put(&Sha256::of(b"x").to_string(), b"x");
    put(&"0".repeat(64), b"");
    put(".0000-1-1.tmp", b"half");
    let entry =
        Entry { sha256: Sha256::of(b"not there"), ..open(&disk).unwrap().entry(0).unwrap() };
    crate::inbox::put(&shared, &layout, &[&entry.to_bytes().unwrap()]).unwrap();
    // Whole, from a process that was killed while it waited.
    let waiting = disk.failing(usize::MAX, Failing::Crash);
    let at = 1 + {
        let disk = Arc::new(waiting.busy(true));
        open(&disk).unwrap().append(&[evidence("waiting")], &Key).unwrap();
        let changes = disk.state().changes.clone();
        let inbox = layout.inbox();
        changes
            .iter()
            .position(|c| matches!(c, Change::Rename(_, to) if to.starts_with(&inbox)))
            .unwrap()
    };
    let killed = Arc::new(disk.failing(at, Failing::Crash).busy(true));
    open(&killed).unwrap().append(&[evidence("waiting")], &Key).unwrap_err();

    let disk = Arc::new(killed.after_crash(Leaves::Everything));
    let ledger = open(&disk).unwrap();
    assert_eq!(ledger.size(), 3);
    ledger.append(&[evidence("next")], &Key).unwrap();
    assert_eq!(ledger.size(), 5);
    let waiting = ledger.by_evidence(&Sha256::of(b"waiting")).unwrap().unwrap();
    assert_eq!(waiting.0, 4);
    assert_eq!(ledger.by_evidence(&Sha256::of(b"not there")), Ok(None));
    assert_eq!(inbox(&disk), [layout.inbox().join(".0000-1-1.tmp")]);
    ledger.verify().unwrap();
}

/// What is in the inbox.
fn inbox(disk: &MemoryDisk) -> Vec<PathBuf> {
    let inbox = Layout::new(Path::new(HOME)).inbox();
    disk.list(&inbox).unwrap().into_iter().map(|name| inbox.join(name)).collect()
}
