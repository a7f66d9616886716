//! Readers of escaped text: each takes units of a stream and gives the units they stand for.

/// A byte, and where in the stream it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// The longest run of white space that counts as a wrapped line with its indentation.
const MAX_WRAP_BYTES: usize = 32;
/// A line that ends with fewer characters of encoded text was not wrapped there: encoders fill
/// their lines. Were every line end held back, output would come a line late.
const MIN_WRAPPED_LINE: usize = 16;
/// `&CounterClockwiseContourIntegral;` is not one of ours; `&lbrack;` and `&#1114111;` are.
const MAX_REFERENCE_BYTES: usize = 12;

/// A way of escaping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// Backslashes as in JSON, C, Rust, Python and `$'…'` of shells.
    Backslash,
    /// Character references of HTML and XML.
    Entity,
    /// RFC 3986, section 2.1.
    Percent,
    /// RFC 2045, section 6.7.
    QuotedPrintable,
    /// White space that wrapping put into what has none.
    Wrap,
}

impl Escape {
    fn begins_with(self, byte: u8) -> bool {
        match self {
            Self::Backslash => byte == b'\\',
            Self::Entity => byte == b'&',
            Self::Percent => byte == b'%',
            Self::QuotedPrintable => byte == b'=',
            Self::Wrap => matches!(byte, b' ' | b'\t' | b'\r' | b'\n'),
        }
    }

    /// Whether nothing in `bytes` is an escape or begins one.
    pub(super) fn is_absent(self, bytes: &[u8]) -> bool {
        !bytes.iter().any(|byte| self.begins_with(*byte))
    }
}

/// What stands at the beginning of the units held.
enum Reading {
    /// It may become an escape.
    Unfinished,
    /// So many units stand for these bytes.
    Stands(usize, Decoded),
}

/// At most the four bytes of one character in UTF-8.
struct Decoded {
    bytes: [u8; 4],
    length: usize,
}

impl Decoded {
    fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1 }
    }

    fn nothing() -> Self {
        Self { bytes: [0; 4], length: 0 }
    }

    fn character(code: u32) -> Self {
        let mut bytes = [0; 4];
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let length = character.encode_utf8(&mut bytes).len();
        Self { bytes, length }
    }
}

/// One escape, read as a stream.
#[derive(Debug)]
pub(super) struct Decoder {
    escape: Escape,
    held: Vec<Unit>,
    /// How many characters of encoded text came one after the other.
    run: usize,
}

impl Decoder {
    pub(super) fn new(escape: Escape) -> Self {
        Self { escape, held: Vec::new(), run: 0 }
    }

    /// Where what is not decided yet starts: an unfinished escape, which may be the start of
    /// something; or white space, which matters only where something has `begun` before it.
    pub(super) fn held_from(&self, begun: bool) -> Option<u64> {
        let matters = begun || self.escape != Escape::Wrap;
        self.held.first().filter(|_| matters).map(|unit| unit.start)
    }

    /// The next unit. What is certain by now goes to `out`.
    pub(super) fn push(&mut self, unit: Unit, out: &mut Vec<Unit>) {
        let begins = self.escape.begins_with(unit.byte);
        if self.held.is_empty() {
            let wraps = self.escape != Escape::Wrap || self.run >= MIN_WRAPPED_LINE;
            if !begins || !wraps {
                self.run = if is_encoded_text(unit.byte) { self.run + 1 } else { 0 };
                out.push(unit);
                return;
            }
        }
        self.held.push(unit);
        while let (Some(first), Reading::Stands(read, decoded)) = (self.held.first(), self.read()) {
            let start = first.start;
            let end = self.held.get(read.saturating_sub(1)).map_or(start, |unit| unit.end);
            let bytes = decoded.bytes.iter().take(decoded.length);
            out.extend(bytes.map(|byte| Unit { byte: *byte, start, end }));
            self.held.drain(..read.min(self.held.len()));
        }
    }

    /// The end of the stream: an unfinished escape is what it looks like.
    pub(super) fn finish(&mut self, out: &mut Vec<Unit>) {
        out.append(&mut self.held);
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.held.get(at).map(|unit| unit.byte)
    }

