//! Appending: one writer at a time, who takes along what the others have put into the inbox.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use penstock_model::{Sha256, Timestamp};
use penstock_tlog::{
    Checkpoint, NoteSigner, SignedCheckpoint, TILE_WIDTH, Tile, append, encode_entry,
    encode_hashes, leaf_hash,
};

use crate::{
    Entry, EntryError, Ledger, LedgerError, Subject,
    disk::NewFile,
    entry::ENTRY_VERSION,
    evidence,
    inbox::{self, ItemName},
    ledger::{load_head, lock, put_file, replace_file},
    store::Unproved,
};

/// The most entries one call may append.
pub const MAX_BATCH: usize = 256;

/// The most entries one commit takes from the inbox; the rest waits for the next.
const MAX_COMMIT: usize = 4096;

/// How often entries are put into the inbox before giving up.
const ATTEMPTS: usize = 4;

/// Evidence to be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// The evidence: its bytes are kept exactly.
    pub bytes: Vec<u8>,
    /// The predicate type of the statement in it, a URI.
    pub predicate_type: String,
    /// Its media type.
    pub media_type: String,
    /// What it is about and shall be found by.
    pub subjects: Vec<Subject>,
    /// The key that signed it, by its id.
    pub key_id: String,
    /// The time to claim.
    pub time: Timestamp,
}

/// Where evidence was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of its entry, from 0.
    pub index: u64,
    /// Its id.
    pub evidence: Sha256,
}

/// An entry with the bytes it has in the log.
struct Prepared {
    entry: Entry,
    bytes: Vec<u8>,
}

