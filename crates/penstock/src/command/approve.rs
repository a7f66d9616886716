use penstock_road::{
    approve::{self, Word},
    gate, release,
};
use penstock_statement::predicate::{Outcome, Verdict};

use super::{Context, Failure};
use crate::{arguments, timeline::decision_lines};

/// One person's word, and what the gate says now.
pub(super) fn approve(context: &Context, wanted: &arguments::Approve) -> Result<u8, Failure> {
    context.with_session(|session| {
        let seal = release::find(session, Some(&wanted.release))?;
        let person = approve::speaker(session, wanted.person.as_deref())?;
        let verdict = if wanted.reject { Verdict::Reject } else { Verdict::Approve };
        let word = Word { person, verdict, reason: wanted.reason.clone() };
        let signer = session.signer()?;
        let approval = approve::approve(session, &signer, &seal, &wanted.environment, &word)?;
        let said = match verdict {
            Verdict::Approve => "approves",
            Verdict::Reject => "rejects",
        };
        context.screen.line(format_args!(
            "{} {said} {} for {}, identity {}, until {}",
            approval.person,
            seal.evidence.short(),
            approval.environment,
            approval.identity_strength,
            approval.expires
        ))?;
        let decision = gate::judge(session, &signer, &seal, &wanted.environment)?;
        signer.finish()?;
        for line in decision_lines(&context.screen, decision.predicate(), None) {
            context.screen.line(line)?;
        }
        if decision.predicate().outcome == Outcome::Allow {
            context.screen.line(format_args!(
                "   penstock promote {} {}",
                wanted.environment,
                seal.evidence.short()
            ))?;
        }
        Ok(0)
    })
}
