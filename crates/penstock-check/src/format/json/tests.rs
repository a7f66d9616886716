use super::*;
use crate::format::sample;

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let committed = include_str!("../../../../../schemas/report.v1.json");
    assert!(committed == schema().unwrap(), "stale: run `cargo xtask generate`");
}

#[test]
fn every_report_fits_the_schema_and_reads_back() {
    let schema: serde_json::Value = serde_json::from_str(&schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [
        sample::report(),
        sample::clean(),
        sample::unreadable(),
        sample::grown(),
        sample::hostile(),
    ] {
        let text = json(&report).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}

/// Report v1 is frozen: fields may be added, none may change or vanish.
#[test]
fn report_v1_is_frozen() {
    insta::assert_snapshot!("report-v1", json(&sample::report()).unwrap());
}

#[test]
fn no_control_character_stands_in_the_text() {
    let text = json(&sample::hostile()).unwrap();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
}