impl Ledger<'_> {
    /// Stores evidence and logs it: when this returns, both are durable. Up to [`MAX_BATCH`] pieces are
    /// logged in one commit, in order, or (after an error) not at all; more are logged in several
    /// commits, of which an error leaves the first ones standing.
    ///
    /// `signer` signs the new checkpoint and must be a key the ledger is verified with.
    ///
    /// # Errors
    /// An entry that is too large; [`LedgerError::Conflict`]; a damaged or older ledger; a signer or
    /// a disk that fails. What was logged before is unharmed in every case.
    pub fn append(
        &self,
        evidence: &[NewEvidence],
        signer: &dyn NoteSigner,
    ) -> Result<Vec<Receipt>, LedgerError> {
        let mut receipts = Vec::with_capacity(evidence.len());
        for batch in evidence.chunks(MAX_BATCH) {
            receipts.extend(self.append_batch(batch, signer)?);
        }
        Ok(receipts)
    }

    fn append_batch(
        &self,
        evidence: &[NewEvidence],
        signer: &dyn NoteSigner,
    ) -> Result<Vec<Receipt>, LedgerError> {
        let own = evidence.iter().map(prepare).collect::<Result<Vec<_>, EntryError>>()?;
        let content: Vec<(Sha256, &[u8])> = own
            .iter()
            .zip(evidence)
            .map(|(own, evidence)| (own.entry.sha256, evidence.bytes.as_slice()))
            .collect();
        evidence::store(&self.disk, &self.layout, &self.directories, &content)?;

        if let Some(_held) = self.disk.lock(&self.layout.lock(), false)? {
            return self.commit(&own, signer);
        }
        let bytes: Vec<&[u8]> = own.iter().map(|own| own.bytes.as_slice()).collect();
        for _ in 0..ATTEMPTS {
            let item = inbox::put(&self.disk, &self.layout, &bytes)?;
            match self.wait(&own, &item, signer) {
                Ok(Some(receipts)) => return Ok(receipts),
                Ok(None) => {}
                Err(error) => {
                    // A failed append shall not happen later behind the caller's back.
                    let _ = inbox::remove(&self.disk, &self.layout, &item);
                    return Err(error);
                }
            }
        }
        Err(LedgerError::NotIntegrated)
    }

    /// Waits for the lock. By then another writer has logged the item, or this one does. `None` when
    /// the item is gone and was not logged.
    fn wait(
        &self,
        own: &[Prepared],
        item: &ItemName,
        signer: &dyn NoteSigner,
    ) -> Result<Option<Vec<Receipt>>, LedgerError> {
        let _held = self.disk.lock(&self.layout.lock(), true)?;
        if inbox::contains(&self.disk, &self.layout, item)? {
            return self.commit(own, signer).map(Some);
        }
        self.settle()?;
        let logged = self.find_logged(own.iter())?;
        if own.iter().all(|own| logged.contains_key(&own.entry.sha256)) {
            return receipts(own, &logged).map(Some);
        }
        Ok(None)
    }

    /// Logs `own` and everything in the inbox. Only for whoever holds the lock.
    fn commit(
        &self,
        own: &[Prepared],
        signer: &dyn NoteSigner,
    ) -> Result<Vec<Receipt>, LedgerError> {
        self.settle()?;
        let head = self.checkpoint();
        let head = head.checkpoint();

        let (items, others) = self.take_inbox()?;
        let mut logged = self.find_logged(own.iter().chain(&others))?;
        // Refused before anything is written; what others have put there is theirs to commit.
        receipts_of_known(own, &logged)?;
        let mut new = Vec::new();
        for prepared in own.iter().chain(&others) {
            if let btree_map::Entry::Vacant(unknown) = logged.entry(prepared.entry.sha256) {
                unknown.insert((head.size + new.len() as u64, prepared.entry.clone()));
                new.push(prepared);
            }
        }
        receipts_of_known(own, &logged)?;
        if !new.is_empty() {
            self.extend(head, &new, signer)?;
            self.after_commit(head.size);
        }
        for item in items {
            if let Err(error) = inbox::remove(&self.disk, &self.layout, &item) {
                self.warn(error);
            }
        }
        receipts(own, &logged)
    }

    /// Loads the checkpoint and completes what a writer that was ended right after its commit left
    /// undone: above all, its checkpoint may have its name and not be durable. Only for whoever holds
    /// the lock.
    fn settle(&self) -> Result<(), LedgerError> {
        let (head, seen) = load_head(&self.disk, &self.layout, &self.verifiers)?;
        let size = head.checkpoint().size;
        *self.head() = head;
        if seen < size {
            self.disk.sync_dir(&self.layout.log())?;
            self.after_commit(seen);
        }
        Ok(())
    }

    /// What the inbox holds; items that are not to be logged are removed.
    fn take_inbox(&self) -> Result<(Vec<ItemName>, Vec<Prepared>), LedgerError> {
        let mut items = Vec::new();
        let mut entries = Vec::new();
        for item in inbox::list(&self.disk, &self.layout)? {
            if entries.len() >= MAX_COMMIT {
                break;
            }
            if let Some(found) = inbox::read(&self.disk, &self.layout, &item) {
                entries.extend(found.into_iter().map(|(entry, bytes)| Prepared { entry, bytes }));
            }
            items.push(item);
        }
        Ok((items, entries))
    }

    fn find_logged<'p>(
        &self,
        entries: impl Iterator<Item = &'p Prepared>,
    ) -> Result<BTreeMap<Sha256, (u64, Entry)>, LedgerError> {
        let evidence: BTreeSet<Sha256> = entries.map(|prepared| prepared.entry.sha256).collect();
        let found = self.logged(&evidence)?;
        Ok(found.into_iter().map(|(index, entry)| (entry.sha256, (index, entry))).collect())
    }

    /// Writes tiles, then the checkpoint that covers them. Everything before the rename of the
    /// checkpoint is invisible.
    fn extend(
        &self,
        head: &Checkpoint,
        new: &[&Prepared],
        signer: &dyn NoteSigner,
    ) -> Result<(), LedgerError> {
        let store = self.store(head);
        let diagnose = |unproved: Unproved| self.diagnose(unproved);
        // A damaged right edge must not be built upon, and the open bundle must not be copied on
        // unless it is what was signed.
        let root = store.tree().root().map_err(|e| diagnose(e.into()))?;
        if root != head.root {
            return Err(diagnose(Unproved::Differs));
        }
        let mut number = head.size / u64::from(TILE_WIDTH);
        let mut entries: Vec<Vec<u8>> = Vec::new();
        if !head.size.is_multiple_of(u64::from(TILE_WIDTH)) {
            entries = store.bundle(number, head).map_err(diagnose)?.entries;
        }
        let leaves: Vec<_> = new.iter().map(|prepared| leaf_hash(&prepared.bytes)).collect();
        let appended = append(head.size, &leaves, &store).map_err(|e| diagnose(e.into()))?;

        let log = self.layout.log();
        let mut files = Vec::new();
        for (tile, hashes) in &appended.tiles {
            files.push((log.join(tile.path()), encode_hashes(hashes)));
        }
        entries.extend(new.iter().map(|prepared| prepared.bytes.clone()));
        for chunk in entries.chunks(usize::from(TILE_WIDTH)) {
            let mut bytes = Vec::new();
            for entry in chunk {
                // INVARIANT: an entry is at most 4 KiB long, far below what a bundle can hold.
                let _ = encode_entry(&mut bytes, entry);
            }
            if let Some(path) =
                Tile::in_tree(0, number, appended.size).and_then(|tile| tile.entries_path())
            {
                files.push((log.join(path), bytes));
            }
            number += 1;
        }

        let pending =
            self.directories.prepare(&self.disk, files.iter().map(|(path, _)| path.as_path()))?;
        let files: Vec<NewFile<'_>> = files
            .iter()
            .map(|(path, bytes)| NewFile { path: path.clone(), bytes: bytes.as_slice() })
            .collect();
        self.disk.write_synced(&files)?;
        self.directories.sync(&self.disk, pending)?;

        let checkpoint = Checkpoint {
            origin: head.origin.clone(),
            size: appended.size,
            root: appended.root,
            extensions: Vec::new(),
        };
        let path = self.layout.checkpoint();
        let failed = |source| LedgerError::Checkpoint { path: path.clone(), source };
        let signed = SignedCheckpoint::sign(checkpoint, &[signer]).map_err(failed)?;
        if signed.note().verify(&self.verifiers).is_err() {
            return Err(LedgerError::SignerNotTrusted(signer.name().to_owned()));
        }
        put_file(&self.disk, &path, signed.to_string().as_bytes())?;
        *self.head() = signed;
        Ok(())
    }

    /// What follows a commit; the entries are durable already, so nothing here is an error.
    fn after_commit(&self, old_size: u64) {
        let head = self.checkpoint();
        let seen = self.layout.seen_checkpoint();
        // Should the one before come back in a crash, it is older and still true.
        if let Err(error) = replace_file(&self.disk, &seen, head.to_string().as_bytes()) {
            self.warn(error);
        }
        if let Err(error) = self.write_proofs(old_size..head.checkpoint().size) {
            self.warn(error);
        }
        if let Err(error) = self.catch_up(&mut lock(&self.indexing)) {
            self.warn(error);
        }
        self.remove_partials(old_size, head.checkpoint().size);
    }

    /// Puts proofs beside the evidence of those entries, without syncing them.
    pub(crate) fn write_proofs(&self, range: std::ops::Range<u64>) -> Result<(), LedgerError> {
        let head = self.checkpoint();
        let store = self.store(head.checkpoint());
        let tree = store.tree();
        for (index, entry) in self.entries(range)? {
            let path = tree.inclusion_proof(index).map_err(|e| self.diagnose(e.into()))?;
            let proof =
                penstock_tlog::TlogProof { extra: None, index, path, checkpoint: head.clone() };
            let path = self.layout.proof(&entry.sha256);
            self.disk.write(&NewFile { path, bytes: proof.to_string().as_bytes() })?;
        }
        Ok(())
    }

    /// Removes the partial forms of tiles that are full now, as tlog-tiles allows ("Partial Tiles").
    fn remove_partials(&self, old_size: u64, size: u64) {
        let width = u64::from(TILE_WIDTH);
        for level in 0..8 {
            let (old, new) = (old_size >> (8 * level), size >> (8 * level));
            if old / width == new / width {
                return;
            }
            let Some(tile) = Tile::in_tree(level, old / width, size) else { return };
            for path in [Some(tile.path()), tile.entries_path()].into_iter().flatten() {
                let partials = self.layout.log().join(path).with_added_extension("p");
                for name in self.disk.list(&partials).unwrap_or_default() {
                    // Left behind, it is only in the way.
                    let _ = self.disk.remove(&partials.join(name));
                }
            }
        }
    }
}

