use std::collections::BTreeMap;

use penstock_model::{IdentityStrength, Role};
use penstock_statement::predicate::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scope::Scope;

/// What was deployed, and on what ground: the four grounds add up to `deployed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Population {
    /// What this number cannot know.
    pub scope: String,
    /// How many deployments there were.
    pub deployed: u64,
    /// On an allowance of the gate.
    pub decided: u64,
    /// Although the gate did not allow it: the environment only observed or warned.
    pub not_enforced: u64,
    /// Forced in by a person.
    pub break_glass: u64,
    /// On no decision the ledger holds.
    pub no_decision: u64,
    /// How many different releases they were.
    pub releases: u64,
    /// How the approvals' persons were identified.
    pub identities: BTreeMap<String, u64>,
}

/// What is known of the population's limits in this version.
const SCOPE: &str = "own deployments only; others are invisible until a target is connected";

pub(crate) fn population(scope: &Scope<'_>) -> Population {
    let mut population = Population {
        scope: SCOPE.to_owned(),
        deployed: scope.shipped.len() as u64,
        decided: 0,
        not_enforced: 0,
        break_glass: 0,
        no_decision: 0,
        releases: 0,
        identities: BTreeMap::new(),
    };
    let mut releases: Vec<_> = scope.shipped.iter().map(|s| s.evidence.predicate().run).collect();
    for shipped in &scope.shipped {
        let ground = if shipped.forced() {
            &mut population.break_glass
        } else if shipped.allowed() {
            &mut population.decided
        } else if shipped.decision.is_some() {
            &mut population.not_enforced
        } else {
            &mut population.no_decision
        };
        *ground += 1;
    }
    let approvals = scope
        .input
        .approvals
        .iter()
        .filter(|a| a.role == Role::Person && a.predicate().verdict == Verdict::Approve)
        .filter(|a| releases.contains(&a.predicate().run));
    for approval in approvals {
        let word = approval.predicate();
        let known = scope.input.policy.people.get(&word.person).map(|person| person.identity);
        // What the statement claims counts no more than what the policy knows of the person.
        let identity = match known {
            Some(known) if word.identity_strength.separates_persons() => known,
            Some(_) => word.identity_strength,
            None => IdentityStrength::Asserted,
        };
        *population.identities.entry(identity.name().to_owned()).or_default() += 1;
    }
    releases.sort();
    releases.dedup();
    population.releases = releases.len() as u64;
    population
}
