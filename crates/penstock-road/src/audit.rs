//! Gathers what an audit is computed from.

use penstock_audit::{AuditInput, LogStatus, Period};
use penstock_model::{Answer, Report};
use penstock_statement::predicate::CYCLONEDX;

use crate::{archive::Archive, error::RoadError, session::Session};

/// Reads the whole ledger, verifies it, and hands over everything it holds that verifies.
///
/// # Errors
/// Evidence that cannot be read. A ledger that does not verify is an answer, not an error, as long
/// as its entries can be read.
pub fn input(
    session: &Session<'_>,
    period: Option<Period>,
    report: Option<Report>,
) -> Result<AuditInput, RoadError> {
    let archive = Archive::new(&session.ledger, &session.trust);
    Ok(AuditInput {
        now: session.now(),
        period,
        policy: session.pinned.policy.clone(),
        policy_ref: session.pinned.reference.clone(),
        runs: archive.all()?.verified,
        checks: archive.all()?.verified,
        tests: archive.all()?.verified,
        provenance: archive.all()?.verified,
        sboms: archive.foreign(CYCLONEDX)?.verified,
        source_changes: archive.all()?.verified,
        approvals: archive.all()?.verified,
        decisions: archive.all()?.verified,
        deployments: archive.all()?.verified,
        log: LogStatus {
            size: session.ledger.size(),
            consistent: match session.ledger.verify() {
                Ok(_) => Answer::Yes,
                Err(_) => Answer::No,
            },
            // No witness is asked by this version.
            witnessed: false,
        },
        report,
    })
}