fn prepare(evidence: &NewEvidence) -> Result<Prepared, EntryError> {
    let entry = Entry {
        v: ENTRY_VERSION,
        time: evidence.time,
        predicate_type: evidence.predicate_type.clone(),
        media_type: evidence.media_type.clone(),
        sha256: Sha256::of(&evidence.bytes),
        size: evidence.bytes.len() as u64,
        subjects: evidence.subjects.clone(),
        key_id: evidence.key_id.clone(),
    };
    Ok(Prepared { bytes: entry.to_bytes()?, entry })
}

/// The receipts of those that are logged; an error when one is logged as something else.
fn receipts_of_known(
    own: &[Prepared],
    logged: &BTreeMap<Sha256, (u64, Entry)>,
) -> Result<Vec<Receipt>, LedgerError> {
    let mut receipts = Vec::with_capacity(own.len());
    for Prepared { entry, .. } in own {
        let evidence = entry.sha256;
        match logged.get(&evidence) {
            Some((index, known)) if !known.describes_same(entry) => {
                return Err(LedgerError::Conflict { evidence, index: *index });
            }
            Some((index, _)) => receipts.push(Receipt { index: *index, evidence }),
            None => {}
        }
    }
    Ok(receipts)
}

fn receipts(
    own: &[Prepared],
    logged: &BTreeMap<Sha256, (u64, Entry)>,
) -> Result<Vec<Receipt>, LedgerError> {
    let receipts = receipts_of_known(own, logged)?;
    if receipts.len() == own.len() { Ok(receipts) } else { Err(LedgerError::NotIntegrated) }
}
