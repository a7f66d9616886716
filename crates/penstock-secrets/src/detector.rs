//! One detector per rule: the literal texts that can begin its secret, and a function that looks at
//! the place where one of them stands.

use std::ops::Range;

use penstock_model::{Audience, Confidence, RepoPath, Severity};

/// How one rule recognises its secret.
#[derive(Clone, Copy)]
pub(crate) struct Detector {
    /// Texts one of which every secret of this kind contains, matched with their case.
    pub(crate) keywords: &'static [&'static str],
    /// Decides whether the keyword that stands there belongs to a secret.
    pub(crate) find: fn(&Sight<'_>) -> Option<Found>,
}

/// A place where a keyword stands.
pub(crate) struct Sight<'a> {
    /// The whole file.
    pub(crate) bytes: &'a [u8],
    /// Where the keyword is.
    pub(crate) keyword: Range<usize>,
    /// The file's path, for what it says about the secret's purpose.
    pub(crate) path: &'a RepoPath,
}

impl<'a> Sight<'a> {
    /// The bytes of a range; empty if it reaches beyond the file.
    pub(crate) fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// At most `reach` bytes before and after the keyword.
    pub(crate) fn around(&self, reach: usize) -> Range<usize> {
        let end = self.keyword.end.saturating_add(reach).min(self.bytes.len());
        self.keyword.start.saturating_sub(reach)..end
    }

    /// Whether the file lies where tests, fixtures and examples are kept. A secret with a checksum
    /// is real wherever it stands; a key or password there is usually made for the purpose.
    pub(crate) fn is_test_material(&self) -> bool {
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
        let path = self.path.as_bytes().to_ascii_lowercase();
        path.split(|byte| *byte == b'/').any(|part| {
            let stem = part.split(|byte| *byte == b'.').next().unwrap_or(part);
            PLACES.iter().any(|place| stem == place.as_bytes())
                || [&b"test_"[..], b"test-", b"mock_", b"fake_"].iter().any(|p| stem.starts_with(p))
                || [&b"_test"[..], b"-test", b"_tests", b"-tests", b"_spec", b"tests"]
                    .iter()
                    .any(|s| stem.ends_with(s))
                || [&b".test."[..], b".spec."].iter().any(|m| part.windows(6).any(|w| w == *m))
        })
    }
}

/// What identifies the value across commits.
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
