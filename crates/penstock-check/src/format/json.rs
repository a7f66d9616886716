//! Report v1 as JSON; the format is [`Report`] itself.

use penstock_model::Report;

use super::terminal;

/// The report as indented JSON with a final line break.
///
/// # Errors
/// None that a report made by this crate can cause.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    terminal::json(report)
}

/// The JSON Schema of Report v1, as it is committed in `schemas/report.v1.json`.
///
/// # Errors
/// None that the types of this crate can cause.
pub fn schema() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Report))?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
