//! The gate rules, one file each. A new one is its file and its line in [`RULES`].

mod approvals;
mod check_complete;
mod commit_known;
mod custody;
mod evidence_complete;
mod freeze_window;
mod isolation;
mod known_persons;
mod policy_current;
mod previous_environment;
mod refused_evidence;
mod sealed_run;
mod tests_ran;
mod trusted_provenance;

use penstock_config::policy::Profile;

use crate::{Case, Judgement};

/// One question a gate asks.
#[derive(Clone, Copy, Debug)]
pub struct GateRule {
    /// Its stable, kebab-case name.
    pub id: &'static str,
    /// What holds when it allows, as a sentence.
    pub title: &'static str,
    /// What to do when it does not, unless the judgement knows better.
    pub remediation: &'static str,
    /// NIST SP 800-53 controls it gives evidence for.
    pub controls: &'static [&'static str],
    /// Numbers of the control areas it belongs to.
    pub control_areas: &'static [u8],
    /// Threats of THREATS.md it answers.
    pub threats: &'static [&'static str],
    /// From when on it binds, as RFC 3339; until then what it would refuse is a warning. `None`:
    /// since it exists.
    pub effective: Option<&'static str>,
    /// The mildest profile that asks it.
    pub from: Profile,
    /// The question itself.
    pub judge: fn(&Case<'_>) -> Judgement,
}

/// Every gate rule, in the order a decision lists them.
pub const RULES: &[GateRule] = &[
    policy_current::RULE,
    evidence_complete::RULE,
    refused_evidence::RULE,
    sealed_run::RULE,
    trusted_provenance::RULE,
    commit_known::RULE,
    check_complete::RULE,
    tests_ran::RULE,
    isolation::RULE,
    custody::RULE,
    known_persons::RULE,
    previous_environment::RULE,
    freeze_window::RULE,
    approvals::RULE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use penstock_model::{ControlArea, Timestamp};

    use super::*;

    #[test]
    fn the_table_says_everything_about_every_rule() {
        let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            let kebab = rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(kebab && !rule.title.is_empty() && !rule.remediation.is_empty(), "{}", rule.id);
            assert!(!rule.controls.is_empty() && !rule.control_areas.is_empty(), "{}", rule.id);
            assert!(rule.control_areas.iter().all(|n| ControlArea::new(*n).is_some()));
            assert!(rule.threats.iter().all(|t| {
                t.strip_prefix('T')
                    .and_then(|n| n.parse().ok())
                    .is_some_and(|n| (1..=15).contains(&n))
            }));
            assert!(rule.effective.is_none_or(|day| day.parse::<Timestamp>().is_ok()));
        }
    }
}
