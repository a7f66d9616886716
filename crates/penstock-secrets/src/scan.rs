//! One pass over a file's bytes for all detectors, then a close look only where a keyword stands.

use std::{cell::OnceCell, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use penstock_check::Rule;
use penstock_model::RepoPath;

use crate::{
    Detector,
    detector::{Found, Sight, Value},
    generated::DETECTORS,
};

/// Finds every keyword of every detector. Built on the first file, once for the process.
struct Keywords {
    automaton: AhoCorasick,
    /// Which rule each pattern of the automaton belongs to.
    owners: Vec<(&'static Rule, Detector)>,
}

static KEYWORDS: LazyLock<Option<Keywords>> = LazyLock::new(|| {
    let pairs =
        DETECTORS.iter().flat_map(|owner| owner.1.keywords.iter().map(move |word| (*word, *owner)));
    let (words, owners): (Vec<_>, Vec<_>) = pairs.unzip();
    // It cannot fail: a few dozen short literals stay far below the automaton's limits.
    let automaton =
        AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok()?;
    Some(Keywords { automaton, owners })
});

/// Every secret in a file with the rule that knows it, in the order of the file.
pub(crate) fn scan(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let Some(keywords) = &*KEYWORDS else { return Vec::new() };
    let (mut all, rust_tests) = (Vec::new(), OnceCell::new());
    for hit in keywords.automaton.find_iter(bytes) {
        let Some((rule, detector)) = keywords.owners.get(hit.pattern().as_usize()) else {
            continue;
        };
        let sight = Sight { bytes, keyword: hit.range(), path, rust_tests: &rust_tests };
        all.extend((detector.find)(&sight).map(|found| (*rule, found)));
    }
    let generated: Vec<Range<usize>> =
        all.iter().filter(|(_, f)| !f.is_chosen()).map(|(_, f)| f.range.clone()).collect();
    // The password of an address may be a token that its own detector names better.
    all.retain(|(_, found)| {
        let overlaps =
            |other: &Range<usize>| other.start < found.range.end && found.range.start < other.end;
        !(found.is_chosen() && generated.iter().any(overlaps))
    });
    all
}

impl Found {
    fn is_chosen(&self) -> bool {
        matches!(self.value, Value::Chosen { .. })
    }
}

#[cfg(test)]
mod tests {
    use penstock_check::template;

    use super::*;

    fn found(path: &str, text: &str) -> Vec<(&'static str, String)> {
        let text = template::expand(text, "scan").unwrap();
        let path = RepoPath::new(path).unwrap();
        scan(&path, text.as_bytes()).into_iter().map(|(rule, f)| (rule.id, f.message)).collect()
    }

    #[test]
    fn a_token_in_an_address_is_named_once_and_by_its_own_rule() {
        let all = found("a.sh", "git clone https://x:sk_live_{{alnum:24}}@git.acme.io/a");
        assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["secrets/stripe-live-key"]);
    }

    #[test]
    fn no_message_holds_the_middle_of_its_secret() {
        let text = "postgres://app:{{alnum:18}}@db.acme.io/a ghp_{{alnum:36|crc}} \
                    AKIA{{base32:16}} {{base64:40}}";
        let expanded = template::expand(text, "scan").unwrap();
        let all = found("a.sh", text);
        assert_eq!(all.len(), 3);
        for word in expanded.split([' ', ':', '@', '/']).filter(|word| word.len() >= 16) {
            let middle = &word[5..11];
            assert!(all.iter().all(|(_, message)| !message.contains(middle)), "{middle}");
        }
    }

    #[test]
    fn what_stands_in_a_file_of_another_purpose_is_said_so() {
        let web = "apiKey: \"AIza{{base64url:35}}\",\nauthDomain: \"a.firebaseapp.com\"";
        assert!(found("src/app.js", web)[0].1.ends_with("which is not secret"));
        let plain = "key = \"AIza{{base64url:35}}\"";
        assert!(!found("src/app.js", plain)[0].1.contains("secret"));
    }

    #[test]
    fn a_routable_gitlab_token_is_known_by_its_checksum() {
        let signed = format!("glpat-{}.0r", "aB3dE6gH9jK2mN5pQ8sT1uV4wX7".to_owned());
        let mut checksum = crate::token::crc32(signed.as_bytes());
        let mut digits = Vec::new();
        while checksum > 0 {
            digits.push(char::from_digit(checksum % 36, 36).unwrap());
            checksum /= 36;
        }
        let text: String = digits.iter().rev().collect();
        let token = format!("{signed}{text:0>7}");
        assert_eq!(found("a", &token).len(), 1);
        assert_eq!(found("a", &token.replace("aB3", "aB4")).len(), 0);
    }

    #[test]
    fn a_stateless_token_is_known_by_its_jwt() {
        let token = "ghs_12345_eyJhbGciOiJSUzI1NiJ9.{{alnum:80}}.{{alnum:86}}";
        assert_eq!(found("a", token).len(), 1);
        assert_eq!(found("a", &token.replace("eyJhbGci", "eyJhbGdi")).len(), 0);
        assert_eq!(found("a", &token.replace("12345_", "_")).len(), 0);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_trouble() {
        let path = RepoPath::new(*b"a").unwrap();
        for owner in DETECTORS.iter().flat_map(|(_, detector)| detector.keywords) {
            for tail in [&b""[..], b"\xff\xfe", &[b'A'; 9000], b":@", b"\0\0\0\0"] {
                let text = [owner.as_bytes(), tail].concat();
                assert!(scan(&path, &text).is_empty(), "{owner}");
                let _ = scan(&path, &[b"\xff", text.as_slice(), b"\n", &text].concat());
            }
        }
    }
}
