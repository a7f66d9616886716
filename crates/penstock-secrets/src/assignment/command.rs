//! Passwords among the words of a command: `curl -u user:…`, `sshpass -p …`, `mysql -p…`.

use std::ops::Range;

use super::{Assignment, Literal, Meaning, Operator, Promise, found};
use crate::detector::{Found, Sight};

/// How much of a command is read: its words, and bytes.
const MAX_WORDS: usize = 40;
const MAX_COMMAND: usize = 512;

/// The commands whose passwords are known, as keywords in lower case.
pub(crate) const COMMANDS: [&str; 6] =
    ["curl ", "sshpass ", "mysql", "docker login", "podman login", "net use"];

/// The password among the words of the command that the keyword begins.
pub(crate) fn find_in_command(sight: &Sight<'_>) -> Option<Found> {
    let keyword = sight.slice(sight.keyword.clone()).to_ascii_lowercase();
    let before = sight.keyword.start.checked_sub(1).and_then(|at| sight.bytes.get(at));
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) {
        return None;
    }
    let rest = sight.slice(sight.keyword.end..sight.bytes.len().min(sight.keyword.end + 8));
    // `mysqldump` and the like, not `mysql.connector`.
    let tail = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    if !keyword.ends_with(b" ") && !rest.get(tail).is_some_and(|b| matches!(b, b' ' | b'\t')) {
        return None;
    }
    let words = words(sight.bytes, sight.keyword.end + tail);
    let (name, value) = match keyword.as_slice() {
        b"curl " => after_option(sight, &words, &[b"-u", b"--user", b"-U", b"--proxy-user"])
            .and_then(|(name, pair)| {
                let colon = sight.slice(pair.clone()).iter().position(|byte| *byte == b':')?;
                Some((name, pair.start + colon + 1..pair.end))
            }),
        b"mysql" => attached(sight, &words),
        b"net use" => mapped(sight, &words),
        _ => after_option(sight, &words, &[b"-p"]),
    }?;
    if value.is_empty() || sight.slice(value.clone()).iter().all(u8::is_ascii_digit) {
        return None;
    }
    let meaning = Meaning { promise: Promise::Password, exact: true };
    let value = Literal { end: value.end, range: value, quote: None };
    let assignment = Assignment { name, meaning, operator: Operator::Assign, value };
    found(sight, assignment, sight.material())
}

/// An option and the word behind it, or the rest of its own word.
fn after_option(
    sight: &Sight<'_>,
    words: &[Range<usize>],
    options: &[&[u8]],
) -> Option<(Range<usize>, Range<usize>)> {
    words.iter().enumerate().find_map(|(index, word)| {
        let text = sight.slice(word.clone());
        let name = text.strip_suffix(b"=").unwrap_or(text);
        if options.contains(&name) {
            return Some((word.start..word.start + name.len(), words.get(index + 1)?.clone()));
        }
        options.iter().find_map(|option| {
            let rest = text.strip_prefix(*option)?;
            let is_long = option.starts_with(b"--");
            let skipped = match rest.first()? {
                b'=' => 1,
                _ if is_long => return None,
                _ => 0,
            };
            let end = word.start + option.len();
            Some((word.start..end, end + skipped..word.end))
        })
    })
}

/// `-p…`: with a blank behind it the next word is a database.
fn attached(sight: &Sight<'_>, words: &[Range<usize>]) -> Option<(Range<usize>, Range<usize>)> {
    words.iter().enumerate().find_map(|(index, word)| {
        let text = sight.slice(word.clone());
        let name = word.start..word.start + 2;
        match text.strip_prefix(b"-p")? {
            // A quote stands between them.
            [] => {
                let next = words.get(index + 1)?.clone();
                (next.start == word.end + 1).then_some((name, next))
            }
            _ => Some((name, word.start + 2..word.end)),
        }
    })
}

/// `net use Z: \\host\share … /user:…`
fn mapped(sight: &Sight<'_>, words: &[Range<usize>]) -> Option<(Range<usize>, Range<usize>)> {
    let is_user = |text: &[u8]| text.get(..6).is_some_and(|t| t.eq_ignore_ascii_case(b"/user:"));
    let user = words.iter().find(|word| is_user(sight.slice((*word).clone())))?;
    let value = words.iter().find(|word| {
        let text = sight.slice((*word).clone());
        !text.starts_with(b"/") && !text.starts_with(b"\\") && !text.ends_with(b":")
    })?;
    Some((user.start..user.start + 5, value.clone()))
}

/// The words of a command from `from` on, without their quotes, up to its end.
fn words(bytes: &[u8], from: usize) -> Vec<Range<usize>> {
    let limit = bytes.len().min(from + MAX_COMMAND);
    let rest = bytes.get(from..limit).unwrap_or_default();
    let mut words = Vec::new();
    let mut at = 0;
    while words.len() < MAX_WORDS {
        let Some(byte) = rest.get(at) else { break };
        match byte {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\\' if matches!(rest.get(at + 1), Some(b'\n')) => at += 2,
            b'\n' | b'|' | b';' | b'&' | b')' | b'`' | b'#' => break,
            b'\'' | b'"' => {
                let inner = rest.get(at + 1..).unwrap_or_default();
                let Some(length) = inner.iter().position(|b| b == byte || *b == b'\n') else {
                    break;
                };
                if inner.get(length) == Some(&b'\n') {
                    break;
                }
                words.push(from + at + 1..from + at + 1 + length);
                at += length + 2;
            }
            _ => {
                let tail = rest.get(at..).unwrap_or_default();
                let ends = |b: &u8| b.is_ascii_whitespace() || b"'\"`|;&)".contains(b);
                let length = tail.iter().position(ends).unwrap_or(tail.len());
                words.push(from + at..from + at + length);
                at += length;
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_quotes_and_end_with_the_command() {
        let text = b" -u 'a b' --user=\"c\" \\\n -d x | tee y";
        let found: Vec<_> = words(text, 0)
            .into_iter()
            .map(|r| String::from_utf8_lossy(&text[r]).into_owned())
            .collect();
        assert_eq!(found, ["-u", "a b", "--user=", "c", "-d", "x"]);
        assert_eq!(words(b" -u 'open\n", 0).first(), Some(&(1..3)));
        assert_eq!(words(b" -u 'open\n", 0).len(), 1);
        let many = b" a".repeat(4 * MAX_WORDS);
        assert_eq!(words(&many, 0).len(), MAX_WORDS);
        let long = b"a".repeat(4 * MAX_COMMAND);
        assert_eq!(words(&long, 0).first(), Some(&(0..MAX_COMMAND)));
    }
}
