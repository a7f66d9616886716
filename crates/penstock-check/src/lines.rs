use std::ops::Range;

use penstock_model::Region;

/// Where the lines of a file begin. Works on any bytes: a byte that is no UTF-8 counts as one
/// column.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Indexes `bytes`. A line ends with `\n`; a `\r` before it belongs to the line's end.
    pub fn of(bytes: &'a [u8]) -> Self {
        let after_newline =
            bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1);
        Self { bytes, starts: std::iter::once(0).chain(after_newline).collect() }
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
        let before = self.bytes.get(start..byte).unwrap_or_default();
        let columns: usize = before
            .utf8_chunks()
            .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
            .sum();
        (saturate(line), saturate(columns + 1))
    }
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
    fn an_empty_file_has_one_line() {
        let lines = Lines::of(b"");
        assert_eq!((lines.count(), lines.line_at(0), lines.line_at(5)), (1, 1, 1));
    }
}
