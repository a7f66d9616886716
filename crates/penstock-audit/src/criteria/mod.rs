//! The criteria, one table: what each control area's maturity is proved by.

mod artifact;
mod deployment;
mod ledger;
mod pipeline;
mod secrets;
mod source;
mod supply_chain;
mod testing;

use crate::scope::{Scope, Told};

/// One thing that must hold for a maturity of a control area.
pub struct Criterion {
    /// Its stable, kebab-case name.
    pub id: &'static str,
    /// The number of its control area.
    pub area: u8,
    /// The maturity it is demanded from, 2 to 4. Maturity 1 demands nothing.
    pub maturity: u8,
    /// What holds, as a sentence.
    pub title: &'static str,
    /// NIST SP 800-53 controls whose evidence it is.
    pub controls: &'static [&'static str],
    pub(crate) judge: fn(&Scope<'_>) -> Told,
}

/// Every criterion, by area and then by maturity.
pub const CRITERIA: &[Criterion] = &[
    pipeline::STEPS_ISOLATED,
    pipeline::STRONGEST_ISOLATION,
    source::PERSONS_KNOWN,
    source::COMMITS_SIGNED,
    source::PIPELINE_EDITS_APPROVED,
    secrets::SECRETS_CHECKED,
    secrets::NO_OPEN_SECRET,
    secrets::SIGNING_KEYS_APART,
    supply_chain::CONTENTS_RECORDED,
    supply_chain::ADVISORIES_MATCHED,
    testing::CHECKED_BEFORE_DEPLOYMENT,
    testing::TESTS_REALLY_RAN,
    testing::GATE_ENFORCED,
    artifact::WHOLE_RUN_SEALED,
    artifact::PROVENANCE_OF_EVERY_OUTPUT,
    artifact::PROVENANCE_VERIFIED_BY_GATE,
    deployment::DECIDED_BEFORE_DEPLOYMENT,
    deployment::ORDER_KEPT,
    deployment::APPROVED_BY_ANOTHER,
    deployment::BREAK_GLASS_ANSWERED,
    deployment::APPROVERS_TOLD_APART,
    ledger::LEDGER_CONSISTENT,
    ledger::EVERY_DEPLOYMENT_DECIDED,
    ledger::WITNESSED,
];

/// What would give evidence for an area this version has no criterion for.
pub(crate) fn would_evidence(area: u8) -> Option<&'static str> {
    match area {
        8 => Some("a check of infrastructure as code and the drift of what it declares"),
        10 => Some("the authentication and authorisation of every endpoint, declared and tested"),
        11 => Some("static and dynamic tests of input validation and output encoding"),
        12 => Some("a check of log formats and of the security events that are logged"),
        13 => Some("a check of the API's specification and of the running API"),
        _ => None,
    }
}
