use std::io;

use penstock_check::format::catalogue;
use penstock_road::check::engine;

use super::{Context, Failure};
use crate::arguments::ListFormat;

/// Every rule a check has.
pub(super) fn rules(context: &Context, format: ListFormat) -> Result<u8, Failure> {
    let engine = engine()?;
    let text = match format {
        ListFormat::Human => catalogue::human(engine.rules()),
        ListFormat::Json => catalogue::json(engine.rules()).map_err(io::Error::from)?,
    };
    context.screen.text(&text)?;
    Ok(0)
}
