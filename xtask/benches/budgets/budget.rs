//! A budget and whether it is kept.

use std::time::Duration;

use anyhow::Result;

use crate::process;

/// What is wanted of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// Shown to be watched; nothing depends on it yet.
    Watched,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Mebibytes,
    Milliseconds,
    Ratio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Kept,
    /// Over, but a quarter of the rounds or more kept it.
    Unclear,
    /// Over, but other programs wanted the processors in most rounds.
    Busy,
    Exceeded,
    Watched,
}

/// One number of each round, and what is wanted of their median.
pub(crate) struct Budget {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) unit: Unit,
    pub(crate) rounds: Vec<Round>,
    pub(crate) method: &'static str,
}

/// What one round measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) value: f64,
    /// Whether no other program was waiting for a processor when it began.
    pub(crate) quiet: bool,
}

impl Round {
    /// Measures one round.
    pub(crate) fn of(measure: impl FnOnce() -> Result<f64>) -> Result<Self> {
        let quiet = !process::contended();
        Ok(Self { value: measure()?, quiet })
    }
}

impl Budget {
    pub(crate) fn verdict(&self) -> Verdict {
        let (median, low, high) = (self.quantile(0.5), self.quantile(0.25), self.quantile(0.75));
        let (kept, perhaps) = match self.target {
            Target::AtMost(most) => (median <= most, low <= most),
            Target::AtLeast(least) => (median >= least, high >= least),
            Target::Watched => return Verdict::Watched,
        };
        // Time on the clock says little while others have the processors. A ratio of two times that
        // were taken in turn still does.
        let quiet = self.rounds.iter().filter(|round| round.quiet).count();
        let busy = self.unit == Unit::Milliseconds && quiet * 2 < self.rounds.len();
        match (kept, perhaps, busy) {
            (true, ..) => Verdict::Kept,
            (false, true, _) => Verdict::Unclear,
            (false, false, true) => Verdict::Busy,
            (false, false, false) => Verdict::Exceeded,
        }
    }

    pub(crate) fn row(&self) -> String {
        let target = match self.target {
            Target::AtMost(most) => format!("≤ {}", self.shown(most)),
            Target::AtLeast(least) => format!("≥ {}", self.shown(least)),
            Target::Watched => "-".to_owned(),
        };
        let verdict = match self.verdict() {
            Verdict::Kept => "kept",
            Verdict::Unclear => "over, within noise",
            Verdict::Busy => "over, machine too busy to tell",
            Verdict::Exceeded => "EXCEEDED",
            Verdict::Watched => "watched only",
        };
        let half =
            format!("{} – {}", self.shown(self.quantile(0.25)), self.shown(self.quantile(0.75)));
        format!(
            "{:<34} {target:>10} {:>10} {half:>21}  {verdict}",
            self.name,
            self.shown(self.quantile(0.5))
        )
    }

    fn shown(&self, value: f64) -> String {
        match self.unit {
            Unit::Mebibytes => format!("{value:.0} MiB"),
            Unit::Milliseconds => format!("{value:.1} ms"),
            Unit::Ratio => format!("{value:.2} ×"),
        }
    }

    /// The value below which this share of the rounds lies; NaN, which keeps no budget, when there
    /// was no round.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted: Vec<f64> = self.rounds.iter().map(|round| round.value).collect();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a short list"
        )]
        let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(index).copied().unwrap_or(f64::NAN)
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
