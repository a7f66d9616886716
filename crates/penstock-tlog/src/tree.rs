use std::{
    cell::RefCell,
    collections::{HashMap, hash_map},
};

use crate::{Hash, TILE_WIDTH, Tile, empty_root, node_hash};

/// Where the hashes of a tree come from.
pub trait HashReader {
    /// What can go wrong while reading.
    type Error: std::error::Error;

    /// The first `tile.width()` hashes of that tile. A reader may take them from the full tile, or
    /// from a wider partial one: a tile's hashes never change once written.
    ///
    /// # Errors
    /// The tile is missing, or is not one.
    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, Self::Error>;
}

/// A tree of a certain size whose hashes are in tiles: computes its root and its proofs.
///
/// Tiles are read once each and kept for as long as the value lives, with the hashes of the nodes
/// within them, so that many proofs from one value cost little more than one.
pub struct Tree<'r, R: HashReader> {
    size: u64,
    reader: &'r R,
    tiles: RefCell<HashMap<(u8, u64), TileNodes>>,
}

impl<'r, R: HashReader> Tree<'r, R> {
    /// The tree of the first `size` leaves that `reader` has.
    pub fn new(size: u64, reader: &'r R) -> Self {
        Self { size, reader, tiles: RefCell::default() }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root hash (RFC 6962 section 2.1).
    ///
    /// # Errors
    /// A tile that cannot be read or is too short.
    pub fn root(&self) -> Result<Hash, TreeError<R::Error>> {
        if self.size == 0 { Ok(empty_root()) } else { self.range(0, self.size) }
    }

    /// The hash of leaf `index`.
    ///
    /// # Errors
    /// An index outside the tree; a tile that cannot be read or is too short.
    pub fn leaf(&self, index: u64) -> Result<Hash, TreeError<R::Error>> {
        if index >= self.size {
            return Err(TreeError::OutOfRange { index, size: self.size });
        }
        self.node(0, index)
    }

    /// The audit path of leaf `index` (RFC 6962 section 2.1.1).
    ///
    /// # Errors
    /// An index outside the tree; a tile that cannot be read or is too short.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<Hash>, TreeError<R::Error>> {
        if index >= self.size {
            return Err(TreeError::OutOfRange { index, size: self.size });
        }
        let mut path = Vec::new();
        let (mut low, mut high) = (0, self.size);
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The proof that the tree of the first `old_size` leaves is the beginning of this one (RFC 6962
    /// section 2.1.2); empty for the empty tree and for this tree itself.
    ///
    /// # Errors
    /// A size above this tree's; a tile that cannot be read or is too short.
    pub fn consistency_proof(&self, old_size: u64) -> Result<Vec<Hash>, TreeError<R::Error>> {
        if old_size > self.size {
            return Err(TreeError::OutOfRange { index: old_size, size: self.size });
        }
        if old_size == 0 {
            return Ok(Vec::new());
        }
        let mut path = Vec::new();
        let (mut low, mut high) = (0, self.size);
        // Whether [low, old_size) is a subtree the verifier of the old root knows already.
        let mut known = true;
        while old_size != high {
            let middle = low + split(high - low);
            if old_size <= middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
                known = false;
            }
        }
        if !known {
            path.push(self.range(low, high)?);
        }
        path.reverse();
        Ok(path)
    }

    /// `MTH(D[low:high])`, for ranges that occur in a tree: `low` is a multiple of the power of two
    /// that holds the range.
    fn range(&self, mut low: u64, high: u64) -> Result<Hash, TreeError<R::Error>> {
        // The range is complete subtrees of falling size, joined from the right.
        let mut subtrees = Vec::new();
        while low < high {
            let level = (high - low).ilog2();
            subtrees.push(self.node(level, low >> level)?);
            low += 1 << level;
        }
        let joined = subtrees.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        Ok(joined.unwrap_or_else(empty_root))
    }

    /// The hash of the complete subtree of 2^`level` leaves with number `index`.
    fn node(&self, level: u32, index: u64) -> Result<Hash, TreeError<R::Error>> {
        // INVARIANT: level < 64, so both parts are small.
        let tile_level = (level / 8) as u8;
        let within = level % 8;
        let first = index << within;
        let tile_index = first / u64::from(TILE_WIDTH);
        let tile = Tile::in_tree(tile_level, tile_index, self.size)
            .ok_or(TreeError::OutOfRange { index, size: self.size })?;
        let mut tiles = self.tiles.borrow_mut();
        let nodes = match tiles.entry((tile_level, tile_index)) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => {
                let hashes = self.reader.read_tile(tile).map_err(TreeError::Read)?;
                if hashes.len() < usize::from(tile.width()) {
                    return Err(TreeError::ShortTile { tile, found: hashes.len() });
                }
                unknown.insert(TileNodes::new(hashes))
            }
        };
        let place = index % (u64::from(TILE_WIDTH) >> within);
        nodes.node(within, place).ok_or(TreeError::ShortTile { tile, found: nodes.node_count(0) })
    }
}

/// The hashes of a tile and of the nodes above them within the tile, lowest level first.
struct TileNodes(Vec<Vec<Hash>>);

impl TileNodes {
    fn new(hashes: Vec<Hash>) -> Self {
        let mut levels = vec![hashes];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let (pairs, _) = level.as_chunks();
            levels.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Self(levels)
    }

    fn node(&self, level: u32, index: u64) -> Option<Hash> {
        self.0.get(level as usize)?.get(index as usize).copied()
    }

    fn node_count(&self, level: usize) -> usize {
        self.0.get(level).map_or(0, Vec::len)
    }
}

/// The largest power of two smaller than `n`, for `n` > 1 (RFC 6962 section 2.1).
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Why a root or a proof could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E: std::error::Error> {
    /// The tree has no such leaf or size.
    #[error("{index} is outside a tree of {size} leaves")]
    OutOfRange {
        /// What was asked for.
        index: u64,
        /// What there is.
        size: u64,
    },
    /// The reader failed.
    #[error(transparent)]
    Read(E),
    /// The reader returned fewer hashes than the tile has.
    #[error("`{}` holds {found} hashes instead of {}", .tile.path(), .tile.width())]
    ShortTile {
        /// Which tile.
        tile: Tile,
        /// How many hashes came back.
        found: usize,
    },
}
