//! `penstock.toml`: what is read, and every error with message, help and place.
#![expect(clippy::panic, reason = "helpers of tests")]

use penstock_config::{Command, Network, PenstockToml, SecretSource, TestFormat};
use penstock_model::{Area, Severity};

const FULL: &str = r#"
[project]
name = "hello-service"

[steps.build]
needs = ["test"]
run = "cargo build --release"
inputs = ["src/**", "Cargo.*"]
outputs = ["dist/hello-service"]
network = "none"
env = { KEY = "value" }
secrets = { API_TOKEN = "env:API_TOKEN" }
timeout = "10m"

[steps.test]
run = ["cargo", "test"]
results = "cargo"

[check]
require = ["secrets", "ci"]
threshold = "medium"
exclude = ["vendor/**"]

[[check.ignore]]
rule = "ci/unpinned-action"
path = ".github/**"
reason = "replaced next month"
owner = "ana"
expires = 2027-01-01
"#;

#[test]
fn a_full_file_is_read() {
    let config = PenstockToml::parse(FULL, "penstock.toml").unwrap();
    let build = &config.steps["build"];
    assert_eq!(build.run.argv(), ["sh", "-eu", "-c", "cargo build --release"]);
    assert_eq!(build.inputs.as_ref().unwrap()[1].as_str(), "Cargo.*");
    assert_eq!(build.outputs[0].as_str(), "dist/hello-service");
    assert_eq!(build.network, Network::None);
    assert_eq!(build.secrets["API_TOKEN"], SecretSource::Env("API_TOKEN".to_owned()));
    assert_eq!((build.timeout.seconds(), build.timeout.to_string()), (600, "10m".to_owned()));
    let test = &config.steps["test"];
    assert_eq!(test.run, Command::Argv(vec!["cargo".to_owned(), "test".to_owned()]));
    assert_eq!(test.timeout.seconds(), 1800);
    assert_eq!(test.results, Some(TestFormat::Cargo));
    assert_eq!(config.check.required(), [Area::Secrets, Area::Ci]);
    assert_eq!(config.check.threshold, Severity::Medium);
    let ignore = &config.check.ignore[0];
    assert_eq!(ignore.expires.unwrap().to_string(), "2027-01-01T00:00:00Z");
    assert!(!ignore.expires.unwrap().has_passed("2026-12-31T23:59:59Z".parse().unwrap()));
    assert!(ignore.expires.unwrap().has_passed("2027-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(config.plan(), [["test"], ["build"]]);
}

#[test]
fn the_smallest_file_has_every_default() {
    let config = PenstockToml::parse("[project]\nname = 'a'\n", "penstock.toml").unwrap();
    assert!(config.steps.is_empty());
    assert_eq!(config.check.required(), Area::ALL);
    assert_eq!(config.check.threshold, Severity::High);
    assert_eq!(config.plan(), Vec::<Vec<String>>::new());
}

/// What a person sees of the errors of a file: place, message, help and the offending text.
fn errors(text: &str) -> String {
    match PenstockToml::parse(text, "penstock.toml") {
        Ok(config) => panic!("no error in {config:?}"),
        Err(errors) => errors
            .iter()
            .map(|e| format!("{e}\n  help: {}\n  text: {}\n", e.problem.help(), e.text))
            .collect(),
    }
}

#[test]
fn errors_come_all_at_once() {
    assert_eq!(
        errors("[project]\nnme = 1\n"),
        "penstock.toml:1:1: `[project]` has no `name`\n  help: add `name`: the name people know it by; it identifies nothing\n  text: [project]\n\
         penstock.toml:2:1: unknown key `nme`: did you mean `name`?\n  help: the keys here are `name`\n  text: nme\n"
    );
}
