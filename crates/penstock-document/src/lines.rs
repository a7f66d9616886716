use std::ops::Range;

use penstock_model::Region;

/// Where the lines of a text begin, to turn byte offsets into lines and columns.
///
/// A line ends with a line feed (a carriage return before it belongs to the line's end, not to its
/// columns' count). A byte order mark is before the first column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes a text.
    pub fn new(text: &str) -> Self {
        let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { starts: std::iter::once(first).chain(breaks.map(|(at, _)| at + 1)).collect() }
    }

    /// How many lines there are: one more than line feeds.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// Line and column, both from 1, of a byte offset; columns count Unicode scalar values. An
    /// offset inside a character counts as the character's; one past the end as the end.
    pub fn position(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.as_bytes().get(start..offset.clamp(start, text.len())).unwrap_or(&[]);
        // A byte that is not a continuation byte begins a character.
        let column = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let inside = !text.is_char_boundary(offset.min(text.len()));
        (number(line + 1), number(column + 1 - usize::from(inside && column > 0)))
    }

    /// The region of a range of bytes of the text this index was made from.
    pub fn region(&self, text: &str, range: &Range<usize>) -> Region {
        let (start_line, start_column) = self.position(text, range.start);
        let (end_line, end_column) = self.position(text, range.end);
        Region {
            start_byte: range.start as u64,
            end_byte: range.end as u64,
            start_line,
            start_column,
            end_line,
            end_column,
        }
    }

    /// The bytes of a line, from 1, without its line break.
    pub fn line(&self, text: &str, line: u32) -> Option<Range<usize>> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(text.len(), |next| next - 1);
        let shown = text.get(start..end)?;
        Some(start..start + shown.strip_suffix('\r').unwrap_or(shown).len())
    }
}

/// Lines and columns are `u32` in every format; a text with more of them saturates.
fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_line_feeds() {
        let text = "a\r\né=ü\n\nz";
        let lines = LineIndex::new(text);
        assert_eq!(lines.count(), 4);
        assert_eq!(lines.position(text, 0), (1, 1));
        assert_eq!(lines.position(text, 3), (2, 1));
        assert_eq!(lines.position(text, 4), (2, 1), "inside é");
        assert_eq!(lines.position(text, 5), (2, 2));
        assert_eq!(lines.position(text, 6), (2, 3));
        assert_eq!(lines.position(text, 8), (2, 4), "at the line feed");
        assert_eq!(lines.position(text, 9), (3, 1));
        assert_eq!(lines.position(text, 10), (4, 1));
        assert_eq!(lines.position(text, 999), (4, 2));
        assert_eq!(lines.line(text, 1), Some(0..1));
        assert_eq!(lines.line(text, 2), Some(3..8));
        assert_eq!(lines.line(text, 3), Some(9..9));
        assert_eq!(lines.line(text, 4), Some(10..11));
        assert_eq!(lines.line(text, 5), None);
        assert_eq!(lines.line(text, 0), None);
    }

    #[test]
    fn a_byte_order_mark_has_no_column() {
        let text = "\u{feff}a = 1";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(text, 3), (1, 1));
        assert_eq!(lines.position(text, 0), (1, 1));
        assert_eq!(lines.line(text, 1), Some(3..8));
    }
}
