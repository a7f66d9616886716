use penstock_road::{gate, release};
use penstock_statement::predicate::Outcome;

use super::{Context, Failure};
use crate::{arguments, timeline::decision_lines};

/// Asks a gate; the decision is logged.
pub(super) fn gate(context: &Context, wanted: &arguments::Gate) -> Result<u8, Failure> {
    context.with_session(|session| {
        gate::environment(session, &wanted.environment)?;
        let seal = release::find(session, wanted.release.as_deref())?;
        let signer = session.signer()?;
        let decision = gate::judge(session, &signer, &seal, &wanted.environment)?;
        signer.finish()?;
        context.screen.line(format_args!("release   {}", seal.evidence.short()))?;
        for line in decision_lines(&context.screen, decision.predicate(), None) {
            context.screen.line(line)?;
        }
        Ok(exit_code(decision.predicate().outcome))
    })
}

/// The exit status of a decision (DECISIONS 12).
pub(super) fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Allow => 0,
        Outcome::Deny | Outcome::Held => 1,
        Outcome::Indeterminate => 3,
    }
}
