//! Reading everything and saying which file is not what was signed.

use std::{collections::BTreeMap, io, sync::Arc};

use penstock_tlog::{
    Checkpoint, Hash, HashReader, NoteVerifier, SignedCheckpoint, TILE_WIDTH, Tile, TlogProof,
    Tree, decode_bundle, leaf_hash, node_hash, verify_inclusion,
};

use crate::{
    Entry, Fault, IoFailure, Ledger, LedgerError, Problem, disk::Disk, evidence, layout::Layout,
    ledger::load_head, store::Store,
};

/// What was found to be as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The checkpoint everything follows from.
    pub checkpoint: SignedCheckpoint,
    /// How many tiles of hashes were read.
    pub tiles: u64,
    /// How many entries were read, each with its evidence.
    pub entries: u64,
    /// How many bytes of evidence were read.
    pub evidence_bytes: u64,
    /// Proofs beside the evidence that are missing or wrong, relative to the home. They are derived:
    /// [`Ledger::reindex`] writes them anew.
    pub stale_proofs: Vec<String>,
}

impl Ledger<'_> {
    /// Reads every file of the ledger: checkpoint, last seen checkpoint, tiles, entry bundles,
    /// evidence, proofs.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] with every file that is missing or not what the signed tree says; the
    /// errors of [`Ledger::open`]; a disk that fails.
    pub fn verify(&self) -> Result<VerifyReport, LedgerError> {
        let (head, _) = load_head(&self.disk, &self.layout, &self.verifiers)?;
        let checkpoint = head.checkpoint();
        let mut reading = Reading::new(&self.disk, &self.layout, checkpoint);
        reading.log()?;
        let mut report = VerifyReport {
            tiles: reading.tiles,
            entries: checkpoint.size,
            evidence_bytes: 0,
            stale_proofs: Vec::new(),
            checkpoint: head.clone(),
        };
        let entries = std::mem::take(&mut reading.entries);
        let store = self.store(checkpoint);
        let mut known = KnownCheckpoints { head: checkpoint, store, last: None };
        for (index, entry) in entries {
            match evidence::load(&self.disk, &self.layout, &entry.sha256) {
                Ok(bytes) => {
                    report.evidence_bytes += bytes.len() as u64;
                    if bytes.len() as u64 != entry.size {
                        let path = self.layout.relative(&self.layout.evidence(&entry.sha256));
                        let fault =
                            Fault::Length { expected: entry.size, found: bytes.len() as u64 };
                        reading.problems.push(Problem { path, fault });
                    }
                }
                Err(LedgerError::Damaged(problems)) => reading.problems.extend(problems),
                Err(error) => return Err(error),
            }
            if !self.has_proof(index, &entry, &mut known) {
                let path = self.layout.proof(&entry.sha256);
                report.stale_proofs.push(self.layout.relative(&path));
            }
        }
        if reading.problems.is_empty() {
            Ok(report)
        } else {
            Err(LedgerError::Damaged(reading.problems))
        }
    }

    fn has_proof(&self, index: u64, entry: &Entry, known: &mut KnownCheckpoints<'_>) -> bool {
        let mut proves = || {
            let bytes = self.disk.read(&self.layout.proof(&entry.sha256)).ok()?;
            let proof = TlogProof::parse(&bytes).ok()?;
            let leaf = leaf_hash(&entry.to_bytes().ok()?);
            let old = proof.checkpoint.checkpoint();
            verify_inclusion(&proof.path, index, &leaf, old.size, &old.root).ok()?;
            (proof.index == index && known.has(&proof.checkpoint, &self.verifiers)).then_some(())
        };
        proves().is_some()
    }
}

/// The checkpoints of proofs that were signed and belong to this log. Entries of one commit follow
/// each other and share one, so remembering the last is enough.
struct KnownCheckpoints<'s> {
    head: &'s Checkpoint,
    store: Store<'s>,
    last: Option<SignedCheckpoint>,
}

impl KnownCheckpoints<'_> {
    fn has(&mut self, signed: &SignedCheckpoint, verifiers: &[&dyn NoteVerifier]) -> bool {
        if self.last.as_ref() == Some(signed) {
            return true;
        }
        let old = signed.checkpoint();
        let belongs = old.origin == self.head.origin
            && old.size <= self.head.size
            && signed.note().verify(verifiers).is_ok()
            && Tree::new(old.size, &self.store).root().is_ok_and(|root| root == old.root);
        if belongs {
            self.last = Some(signed.clone());
        }
        belongs
    }
}

