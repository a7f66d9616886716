//! The committed JSON Schemas are those of the types, and describe what is written.

use crate::samples;

use std::path::Path;

use penstock_statement::{predicate::RunSeal, schemas};
use serde_json::Value;

#[test]
fn the_committed_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/predicates");
    let mut expected = Vec::new();
    for (name, text) in schemas() {
        let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert!(committed == text, "schemas/predicates/{name} is stale: `cargo xtask generate`");
        expected.push(name);
    }
    let mut there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, expected, "a schema of no predicate");
}

/// Every predicate of ours with its schema and a sample.
fn cases() -> Vec<(String, Value, Value)> {
    let schemas: Vec<(String, Value)> = schemas()
        .into_iter()
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap()))
        .collect();
    let mut cases = Vec::new();
    for (name, predicate_type, bytes) in samples::all() {
        if let Some((_, schema)) =
            schemas.iter().find(|(_, schema)| schema["$id"] == predicate_type)
        {
            let sample = serde_json::from_slice(&bytes).unwrap();
            cases.push((name.to_owned(), schema.clone(), sample));
        }
    }
    assert_eq!(cases.len(), schemas.len(), "a schema without a sample");
    cases
}

#[test]
fn what_is_written_is_what_the_schema_says() {
    for (name, schema, sample) in cases() {
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&sample).map(|error| error.to_string()).collect();
        assert_eq!(errors, [] as [String; 0], "{name}");
    }
}

#[test]
fn the_schema_refuses_what_the_types_refuse() {
    for (name, schema, sample) in cases() {
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut unknown = sample.clone();
        unknown["predicate"]["surprise"] = 1.into();
        // Of a standard's predicate, consumers ignore what they do not know.
        let ours = schema["$id"].as_str().is_some_and(|id| id.starts_with("https://penstock.dev/"));
        assert_eq!(validator.is_valid(&unknown), !ours, "{name}: an unknown member");
        let mut other = sample.clone();
        other["_type"] = "https://in-toto.io/Statement/v0.1".into();
        assert!(!validator.is_valid(&other), "{name}: another statement type");
        for member in sample["predicate"].as_object().unwrap().keys() {
            let mut wrong = sample.clone();
            wrong["predicate"][member] = serde_json::json!([[{}]]);
            assert!(!validator.is_valid(&wrong), "{name}: `{member}` of a wrong type");
        }
    }
}

/// A record of a run without secrets keeps its bytes; one with them names them and has no place for
/// a value.
#[test]
fn secrets_of_a_step_are_named_where_there_are_some() {
    let (_, schema, sample) = cases().into_iter().find(|(name, ..)| name == "run").unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(sample["predicate"]["steps"][0].get("secrets").is_none());
    let read = |value: &Value| serde_json::from_value::<RunSeal>(value["predicate"].clone());
    let mut named = sample;
    named["predicate"]["steps"][0]["secrets"] =
        serde_json::json!([{ "name": "NPM_TOKEN", "source": "vault:kv/ci#npm" }]);
    assert!(validator.is_valid(&named));
    let seal = read(&named).unwrap();
    assert_eq!(seal.steps[0].secrets[0].source, "vault:kv/ci#npm");
    assert_eq!(serde_json::to_value(&seal).unwrap(), named["predicate"]);
    named["predicate"]["steps"][0]["secrets"][0]["value"] = "x".into();
    assert!(!validator.is_valid(&named) && read(&named).is_err());
}
