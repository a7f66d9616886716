use penstock_statement::predicate::TestCounts;

/// The last line framed by `=` that closes a session.
pub(super) fn counts(log: &str) -> Option<TestCounts> {
    log.lines().rev().find_map(|line| {
        let framed = line.trim();
        let line = framed.trim_matches('=').trim();
        // `pytest -q` prints the line without its frame; the duration tells it from prose.
        let (summary, _) = line.rsplit_once(" in ")?;
        if summary == "no tests ran" {
            return Some(TestCounts::default());
        }
        super::labelled(summary, ',')
    })
}