/// The files to blame when tiles, entries and checkpoint do not agree.
pub(crate) fn blame(disk: &Arc<dyn Disk>, layout: &Layout, checkpoint: &Checkpoint) -> LedgerError {
    let mut reading = Reading::new(disk, layout, checkpoint);
    match reading.log() {
        Ok(()) => LedgerError::Damaged(reading.problems),
        Err(error) => error,
    }
}

/// One pass over the log.
struct Reading<'l> {
    store: Store<'l>,
    checkpoint: &'l Checkpoint,
    problems: Vec<Problem>,
    tiles: u64,
    entries: Vec<(u64, Entry)>,
}

impl<'l> Reading<'l> {
    fn new(disk: &'l Arc<dyn Disk>, layout: &'l Layout, checkpoint: &'l Checkpoint) -> Self {
        Self {
            store: Store { disk, layout, size: checkpoint.size },
            checkpoint,
            problems: Vec::new(),
            tiles: 0,
            entries: Vec::new(),
        }
    }

    /// Reads all bundles and tiles and finds those that are wrong.
    ///
    /// The tree can be computed from the entries alone and from the tiles alone. If the entries give
    /// the signed root, a tile that differs is wrong; if only the tiles do, an entry bundle that
    /// differs is; if neither does, either may be, or the checkpoint.
    fn log(&mut self) -> Result<(), LedgerError> {
        let stored = self.stored_tiles()?;
        let (bundles, leaves) = self.stored_bundles()?;
        let computed = computed_tiles(self.checkpoint.size, leaves);
        let signed = |tiles: &Tiles| {
            Tree::new(self.checkpoint.size, tiles).root().is_ok_and(|r| r == self.checkpoint.root)
        };
        let entries_right = signed(&computed);
        let tiles_right = signed(&stored) && stored.is_consistent(self.checkpoint.size);
        let differs = |(level, index): (u8, u64)| match (
            stored.0.get(&(level, index)),
            computed.0.get(&(level, index)),
        ) {
            (Some(stored), Some(computed)) => stored != computed,
            _ => false,
        };
        for tile in tiles_of(self.checkpoint.size) {
            let place = (tile.level(), tile.index());
            if !tiles_right && differs(place) {
                self.blame(tile.path(), Fault::Changed);
            }
            if !entries_right && tile.level() == 0 && differs(place) {
                self.blame(tile.entries_path().unwrap_or_default(), Fault::Changed);
            }
        }
        if self.problems.is_empty() && !(entries_right && tiles_right) {
            let path = self.store.layout.relative(&self.store.layout.checkpoint());
            self.problems.push(Problem { path, fault: Fault::Root });
        }
        if entries_right || tiles_right {
            self.read_entries(&bundles, &computed, &stored);
        }
        self.problems.sort();
        self.problems.dedup();
        Ok(())
    }

    fn stored_tiles(&mut self) -> Result<Tiles, LedgerError> {
        let mut tiles = BTreeMap::new();
        for tile in tiles_of(self.checkpoint.size) {
            self.tiles += 1;
            match self.store.read_tile(tile) {
                Ok(hashes) => {
                    tiles.insert((tile.level(), tile.index()), hashes);
                }
                Err(LedgerError::Damaged(problems)) => self.problems.extend(problems),
                Err(error) => return Err(error),
            }
        }
        Ok(Tiles(tiles))
    }

