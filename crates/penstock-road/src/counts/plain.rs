use penstock_statement::predicate::TestCounts;

/// The last line that is nothing but `N passed, N failed`, with `, N skipped` if there is more.
pub(super) fn counts(log: &str) -> Option<TestCounts> {
    log.lines().rev().find_map(|line| {
        let parts: Vec<(&str, &str)> =
            line.trim().split(", ").map(|part| part.split_once(' ')).collect::<Option<_>>()?;
        let whole = matches!(
            parts.as_slice(),
            [(_, "passed"), (_, "failed")] | [(_, "passed"), (_, "failed"), (_, "skipped")]
        );
        if whole { super::labelled(line, ',') } else { None }
    })
}
