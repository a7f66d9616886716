use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An instant in UTC with a resolution of one second, written as RFC 3339: `2026-11-23T14:02:00Z`.
///
/// It is always injected (`--now`, or the one reading of the clock the binary makes at its start),
/// so that everything computed from it can be repeated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The instant that many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// Seconds outside the years -9999 to 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        jiff::Timestamp::from_second(seconds)
            .map(Self)
            .map_err(|_| TimestampError(seconds.to_string()))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.as_second()
    }

    /// This instant moved by `seconds`, clamped to the representable range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let moved = self.unix().saturating_add(seconds);
        // The last representable instant has a fraction; ours have none.
        let (first, last) = (jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
        Self::from_unix(moved.clamp(first, last)).unwrap_or(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339; fractions of a second are cut off.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp =
            text.parse().map_err(|_| TimestampError(text.chars().take(80).collect()))?;
        Self::from_unix(instant.as_second())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

/// Text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: write it as 2026-11-23T14:02:00Z")]
pub struct TimestampError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_utc_and_whole_seconds() {
        let time: Timestamp = "2026-11-23T15:02:00.9+01:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-23T14:02:00Z");
        assert_eq!(Timestamp::from_unix(time.unix()), Ok(time));
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert_eq!(time.plus_seconds(60).to_string(), "2026-11-23T14:03:00Z");
    }
}
