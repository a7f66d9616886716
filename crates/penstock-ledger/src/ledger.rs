use std::{
    collections::{BTreeMap, btree_map},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use penstock_model::Sha256;
use penstock_tlog::{
    Checkpoint, NoteSigner, NoteVerifier, SignedCheckpoint, TILE_WIDTH, TlogProof, empty_root,
    verify_inclusion,
};

use crate::{
    Entry, LedgerError,
    directories::Directories,
    disk::{Disk, LocalDisk, NewFile},
    evidence,
    indexing::Indexing,
    layout::Layout,
    store::{Store, Unproved, open_checkpoint},
};

/// A log of evidence on this machine's disk, with the evidence itself.
///
/// What it returns was checked against the signed checkpoint on the way. Without a witness nothing
/// binds the holder of the log's key: who has that key, the home and no observer can write another
/// history. Editing is evident to whoever holds an earlier checkpoint.
pub struct Ledger<'v> {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) layout: Layout,
    pub(crate) verifiers: Vec<&'v dyn NoteVerifier>,
    pub(crate) directories: Directories,
    pub(crate) indexing: Mutex<Indexing>,
    head: Mutex<SignedCheckpoint>,
    warnings: Mutex<Vec<LedgerError>>,
}

impl<'v> Ledger<'v> {
    /// Makes an empty ledger for the log `origin` in `home`, a directory on a local disk.
    ///
    /// # Errors
    /// [`LedgerError::Exists`]; a network file system; a disk or a signer that fails.
    pub fn create(home: &Path, origin: &str, signer: &dyn NoteSigner) -> Result<(), LedgerError> {
        Self::create_on(Arc::new(LocalDisk), home, origin, signer)
    }

    /// Opens the ledger in `home`, whose checkpoint one of `verifiers` must have signed and which must
    /// continue the checkpoint that was last seen.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`]; [`LedgerError::Smaller`], [`LedgerError::Forked`] and the others by
    /// which a changed or older ledger shows itself; a disk that fails.
    pub fn open(home: &Path, verifiers: &[&'v dyn NoteVerifier]) -> Result<Self, LedgerError> {
        let layout = Layout::new(home);
        let indexing = Indexing::sqlite(layout.index());
        Self::open_on(Arc::new(LocalDisk), layout, verifiers, indexing)
    }

    /// Accepts the ledger in `home` as it is: writes a lost last seen checkpoint anew. For a person
    /// to decide, since it gives up whatever the lost file would have shown.
    ///
    /// # Errors
    /// As [`Ledger::open`], except for what the last seen checkpoint would say.
    pub fn adopt(home: &Path, verifiers: &[&'v dyn NoteVerifier]) -> Result<(), LedgerError> {
        let disk: Arc<dyn Disk> = Arc::new(LocalDisk);
        let layout = Layout::new(home);
        let head = open_checkpoint(&disk, &layout.checkpoint(), verifiers)?
            .ok_or_else(|| LedgerError::NotFound(home.to_owned()))?;
        put_file(&disk, &layout.seen_checkpoint(), head.to_string().as_bytes())?;
        Ok(())
    }

    /// The log's name.
    pub fn origin(&self) -> String {
        self.head().checkpoint().origin.clone()
    }

    /// How many entries there are, as of opening, the last append or [`Ledger::refresh`].
    pub fn size(&self) -> u64 {
        self.head().checkpoint().size
    }

    /// The signed checkpoint everything is checked against.
    pub fn checkpoint(&self) -> SignedCheckpoint {
        self.head().clone()
    }

    /// Sees what other processes have appended since.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn refresh(&self) -> Result<(), LedgerError> {
        let (head, _) = load_head(&self.disk, &self.layout, &self.verifiers)?;
        let old = self.checkpoint();
        check_continues(&self.disk, &self.layout, old.checkpoint(), head.checkpoint())
            .map_err(|unproved| self.diagnose(unproved))?;
        *self.head() = head;
        Ok(())
    }

    /// The entries with numbers in `range`, in order.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`]; [`LedgerError::Damaged`] when one is not what was signed.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let numbers: Vec<u64> = range.collect();
        self.entries_at(&numbers)
    }

