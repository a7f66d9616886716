use penstock_audit::{Framework, Period, audit as judge};
use penstock_model::Timestamp;
use penstock_road::audit::input;

use super::{Context, Failure};
use crate::arguments::{self, AuditFormat};

/// What the evidence supports.
pub(super) fn audit(context: &Context, wanted: &arguments::Audit) -> Result<u8, Failure> {
    let period = wanted.period.as_deref().map(period).transpose()?;
    context.with_session(|session| {
        let input = input(session, period, None)?;
        let audit = judge(&input);
        match wanted.format {
            AuditFormat::Human => context.screen.text(&penstock_audit::human(&audit))?,
            AuditFormat::Json => context.screen.text(&penstock_audit::json(&audit))?,
        }
        Ok(0)
    })
}

/// `2026-05-01..2026-10-31`, both days included.
fn period(text: &str) -> Result<Period, Failure> {
    let wrong =
        || Failure::Usage(format!("`{text}` is not a period: write it as 2026-05-01..2026-10-31"));
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let day = |day: &str| format!("{day}T00:00:00Z").parse::<Timestamp>().map_err(|_| wrong());
    let (from, to) = (day(from)?, day(to)?.plus_seconds(24 * 3600));
    if from < to { Ok(Period { from, to }) } else { Err(wrong()) }
}
