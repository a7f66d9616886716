//! Fuzz target over every detector, in files of every syntax: a finding lies in its file, shows
//! nothing of its secret, and is the same in a second run.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use std::sync::LazyLock;

use penstock_check::{Engine, MemoryTree, Options};
use penstock_model::{Audience, Report, Timestamp, report::Subject};

/// One file of each way of writing values.
const PATHS: [&str; 4] = ["a.env", "a.html", "a.py", "a.yml"];
/// Files with a reader of their own.
const READ: [&str; 4] = [".netrc", "Dockerfile", "a.htpasswd", "a.tfstate"];

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(penstock_secrets::checks()).unwrap());

/// The same bytes as files of several kinds.
pub(crate) fn scan(bytes: &[u8]) -> bool {
    for path in PATHS.into_iter().chain(READ) {
        let report = check(path, bytes);
        assert!(READ.contains(&path) || report == check(path, bytes));
        // Only of a state it is said that it should parse.
        let gaps = &report.coverage.incomplete;
        assert!(gaps.is_empty() || path.ends_with("tfstate"), "{gaps:?}");
        for finding in &report.findings {
            let region = finding.location.region.as_ref().unwrap();
            let range = usize::try_from(region.start_byte).unwrap()
                ..usize::try_from(region.end_byte).unwrap();
            let value = bytes.get(range).unwrap();
            assert!(!value.is_empty(), "{}", finding.message);
            // A value as short as a word may stand in the message by chance.
            let shown = std::str::from_utf8(value).is_ok_and(|text| finding.message.contains(text));
            assert!(value.len() < 16 || !shown, "{}", finding.message);
        }
    }
    true
}

fn check(path: &str, bytes: &[u8]) -> Report {
    let tree = MemoryTree::new([(path.parse().unwrap(), bytes.to_vec())]);
    let options = Options {
        audience: Audience::Auditor,
        threads: 1,
        ..Options::new(Timestamp::from_unix(0).unwrap(), [0; 32], "test")
    };
    let subject =
        Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() };
    ENGINE.check(&tree, subject, &options).unwrap()
}

#[cfg(test)]
mod tests {
    use penstock_check::template;

    use super::*;

    /// The labelled corpus with its templates filled in.
    fn seeds() -> Vec<(String, Vec<u8>)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let mut seeds = Vec::new();
        for half in ["held-out", "held-out-2", "tuning", "weak"] {
            for entry in std::fs::read_dir(root.join(half)).unwrap() {
                let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
                for file in text.split("=== ") {
                    let body = file.lines().skip(1).map(|line| {
                        line.split_once("| ").map_or(line, |(_, line)| line).to_owned() + "\n"
                    });
                    let body = template::expand(&body.collect::<String>(), "seed").unwrap();
                    seeds.push((format!("{half} {}", seeds.len()), body.into_bytes()));
                }
            }
        }
        seeds
    }

    #[test]
    fn corpus_of_hostile_text() {
        corpus::run(&["tests/corpus/scan"], 60, scan);
    }

    #[test]
    fn corpus_of_assignments() {
        corpus::run_seeds(seeds(), 120, scan);
    }
}
