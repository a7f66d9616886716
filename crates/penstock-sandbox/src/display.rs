/// What is safe to show of a line a step wrote: text without terminal escapes.
///
/// Escape sequences (ECMA-48 CSI, OSC, DCS, SOS, PM, APC and two-byte ones) are removed, also when
/// cut off by the end of the line; other control characters but newline and tab are removed;
/// characters that reorder text (Unicode bidirectional controls) become U+FFFD, as do bytes that
/// are no UTF-8. Give it whole lines: a sequence cut in two by the caller is not recognised.
pub fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            _ if c.is_control() => {}
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => shown.push(char::REPLACEMENT_CHARACTER),
            _ => shown.push(c),
        }
    }
    shown
}

fn skip_escape(chars: &mut std::str::Chars<'_>) {
    match chars.next() {
        Some('[') => skip_control_sequence(chars),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        // Intermediate bytes, then one final byte (ECMA-35).
        Some(' '..='/') => {
            let _ = chars.find(|c| !(' '..='/').contains(c));
        }
        _ => {}
    }
}

fn skip_control_sequence(chars: &mut std::str::Chars<'_>) {
    let _ = chars.find(|c| ('@'..='~').contains(c) || *c == '\n');
}

fn skip_string(chars: &mut std::str::Chars<'_>) {
    let mut escaped = false;
    for c in chars {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\\' if escaped => return,
            _ => escaped = c == '\u{1b}',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        let cases: [(&[u8], &str); 9] = [
            (b"\x1b[31mred\x1b[0m", "red"),
            (b"\x1b]0;title\x07after", "after"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1bPq payload\x1b\\x", "x"),
            ("\u{9b}2Jx".as_bytes(), "x"),
            (b"\x1b(Bx\x1bc", "x"),
            (b"a\x08\x08\rb\tc\n", "ab\tc\n"),
            (b"bad \xff byte", "bad \u{fffd} byte"),
            ("a\u{202e}b".as_bytes(), "a\u{fffd}b"),
        ];
        for (raw, expected) in cases {
            assert_eq!(printable(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_sequence_without_end_is_swallowed() {
        assert_eq!(printable(b"x\x1b]0;evil"), "x");
        assert_eq!(printable(b"x\x1b["), "x");
    }
}
