//! One detector per rule: the literal texts that can begin its secret, and a function that looks at
//! the place where one of them stands.

use std::{
    cell::{Cell, OnceCell},
    ops::Range,
};

use memchr::memmem;
use penstock_model::{Audience, Confidence, RepoPath, Route, Severity};

use crate::assignment::Material;

/// How one rule recognises its secret.
#[derive(Clone, Copy)]
pub(crate) struct Detector {
    /// Texts one of which every secret of this kind contains: three bytes or more of ASCII.
    pub(crate) keywords: &'static [&'static str],
    /// Whether they are found in any case; they are written in lower case then.
    pub(crate) folded: bool,
    /// Whether its findings give way to those of other rules that overlap them.
    pub(crate) yields: bool,
    /// Decides whether the keyword that stands there belongs to a secret.
    pub(crate) find: fn(&Sight<'_>) -> Option<Found>,
}

impl Detector {
    /// Looks where one of the keywords stands as it is written.
    pub(crate) const fn exact(
        keywords: &'static [&'static str],
        find: fn(&Sight<'_>) -> Option<Found>,
    ) -> Self {
        Self { keywords, folded: false, yields: false, find }
    }

    /// Looks where one of the keywords, which are in lower case, stands in any case.
    pub(crate) const fn folded(
        keywords: &'static [&'static str],
        find: fn(&Sight<'_>) -> Option<Found>,
    ) -> Self {
        Self { keywords, folded: true, yields: false, find }
    }

    /// The same, but what it finds is dropped where a rule that does not yield finds something: for
    /// detectors that know a secret by its name only, not by its form.
    pub(crate) const fn yielding(self) -> Self {
        Self { yields: true, ..self }
    }
}

/// What is found out about a file at most once, and only when a detector asks.
#[derive(Default)]
pub(crate) struct Notes {
    /// Where the tests of a Rust file begin.
    rust_tests: OnceCell<Option<usize>>,
    /// Whether its place is one for tests.
    test_material: OnceCell<bool>,
    /// How values are written in it.
    material: OnceCell<Material>,
    /// The end of the last value that was judged, and how many were that begin within it.
    judged: Cell<(usize, u32)>,
}

impl Notes {
    /// Whether one more value may be judged. A file can be made of assignments within assignments;
    /// of those only the first few are, so that the work stays in proportion to the file.
    pub(crate) fn may_judge(&self, value: &Range<usize>) -> bool {
        const WITHIN: u32 = 8;
        let (end, within) = self.judged.get();
        let inside = value.start < end;
        self.judged.set(if inside { (end, within.saturating_add(1)) } else { (value.end, 0) });
        !inside || within < WITHIN
    }

    /// What is known about the text that stands encoded at a place.
    pub(crate) fn inside(outside: &Sight<'_>) -> Self {
        const SOURCE_MAP: &[u8] = b"sourceMappingURL=data:";
        let start = outside.keyword.start;
        let before = outside.slice(start.saturating_sub(96)..start);
        let of_map = before.windows(SOURCE_MAP.len()).any(|part| part == SOURCE_MAP);
        let material = Material { generated: true, ..outside.material() };
        Self {
            material: if of_map { OnceCell::from(material) } else { OnceCell::new() },
            rust_tests: OnceCell::from(None),
            test_material: OnceCell::from(outside.is_made_up()),
            judged: Cell::default(),
        }
    }
}

/// A place where a keyword stands.
pub(crate) struct Sight<'a> {
    /// The whole file.
    pub(crate) bytes: &'a [u8],
    /// Where the keyword is.
    pub(crate) keyword: Range<usize>,
    /// The file's path, for what it says about the secret's purpose.
    pub(crate) path: &'a RepoPath,
    /// What is known about the file already.
    pub(crate) notes: &'a Notes,
}

impl<'a> Sight<'a> {
    /// The bytes of a range; empty if it reaches beyond the file.
    pub(crate) fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// How values are written in the file.
    pub(crate) fn material(&self) -> Material {
        *self.notes.material.get_or_init(|| Material::of(self.path))
    }

    /// At most `reach` bytes before and after the keyword.
    pub(crate) fn around(&self, reach: usize) -> Range<usize> {
        let end = self.keyword.end.saturating_add(reach).min(self.bytes.len());
        self.keyword.start.saturating_sub(reach)..end
    }

    /// Whether the secret is made for tests or explanations: by its file's place, by the name it is
    /// given on its line or the one above, or by standing in the tests of a Rust file.
    pub(crate) fn is_made_up(&self) -> bool {
        *self.notes.test_material.get_or_init(|| self.is_test_material())
            || self.is_named_so()
            || self.is_in_rust_tests()
    }

    /// Whether a word near by, part of a longer name or alone, says that it is no real one.
    fn is_named_so(&self) -> bool {
        const WORDS: [&str; 9] =
            ["bogus", "demo", "dummy", "example", "fake", "mock", "sample", "test", "testing"];
        let start = self.keyword.start;
        let before = self.slice(start.saturating_sub(160)..start);
        let lines = before.rsplitn(3, |byte| *byte == b'\n').take(2);
        lines.flat_map(words).any(|word| WORDS.contains(&word.as_str()))
    }

    /// Whether a `#[cfg(test)]` stands above it in a Rust file.
    fn is_in_rust_tests(&self) -> bool {
        const MARK: &[u8] = b"#[cfg(test)]";
        let find = || memmem::find(self.bytes, MARK);
        self.path.name().ends_with(b".rs")
            && self
                .notes
                .rust_tests
                .get_or_init(find)
                .is_some_and(|begin| begin < self.keyword.start)
    }

