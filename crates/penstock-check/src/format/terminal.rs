use std::fmt::Write as _;

use serde::Serialize;

/// Text of a repository made safe to print: no control character, escape sequence, line break or
/// change of writing direction passes; each is shown as `\u{…}`.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' {
            safe.push(' ');
        } else if is_deceptive(c) {
            // Writing to a string cannot fail.
            let _infallible = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A value as indented JSON with a final line break, in which every character [`escape`] would not
/// let pass is a `\u` escape: the same value to a parser, and harmless to a terminal.
pub(crate) fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    // Outside of strings only the line breaks between values are control characters.
    if !text.chars().any(|c| c != '\n' && is_deceptive(c)) {
        return Ok(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_deceptive(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _infallible = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Ok(safe)
}

/// Control characters (C0, C1), line and paragraph separators, and the characters that hide text or
/// turn its direction (Unicode TR 36, "Unicode Security Considerations", 2.4 and 2.10).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// How many columns a page for a terminal has.
pub(crate) const COLUMNS: usize = 100;

/// How many columns a text takes: two for a wide character of East Asia or a pictograph, none for a
/// combining mark, one for every other (the ranges of Unicode TR 11 that matter here).
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The text if it takes at most `columns`, otherwise its beginning and `…`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut short: String = text
        .chars()
        .take_while(|c| {
            taken += char_width(*c);
            taken < columns
        })
        .collect();
    short.push('…');
    short
}

/// The text on lines of at most [`COLUMNS`], each but the first begun with `indent` blanks, the first
/// already `used` columns wide. Broken at blanks only: a path longer than a line stays whole.
pub(crate) fn wrap(text: &str, used: usize, indent: usize) -> String {
    let mut wrapped = String::new();
    let mut column = used;
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            if column + 1 + width(word) > COLUMNS {
                wrapped.push('\n');
                wrapped.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                wrapped.push(' ');
                column += 1;
            }
        }
        wrapped.push_str(word);
        column += width(word);
    }
    wrapped
}

/// A number with thousands separated: `2,318`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_passes() {
        assert_eq!(escape("a\x1b[31mb"), "a\\u{1b}[31mb");
        assert_eq!(escape("a\nb\rc\u{9b}d"), "a\\u{a}b\\u{d}c\\u{9b}d");
        assert_eq!(escape("x\u{202e}y\u{200b}"), "x\\u{202e}y\\u{200b}");
        assert_eq!(escape("tab\tand … é 日本"), "tab and … é 日本");
    }

    #[test]
    fn long_text_is_broken_at_blanks_or_cut() {
        let text = vec!["words"; 30].join(" ");
        let lines = wrap(&text, 10, 3);
        assert!(lines.lines().all(|line| width(line) <= COLUMNS), "{lines}");
        assert!(lines.lines().skip(1).all(|line| line.starts_with("   words")));
        assert_eq!(lines.split_whitespace().count(), 30);
        let path = "p".repeat(150);
        assert_eq!(wrap(&path, 0, 3), path);
        assert_eq!((cut("日本語", 6), cut("日本語", 5)), ("日本語".into(), "日本…".into()));
        assert_eq!((width("e\u{301}"), width("日")), (1, 2));
    }

    #[test]
    fn json_keeps_the_value_and_loses_what_a_terminal_obeys() {
        let value = "a\u{9b}31m\u{202e}\u{e0041}\u{7f}\n\x1b é 日";
        let text = json(&[value]).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_deceptive(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [value]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"].map(String::from)
        );
        assert_eq!((count(1, "file"), count(2, "file")), ("1 file".into(), "2 files".into()));
    }
}
