//! Fuzz targets over `penstock.toml` and policies.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_config::{ConfigErrors, PenstockToml, Policy, Problem, policy::diff};

/// A project's configuration.
pub(crate) fn penstock_toml(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match PenstockToml::parse(text, "penstock.toml") {
        Ok(project) => {
            let planned: usize = project.plan().iter().map(Vec::len).sum();
            assert_eq!(planned, project.steps.len(), "a step is never run, or twice");
            true
        }
        Err(errors) => refused(text, &errors),
    }
}

/// A policy.
pub(crate) fn policy(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Policy::parse(text, "policy.toml") {
        Ok(policy) => {
            assert_eq!(policy.text(), text);
            let written = Policy::from_rules(policy.rules()).unwrap();
            assert_eq!(written.rules(), policy.rules());
            assert_eq!(diff(policy.rules(), written.rules()), []);
            assert!(policy.warnings().iter().all(|warning| !warning.to_string().is_empty()));
            true
        }
        Err(errors) => refused(text, &errors),
    }
}

/// Every error has its place in the text, and none is a disagreement of schema and types.
fn refused(text: &str, errors: &ConfigErrors) -> bool {
    assert!(errors.iter().len() > 0);
    for error in errors {
        assert!(!matches!(error.problem, Problem::Undecodable { .. }), "{error} in {text:?}");
        assert!(usize::try_from(error.region.end_byte).unwrap() <= text.len(), "{error}");
        assert!(error.region.start_byte <= error.region.end_byte, "{error}");
    }
    false
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/penstock_toml"], 600, penstock_toml);
    corpus::run(&["tests/corpus/policy"], 600, policy);
}
