//! What a verifier relies on when it reads SLSA provenance.

use crate::samples;

use penstock_model::Sha256;
use penstock_statement::{
    RawStatement, ResourceDescriptor, Statement, StatementError,
    predicate::{Provenance, RunSeal, VerificationSummary},
};
use serde_json::{Value, json};

fn sample(name: &str) -> Value {
    let (_, _, bytes) = samples::all().into_iter().find(|(n, ..)| *n == name).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn decode(statement: &Value) -> Result<Statement<Provenance>, StatementError> {
    RawStatement::parse(statement.to_string().as_bytes())?.decode()
}

/// SLSA v1.2, "BuildDefinition": verifiers should reject what they do not recognise there.
#[test]
fn unknown_external_parameters_are_refused() {
    let mut statement = sample("provenance");
    decode(&statement).unwrap();
    let external = &mut statement["predicate"]["buildDefinition"]["externalParameters"];
    external["variant"] = json!("debug");
    assert!(matches!(decode(&statement), Err(StatementError::Malformed(_))));

    let mut statement = sample("provenance");
    let external = &mut statement["predicate"]["buildDefinition"]["externalParameters"];
    external["steps"][0]["shell"] = json!("sh");
    assert!(matches!(decode(&statement), Err(StatementError::Malformed(_))));
}

/// SLSA v1.2, "Parsing rules": everywhere else they must be ignored.
#[test]
fn unknown_members_elsewhere_are_ignored() {
    let mut statement = sample("provenance");
    statement["predicate"]["extension"] = json!(1);
    statement["predicate"]["buildDefinition"]["extension"] = json!(1);
    statement["predicate"]["runDetails"]["builder"]["builderDependencies"] = json!([]);
    statement["predicate"]["runDetails"]["metadata"]["extension"] = json!({});
    assert_eq!(decode(&statement).unwrap().predicate, samples::provenance());
}

#[test]
fn every_external_parameter_is_required() {
    let members = sample("provenance")["predicate"]["buildDefinition"]["externalParameters"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    for member in members {
        let mut statement = sample("provenance");
        let external = &mut statement["predicate"]["buildDefinition"]["externalParameters"];
        external.as_object_mut().unwrap().remove(&member);
        assert!(decode(&statement).is_err(), "without `{member}`");
    }
}

#[test]
fn provenance_belongs_to_exactly_one_run() {
    let mut provenance = samples::provenance();
    assert_eq!(provenance.seal(), Some(Sha256::of(b"run")));

    let second = ResourceDescriptor::sha256(Provenance::SEAL, &Sha256::of(b"another run"));
    provenance.run_details.byproducts.push(second);
    assert_eq!(provenance.seal(), None, "two seals");
    provenance.run_details.byproducts.reverse();
    assert_eq!(provenance.seal(), None, "two seals in the other order");

    provenance.run_details.byproducts =
        vec![ResourceDescriptor::sha256("log", &Sha256::of(b"run"))];
    assert_eq!(provenance.seal(), None, "no seal");

    let mut seal = ResourceDescriptor::sha256(Provenance::SEAL, &Sha256::of(b"run"));
    seal.digest = [("sha512".to_owned(), "00".to_owned())].into();
    provenance.run_details.byproducts = vec![seal];
    assert_eq!(provenance.seal(), None, "a seal by another digest");
}

#[test]
fn one_predicate_is_not_read_as_another() {
    let statement = RawStatement::parse(sample("provenance").to_string().as_bytes()).unwrap();
    assert!(matches!(statement.clone().decode::<RunSeal>(), Err(StatementError::WrongType { .. })));
    let mut relabelled = statement;
    relabelled.predicate_type = "https://penstock.dev/run/v0.1".into();
    assert!(matches!(relabelled.decode::<RunSeal>(), Err(StatementError::Malformed(_))));
}

/// SLSA v1.2, "Verification Summary Attestation": what is optional may be absent.
#[test]
fn a_summary_of_another_verifier_is_read() {
    let mut statement = sample("vsa");
    let predicate = statement["predicate"].as_object_mut().unwrap();
    for optional in ["inputAttestations", "slsaVersion"] {
        predicate.remove(optional);
    }
    predicate["policy"].as_object_mut().unwrap().remove("digest");
    predicate["verifier"].as_object_mut().unwrap().remove("version");
    predicate.insert("dependencyLevels".into(), json!({"SLSA_BUILD_LEVEL_1": 3}));
    let statement = RawStatement::parse(statement.to_string().as_bytes()).unwrap();
    let summary = statement.decode::<VerificationSummary>().unwrap().predicate;
    assert_eq!(summary.verified_levels, ["SLSA_BUILD_LEVEL_1"]);
    assert!(summary.input_attestations.is_empty() && summary.slsa_version.is_empty());
}