    fn read(&self) -> Reading {
        let Some(first) = self.byte(0) else { return Reading::Unfinished };
        if !self.escape.begins_with(first) {
            return Reading::Stands(1, Decoded::byte(first));
        }
        let literal = Reading::Stands(1, Decoded::byte(first));
        match self.escape {
            Escape::Backslash => self.backslash(),
            Escape::Entity => self.entity().unwrap_or(literal),
            Escape::Percent => match self.number(1, 2, 16) {
                Number::Unfinished => Reading::Unfinished,
                Number::Is(byte) => Reading::Stands(3, Decoded::byte(low(byte))),
                Number::None => literal,
            },
            Escape::QuotedPrintable => match (self.byte(1), self.byte(2)) {
                (Some(b'\n'), _) => Reading::Stands(2, Decoded::nothing()),
                (Some(b'\r'), Some(b'\n')) => Reading::Stands(3, Decoded::nothing()),
                (None, _) | (Some(b'\r'), None) => Reading::Unfinished,
                _ => match self.number(1, 2, 16) {
                    Number::Unfinished => Reading::Unfinished,
                    Number::Is(byte) => Reading::Stands(3, Decoded::byte(low(byte))),
                    Number::None => literal,
                },
            },
            Escape::Wrap => {
                let run = self.held.iter().take_while(|u| self.escape.begins_with(u.byte)).count();
                match run {
                    _ if run > MAX_WRAP_BYTES => literal,
                    _ if run == self.held.len() => Reading::Unfinished,
                    _ => Reading::Stands(run, Decoded::nothing()),
                }
            }
        }
    }

    /// <https://datatracker.ietf.org/doc/html/rfc8259#section-7> and
    /// <https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html>
    fn backslash(&self) -> Reading {
        let Some(kind) = self.byte(1) else { return Reading::Unfinished };
        let digits = |digits: usize| match self.number(2, digits, 16) {
            Number::Unfinished => Reading::Unfinished,
            Number::Is(code) => Reading::Stands(2 + digits, Decoded::character(code)),
            Number::None => Reading::Stands(2, Decoded::byte(kind)),
        };
        let control = |byte| Reading::Stands(2, Decoded::byte(byte));
        match kind {
            b'u' if self.byte(2) == Some(b'{') => self.braced(),
            b'u' => self.utf16(),
            b'U' => digits(8),
            b'x' => match self.number(2, 2, 16) {
                Number::Is(byte) => Reading::Stands(4, Decoded::byte(low(byte))),
                Number::Unfinished => Reading::Unfinished,
                Number::None => Reading::Stands(2, Decoded::byte(kind)),
            },
            b'0'..=b'7' => self.octal(),
            b'n' => control(b'\n'),
            b't' => control(b'\t'),
            b'r' => control(b'\r'),
            b'a' => control(7),
            b'b' => control(8),
            b'v' => control(11),
            b'f' => control(12),
            b'e' => control(27),
            b'\n' => Reading::Stands(2, Decoded::nothing()),
            other => control(other),
        }
    }

    /// `\uXXXX`, or two of them for one character beyond the first plane.
    fn utf16(&self) -> Reading {
        let first = match self.number(2, 4, 16) {
            Number::Unfinished => return Reading::Unfinished,
            Number::None => return Reading::Stands(2, Decoded::byte(b'u')),
            Number::Is(code) => code,
        };
        let single = Reading::Stands(6, Decoded::character(first));
        if !(0xd800..0xdc00).contains(&first) {
            return single;
        }
        match (self.byte(6), self.byte(7)) {
            (None, _) | (Some(b'\\'), None) => Reading::Unfinished,
            (Some(b'\\'), Some(b'u')) => match self.number(8, 4, 16) {
                Number::Unfinished => Reading::Unfinished,
                Number::Is(second) if (0xdc00..0xe000).contains(&second) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    Reading::Stands(12, Decoded::character(code))
                }
                _ => single,
            },
            _ => single,
        }
    }

    /// `\u{…}` of Rust and JavaScript: one to six digits.
    fn braced(&self) -> Reading {
        let digits: Vec<u8> = self.held.iter().skip(3).take(7).map(|unit| unit.byte).collect();
        let literal = Reading::Stands(2, Decoded::byte(b'u'));
        let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        match digits.get(length) {
            None if length <= 6 => Reading::Unfinished,
            Some(b'}') if length > 0 => match self.number(3, length, 16) {
                Number::Is(code) => Reading::Stands(4 + length, Decoded::character(code)),
                _ => literal,
            },
            _ => literal,
        }
    }

    /// One to three octal digits, as many as there are.
    fn octal(&self) -> Reading {
        let is_octal = |at: &usize| matches!(self.byte(*at), Some(b'0'..=b'7'));
        let digits = (1..4).take_while(is_octal).count();
        if digits < 3 && self.held.len() == 1 + digits {
            return Reading::Unfinished;
        }
        match self.number(1, digits, 8) {
            Number::Is(byte) => Reading::Stands(1 + digits, Decoded::byte(low(byte))),
            _ => Reading::Stands(1, Decoded::byte(b'\\')),
        }
    }

    /// <https://html.spec.whatwg.org/multipage/named-characters.html>, those of ASCII characters,
    /// and numeric references. `None`: it is no reference.
    fn entity(&self) -> Option<Reading> {
        let body = self.held.get(1..)?.iter().map(|unit| unit.byte);
        let name: Vec<u8> =
            body.take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').collect();
        if name.len() + 1 == self.held.len() {
            return (name.len() < MAX_REFERENCE_BYTES).then_some(Reading::Unfinished);
        }
        if self.byte(1 + name.len()) != Some(b';') {
            return None;
        }
        let name = std::str::from_utf8(&name).ok()?;
        let code = match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            },
            None => u32::from(NAMED.iter().find(|(known, _)| *known == name)?.1),
        };
        Some(Reading::Stands(2 + name.len(), Decoded::character(code)))
    }

    /// Exactly `digits` digits from `at` on.
    fn number(&self, at: usize, digits: usize, radix: u32) -> Number {
        let mut number = 0_u32;
        for at in at..at + digits {
            let Some(byte) = self.byte(at) else { return Number::Unfinished };
            let Some(digit) = char::from(byte).to_digit(radix) else { return Number::None };
            number = number.wrapping_mul(radix) + digit;
        }
        Number::Is(number)
    }
}

