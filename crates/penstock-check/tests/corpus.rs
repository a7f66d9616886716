//! Fuzz target over rule files; the engine as a whole is a target of `penstock-road`, which has the
//! rules.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_check::{
    rule_file::{ExampleKind, RuleFile, section},
    template,
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

#[test]
fn corpus_of_rule_files() {
    corpus::run(&["tests/corpus/rule_file"], 1000, rule_file);
}