    /// Whether the file lies where tests, fixtures and examples are kept. A secret with a checksum
    /// is real wherever it stands; a key or password there is usually made for the purpose.
    fn is_test_material(&self) -> bool {
        const PLACES: [&str; 22] = [
            "__fixtures__",
            "__mocks__",
            "__tests__",
            "benches",
            "demo",
            "demos",
            "doc",
            "docs",
            "e2e",
            "example",
            "examples",
            "fixture",
            "fixtures",
            "mock",
            "mocks",
            "sample",
            "samples",
            "spec",
            "specs",
            "test",
            "testdata",
            "tests",
        ];
        // Words that end with those letters and mean something else.
        let other = [&b"attest"[..], b"contest", b"fastest", b"greatest", b"latest", b"protest"];
        let path = self.path.as_bytes().to_ascii_lowercase();
        path.split(|byte| *byte == b'/').any(|part| {
            let stem = part.split(|byte| *byte == b'.').next().unwrap_or(part);
            PLACES.iter().any(|place| stem == place.as_bytes())
                || [&b"test"[..], b"mock_", b"fake_"].iter().any(|start| stem.starts_with(start))
                || [&b"_test"[..], b"-test", b"_spec", b"tests"].iter().any(|e| stem.ends_with(e))
                || stem.ends_with(b"test") && !other.iter().any(|end| stem.ends_with(end))
                || [&b".test."[..], b".spec.", b".example.", b".examples."]
                    .iter()
                    .any(|mark| part.windows(mark.len()).any(|window| window == *mark))
        })
    }
}

/// The words of a line in lower case, with `SAMPLE_KEY` and `sampleKey` taken apart.
fn words(line: &[u8]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = b' ';
    for byte in line {
        let begins = byte.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if begins || !byte.is_ascii_alphabetic() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| byte.is_ascii_alphabetic()) {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        previous = *byte;
    }
    words
}

/// What identifies the value across commits.
#[derive(Debug)]
pub(crate) enum Value {
    /// It was generated and stands in the file as it is.
    Plain,
    /// It was generated; these bytes are it, whatever form the file holds it in.
    Decoded(Vec<u8>),
    /// A person chose it: what stands around it identifies it, and its shape.
    Chosen {
        /// The surroundings, without it.
        context: String,
    },
}

/// A secret that was recognised.
#[derive(Debug)]
pub(crate) struct Found {
    /// The whole secret: what is masked.
    pub(crate) range: Range<usize>,
    /// What identifies it.
    pub(crate) value: Value,
    /// One sentence that contains no part of the secret beyond its mask.
    pub(crate) message: String,
    /// Where it differs from the rule's own.
    pub(crate) severity: Option<Severity>,
    /// Where it differs from the rule's own.
    pub(crate) confidence: Option<Confidence>,
    /// Where it differs from the rule's own.
    pub(crate) audience: Option<Audience>,
    /// The way to it, where the structure of the file told that it is one.
    pub(crate) route: Route,
    /// Further secret parts of the same credential, each with what it adds.
    pub(crate) related: Vec<(Range<usize>, String)>,
}

impl Found {
    /// A generated secret that is all of `range`, reported as the rule says.
    pub(crate) fn new(range: Range<usize>, message: String) -> Self {
        Self {
            range,
            value: Value::Plain,
            message,
            severity: None,
            confidence: None,
            audience: None,
            route: Route::default(),
            related: Vec::new(),
        }
    }

    /// The same with another severity.
    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The same with another confidence.
    pub(crate) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// The same for another audience.
    pub(crate) fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(path: &str, text: &str) -> bool {
        let at = text.find("KEYWORD").unwrap();
        let sight = Sight {
            bytes: text.as_bytes(),
            keyword: at..at + 7,
            path: &RepoPath::new(path).unwrap(),
            notes: &Notes::default(),
        };
        sight.is_made_up()
    }

    #[test]
    fn of_values_within_a_value_only_the_first_few_are_judged() {
        let notes = Notes::default();
        assert!(notes.may_judge(&(10..500)));
        let within = (11..500).filter(|start| notes.may_judge(&(*start..start + 500))).count();
        assert_eq!(within, 8);
        assert!(notes.may_judge(&(500..501)) && notes.may_judge(&(501..502)));
    }

    #[test]
    fn test_material_is_known_by_place_name_and_module() {
        for path in [
            "tests/a.pem",
            "src/__fixtures__/k",
            "a/testdata/k",
            "caddytest/k.key",
            "http/testkey.pem",
            "x/sign_test.go",
            "x/sign.spec.ts",
            "apis/sso.examples.json",
            "docs/setup.md",
            "test_x.py",
        ] {
            assert!(made_up(path, "KEYWORD"), "{path}");
        }
        for path in ["deploy/id", "src/latest/k", "attest/src/k", "docsify/k", "contested/k"] {
            assert!(!made_up(path, "KEYWORD"), "{path}");
        }
        for text in ["SAMPLE = \"KEYWORD", "# an example:\nKEYWORD", "let testKey = KEYWORD"] {
            assert!(made_up("src/a.py", text), "{text}");
        }
        for text in ["latest = KEYWORD", "# example\n\nx\nKEYWORD", "attestation KEYWORD"] {
            assert!(!made_up("src/a.py", text), "{text}");
        }
        let rust = "fn a() {}\n#[cfg(test)]\nmod tests {\n\n\n  KEYWORD";
        assert!(made_up("src/a.rs", rust));
        assert!(!made_up("src/a.py", rust));
        assert!(!made_up("src/a.rs", "\n\n KEYWORD\n#[cfg(test)]"));
    }
}
