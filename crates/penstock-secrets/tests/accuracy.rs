//! Precision and recall over `corpus/`, by category, and the floors below which they must not fall.
//! `cargo xtask accuracy` shows the table; what the files look like is said in `corpus/README.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that shows its figures"
)]

use std::{collections::BTreeMap, fs, path::Path};

use penstock_check::{Engine, MemoryTree, Options, template};
use penstock_model::{Audience, RepoPath, Timestamp, report::Subject};

/// Of what is reported to that audience, how much is a secret; of the secrets, how many are reported.
const FLOORS: [(&str, Audience, f64, f64); 4] = [
    ("held-out", Audience::Regular, 0.95, 0.90),
    ("held-out-2", Audience::Regular, 0.95, 0.90),
    ("tuning", Audience::Regular, 0.95, 0.95),
    ("weak", Audience::Pedantic, 0.95, 0.95),
];

/// What was expected of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Context,
    Near(String),
    Secret(String),
}

struct Figures {
    /// Who reads the report.
    audience: Audience,
    /// Lines of each label, and those of them that were reported.
    lines: BTreeMap<Label, (usize, usize)>,
    surprises: Vec<String>,
}

#[test]
fn precision_and_recall_stay_above_their_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (half, audience, precision_floor, recall_floor) in FLOORS {
        let mut figures = Figures { audience, lines: BTreeMap::new(), surprises: Vec::new() };
        let mut paths: Vec<_> =
            fs::read_dir(root.join(half)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).unwrap();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            for (index, file) in text.trim_start_matches("=== ").split("\n=== ").enumerate() {
                figures.add(file, &format!("{half}/{stem}/{index}"));
            }
        }
        let (precision, recall) = figures.show(half);
        assert!(precision >= precision_floor, "{half}: precision {precision:.3}");
        assert!(recall >= recall_floor, "{half}: recall {recall:.3}");
    }
}

impl Figures {
    fn add(&mut self, file: &str, seed: &str) {
        let (path, body) = file.split_once('\n').unwrap();
        let (mut labels, mut text) = (Vec::new(), String::new());
        for line in body.lines() {
            let (label, line) = line.split_once('|').unwrap_or_else(|| panic!("{seed}: {line}"));
            labels.push(match label.split_at_checked(1) {
                Some(("+", category)) => Label::Secret(category.to_owned()),
                Some(("-", category)) => Label::Near(category.to_owned()),
                _ => Label::Context,
            });
            text.push_str(line.strip_prefix(' ').unwrap_or(line));
            text.push('\n');
        }
        let text = template::expand(&text, seed).unwrap();
        let reported = reported(path, &text, labels.len(), self.audience);
        for ((label, reported), line) in labels.iter().zip(reported).zip(text.lines()) {
            let count = self.lines.entry(label.clone()).or_default();
            *count = (count.0 + 1, count.1 + usize::from(reported));
            if reported != matches!(label, Label::Secret(_)) {
                self.surprises.push(format!("{label:?} {path}: {line}"));
            }
        }
    }

    /// Prints the table; precision and recall over all categories.
    fn show(&self, half: &str) -> (f64, f64) {
        println!("\n{half}: category, lines, reported");
        let (mut secrets, mut found, mut wrong) = (0, 0, 0);
        for (label, (lines, reported)) in &self.lines {
            println!("  {label:<24} {lines:>5} {reported:>5}", label = format!("{label:?}"));
            match label {
                Label::Secret(_) => (secrets, found) = (secrets + lines, found + reported),
                _ => wrong += reported,
            }
        }
        for surprise in &self.surprises {
            println!("  {surprise}");
        }
        let precision = found as f64 / (found + wrong).max(1) as f64;
        let recall = found as f64 / secrets.max(1) as f64;
        println!("  precision {precision:.3} ({wrong} wrong), recall {recall:.3} of {secrets}");
        (precision, recall)
    }
}

/// For each line whether something is reported on it to `audience`.
fn reported(path: &str, text: &str, lines: usize, audience: Audience) -> Vec<bool> {
    let engine = Engine::new(penstock_secrets::checks()).unwrap();
    let path: RepoPath = path.parse().unwrap();
    let tree = MemoryTree::new([(path, text.as_bytes().to_vec())]);
    let subject =
        Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() };
    let options =
        Options { audience, ..Options::new(Timestamp::from_unix(0).unwrap(), [0; 32], "test") };
    let report = engine.check(&tree, subject, &options).unwrap();
    let mut reported = vec![false; lines];
    for finding in report.findings.iter().filter(|finding| finding.audience <= audience) {
        for location in std::iter::once(&finding.location).chain(&finding.also) {
            let start = usize::try_from(location.region.as_ref().unwrap().start_byte).unwrap();
            let line = text[..start].matches('\n').count();
            reported[line] = true;
        }
    }
    reported
}
