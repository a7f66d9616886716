use penstock_statement::predicate::TestCounts;

/// Adds up every `test result:` line: libtest prints one for each test binary.
pub(super) fn counts(log: &str) -> Option<TestCounts> {
    super::total(log.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("test result: ")?;
        let (_, counts) = rest.split_once(". ")?;
        super::labelled(counts, ';')
    }))
}
