use penstock_road::{adopt, verify as road};

use super::{Context, Failure};
use crate::{arguments, screen::Tone};

/// What stands behind a file, question by question.
pub(super) fn verify(context: &Context, wanted: &arguments::Verify) -> Result<u8, Failure> {
    let verification = match (&wanted.evidence, &wanted.policy) {
        (Some(evidence), Some(policy)) => {
            let policy = adopt::read(policy)?;
            road::by_directory(&wanted.file, evidence, &policy)?
        }
        _ => {
            let mut found = None;
            context.with_session(|session| {
                found = Some(road::by_ledger(session, &wanted.file)?);
                Ok(0)
            })?;
            found.ok_or_else(|| Failure::Usage("nothing to verify by".to_owned()))?
        }
    };
    let screen = &context.screen;
    screen.line(format_args!("sha256:{}", verification.digest))?;
    for finding in &verification.findings {
        let (tone, word) = if finding.holds { (Tone::Good, "ok") } else { (Tone::Bad, "NO") };
        screen.line(format_args!(
            "{:<10} {:<2} {}",
            finding.question,
            screen.paint(tone, word),
            finding.answer
        ))?;
    }
    let holds = verification.holds();
    screen.line(match holds {
        true => "verified",
        false => "NOT verified",
    })?;
    Ok(u8::from(!holds))
}
