use penstock_statement::predicate::TestCounts;
use serde_json::Value;

/// Top-level tests of `go test -v` (`--- PASS: TestX`) or of `go test -json` (one event a line).
/// Without `-v` Go prints no counts, only packages: then nothing is known.
pub(super) fn counts(log: &str) -> Option<TestCounts> {
    let mut counts = TestCounts::default();
    let mut known = false;
    for line in log.lines() {
        let verdict = if line.starts_with('{') {
            json_event(line)
        } else if let Some(rest) = line.strip_prefix("--- ") {
            rest.split(':').next().and_then(Verdict::named)
        } else {
            known |= line.contains("[no test files]") || line.contains("[no tests to run]");
            None
        };
        let Some(verdict) = verdict else { continue };
        known = true;
        match verdict {
            Verdict::Pass => counts.passed += 1,
            Verdict::Fail => counts.failed += 1,
            Verdict::Skip => counts.skipped += 1,
        }
    }
    known.then_some(counts)
}

enum Verdict {
    Fail,
    Pass,
    Skip,
}

impl Verdict {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "fail" => Some(Self::Fail),
            "pass" => Some(Self::Pass),
            "skip" => Some(Self::Skip),
            _ => None,
        }
    }
}

/// The verdict on one top-level test; events about packages and subtests say nothing here.
fn json_event(line: &str) -> Option<Verdict> {
    let event: Value = serde_json::from_str(line).ok()?;
    let test = event.get("Test")?.as_str()?;
    if test.contains('/') {
        return None;
    }
    Verdict::named(event.get("Action")?.as_str()?)
}