    /// The entry with that number.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn entry(&self, index: u64) -> Result<Entry, LedgerError> {
        let size = self.size();
        let entry = self.entries_at(&[index])?.pop().ok_or(LedgerError::NoEntry { index, size })?;
        Ok(entry.1)
    }

    /// The entries with those numbers, which need not be sorted.
    pub(crate) fn entries_at(&self, numbers: &[u64]) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let head = self.checkpoint();
        let head = head.checkpoint();
        let store = self.store(head);
        let mut bundles = BTreeMap::new();
        let mut entries = Vec::with_capacity(numbers.len());
        for &index in numbers {
            let missing = LedgerError::NoEntry { index, size: head.size };
            if index >= head.size {
                return Err(missing);
            }
            let number = index / u64::from(TILE_WIDTH);
            let bundle = match bundles.entry(number) {
                btree_map::Entry::Occupied(known) => known.into_mut(),
                btree_map::Entry::Vacant(unknown) => {
                    let bundle = store.bundle(number, head);
                    unknown.insert(bundle.map_err(|unproved| self.diagnose(unproved))?)
                }
            };
            let bytes = bundle.entries.get((index - bundle.first) as usize).ok_or(missing)?;
            entries.push((index, Entry::from_bytes(bytes)?));
        }
        Ok(entries)
    }

    /// The evidence with that id; its digest was checked.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it is missing or changed.
    pub fn evidence(&self, id: &Sha256) -> Result<Vec<u8>, LedgerError> {
        evidence::load(&self.disk, &self.layout, id)
    }

    /// Where the evidence with that id is, for people.
    pub fn evidence_path(&self, id: &Sha256) -> PathBuf {
        self.layout.evidence(id)
    }

    /// A proof, for use without the ledger, that the entry with that number is in it.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`]; [`LedgerError::Damaged`] when the tree does not bear it out.
    pub fn proof(&self, index: u64) -> Result<TlogProof, LedgerError> {
        let head = self.checkpoint();
        let checkpoint = head.checkpoint();
        let size = checkpoint.size;
        if index >= size {
            return Err(LedgerError::NoEntry { index, size });
        }
        let store = self.store(checkpoint);
        let tree = store.tree();
        let diagnose = |unproved: Unproved| self.diagnose(unproved);
        let path = tree.inclusion_proof(index).map_err(|e| diagnose(e.into()))?;
        let leaf = tree.leaf(index).map_err(|e| diagnose(e.into()))?;
        verify_inclusion(&path, index, &leaf, size, &checkpoint.root)
            .map_err(|_| diagnose(Unproved::Differs))?;
        Ok(TlogProof { extra: None, index, path, checkpoint: head })
    }

    /// What went wrong since the last call without making anything fail: an index that could not be
    /// written, a proof that could not be put beside its evidence.
    pub fn take_warnings(&self) -> Vec<LedgerError> {
        std::mem::take(&mut lock(&self.warnings))
    }

    pub(crate) fn create_on(
        disk: Arc<dyn Disk>,
        home: &Path,
        origin: &str,
        signer: &dyn NoteSigner,
    ) -> Result<(), LedgerError> {
        let layout = Layout::new(home);
        create_dirs(&disk, layout.home())?;
        for directory in [
            layout.log(),
            layout.inbox(),
            layout.evidence_root(),
            layout.evidence_shards(),
            layout.incoming(),
        ] {
            disk.create_dir(&directory)?;
        }
        // Also when they were there: whoever made them may have been killed before this.
        for directory in [layout.evidence_root(), layout.log(), layout.home().to_owned()] {
            disk.sync_dir(&directory)?;
        }
        refuse_network(&disk, &layout)?;
        let _lock = disk.lock(&layout.lock(), true)?;
        if disk.exists(&layout.checkpoint())? {
            return Err(LedgerError::Exists(home.to_owned()));
        }
        if disk.exists(&layout.seen_checkpoint())? {
            // A ledger was here. Beginning anew in its place would hide that it is gone.
            let seen = SignedCheckpoint::parse(&disk.read(&layout.seen_checkpoint())?).ok();
            return Err(no_checkpoint(&layout, seen.as_ref()));
        }
        let empty = Checkpoint {
            origin: origin.to_owned(),
            size: 0,
            root: empty_root(),
            extensions: Vec::new(),
        };
        let signed = SignedCheckpoint::sign(empty, &[signer])
            .map_err(|source| LedgerError::Checkpoint { path: layout.checkpoint(), source })?;
        let bytes = signed.to_string();
        put_file(&disk, &layout.checkpoint(), bytes.as_bytes())?;
        put_file(&disk, &layout.seen_checkpoint(), bytes.as_bytes())?;
        Ok(())
    }

    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        layout: Layout,
        verifiers: &[&'v dyn NoteVerifier],
        indexing: Indexing,
    ) -> Result<Self, LedgerError> {
        let (head, _) = load_head(&disk, &layout, verifiers)?;
        refuse_network(&disk, &layout)?;
        Ok(Self {
            directories: Directories::new(layout.home()),
            disk,
            layout,
            verifiers: verifiers.to_vec(),
            indexing: Mutex::new(indexing),
            head: Mutex::new(head),
            warnings: Mutex::default(),
        })
    }

    pub(crate) fn head(&self) -> MutexGuard<'_, SignedCheckpoint> {
        lock(&self.head)
    }

    pub(crate) fn store(&self, checkpoint: &Checkpoint) -> Store<'_> {
        Store { disk: &self.disk, layout: &self.layout, size: checkpoint.size }
    }

    pub(crate) fn warn(&self, warning: impl Into<LedgerError>) {
        lock(&self.warnings).push(warning.into());
    }

    /// Finds the file to blame for what could not be proved.
    pub(crate) fn diagnose(&self, unproved: Unproved) -> LedgerError {
        let found = self.verify().err();
        match (found, unproved) {
            (Some(found), _) => found,
            (None, Unproved::Read(error)) => error,
            // It was damaged a moment ago and is not now.
            (None, Unproved::Differs) => LedgerError::Damaged(Vec::new()),
        }
    }
}

