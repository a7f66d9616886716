//! One pass over a file's bytes for all rules, then a close look only where a keyword stands.

use std::{ops::Range, sync::LazyLock};

use memchr::memchr_iter;
use penstock_check::Rule;
use penstock_model::RepoPath;

use crate::{
    decode::{Encoded, MAX_DEPTH, encoded},
    detector::{Detector, Found, Notes, Sight, Value},
    generated::{DETECTORS, RULES},
    prefilter::{LEAST_KEYWORD, Prefilter, rarity_of},
    shape::Matcher,
    token::run_before,
};

/// One keyword of one rule, and what looks at the places where it stands.
struct Entry {
    rule: &'static Rule,
    keyword: String,
    /// Whether its case does not matter.
    folded: bool,
    look: Look,
}

/// What looks at a keyword's place.
enum Look {
    Detector(Detector),
    /// A shape, and which of its pieces the keyword is.
    Shape(Matcher, usize),
    /// Shapes that are known by the keyword before them.
    Near(Vec<Matcher>),
}

/// Everything that is looked for. Built on the first file, once for the process.
struct Keywords {
    prefilter: Prefilter,
    entries: Vec<Entry>,
    /// Those of [`ADDRESS`], which the prefilter does not know.
    addresses: Vec<Entry>,
}

/// The keyword of addresses. Most of them name no user, so the rarer `@` is looked for and from it
/// the address's beginning.
const ADDRESS: &str = "://";
/// How far before its `@` an address begins, at most, in bytes.
const MAX_USER: usize = 512;

static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| {
    let (addresses, entries): (Vec<_>, Vec<_>) =
        entries().into_iter().partition(|entry| entry.keyword == ADDRESS);
    let texts = entries.iter().map(|entry| (entry.keyword.as_bytes(), entry.folded));
    Keywords { prefilter: Prefilter::new(texts), entries, addresses }
});

/// The keywords of all rules.
fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (rule, detector) in DETECTORS {
        entries.extend(detector.keywords.iter().map(|keyword| Entry {
            rule,
            keyword: (*keyword).to_owned(),
            folded: detector.folded,
            look: Look::Detector(*detector),
        }));
    }
    for rule in RULES {
        let has_near = !rule.near.is_empty();
        let matchers = || rule.shapes.iter().filter_map(|shape| Matcher::new(shape, has_near));
        let by_itself = |matcher: &Matcher| !has_near || matcher.has_own_literal();
        for matcher in matchers().filter(by_itself) {
            // Shorter texts are not searched for, however seldom they are.
            let long = matcher.literals().filter(|(_, text)| text.len() >= LEAST_KEYWORD);
            let rarest = long.max_by_key(|(_, text)| (rarity_of(text.as_bytes()), text.len()));
            let Some((anchor, text)) = rarest else { continue };
            let keyword = text.to_owned();
            entries.push(Entry {
                rule,
                keyword,
                folded: false,
                look: Look::Shape(matcher, anchor),
            });
        }
        for word in rule.near {
            let matchers = matchers().filter(|matcher| !by_itself(matcher)).collect();
            let keyword = (*word).to_owned();
            entries.push(Entry { rule, keyword, folded: true, look: Look::Near(matchers) });
        }
    }
    entries
}

/// Every secret in a file with the rule that knows it, in the order of the file.
pub(crate) fn scan(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    settle(claims(path, bytes, &Notes::default(), 0))
}

/// What the rules say about a text and about what is encoded in it.
fn claims(path: &RepoPath, bytes: &[u8], notes: &Notes, depth: usize) -> Vec<Claim> {
    let keywords = &*KEYWORDS;
    let mut all = Vec::new();
    keywords.prefilter.find(bytes, |index, keyword| {
        if let Some(entry) = keywords.entries.get(index) {
            entry.look(&Sight { bytes, keyword, path, notes }, &mut all);
        }
    });
    for keyword in addresses(bytes) {
        for entry in &keywords.addresses {
            let keyword = keyword.clone();
            entry.look(&Sight { bytes, keyword, path, notes }, &mut all);
        }
    }
    if depth < MAX_DEPTH {
        for encoded in encoded(bytes) {
            let outside = Sight { bytes, keyword: encoded.range.clone(), path, notes };
            let inside = claims(path, &encoded.text, &Notes::inside(&outside), depth + 1);
            all.extend(inside.into_iter().map(|claim| claim.encoded(&encoded)));
        }
    }
    all
}

/// The places of [`ADDRESS`] with an `@` behind them, each once.
fn addresses(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut last = 0;
    memchr_iter(b'@', bytes).filter_map(move |at| {
        let user = run_before(bytes, at, MAX_USER.min(at - last), is_user);
        // White space and quotes end it; of the slashes the first two do.
        let start = user.start.checked_sub(ADDRESS.len())?;
        let keyword = start..user.start;
        let begins = bytes.get(keyword.clone()) == Some(ADDRESS.as_bytes());
        if begins {
            last = user.start;
        }
        begins.then_some(keyword)
    })
}

/// Whether a byte can stand between an address's `//` and its `@` as people write it.
fn is_user(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'@' | b'?' | b'\\')
}

/// A secret and how sure its rule is that it is the right one to name it.
struct Claim {
    rule: &'static Rule,
    found: Found,
    rank: u8,
}

