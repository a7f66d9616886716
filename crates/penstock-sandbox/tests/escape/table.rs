//! The table in THREATS.md is about these cases.

use std::collections::BTreeSet;

use crate::{
    cases::{FAMILIES, RUNGS},
    incidents::INCIDENTS,
    kit,
};

#[test]
fn every_case_has_a_name_and_a_reason_of_its_own() {
    let mut seen = BTreeSet::new();
    let incidents = INCIDENTS.iter().map(|(name, _, cases)| (*name, *cases));
    for (family, cases) in FAMILIES.iter().copied().chain(incidents) {
        for case in cases {
            assert!(seen.insert((family, case.name)), "{family}: {} is there twice", case.name);
            assert!(!case.tries.contains('|'), "{}", case.name);
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn this_machine_has_the_first_rung() {
    assert_eq!(kit::rungs().first(), Some(&1));
    let untold: Vec<&u8> = kit::rungs().iter().filter(|rung| !RUNGS.contains(rung)).collect();
    assert!(untold.is_empty(), "rungs {untold:?} have no column: add them to `RUNGS`");
}
