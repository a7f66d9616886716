use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The month with whose rules a project is checked, or with which a rule came: `2026.12`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RuleSet {
    year: u16,
    month: u8,
}

impl RuleSet {
    /// The first one.
    pub const FIRST: Self = Self { year: 2026, month: 11 };

    /// How long the rules of a set advise those who pin an older one: 30 days from the first of its
    /// month, in seconds.
    const ADVISES: i64 = 30 * 24 * 60 * 60;

    /// Until when its rules only advise those who pin an older set: the first instant at which they
    /// count. A month that no time can tell ends nothing and counts at once.
    pub fn counts_from(self) -> Option<Timestamp> {
        let first: Timestamp =
            format!("{:04}-{:02}-01T00:00:00Z", self.year, self.month).parse().ok()?;
        Some(first.plus_seconds(Self::ADVISES))
    }
}

impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}.{:02}", self.year, self.month))
    }
}

impl FromStr for RuleSet {
    type Err = RuleSetError;

    /// Reads four digits, a full stop and two digits of a month.
    fn from_str(text: &str) -> Result<Self, RuleSetError> {
        let digits = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts =
            text.split_once('.').filter(|(year, month)| digits(year, 4) && digits(month, 2));
        let read = parts.and_then(|(year, month)| {
            Some(Self { year: year.parse().ok()?, month: month.parse().ok()? })
        });
        read.filter(|set| (1..=12).contains(&set.month))
            .ok_or_else(|| RuleSetError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for RuleSet {
    type Error = RuleSetError;

    fn try_from(text: String) -> Result<Self, RuleSetError> {
        text.parse()
    }
}

impl From<RuleSet> for String {
    fn from(set: RuleSet) -> Self {
        set.to_string()
    }
}

/// Text that is no rule set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rule set: write the year and the month as `2026.12`")]
pub struct RuleSetError(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> RuleSet {
        text.parse().unwrap()
    }

    #[test]
    fn a_set_is_a_month() {
        for text in ["2026.11", "2027.01", "0000.12", "9999.12"] {
            assert_eq!(set(text).to_string(), text);
        }
        for text in [
            "",
            "2026",
            "2026.1",
            "2026.00",
            "2026.13",
            "26.11",
            "2026-11",
            "2026.11.1",
            "+026.11",
            "2026.+1",
            " 2026.11",
            "２０２６.11",
            "02026.11",
        ] {
            assert_eq!(text.parse::<RuleSet>(), Err(RuleSetError(text.to_owned())));
        }
        assert_eq!(set("2026.11"), RuleSet::FIRST);
        assert!(set("2026.12") < set("2027.01") && RuleSet::FIRST < set("2026.12"));
    }

    #[test]
    fn its_rules_count_thirty_days_after_the_first_of_the_month() {
        for (text, from) in [
            ("2026.11", "2026-12-01T00:00:00Z"),
            ("2026.12", "2026-12-31T00:00:00Z"),
            ("2027.02", "2027-03-03T00:00:00Z"),
            ("2028.02", "2028-03-02T00:00:00Z"),
        ] {
            assert_eq!(set(text).counts_from(), Some(from.parse().unwrap()), "{text}");
        }
    }
}
