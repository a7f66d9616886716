use penstock_statement::predicate::TestCounts;

/// Node's summary comments (`# pass 7`) where they are there, else the top-level test lines
/// (<https://testanything.org/tap-version-14-specification.html>).
pub(super) fn counts(log: &str) -> Option<TestCounts> {
    summary(log).or_else(|| lines(log))
}

fn summary(log: &str) -> Option<TestCounts> {
    let last = |label: &str| {
        log.lines().rev().find_map(|line| {
            line.strip_prefix("# ")?
                .strip_prefix(label)?
                .strip_prefix(' ')?
                .trim()
                .parse::<u64>()
                .ok()
        })
    };
    Some(TestCounts {
        passed: last("pass")?,
        failed: last("fail")?,
        skipped: last("skipped").unwrap_or(0).saturating_add(last("todo").unwrap_or(0)),
    })
}

fn lines(log: &str) -> Option<TestCounts> {
    let mut counts = TestCounts::default();
    let mut known = false;
    for line in log.lines() {
        let passed = if line.starts_with("not ok") {
            false
        } else if line.starts_with("ok") {
            true
        } else {
            known |= line.starts_with("1..");
            continue;
        };
        known = true;
        let directive = line.rsplit_once(" # ").map_or("", |(_, d)| d).to_ascii_lowercase();
        if directive.starts_with("skip") || directive.starts_with("todo") {
            counts.skipped += 1;
        } else if passed {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    known.then_some(counts)
}
