use penstock_road::{
    deliver::{self, Delivered},
    gate, release,
};

use super::{Context, Failure, gate::exit_code};
use crate::{arguments, timeline::decision_lines};

/// Goes back, after asking the gate and verifying everything again.
pub(super) fn rollback(context: &Context, wanted: &arguments::Rollback) -> Result<u8, Failure> {
    context.with_session(|session| {
        let name = &wanted.environment;
        let named = match &wanted.release {
            Some(release) => Some(release::find(session, Some(release))?),
            None => None,
        };
        let seal = deliver::earlier(session, name, named.as_ref())?;
        let signer = session.signer()?;
        let decision = gate::judge(session, &signer, &seal, name)?;
        let delivered = deliver::rollback(session, &signer, &seal, name)?;
        signer.finish()?;
        let screen = &context.screen;
        match delivered {
            Delivered::Yes(deployment) => {
                for line in decision_lines(screen, decision.predicate(), Some(&deployment)) {
                    screen.line(line)?;
                }
                screen.line(format_args!(
                    "rolled back {name} to {}, verified again: {}",
                    seal.evidence.short(),
                    deployment.target.uri
                ))?;
                Ok(0)
            }
            Delivered::No(refusal) => {
                for line in decision_lines(screen, decision.predicate(), None) {
                    screen.line(line)?;
                }
                screen.line(format_args!("not rolled back: {refusal}"))?;
                let command = penstock_gate::break_glass(name, &seal.evidence.short());
                screen.line(format_args!("   emergency: {command}"))?;
                Ok(exit_code(decision.predicate().outcome).max(1))
            }
        }
    })
}
