use penstock_road::check::engine;

use super::{Context, Failure};

/// A rule's page.
pub(super) fn explain(context: &Context, rule: &str) -> Result<u8, Failure> {
    let engine = engine()?;
    if let Some(page) = engine.explain(rule) {
        context.screen.text(&page)?;
        return Ok(0);
    }
    if let Some(gate) = penstock_gate::RULES.iter().find(|known| known.id == rule) {
        context.screen.text(&format!(
            "{}\n\n{}\n\nDo: {}\nControls: {}\nThreats: {}\n",
            gate.id,
            gate.title,
            gate.remediation,
            gate.controls.join(", "),
            gate.threats.join(", ")
        ))?;
        return Ok(0);
    }
    let known: Vec<&str> = engine
        .rules()
        .iter()
        .map(|rule| rule.id)
        .chain(penstock_gate::RULES.iter().map(|rule| rule.id))
        .collect();
    Err(Failure::Usage(format!("there is no rule `{rule}`: {}", known.join(", "))))
}
