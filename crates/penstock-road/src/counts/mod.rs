//! How many tests ran, read from a step's log: one file per runner.
//!
//! A log is what the step chose to print, so counts are a claim of the change's own test code. They
//! tell a hollow step (nothing ran) from a real one; they cannot tell an honest runner from a liar.

mod cargo;
mod go;
mod plain;
mod pytest;
mod tap;

use penstock_statement::predicate::TestCounts;

/// A way to read counts from a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// Rust's libtest: `test result: ok. 4 passed; 0 failed; 1 ignored; …`.
    Cargo,
    /// `go test -v` or `go test -json`.
    Go,
    /// The one line `N passed, N failed[, N skipped]`.
    Plain,
    /// pytest's closing line: `=== 3 passed, 1 skipped in 0.12s ===`.
    Pytest,
    /// The Test Anything Protocol, as `node --test` and many others print it.
    Tap,
}

impl Runner {
    /// Every runner, by the name `results = "…"` uses.
    pub const ALL: [(&'static str, Self); 5] = [
        ("cargo", Self::Cargo),
        ("go", Self::Go),
        ("plain", Self::Plain),
        ("pytest", Self::Pytest),
        ("tap", Self::Tap),
    ];

    /// The runner of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, runner)| runner)
    }

    /// The counts a log shows; `None` when it shows none at all, which is not the same as zero.
    pub fn counts(self, log: &str) -> Option<TestCounts> {
        match self {
            Self::Cargo => cargo::counts(log),
            Self::Go => go::counts(log),
            Self::Plain => plain::counts(log),
            Self::Pytest => pytest::counts(log),
            Self::Tap => tap::counts(log),
        }
    }
}

/// Adds up the `N word` pairs of a closing line: `3 passed, 1 failed`. Words it does not know are
/// passed over; `None` when it knows none of them, or cannot read the number before one.
fn labelled(line: &str, separator: char) -> Option<TestCounts> {
    let mut counts = TestCounts::default();
    let mut known = false;
    for part in line.split(separator) {
        let mut words = part.split_whitespace();
        let (Some(number), Some(label)) = (words.next(), words.next()) else { continue };
        let slot = match label {
            "passed" | "xpassed" => &mut counts.passed,
            "failed" | "error" | "errors" => &mut counts.failed,
            "ignored" | "skipped" | "xfailed" => &mut counts.skipped,
            _ => continue,
        };
        // A number of failures that cannot be read is not none.
        *slot = slot.saturating_add(number.parse().ok()?);
        known = true;
    }
    known.then_some(counts)
}

/// The sum of counts of several closing lines; `None` for no line.
fn total(lines: impl Iterator<Item = TestCounts>) -> Option<TestCounts> {
    lines.reduce(|a, b| TestCounts {
        passed: a.passed.saturating_add(b.passed),
        failed: a.failed.saturating_add(b.failed),
        skipped: a.skipped.saturating_add(b.skipped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Option<TestCounts> {
        Some(TestCounts { passed, failed, skipped })
    }

    #[test]
    fn libtest_adds_up_every_binary() {
        let log = "running 2 tests\ntest a ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Runner::Cargo.counts(log), counts(3, 1, 1));
        assert_eq!(Runner::Cargo.counts("error: could not compile\n"), None);
        let hollow = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Runner::Cargo.counts(hollow), counts(0, 0, 0));
    }

    #[test]
    fn pytest_closes_with_one_line() {
        let log = "....s\n=================== 4 passed, 1 skipped, 2 warnings in 0.12s ===================\n";
        assert_eq!(Runner::Pytest.counts(log), counts(4, 0, 1));
        assert_eq!(Runner::Pytest.counts("=== 1 failed, 2 errors in 3.0s ===\n"), counts(0, 3, 0));
        assert_eq!(Runner::Pytest.counts("===== no tests ran in 0.01s =====\n"), counts(0, 0, 0));
        assert_eq!(Runner::Pytest.counts("Traceback\n"), None);
    }

    #[test]
    fn go_counts_top_level_tests_in_both_forms() {
        let text = "=== RUN TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/sub (0.00s)\n--- SKIP: TestB (0.00s)\n--- FAIL: TestC (0.1s)\nFAIL\n";
        assert_eq!(Runner::Go.counts(text), counts(1, 1, 1));
        let json = "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n{\"Action\":\"fail\",\"Test\":\"TestB\"}\n";
        assert_eq!(Runner::Go.counts(json), counts(1, 1, 0));
        assert_eq!(Runner::Go.counts("?   \tp\t[no test files]\n"), counts(0, 0, 0));
        assert_eq!(Runner::Go.counts("p.go:1: syntax error\n"), None);
    }

    #[test]
    fn tap_takes_the_runner_s_summary_or_counts_itself() {
        assert_eq!(
            Runner::Tap.counts("TAP version 13\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP\n1..3\n"),
            counts(1, 1, 1)
        );
        assert_eq!(
            Runner::Tap.counts("ok 1 - suite\n# pass 7\n# fail 1\n# skipped 2\n"),
            counts(7, 1, 2)
        );
        assert_eq!(Runner::Tap.counts("1..0\n"), counts(0, 0, 0));
        assert_eq!(Runner::Tap.counts("nothing\n"), None);
    }

    #[test]
    fn plain_wants_the_whole_line() {
        assert_eq!(Runner::Plain.counts("x\n7 passed, 0 failed, 1 skipped\n"), counts(7, 0, 1));
        assert_eq!(Runner::Plain.counts("we had 7 passed, 0 failed\n"), None);
        assert_eq!(Runner::Plain.counts("7 passed\n"), None);
        assert_eq!(Runner::Plain.counts("7 passed, -1 failed\n"), None);
        assert_eq!(Runner::Plain.counts("7 passed, 99999999999999999999 failed\n"), None);
    }

    #[test]
    fn numbers_no_counter_can_hold_do_not_panic() {
        let log = format!(
            "test result: ok. {0} passed; {0} failed;\ntest result: ok. {0} passed;\n",
            u64::MAX
        );
        assert_eq!(Runner::Cargo.counts(&log).map(|c| c.passed), Some(u64::MAX));
        assert_eq!(Runner::Cargo.counts("test result: ok. 99999999999999999999 passed;\n"), None);
    }
}
