use penstock_road::{deliver, release};

use super::{Context, Failure};
use crate::arguments;

/// Goes back, after verifying everything again.
pub(super) fn rollback(context: &Context, wanted: &arguments::Rollback) -> Result<u8, Failure> {
    context.with_session(|session| {
        let seal = match &wanted.release {
            Some(release) => Some(release::find(session, Some(release))?),
            None => None,
        };
        let signer = session.signer()?;
        let deployment = deliver::rollback(session, &signer, &wanted.environment, seal.as_ref())?;
        signer.finish()?;
        context.screen.line(format_args!(
            "rolled back {} to {}, verified again: {}",
            wanted.environment,
            deployment.run.short(),
            deployment.target.uri
        ))?;
        Ok(0)
    })
}