/// The characters of base64 and hexadecimal.
fn is_encoded_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

enum Number {
    Unfinished,
    None,
    Is(u32),
}

/// The byte an escape of two hexadecimal or three octal digits names; `\400` and more wrap, as they
/// do in shells.
fn low(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

const NAMED: &[(&str, u8)] = &[
    ("Hat", b'^'),
    ("NewLine", b'\n'),
    ("Tab", b'\t'),
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("gt", b'>'),
    ("lbrace", b'{'),
    ("lbrack", b'['),
    ("lcub", b'{'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rbrace", b'}'),
    ("rbrack", b']'),
    ("rcub", b'}'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
    ("vert", b'|'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(escape: Escape, text: &str) -> String {
        let mut decoder = Decoder::new(escape);
        let mut out = Vec::new();
        for (at, byte) in (0..).zip(text.bytes()) {
            decoder.push(Unit { byte, start: at, end: at + 1 }, &mut out);
        }
        decoder.finish(&mut out);
        assert!(out.iter().all(|unit| unit.start < unit.end && unit.end <= text.len() as u64));
        assert!(out.windows(2).all(|pair| pair[0].start <= pair[1].start));
        String::from_utf8_lossy(&out.iter().map(|unit| unit.byte).collect::<Vec<_>>()).into_owned()
    }

    #[test]
    fn escapes_are_what_they_stand_for() {
        for (text, expected) in [
            (r#"a\"b\/c\\d\u0041\u00e9"#, "a\"b/c\\dA\u{e9}"),
            (r"\ud83d\ude00|\ud83dx|\u{41}\u{1F600}\u{}", "\u{1f600}|\u{fffd}x|A\u{1f600}u{}"),
            (r"\x41\101\1018\0|\q\xZZ\U00000042", "AAA8\0|qxZZB"),
            ("a\\\nb\\n\\", "ab\n\\"),
        ] {
            assert_eq!(decoded(Escape::Backslash, text), expected, "{text}");
        }
        for (text, expected) in [("%41b%2f%2F%%34%4", "Ab//%4%4"), ("100% %zz", "100% %zz")] {
            assert_eq!(decoded(Escape::Percent, text), expected, "{text}");
        }
        for (text, expected) in [
            ("&lt;&amp;amp;&#39;&#x41;&#X42;&plus;", "<&amp;'AB+"),
            (
                "a & b &unknown; &; &toolongtobeone;&&lt;&am",
                "a & b &unknown; &; &toolongtobeone;&<&am",
            ),
        ] {
            assert_eq!(decoded(Escape::Entity, text), expected, "{text}");
        }
        assert_eq!(decoded(Escape::QuotedPrintable, "a=3Db=\nc=\r\nd=zz=\r="), "a=bcd=zz=\r=");
        let long = " ".repeat(MAX_WRAP_BYTES + 5);
        let line = "A".repeat(MIN_WRAPPED_LINE);
        assert_eq!(decoded(Escape::Wrap, &format!("{line}\r\n  c\nd ")), format!("{line}cd "));
        assert_eq!(decoded(Escape::Wrap, "not\nwrapped"), "not\nwrapped");
        assert_eq!(decoded(Escape::Wrap, &format!("{line}{long}b")), format!("{line}     b"));
    }
}
