//! Reading the log: tiles and entry bundles, believed only as far as the signed root bears them out.

use std::{io, path::Path, sync::Arc};

use penstock_tlog::{
    Checkpoint, Hash, HashReader, SignedCheckpoint, TILE_WIDTH, Tile, Tree, TreeError,
    decode_bundle, decode_hashes, leaf_hash, verify_consistency, verify_inclusion,
};

use crate::{
    Fault, IoFailure, LedgerError, Problem,
    disk::{Disk, DiskResult},
    layout::Layout,
};

/// The log's files as a certain checkpoint has them.
pub(crate) struct Store<'l> {
    pub(crate) disk: &'l Arc<dyn Disk>,
    pub(crate) layout: &'l Layout,
    pub(crate) size: u64,
}

/// The entries of one bundle, whose bytes the signed root vouches for.
pub(crate) struct Bundle {
    /// The number of its first entry.
    pub(crate) first: u64,
    /// Their bytes.
    pub(crate) entries: Vec<Vec<u8>>,
}

impl Store<'_> {
    pub(crate) fn tree(&self) -> Tree<'_, Self> {
        Tree::new(self.size, self)
    }

    /// The entry bundle with that number, authenticated by `checkpoint`.
    ///
    /// The audit path of its first entry passes by every hash of its level-0 tile, so one proof
    /// vouches for all of them.
    pub(crate) fn bundle(&self, number: u64, checkpoint: &Checkpoint) -> Result<Bundle, Unproved> {
        let tile = Tile::in_tree(0, number, self.size).ok_or(Unproved::Differs)?;
        let first = number * u64::from(TILE_WIDTH);
        let bytes = self.read_entries(tile)?;
        let entries = decode_bundle(&bytes).map_err(|_| Unproved::Differs)?;
        let hashes = self.read_tile(tile).map_err(Unproved::Read)?;
        let entries = entries.get(..usize::from(tile.width())).ok_or(Unproved::Differs)?;
        if !entries.iter().zip(&hashes).all(|(entry, hash)| leaf_hash(entry) == *hash) {
            return Err(Unproved::Differs);
        }
        let leaf = hashes.first().ok_or(Unproved::Differs)?;
        let path = self.tree().inclusion_proof(first)?;
        verify_inclusion(&path, first, leaf, checkpoint.size, &checkpoint.root)
            .map_err(|_| Unproved::Differs)?;
        Ok(Bundle { first, entries: entries.iter().map(|entry| entry.to_vec()).collect() })
    }

    /// Whether the tree of `old` is the beginning of the tree of `new`, by the tiles.
    pub(crate) fn continues(&self, old: &Checkpoint, new: &Checkpoint) -> Result<bool, Unproved> {
        if old.size == 0 {
            return Ok(true);
        }
        let tree = self.tree();
        if tree.root()? != new.root {
            return Err(Unproved::Differs);
        }
        let proof = tree.consistency_proof(old.size)?;
        Ok(verify_consistency(&proof, old.size, &old.root, new.size, &new.root).is_ok())
    }

    /// The bytes of the entry bundle that belongs to a tile of level 0.
    pub(crate) fn read_entries(&self, tile: Tile) -> Result<Vec<u8>, LedgerError> {
        let path = |tile: Tile| tile.entries_path().unwrap_or_default();
        Ok(self.read_file(path(tile), path(tile.full()))?)
    }

    /// A writer that completes a tile removes its partial forms: then the full one is there.
    fn read_file(&self, path: String, full: String) -> DiskResult<Vec<u8>> {
        let log = self.layout.log();
        match self.disk.read(&log.join(&path)) {
            Err(error) if error.kind == io::ErrorKind::NotFound && path != full => {
                self.disk.read(&log.join(full)).map_err(|_| error)
            }
            result => result,
        }
    }

    pub(crate) fn problem(&self, path: &Path, fault: Fault) -> LedgerError {
        LedgerError::Damaged(vec![Problem { path: self.layout.relative(path), fault }])
    }
}

impl HashReader for Store<'_> {
    type Error = LedgerError;

    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, LedgerError> {
        // Older trees are read from the tiles of the present one, which begin with the same hashes.
        let present = Tile::in_tree(tile.level(), tile.index(), self.size).unwrap_or(tile);
        let path = self.layout.log().join(present.path());
        let bytes = match self.read_file(present.path(), present.full().path()) {
            Err(error) if error.kind == io::ErrorKind::NotFound => {
                return Err(self.problem(&path, Fault::Missing));
            }
            bytes => bytes?,
        };
        let expected = u64::from(present.width());
        let hashes = decode_hashes(&bytes).filter(|hashes| hashes.len() as u64 >= expected);
        let length = Fault::Length { expected, found: bytes.len() as u64 / Hash::LEN as u64 };
        let mut hashes = hashes.ok_or_else(|| self.problem(&path, length))?;
        hashes.truncate(tile.width().into());
        Ok(hashes)
    }
}

/// Reads and believes a checkpoint file.
pub(crate) fn open_checkpoint(
    disk: &Arc<dyn Disk>,
    path: &Path,
    verifiers: &[&dyn penstock_tlog::NoteVerifier],
) -> Result<Option<SignedCheckpoint>, LedgerError> {
    let bytes = match disk.read(path) {
        Err(error) if error.kind == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    SignedCheckpoint::open(&bytes, verifiers)
        .map(Some)
        .map_err(|source| LedgerError::Checkpoint { path: path.to_owned(), source })
}

/// Why something read from the log is not to be believed.
#[derive(Debug)]
pub(crate) enum Unproved {
    /// It could not be read.
    Read(LedgerError),
    /// It is not what the signed root says; which file is to blame is for a full verification.
    Differs,
}

impl From<LedgerError> for Unproved {
    fn from(error: LedgerError) -> Self {
        Self::Read(error)
    }
}

impl From<IoFailure> for Unproved {
    fn from(error: IoFailure) -> Self {
        Self::Read(error.into())
    }
}

impl From<TreeError<LedgerError>> for Unproved {
    fn from(error: TreeError<LedgerError>) -> Self {
        match error {
            TreeError::Read(error) => Self::Read(error),
            TreeError::OutOfRange { index, size } => {
                Self::Read(LedgerError::NoEntry { index, size })
            }
            TreeError::ShortTile { .. } => Self::Differs,
        }
    }
}
