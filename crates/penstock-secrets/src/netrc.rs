//! `.netrc`: logins of programs that transfer files (GNU inetutils, "The .netrc file"), and
//! `.authinfo`, which has the same words.

use std::ops::Range;

use penstock_check::Rule;
use penstock_model::RepoPath;

use crate::{detector::Found, structured::judged};

/// The password behind each word `password`.
pub(crate) fn find(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let mut found = Vec::new();
    let (mut machine, mut previous) = (String::from("default"), &b""[..]);
    let mut words = words(bytes).peekable();
    while let Some(word) = words.next() {
        let text = bytes.get(word.clone()).unwrap_or_default();
        match previous {
            // What follows is a macro: lines for another program, up to an empty one.
            b"macdef" => {
                let end = memchr::memmem::find(bytes.get(word.end..).unwrap_or_default(), b"\n\n");
                let end = end.map_or(bytes.len(), |end| word.end + end);
                while words.next_if(|word| word.start < end).is_some() {}
                previous = b"";
                continue;
            }
            b"machine" => machine = String::from_utf8_lossy(text).into_owned(),
            b"password" | b"passwd" => {
                let place = format!("the login for `{machine}`");
                found.extend(judged(path, bytes, word, text, false, &place));
                previous = b"";
                continue;
            }
            _ => {}
        }
        previous = text;
    }
    found
}

/// What stands between white space, comments left out.
fn words(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut line_start = 0;
    bytes.split(|byte| *byte == b'\n').flat_map(move |line| {
        let start = line_start;
        line_start += line.len() + 1;
        let line = if line.trim_ascii_start().starts_with(b"#") { &b""[..] } else { line };
        let mut at = start;
        line.split(|byte| byte.is_ascii_whitespace()).filter_map(move |word| {
            let start = at;
            at += word.len() + 1;
            (!word.is_empty()).then_some(start..start + word.len())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, String)> {
        let all = find(&RepoPath::new(".netrc").unwrap(), text.as_bytes());
        all.into_iter().map(|(_, found)| (&text[found.range], found.message)).collect()
    }

    #[test]
    fn the_word_behind_password_is_one() {
        let text = "# password Commented88\nmachine git.example.org\n  login ana password Sailboat88\nmacdef init\npassword Sailboat77\n\ndefault login x password Sail#boat99\nmachine b password\n";
        assert_eq!(
            found(text),
            [
                (
                    "Sailboat88",
                    "a password is written into the login for `git.example.org`".to_owned()
                ),
                (
                    "Sail#boat99",
                    "a password is written into the login for `git.example.org`".to_owned()
                ),
            ]
        );
        assert_eq!(found("machine a login b password changeme\n"), []);
        assert_eq!(found("password"), []);
    }
}
