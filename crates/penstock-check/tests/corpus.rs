//! Fuzz targets over rule files and archives; the engine as a whole, on text, is a target of
//! `penstock-road`, which has the rules.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use std::sync::{Arc, Mutex};

use penstock_check::{
    Check, Engine, File, FileInfo, Findings, MemoryTree, Options, Rule,
    rule_file::{ExampleKind, RuleFile, section},
    template,
};
use penstock_model::{
    Area, Audience, Confidence, RepoPath, Severity, SkipReason, Timestamp, report::Subject,
};

/// A rule's Markdown file, and the templates in its examples.
pub(crate) fn rule_file(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let expanded = template::expand(text, "seed");
    assert_eq!(template::expand(text, "seed"), expanded);
    let lines = text.lines().count();
    let file = match RuleFile::parse(text) {
        Ok(file) => file,
        Err(error) => {
            // What is missing at the end is missing on the line after the last.
            assert!((1..=lines + 1).contains(&error.line), "{error}");
            return false;
        }
    };
    assert_eq!(file.front.id.area(), Some(file.front.area));
    for kind in ExampleKind::ALL {
        assert!(file.examples.iter().any(|example| example.kind == kind));
    }
    for example in &file.examples {
        let fence = text.lines().nth(example.line - 1).unwrap();
        assert!(fence.starts_with("```") && fence.contains(example.kind.name()), "{fence}");
    }
    assert!(section(text, "How to fix").is_some_and(|section| !section.is_empty()));
    true
}

/// Largest member looked at while fuzzing, and depth: small, so that the limits are met too.
const MEMBER_BYTES: u64 = 64 << 10;
const DEPTH: u32 = 2;

/// Any bytes as an archive, whatever it is called. Accepted is what leaves no gap.
pub(crate) fn archive(bytes: &[u8]) -> bool {
    let unnamed = looked_at("a", bytes);
    assert_eq!(looked_at("a", bytes), unnamed, "the same bytes give the same answer");
    // Some need the name to be known.
    let named = ["a.zip", "a.tar"].map(|name| looked_at(name, bytes).1);
    unnamed.1 || named.contains(&true)
}

/// What a check was shown of a file, and whether that was all of it.
fn looked_at(name: &str, bytes: &[u8]) -> (Vec<(String, u64)>, bool) {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let engine = Engine::new(vec![Box::new(Onlooker(Arc::clone(&shown)))]).unwrap();
    let mut options = Options::new(Timestamp::from_unix(0).unwrap(), [0; 32], "0");
    options.max_file_bytes = MEMBER_BYTES.max(bytes.len() as u64);
    options.archive_depth = DEPTH;
    let subject = Subject { project: None, commit: None, tree: None, scope: "stdin".to_owned() };
    let tree = MemoryTree::new([(RepoPath::new(name).unwrap(), bytes.to_vec())]);
    let report = engine.check(&tree, subject, &options).unwrap();
    let shown = shown.lock().unwrap().clone();
    let allowed = (bytes.len() as u64 * 200).max(16 << 20) + bytes.len() as u64;
    assert!(shown.len() <= 20_001);
    assert!(shown.iter().map(|(_, size)| size).sum::<u64>() <= allowed * u64::from(DEPTH));
    for (path, size) in &shown {
        assert!(path == name || path.starts_with(&format!("{name}!/")), "{path}");
        assert!(*size <= options.max_file_bytes);
    }
    for skipped in &report.coverage.incomplete {
        assert!(matches!(skipped.reason, SkipReason::Malformed | SkipReason::OverLimit));
        assert!(!skipped.detail.is_empty());
    }
    let opened = shown.iter().any(|(path, _)| path != name);
    (shown, report.is_complete() && opened)
}

/// Remembers what it is shown.
struct Onlooker(Arc<Mutex<Vec<(String, u64)>>>);

const SEEN: &Rule = &Rule {
    id: "secrets/seen",
    title: "Seen",
    severity: Severity::Low,
    confidence: Confidence::Low,
    audience: Audience::Auditor,
    area: Area::Secrets,
    cwe: &[],
    controls: &[],
    control_areas: &[],
    threats: &[],
    aliases: &[],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: "",
};

impl Check for Onlooker {
    fn rules(&self) -> &'static [&'static Rule] {
        &[SEEN]
    }

    fn wants(&self, _: &FileInfo<'_>) -> bool {
        true
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        self.0.lock().unwrap().push((file.path().to_string(), file.bytes().len() as u64));
        findings.report(SEEN, 0..file.bytes().len().min(1), "seen");
    }
}

#[test]
fn corpus_of_archives() {
    corpus::run(&["tests/corpus/archive"], 2000, archive);
}

#[test]
fn corpus_of_rule_files() {
    corpus::run(&["tests/corpus/rule_file"], 1000, rule_file);
}
