use std::str::FromStr;

use penstock_config::Policy;
use penstock_model::{Answer, Report, Timestamp};
use penstock_statement::{
    Verified,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyRef, Provenance, RunSeal, SourceChange,
        TestResult,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything an audit is computed from: what the ledger holds about one project, verified.
///
/// All of it, not only the period's: a deployment of May may rest on a run of April.
#[derive(Clone, Debug)]
pub struct AuditInput {
    /// The instant the audit calls now.
    pub now: Timestamp,
    /// The stretch of time whose deployments are audited; everything if absent.
    pub period: Option<Period>,
    /// The policy in force.
    pub policy: Policy,
    /// Its version and digest.
    pub policy_ref: PolicyRef,
    /// Every run seal.
    pub runs: Vec<Verified<RunSeal>>,
    /// Every check.
    pub checks: Vec<Verified<CheckResult>>,
    /// Every test result.
    pub tests: Vec<Verified<TestResult>>,
    /// All provenance.
    pub provenance: Vec<Verified<Provenance>>,
    /// Every SBOM (CycloneDX), its document not looked at.
    pub sboms: Vec<Verified<Value>>,
    /// Every source change.
    pub source_changes: Vec<Verified<SourceChange>>,
    /// Every approval and rejection.
    pub approvals: Vec<Verified<Approval>>,
    /// Every decision.
    pub decisions: Vec<Verified<Decision>>,
    /// Every deployment: the population.
    pub deployments: Vec<Verified<Deployment>>,
    /// What is known of the ledger itself.
    pub log: LogStatus,
    /// A check of the repository as it is now.
    pub report: Option<Report>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Period {
    /// Whether `time` lies in it.
    pub fn covers(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// Reads two days, both taken in whole and in UTC: `2026-05-01..2026-10-31`.
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let error = || PeriodError { text: text.chars().take(80).collect() };
        let (first, last) = text.split_once("..").ok_or_else(error)?;
        let start = |day: &str| -> Result<Timestamp, PeriodError> {
            let digits = day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let day = format!("{day}T00:00:00Z");
            if digits { day.parse().map_err(|_| error()) } else { Err(error()) }
        };
        let (from, to) = (start(first)?, start(last)?.plus_seconds(DAY));
        if from < to { Ok(Self { from, to }) } else { Err(error()) }
    }
}

/// A day in seconds; UTC has no other days here, since a timestamp counts no leap seconds.
const DAY: i64 = 24 * 60 * 60;

/// Text that is no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no period: write its first and last day, as 2026-05-01..2026-10-31")]
pub struct PeriodError {
    text: String,
}

/// What is known of the ledger itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogStatus {
    /// How many entries it has.
    pub size: u64,
    /// Whether all of it was verified and agrees with the last checkpoint that was seen.
    pub consistent: Answer,
    /// Whether somebody else cosigned its checkpoint. Without a witness the ledger does not bind
    /// the holder of the log key.
    pub witnessed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_takes_in_both_its_days() {
        let period: Period = "2026-05-01..2026-10-31".parse().unwrap();
        assert_eq!(period.from.to_string(), "2026-05-01T00:00:00Z");
        assert_eq!(period.to.to_string(), "2026-11-01T00:00:00Z");
        assert!("2026-05-01..2026-05-01".parse::<Period>().is_ok());
        for wrong in [
            "",
            "2026-05-01",
            "2026-10-31..2026-05-01",
            "2026-05-01..",
            "may..june",
            "2026-13-01..2026-13-02",
            "2026-05-01T00:00:00Z..2026-05-02",
        ] {
            let error = wrong.parse::<Period>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{wrong}` is no period")), "{error}");
        }
    }
}
