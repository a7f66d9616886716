//! What the letters of words are like, against letters chosen by chance.
//!
//! The table says for every three letters in a row how much likelier the third is in a word than one
//! of 27 chosen blindly. It is learned from the identifiers and texts of public packages by
//! `cargo xtask accuracy --train DIR…`, counts every word once for each order of magnitude it is
//! used, and holds no word itself.

/// For each pair of symbols nine bytes, each three levels in base six.
static TRIGRAMS: &[u8; SYMBOLS * SYMBOLS * SYMBOLS / 3] = include_bytes!("words/trigrams.bin");

/// Letters and the boundary of a word.
const SYMBOLS: usize = 27;
const BOUNDARY: usize = 26;
/// The middle of each level in tenths of a bit: log2(p × 27).
const BITS: [i32; 6] = [-55, -29, -13, 0, 12, 24];

/// How much likelier the letters of `value` are as words than by chance, in tenths of a bit: above
/// zero for words and identifiers, below for what a generator made. Digits and signs end a word, and
/// so does a capital after a small letter.
pub(crate) fn wordiness(value: &[u8]) -> i32 {
    let (mut a, mut b, mut bits) = (BOUNDARY, BOUNDARY, 0);
    let mut step = |symbol: usize| {
        if symbol == BOUNDARY && b == BOUNDARY {
            return;
        }
        bits += level(a, b, symbol);
        (a, b) = if symbol == BOUNDARY { (BOUNDARY, BOUNDARY) } else { (b, symbol) };
    };
    let mut previous = 0_u8;
    for byte in value {
        if !byte.is_ascii_alphabetic() {
            step(BOUNDARY);
        } else {
            if byte.is_ascii_uppercase() && previous.is_ascii_lowercase() {
                step(BOUNDARY);
            }
            step(usize::from(byte.to_ascii_lowercase() - b'a'));
        }
        previous = *byte;
    }
    step(BOUNDARY);
    bits
}

/// Tenths of a bit for `c` after `a` and `b`.
fn level(a: usize, b: usize, c: usize) -> i32 {
    let at = (a * SYMBOLS + b) * (SYMBOLS / 3) + c / 3;
    let packed = usize::from(TRIGRAMS.get(at).copied().unwrap_or(0));
    let digit = match c % 3 {
        0 => packed / 36,
        1 => packed / 6 % 6,
        _ => packed % 6,
    };
    BITS.get(digit).copied().unwrap_or(0)
}
