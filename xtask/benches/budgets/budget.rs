//! A budget and whether it is kept.

use std::time::Duration;

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
    Milliseconds,
    Ratio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Kept,
    /// Over, but a quarter of the rounds or more kept it: the machine may be to blame.
    Unclear,
    Exceeded,
    Watched,
}

/// One number of each round, and what is wanted of their median.
pub(crate) struct Budget {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) unit: Unit,
    pub(crate) rounds: Vec<f64>,
    pub(crate) method: &'static str,
}

impl Budget {
    pub(crate) fn verdict(&self) -> Verdict {
        let (median, low, high) = (self.quantile(0.5), self.quantile(0.25), self.quantile(0.75));
        let (kept, perhaps) = match self.target {
            Target::AtMost(most) => (median <= most, low <= most),
            Target::AtLeast(least) => (median >= least, high >= least),
            Target::Watched => return Verdict::Watched,
        };
        match (kept, perhaps) {
            (true, _) => Verdict::Kept,
            (false, true) => Verdict::Unclear,
            (false, false) => Verdict::Exceeded,
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
            Unit::Milliseconds => format!("{value:.1} ms"),
            Unit::Ratio => format!("{value:.2} ×"),
        }
    }

    /// The value below which this share of the rounds lies; NaN, which keeps no budget, when there
    /// was no round.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.rounds.clone();
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
