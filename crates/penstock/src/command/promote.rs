use penstock_road::{
    approve,
    deliver::{self, Delivered, Force},
    gate, release,
};

use super::{Context, Failure, gate::exit_code};
use crate::{arguments, screen::Tone, timeline::decision_lines};

/// Asks the gate and deploys if it allows; or breaks the glass.
pub(super) fn promote(context: &Context, wanted: &arguments::Promote) -> Result<u8, Failure> {
    context.with_session(|session| {
        let name = &wanted.environment;
        gate::environment(session, name)?;
        let seal = release::find(session, Some(&wanted.release))?;
        let force = match &wanted.break_glass {
            Some(reason) if reason.trim().is_empty() => {
                return Err(Failure::Usage("--break-glass wants a reason".to_owned()));
            }
            Some(reason) => Some(Force {
                reason: reason.clone(),
                by: approve::speaker(session, wanted.person.as_deref())?,
                hours: wanted.expires,
            }),
            None => None,
        };
        let signer = session.signer()?;
        let decision = gate::judge(session, &signer, &seal, name)?;
        let mut deployment = None;
        let mut refusal = None;
        match deliver::deploy(session, &signer, &seal, name)? {
            Delivered::Yes(done) => deployment = Some(*done),
            Delivered::No(reason) => refusal = Some(reason),
        }
        if let (None, Some(force)) = (&deployment, &force) {
            let forced = deliver::break_glass(session, &signer, &seal, &decision, force)?;
            deployment = Some(forced);
        }
        signer.finish()?;
        let screen = &context.screen;
        for line in decision_lines(screen, decision.predicate(), deployment.as_ref()) {
            screen.line(line)?;
        }
        match &deployment {
            Some(deployment) => {
                screen.line(format_args!(
                    "deployed  {} to {name}: {}",
                    seal.evidence.short(),
                    deployment.target.uri
                ))?;
                if let Some(glass) = &deployment.break_glass {
                    screen.line(format_args!(
                        "{}  by {}: {}; overridden: {}; ends {}, to be reviewed by {}",
                        screen.paint(Tone::Bad, "BREAK-GLASS"),
                        glass.by,
                        glass.reason,
                        glass.overridden.join(", "),
                        glass.expires,
                        glass.review_by
                    ))?;
                }
                Ok(0)
            }
            None => {
                if let Some(refusal) = refusal {
                    screen.line(format_args!("not deployed: {refusal}"))?;
                }
                Ok(exit_code(decision.predicate().outcome).max(1))
            }
        }
    })
}