/// The checkpoint, after seeing that it continues the one last seen; and the size of that one.
pub(crate) fn load_head(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    verifiers: &[&dyn NoteVerifier],
) -> Result<(SignedCheckpoint, u64), LedgerError> {
    // In this order: a writer replaces the checkpoint first, so what was seen is never newer.
    let seen = open_checkpoint(disk, &layout.seen_checkpoint(), verifiers)?;
    let head = open_checkpoint(disk, &layout.checkpoint(), verifiers)?
        .ok_or_else(|| no_checkpoint(layout, seen.as_ref()))?;
    let found = head.checkpoint().size;
    let before = seen.as_ref().map_or(0, |seen| seen.checkpoint().size);
    match seen {
        Some(seen) => check_continues(disk, layout, seen.checkpoint(), head.checkpoint()).map_err(
            |unproved| match unproved {
                Unproved::Read(error) => error,
                Unproved::Differs => crate::verify::blame(disk, layout, head.checkpoint()),
            },
        )?,
        // Making a ledger was cut short before this file: nothing can have been lost.
        None if found == 0 => {}
        None => {
            let path = layout.seen_checkpoint();
            return Err(LedgerError::SeenCheckpointMissing { path, found });
        }
    }
    Ok((head, before))
}

/// No checkpoint: there never was one, or it is gone.
fn no_checkpoint(layout: &Layout, seen: Option<&SignedCheckpoint>) -> LedgerError {
    match seen {
        Some(seen) => LedgerError::CheckpointMissing {
            path: layout.checkpoint(),
            seen: seen.checkpoint().size,
        },
        None => LedgerError::NotFound(layout.home().to_owned()),
    }
}

fn check_continues(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    seen: &Checkpoint,
    head: &Checkpoint,
) -> Result<(), Unproved> {
    let (before, found) = (seen.size, head.size);
    if seen.origin != head.origin {
        let (seen, found) = (seen.origin.clone(), head.origin.clone());
        return Err(LedgerError::OtherOrigin { seen, found }.into());
    }
    if before > found {
        return Err(LedgerError::Smaller { seen: before, found }.into());
    }
    let continues = if before == found {
        seen.root == head.root
    } else {
        Store { disk, layout, size: found }.continues(seen, head)?
    };
    if continues { Ok(()) } else { Err(LedgerError::Forked { seen: before, found }.into()) }
}

/// Puts a file in place in one step: its content is durable before it has its name, and its name is
/// durable when this returns.
pub(crate) fn put_file(disk: &Arc<dyn Disk>, path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    replace_file(disk, path, bytes)?;
    if let Some(directory) = path.parent() {
        disk.sync_dir(directory)?;
    }
    Ok(())
}

/// Like [`put_file`], except that after a crash the file may be the one before.
pub(crate) fn replace_file(
    disk: &Arc<dyn Disk>,
    path: &Path,
    bytes: &[u8],
) -> Result<(), LedgerError> {
    let temporary = path.with_added_extension("tmp");
    disk.write_synced(&[NewFile { path: temporary.clone(), bytes }])?;
    disk.rename(&temporary, path)?;
    Ok(())
}

/// Makes a directory with those above it, each durable.
pub(crate) fn create_dirs(disk: &Arc<dyn Disk>, directory: &Path) -> Result<(), LedgerError> {
    if directory.as_os_str().is_empty() || disk.exists(directory)? {
        return Ok(());
    }
    let above = directory.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        create_dirs(disk, above)?;
    }
    if disk.create_dir(directory)? {
        disk.sync_dir(above.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

fn refuse_network(disk: &Arc<dyn Disk>, layout: &Layout) -> Result<(), LedgerError> {
    match disk.network_file_system(layout.home())? {
        Some(kind) => Err(LedgerError::NetworkFileSystem { home: layout.home().to_owned(), kind }),
        None => Ok(()),
    }
}

/// A panic elsewhere leaves these values whole: each is replaced in one assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
