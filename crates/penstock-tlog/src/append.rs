use std::collections::HashMap;

use crate::{Hash, HashReader, TILE_WIDTH, Tile, Tree, TreeError};

/// What appending leaves to a tree writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// How many leaves the tree has now.
    pub size: u64,
    /// Its root hash.
    pub root: Hash,
    /// Every tile that is new or wider than before, lower levels first.
    pub tiles: Vec<(Tile, Vec<Hash>)>,
}

/// Appends leaves to the tree of `size` leaves that `reader` has.
///
/// Only the unfinished tile of each level is read, and only tiles that change are returned.
///
/// # Errors
/// A tile that cannot be read or is too short; a tree that would outgrow 2^64 - 1 leaves.
pub fn append<R: HashReader>(
    size: u64,
    leaves: &[Hash],
    reader: &R,
) -> Result<Appended, TreeError<R::Error>> {
    let grown = size
        .checked_add(leaves.len() as u64)
        .ok_or(TreeError::OutOfRange { index: u64::MAX, size })?;
    let mut overlay = Overlay { tiles: HashMap::new(), base: reader };
    let mut tiles = Vec::new();
    let mut new = leaves.to_vec();
    let mut level = 0;
    while !new.is_empty() {
        // The hashes this level had, of which the unfinished tile's are read again.
        let had = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let index = had / u64::from(TILE_WIDTH);
        let mut hashes = match Tile::in_tree(level, index, size) {
            Some(tile) => {
                let mut hashes = reader.read_tile(tile).map_err(TreeError::Read)?;
                if hashes.len() < usize::from(tile.width()) {
                    return Err(TreeError::ShortTile { tile, found: hashes.len() });
                }
                hashes.truncate(usize::from(tile.width()));
                hashes
            }
            None => Vec::new(),
        };
        hashes.append(&mut new);
        for (index, chunk) in (index..).zip(hashes.chunks(usize::from(TILE_WIDTH))) {
            if let Some(tile) = Tile::in_tree(level, index, grown) {
                if !tile.is_partial() {
                    new.push(full_root(chunk));
                }
                overlay.tiles.insert((level, index), chunk.to_vec());
                tiles.push((tile, chunk.to_vec()));
            }
        }
        level += 1;
    }
    let root = Tree::new(grown, &overlay).root()?;
    Ok(Appended { size: grown, root, tiles })
}

/// The root of a full tile.
fn full_root(hashes: &[Hash]) -> Hash {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        let (pairs, _) = level.as_chunks();
        level = pairs.iter().map(|[left, right]| crate::node_hash(left, right)).collect();
    }
    level.pop().unwrap_or_else(crate::empty_root)
}

/// The new tiles in front of those that are stored.
struct Overlay<'r, R> {
    tiles: HashMap<(u8, u64), Vec<Hash>>,
    base: &'r R,
}

impl<R: HashReader> HashReader for Overlay<'_, R> {
    type Error = R::Error;

    fn read_tile(&self, tile: Tile) -> Result<Vec<Hash>, R::Error> {
        match self.tiles.get(&(tile.level(), tile.index())) {
            Some(hashes) => Ok(hashes.clone()),
            None => self.base.read_tile(tile),
        }
    }
}