impl Claim {
    /// The same for the text that holds it in another form. What the file holds as it is comes first.
    fn encoded(mut self, encoded: &Encoded) -> Self {
        let found = &mut self.found;
        if let Value::Plain = found.value {
            let value = encoded.text.get(found.range.clone()).unwrap_or_default();
            found.value = Value::Decoded(value.to_vec());
        }
        found.range = encoded.range.clone();
        found.message = format!("{}, {}", found.message, encoded.how);
        // They lie in the same range, which is hidden as a whole.
        found.related.clear();
        self.rank = self.rank.saturating_sub(1);
        self
    }
}

impl Entry {
    fn look(&self, sight: &Sight<'_>, all: &mut Vec<Claim>) {
        let claim = |found: Found, rank| Claim { rule: self.rule, found, rank };
        match &self.look {
            Look::Detector(detector) => all.extend((detector.find)(sight).map(|found| {
                let rank = match (detector.yields, found.is_chosen()) {
                    (true, _) => 0,
                    (false, true) => 4,
                    (false, false) => 12,
                };
                claim(found, rank)
            })),
            Look::Shape(matcher, anchor) => {
                all.extend(matcher.find(self.rule, sight, *anchor).map(|found| claim(found, 12)));
            }
            Look::Near(matchers) => {
                let found = matchers.iter().find_map(|matcher| matcher.find_near(self.rule, sight));
                all.extend(found.map(|found| claim(found, 8)));
            }
        }
    }
}

/// Sorts by place, and of those that overlap keeps the ones whose rules know best: a token in an
/// address is named by its own rule, not as the address's password.
fn settle(mut all: Vec<Claim>) -> Vec<(&'static Rule, Found)> {
    fn key(claim: &Claim) -> (usize, usize, &str, &[u8]) {
        let value: &[u8] = match &claim.found.value {
            Value::Decoded(value) => value,
            Value::Plain | Value::Chosen { .. } => &[],
        };
        (claim.found.range.start, claim.found.range.end, claim.rule.id, value)
    }
    all.sort_by(|one, other| key(one).cmp(&key(other)));
    all.dedup_by(|one, other| key(one) == key(other));
    let mut strong: Vec<(Range<usize>, u8)> = Vec::new();
    for claim in &all {
        strong.push((claim.found.range.clone(), claim.rank));
    }
    let beaten = |index: usize, claim: &Claim| {
        let overlaps = |range: &Range<usize>| {
            range.start < claim.found.range.end && claim.found.range.start < range.end
        };
        let before = strong.get(..index).unwrap_or_default().iter().rev();
        let after = strong.get(index + 1..).unwrap_or_default();
        // Ranges are short and few: those further off than the longest block cannot overlap.
        before
            .take_while(|(range, _)| range.start + MAX_RANGE >= claim.found.range.start)
            .chain(after.iter().take_while(|(range, _)| range.start < claim.found.range.end))
            .any(|(range, rank)| *rank > claim.rank && overlaps(range))
    };
    let keep: Vec<bool> = all.iter().enumerate().map(|(at, claim)| !beaten(at, claim)).collect();
    let kept = all.into_iter().zip(keep).filter(|(_, keep)| *keep);
    kept.map(|(claim, _)| (claim.rule, claim.found)).collect()
}

/// The longest range of a secret, in bytes.
const MAX_RANGE: usize = crate::pem::MAX_BLOCK + 256;

impl Found {
    fn is_chosen(&self) -> bool {
        matches!(self.value, Value::Chosen { .. })
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
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

    /// The same text in another form.
    type Form = fn(&str) -> String;

    #[test]
    fn a_token_is_found_in_every_encoding_and_in_encodings_of_encodings() {
        let token =
            template::expand("key: ghp_{{alnum:36|crc}}; and no more of it", "scan").unwrap();
        let base64: Form = |text| format!("a: {}\n", BASE64_STANDARD.encode(text));
        let hex: Form = |text| text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: Form = |text| {
            text.bytes()
                .map(|b| if b.is_ascii_graphic() { format!("%{b:02X}") } else { "+".into() })
                .collect()
        };
        for (forms, ends) in [
            (&[base64][..], ", base64-encoded"),
            (&[hex], ", written as hexadecimal digits"),
            (&[percent], ", written with escapes"),
            (&[base64, base64], ", base64-encoded, base64-encoded"),
            (&[percent, base64], ", written with escapes, base64-encoded"),
            (
                &[base64, hex, base64],
                ", base64-encoded, written as hexadecimal digits, base64-encoded",
            ),
        ] {
            let text = forms.iter().fold(token.clone(), |text, form| form(&text));
            let path = RepoPath::new("a.txt").unwrap();
            let all = scan(&path, text.as_bytes());
            assert_eq!(all.len(), 1, "{ends}: {text}");
            let found = &all[0].1;
            assert!(found.message.ends_with(ends), "{}", found.message);
            let Value::Decoded(value) = &found.value else { panic!("{ends}") };
            assert_eq!(value, &token.as_bytes()[5..45], "{ends}");
            assert!(!text[found.range.clone()].contains(' '));
        }
        let deep = (0..=MAX_DEPTH).fold(token, |text, _| base64(&text));
        assert!(scan(&RepoPath::new("a").unwrap(), deep.as_bytes()).is_empty(), "too deep");
    }

    #[test]
    fn what_stands_in_a_word_with_escapes_and_in_none_is_one_finding() {
        let all = found("a", "x%3D1&token=ghp_{{alnum:36|crc}}&next=%2Fhome");
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(!all[0].1.contains("escapes"));
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
