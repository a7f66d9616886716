use std::{cell::OnceCell, ops::Range};

use penstock_model::Region;

/// Where the lines of a file begin. Works on any bytes: a byte that is no UTF-8 counts as one
/// column.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
    /// Places within the file and the columns before them, all lines counted as one; made when
    /// something stands far out on a line.
    columns: OnceCell<Vec<(usize, usize)>>,
}

/// How far apart those places are, in bytes. A file of one line of 10 MB in which ten thousand
/// things are found must not be counted through ten thousand times.
const STRIDE: usize = 4 * 1024;

impl<'a> Lines<'a> {
    /// Indexes `bytes`. A line ends with `\n`; a `\r` before it belongs to the line's end.
    pub fn of(bytes: &'a [u8]) -> Self {
        let after_newline = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
        let starts = std::iter::once(0).chain(after_newline).collect();
        Self { bytes, starts, columns: OnceCell::new() }
    }

    /// The line a byte stands in, from 1.
    pub fn line_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).max(1)
    }

    /// The bytes of a line (from 1) without its line end; empty beyond the last.
    pub fn range(&self, line: usize) -> Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|i| self.starts.get(i)).copied() else {
            return self.bytes.len()..self.bytes.len();
        };
        let mut end = self.starts.get(line).map_or(self.bytes.len(), |next| next - 1);
        if self.starts.get(line).is_some() && end > start && self.bytes.get(end - 1) == Some(&b'\r')
        {
            end -= 1;
        }
        start..end
    }

    /// The content of a line (from 1) without its line end.
    pub fn line(&self, line: usize) -> &'a [u8] {
        self.bytes.get(self.range(line)).unwrap_or_default()
    }

    /// How many lines there are; an empty file has one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The region of a byte range, which is cut to the file.
    pub fn region(&self, range: &Range<usize>) -> Region {
        let start = range.start.min(self.bytes.len());
        let end = range.end.clamp(start, self.bytes.len());
        let (start_line, start_column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Region {
            start_byte: start as u64,
            end_byte: end as u64,
            start_line,
            start_column,
            end_line,
            end_column,
        }
    }

    /// Line and column (Unicode scalar values), both from 1.
    fn position(&self, byte: usize) -> (u32, u32) {
        let line = self.line_at(byte);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let columns = if byte.saturating_sub(start) <= STRIDE {
            self.bytes.get(start..byte).map_or(0, columns)
        } else {
            self.columns_before(byte) - self.columns_before(start)
        };
        (saturate(line), saturate(columns + 1))
    }

    /// The columns before a byte, all lines counted as one.
    fn columns_before(&self, byte: usize) -> usize {
        let marks = self.columns.get_or_init(|| marks(self.bytes));
        let next = marks.partition_point(|(at, _)| *at <= byte);
        let (at, before) =
            next.checked_sub(1).and_then(|last| marks.get(last)).copied().unwrap_or_default();
        before + self.bytes.get(at..byte).map_or(0, columns)
    }
}

/// How many columns there are in some bytes: one per character, one per byte that is in none.
fn columns(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Places at the boundaries of characters, about [`STRIDE`] apart, and the columns before each.
fn marks(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut marks = Vec::with_capacity(bytes.len() / STRIDE + 1);
    let (mut at, mut before) = (0, 0);
    let mut pass = |length: usize, columns: usize| {
        at += length;
        before += columns;
        if marks.last().is_none_or(|(last, _)| at - last >= STRIDE) {
            marks.push((at, before));
        }
    };
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(STRIDE));
            pass(piece.len(), piece.chars().count());
            rest = after;
        }
        pass(chunk.invalid().len(), chunk.invalid().len());
    }
    marks
}

fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_stray_bytes() {
        let bytes = b"a\r\n\xc3\xa9\xffb\n";
        let lines = Lines::of(bytes);
        assert_eq!(lines.line(1), b"a");
        assert_eq!(lines.line(2), b"\xc3\xa9\xffb");
        assert_eq!(lines.line(3), b"");
        assert_eq!(lines.line(4), b"");
        assert_eq!(lines.line(0), b"");
        let region = lines.region(&(6..7));
        assert_eq!((region.start_line, region.start_column, region.end_column), (2, 3, 4));
    }

    #[test]
    fn a_range_beyond_the_end_is_cut() {
        let region = Lines::of(b"ab").region(&(1..99));
        assert_eq!((region.start_byte, region.end_byte), (1, 2));
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point of the test")]
        let region = Lines::of(b"ab").region(&(2..1));
        assert_eq!((region.start_byte, region.end_byte), (2, 2));
    }

    #[test]
    fn far_out_on_a_line_columns_are_the_same_as_near() {
        // Characters of one to four bytes and stray bytes, across every boundary.
        let unit = "aé€🦀".bytes().chain([0xff, 0xe2, 0x82]).collect::<Vec<u8>>();
        let mut bytes = b"first\n".to_vec();
        bytes.extend(unit.repeat(4000));
        bytes.extend(b"\nlast");
        let lines = Lines::of(&bytes);
        for at in (6..bytes.len() - 5).step_by(97) {
            let expected = columns(&bytes[6..at]) + 1;
            assert_eq!(lines.position(at), (2, saturate(expected)), "{at}");
        }
        assert_eq!(lines.position(bytes.len()), (3, 5));
        let marks = marks(&bytes);
        assert!(marks.len() > bytes.len() / STRIDE / 2 && marks.is_sorted());
    }

    #[test]
    fn an_empty_file_has_one_line() {
        let lines = Lines::of(b"");
        assert_eq!((lines.count(), lines.line_at(0), lines.line_at(5)), (1, 1, 1));
    }
}
