use penstock_model::Answer;
use penstock_statement::predicate::Custody;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AreaResult, CriterionResult, scope::Scope};

/// The lowest maturity: it demands nothing.
const LOWEST: u8 = 1;

/// The highest maturity there is.
const HIGHEST: u8 = 4;

/// The maturity nobody gets past while the signer shares a user with the steps (DECISIONS 3).
const SAME_USER: u8 = 2;

/// How many things the next maturity needs are named.
const NEXT: usize = 6;

/// How far one area's evidence goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AreaMaturity {
    /// Every criterion up to this maturity holds.
    pub proved: u8,
    /// Nothing contradicts more than this; between the two it cannot be told.
    pub at_most: u8,
    /// What the next maturity still needs.
    pub missing: Vec<String>,
}

/// How far the whole goes: the minimum over the areas that can be evidenced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Maturity {
    /// Every criterion of every counted area up to this maturity holds.
    pub proved: u8,
    /// Nothing contradicts more than this.
    pub at_most: u8,
    /// What the service's tier demands.
    pub wanted: u8,
    /// The service's tier.
    pub tier: u8,
    /// Numbers of the areas the minimum is taken over.
    pub counted: Vec<u8>,
    /// Numbers of the areas nothing here can evidence: whichever of them applies to the service is
    /// not proved at all.
    pub not_counted: Vec<u8>,
    /// What the next maturity needs, most needed first.
    pub next: Vec<String>,
}

/// The maturity of one area from its criteria, in ascending order of maturity.
pub(crate) fn of_area(criteria: &[CriterionResult], cap: u8) -> AreaMaturity {
    let mut proved = LOWEST;
    while proved < HIGHEST {
        let mut of_next = criteria.iter().filter(|c| c.maturity == proved + 1).peekable();
        if of_next.peek().is_none() || !of_next.all(|c| c.answer == Answer::Yes) {
            break;
        }
        proved += 1;
    }
    let contradicted = criteria.iter().filter(|c| c.answer == Answer::No);
    let at_most = contradicted.map(|c| c.maturity - 1).min().unwrap_or(HIGHEST).min(cap);
    let next = proved.min(at_most) + 1;
    let mut missing: Vec<_> = criteria
        .iter()
        .filter(|c| c.maturity <= next && c.answer != Answer::Yes)
        .map(|c| format!("{}: {}", c.title, c.detail))
        .collect();
    if missing.is_empty() && next <= HIGHEST && proved <= at_most && at_most < HIGHEST {
        missing.push("a signer of its own, out of reach of the steps".to_owned());
    } else if missing.is_empty() && next <= HIGHEST {
        missing.push(format!("this version has no criterion that would prove {next} here"));
    }
    AreaMaturity { proved: proved.min(at_most), at_most, missing }
}

/// The cap on every area by the custody of the keys.
pub(crate) fn cap(scope: &Scope<'_>) -> u8 {
    let shared = scope
        .shipped
        .iter()
        .filter_map(|shipped| shipped.seal)
        .any(|seal| seal.predicate().custody == Custody::SameUser);
    if shared { SAME_USER } else { HIGHEST }
}

/// The whole from its areas.
pub(crate) fn of_all(areas: &[AreaResult], scope: &Scope<'_>) -> Maturity {
    let service = scope.input.policy.service;
    let (counted, not_counted): (Vec<_>, Vec<_>) =
        areas.iter().partition(|area| !area.criteria.is_empty());
    let proved = counted.iter().map(|a| a.maturity.proved).min().unwrap_or(LOWEST);
    let at_most = counted.iter().map(|a| a.maturity.at_most).min().unwrap_or(LOWEST);
    let mut next = Vec::new();
    if cap(scope) == SAME_USER {
        next.push("a signer of its own, out of reach of the steps".to_owned());
    }
    for area in counted.iter().filter(|area| area.maturity.proved == proved) {
        for missing in &area.maturity.missing {
            if !next.contains(missing) {
                next.push(missing.clone());
            }
        }
    }
    // What is proved is named only as far as people read; the areas hold all of it.
    next.truncate(NEXT);
    let numbers = |areas: Vec<&AreaResult>| areas.iter().map(|a| a.area.number()).collect();
    Maturity {
        proved,
        at_most,
        wanted: service.wanted_maturity(),
        tier: service.tier,
        counted: numbers(counted),
        not_counted: numbers(not_counted),
        next,
    }
}
