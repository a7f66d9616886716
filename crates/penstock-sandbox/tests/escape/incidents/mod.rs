//! What public incidents did, without their code and without their harm: facts from the reports that
//! are named here, each behaviour as a case of its own.

use super::cases::case::{self, Case};

mod allowed_host;
mod credential_harvest;
mod memory_scrape;
mod trojaned_tool;
mod worm;

/// Every incident, where its facts are from, and what it did.
pub(crate) const INCIDENTS: &[(&str, &str, &[Case])] = &[
    (
        "An install script that harvests credentials (Shai-Hulud, npm, September 2025)",
        "https://www.reversinglabs.com/blog/shai-hulud-call-to-action",
        credential_harvest::CASES,
    ),
    (
        "An action that reads the runner's memory (tj-actions/changed-files, March 2025)",
        "https://github.com/advisories/GHSA-mrrh-fwg8-r2c3",
        memory_scrape::CASES,
    ),
    (
        "Secrets sent through a host that everybody allows (Shai-Hulud's second wave, November 2025)",
        "https://panther.com/blog/shai-hulud-npm-supply-chain-attack",
        allowed_host::CASES,
    ),
    (
        "A tool replaced by one that does its work as well (Codecov's uploader, January 2021)",
        "https://about.codecov.io/security-update/",
        trojaned_tool::CASES,
    ),
    (
        "A worm that publishes itself (Shai-Hulud, npm, September 2025)",
        "https://panther.com/blog/shai-hulud-npm-supply-chain-attack",
        worm::CASES,
    ),
];