    /// The bytes of the entry bundles, and their leaf hashes where they have the right number.
    fn stored_bundles(&mut self) -> Result<(Bundles, BTreeMap<u64, Vec<Hash>>), LedgerError> {
        let mut bundles = BTreeMap::new();
        let mut leaves = BTreeMap::new();
        for tile in tiles_of(self.checkpoint.size).take_while(|tile| tile.level() == 0) {
            let path = tile.entries_path().unwrap_or_default();
            let bytes = match self.store.read_entries(tile) {
                Ok(bytes) => bytes,
                Err(LedgerError::Io(IoFailure { kind: io::ErrorKind::NotFound, .. })) => {
                    self.blame(path, Fault::Missing);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let entries: Vec<Vec<u8>> = match decode_bundle(&bytes) {
                Ok(entries) => entries.into_iter().map(<[u8]>::to_vec).collect(),
                Err(error) => {
                    self.blame(path, Fault::Malformed(error.to_string()));
                    continue;
                }
            };
            let (expected, found) = (u64::from(tile.width()), entries.len() as u64);
            if found < expected {
                self.blame(path, Fault::Length { expected, found });
                continue;
            }
            let hashes = entries.iter().take(tile.width().into());
            leaves.insert(tile.index(), hashes.map(|entry| leaf_hash(entry)).collect());
            bundles.insert(tile.index(), entries);
        }
        Ok((bundles, leaves))
    }

    /// Reads the entries of every bundle that is not to blame.
    fn read_entries(&mut self, bundles: &Bundles, computed: &Tiles, stored: &Tiles) {
        for tile in tiles_of(self.checkpoint.size).take_while(|tile| tile.level() == 0) {
            let path = tile.entries_path().unwrap_or_default();
            let Some(entries) = bundles.get(&tile.index()) else { continue };
            let place = (0, tile.index());
            if self.problems.iter().any(|p| p.path == self.path(&path))
                || (stored.0.contains_key(&place) && !computed.0.contains_key(&place))
            {
                continue;
            }
            let first = tile.index() * u64::from(TILE_WIDTH);
            for (index, bytes) in (first..).zip(entries.iter().take(tile.width().into())) {
                match Entry::from_bytes(bytes) {
                    Ok(entry) => self.entries.push((index, entry)),
                    Err(error) => {
                        let fault = Fault::Malformed(format!("entry {index}: {error}"));
                        self.blame(path.clone(), fault);
                    }
                }
            }
        }
    }

    fn blame(&mut self, path: String, fault: Fault) {
        let path = self.path(&path);
        self.problems.push(Problem { path, fault });
    }

    /// A path of the log as problems name it.
    fn path(&self, path: &str) -> String {
        self.store.layout.relative(&self.store.layout.log().join(path))
    }
}

type Bundles = BTreeMap<u64, Vec<Vec<u8>>>;

/// Tiles held in memory.
struct Tiles(BTreeMap<(u8, u64), Vec<Hash>>);

impl Tiles {
    /// Whether every full tile has the hash that stands for it in the tile above.
    fn is_consistent(&self, size: u64) -> bool {
        tiles_of(size).filter(|tile| !tile.is_partial()).all(|tile| {
            let width = u64::from(TILE_WIDTH);
            let above = self.0.get(&(tile.level() + 1, tile.index() / width));
            let stands = above.and_then(|above| above.get((tile.index() % width) as usize));
            let hashes = self.0.get(&(tile.level(), tile.index()));
            hashes.and_then(|hashes| root_of_full(hashes)).as_ref() == stands && stands.is_some()
        })
    }
}

impl HashReader for Tiles {
    type Error = NoTile;

    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, NoTile> {
        self.0.get(&(tile.level(), tile.index())).cloned().ok_or(NoTile)
    }
}

/// A tile could not be read or computed.
#[derive(Debug, thiserror::Error)]
#[error("there is no such tile")]
struct NoTile;

/// Every tile a tree of that size has, lower levels first.
fn tiles_of(size: u64) -> impl Iterator<Item = Tile> {
    (0..8).flat_map(move |level| (0..).map_while(move |index| Tile::in_tree(level, index, size)))
}

/// The tiles that follow from the leaf hashes; those above a missing one are missing.
fn computed_tiles(size: u64, leaves: BTreeMap<u64, Vec<Hash>>) -> Tiles {
    let mut tiles: BTreeMap<(u8, u64), Vec<Hash>> =
        leaves.into_iter().map(|(index, hashes)| ((0, index), hashes)).collect();
    for tile in tiles_of(size).filter(|tile| tile.level() > 0) {
        let first = tile.index() * u64::from(TILE_WIDTH);
        let below = first..first + u64::from(tile.width());
        let hashes: Option<Vec<Hash>> = below
            .map(|index| tiles.get(&(tile.level() - 1, index)).and_then(|h| root_of_full(h)))
            .collect();
        if let Some(hashes) = hashes {
            tiles.insert((tile.level(), tile.index()), hashes);
        }
    }
    Tiles(tiles)
}

/// The root of a tile with 256 hashes.
fn root_of_full(hashes: &[Hash]) -> Option<Hash> {
    let mut level = (hashes.len() == usize::from(TILE_WIDTH)).then(|| hashes.to_vec())?;
    while level.len() > 1 {
        let (pairs, _) = level.as_chunks();
        level = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    level.pop()
}
