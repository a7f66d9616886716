use std::fmt::Write as _;

use crate::Hash;

/// How many hashes, or entries, a full tile or bundle holds (tlog-tiles, "Merkle Tree").
pub const TILE_WIDTH: u16 = 256;

/// The name of one tile: which level, which place on it, and how many hashes it has.
///
/// The tile `index` at `level` holds the hashes of the subtrees of 256^`level` leaves, 256 of them
/// when full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// The highest level a path may name (tlog-tiles, "Merkle Tree").
    pub const MAX_LEVEL: u8 = 63;

    /// The tile `index` at `level` as a tree of `size` leaves has it; `None` when it has none.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let before = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = hashes.saturating_sub(before).min(u64::from(TILE_WIDTH));
        // INVARIANT: at most 256, so the conversion holds.
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { level, index, width })
    }

    /// The level; 0 holds leaf hashes.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The place within the level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes it holds, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds fewer than 256 hashes.
    pub fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// The same tile with all its 256 hashes: what a partial one grows into.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// The path below the log's prefix: `tile/<L>/<N>[.p/<W>]`.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.place())
    }

    /// The path of the entry bundle that belongs to this tile: `tile/entries/<N>[.p/<W>]`. Only
    /// tiles of level 0 have one.
    pub fn entries_path(&self) -> Option<String> {
        (self.level == 0).then(|| format!("tile/entries/{}", self.place()))
    }

    /// Reads what [`Tile::path`] writes and nothing else.
    ///
    /// # Errors
    /// Text that is not the one way to write that path.
    pub fn from_path(path: &str) -> Result<Self, TilePathError> {
        let error = || TilePathError(path.chars().take(120).collect());
        let rest = path.strip_prefix("tile/").ok_or_else(error)?;
        let (level, place) = rest.split_once('/').ok_or_else(error)?;
        let level = level.parse().ok().filter(|level| *level <= Self::MAX_LEVEL);
        let tile = Self::from_place(level.ok_or_else(error)?, place).ok_or_else(error)?;
        // Digits can be written in more ways than one (`+1`, `007`); a path cannot.
        if tile.path() == path { Ok(tile) } else { Err(error()) }
    }

    /// Reads what [`Tile::entries_path`] writes and nothing else.
    ///
    /// # Errors
    /// Text that is not the one way to write that path.
    pub fn from_entries_path(path: &str) -> Result<Self, TilePathError> {
        let error = || TilePathError(path.chars().take(120).collect());
        let place = path.strip_prefix("tile/entries/").ok_or_else(error)?;
        let tile = Self::from_place(0, place).ok_or_else(error)?;
        if tile.entries_path().as_deref() == Some(path) { Ok(tile) } else { Err(error()) }
    }

    fn from_place(level: u8, place: &str) -> Option<Self> {
        let (number, width) = match place.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (place, TILE_WIDTH),
        };
        if width == 0 || width > TILE_WIDTH || (width == TILE_WIDTH && place.contains(".p/")) {
            return None;
        }
        let mut index: u64 = 0;
        for group in number.split('/') {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        Some(Self { level, index, width })
    }

    /// `<N>[.p/<W>]`: the index in groups of three digits, all but the last with a leading `x`.
    fn place(&self) -> String {
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        let mut text = String::new();
        while let Some(group) = groups.pop() {
            let last = groups.is_empty();
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{}{group:03}{}",
                if last { "" } else { "x" },
                if last { "" } else { "/" }
            );
        }
        if self.is_partial() {
            let _ = write!(text, ".p/{}", self.width);
        }
        text
    }
}

/// The bytes of a tile: its hashes one after another.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.as_bytes().iter().copied()).collect()
}

/// The hashes in the bytes of a tile; `None` when the bytes are not whole hashes, or more than 256.
pub fn decode_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    if bytes.len() > usize::from(TILE_WIDTH) * Hash::LEN {
        return None;
    }
    let (hashes, rest) = bytes.as_chunks();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash::from_bytes).collect())
}

/// Text that is no path of a tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the path of a tile")]
pub struct TilePathError(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(level: u8, index: u64, width: u16) -> Tile {
        Tile { level, index, width }
    }

    #[test]
    fn paths_are_written_in_groups_of_three_digits() {
        for (tile, path) in [
            (tile(0, 0, 256), "tile/0/000"),
            (tile(0, 1_234_067, 256), "tile/0/x001/x234/067"),
            (tile(2, 999, 1), "tile/2/999.p/1"),
            (tile(63, 1000, 255), "tile/63/x001/000.p/255"),
            (tile(0, u64::MAX, 256), "tile/0/x018/x446/x744/x073/x709/x551/615"),
        ] {
            assert_eq!(tile.path(), path);
            assert_eq!(Tile::from_path(path), Ok(tile));
        }
        assert_eq!(tile(0, 1_234_067, 8).entries_path().unwrap(), "tile/entries/x001/x234/067.p/8");
        assert_eq!(tile(1, 0, 8).entries_path(), None);
    }

    #[test]
    fn a_path_is_written_in_one_way_only() {
        for wrong in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/00/001",
            "tile/+0/001",
            "tile/64/001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/0/001.p/",
            "tile/0/x001",
            "tile/0/001/002",
            "tile/0/-01",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/entries/001",
            "/tile/0/001",
            "tile/0/001/",
            "tile/0/001.p/1/",
            "tile/0/../001",
        ] {
            assert!(Tile::from_path(wrong).is_err(), "{wrong}");
        }
        assert!(Tile::from_entries_path("tile/0/001").is_err());
        assert_eq!(Tile::from_entries_path("tile/entries/001.p/7"), Ok(tile(0, 1, 7)));
    }

    #[test]
    fn the_tiles_of_the_example_in_the_specification() {
        // tlog-tiles, "Partial Tiles": a tree of size 70,000.
        assert_eq!(Tile::in_tree(0, 272, 70_000), Some(tile(0, 272, 256)));
        assert_eq!(Tile::in_tree(0, 273, 70_000), Some(tile(0, 273, 112)));
        assert_eq!(Tile::in_tree(0, 274, 70_000), None);
        assert_eq!(Tile::in_tree(1, 0, 70_000), Some(tile(1, 0, 256)));
        assert_eq!(Tile::in_tree(1, 1, 70_000), Some(tile(1, 1, 17)));
        assert_eq!(Tile::in_tree(2, 0, 70_000), Some(tile(2, 0, 1)));
        assert_eq!(Tile::in_tree(3, 0, 70_000), None);
        assert_eq!(Tile::in_tree(1, 0, 256), Some(tile(1, 0, 1)));
        assert_eq!(Tile::in_tree(0, u64::MAX, u64::MAX), None);
        assert_eq!(Tile::in_tree(63, 0, u64::MAX), None);
    }

    #[test]
    fn only_whole_hashes_are_a_tile() {
        let hashes = vec![crate::leaf_hash(b"a"), crate::leaf_hash(b"b")];
        let bytes = encode_hashes(&hashes);
        assert_eq!(decode_hashes(&bytes), Some(hashes));
        assert_eq!(decode_hashes(&bytes[1..]), None);
        assert_eq!(decode_hashes(&[0; 257 * 32]), None);
    }
}
