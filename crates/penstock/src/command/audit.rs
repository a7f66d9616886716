use penstock_audit::{Crosswalk, Period, audit as judge};
use penstock_road::{audit::input, check};

use super::{Context, Failure};
use crate::arguments::{self, AuditFormat};

/// What the evidence supports.
pub(super) fn audit(context: &Context, wanted: &arguments::Audit) -> Result<u8, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let period = wanted.period.as_deref().map(str::parse::<Period>).transpose();
    let period = period.map_err(|error| usage(&error))?;
    let crosswalk = Crosswalk::embedded().map_err(|error| usage(&error))?;
    if wanted.framework.as_deref() == Some("list") {
        for id in crosswalk.ids() {
            context.screen.line(id)?;
        }
        return Ok(0);
    }
    context.with_session(|session| {
        let report = check::of_head(session)?;
        let mut audit = judge(&input(session, period, Some(report))?);
        if let Some(framework) = &wanted.framework {
            audit = audit.with_framework(&crosswalk, framework).map_err(|error| usage(&error))?;
        }
        match wanted.format {
            AuditFormat::Human => context.screen.text(&penstock_audit::human(&audit))?,
            AuditFormat::Json => {
                let text = serde_json::to_string_pretty(&audit).map_err(std::io::Error::from)?;
                context.screen.line(text)?;
            }
        }
        Ok(0)
    })
}
