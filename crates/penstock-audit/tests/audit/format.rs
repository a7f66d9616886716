use penstock_audit::{Audit, Crosswalk, Support, audit, human, schemas};

use crate::world::{input, spoiled, under};

#[test]
fn the_committed_schema_is_the_generated_one() {
    for (name, text) in schemas() {
        let path = format!("{}/../../schemas/{name}", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "schemas/{name} is stale: run `cargo xtask generate`");
    }
}

#[test]
fn an_audit_is_what_its_schema_says_and_reads_back() {
    let (_, schema) = schemas().remove(0);
    let schema = serde_json::from_str(&schema).unwrap();
    let crosswalk = Crosswalk::embedded().unwrap();
    for audit in [
        spoiled(|_| {}).with_framework(&crosswalk, "soc2").unwrap(),
        spoiled(crate::world::force),
        spoiled(|input| input.deployments.clear()),
    ] {
        let written = serde_json::to_value(&audit).unwrap();
        assert_eq!(written["version"], 1);
        jsonschema::validate(&schema, &written).unwrap();
        assert_eq!(serde_json::from_value::<Audit>(written).unwrap(), audit);
    }
}

#[test]
fn the_same_evidence_in_another_order_is_the_same_audit() {
    let mut other = input();
    other.deployments.reverse();
    other.decisions.reverse();
    other.source_changes.reverse();
    assert_eq!(audit(&other), audit(&input()));
}

#[test]
fn a_clause_is_contradicted_supported_or_not_evidenced() {
    let crosswalk = Crosswalk::embedded().unwrap();
    let clause = |audit: &Audit, name: &str| {
        let report = crosswalk.report("soc2", audit).unwrap();
        report.clauses.into_iter().find(|c| c.clause == name).unwrap()
    };
    let good = spoiled(|_| {});
    let change_management = clause(&good, "CC8.1");
    assert_eq!(change_management.support, Support::Supports);
    // Supported, but not by every control: the report says by which.
    assert_eq!(change_management.controls, ["AU-2", "CM-2", "CM-3", "CM-6", "SA-8"]);
    assert_eq!(change_management.controls_evidenced, ["AU-2", "CM-2", "CM-3"]);
    assert!(change_management.criteria.contains(&"decided-before-deployment".to_owned()));
    let bad = spoiled(|input| input.decisions.clear());
    assert_eq!(clause(&bad, "CC8.1").support, Support::Contradicts);
    // Its controls are about risk assessment and the like: nothing here speaks to it.
    assert_eq!(clause(&good, "CC3.2-POF1").support, Support::NotEvidenced);
}

#[test]
fn the_report_never_says_that_anybody_complies() {
    let crosswalk = Crosswalk::embedded().unwrap();
    for audit in [spoiled(|_| {}), spoiled(crate::world::force), under(|rules| rules.demo = true)] {
        let text = human(&audit.with_framework(&crosswalk, "soc2").unwrap());
        let lower = text.to_lowercase();
        for word in ["compliant", "complies", "certified", "is met", "cannot be bypassed"] {
            assert!(!lower.contains(word), "{word}: {text}");
        }
        assert!(text.contains("own deployments only; others are invisible"), "{text}");
        assert!(text.contains("whether they are met is the assessor's opinion"), "{text}");
        assert!(text.contains("CC BY-SA 4.0") && text.contains("OUTSIDE THIS TOOL"), "{text}");
    }
}

#[test]
fn people_read_numbers_ledger_areas_exceptions_and_maturity() {
    let text = human(&under(|rules| {
        rules.demo = true;
        rules.exceptions.push(penstock_config::policy::Exception {
            rule: "ci/unpinned-action".parse().unwrap(),
            path: None,
            fingerprint: None,
            reason: "vendored".to_owned(),
            owner: "ana".to_owned(),
            expires: penstock_config::Expiry(crate::world::time("2026-10-01T00:00:00Z")),
        });
    }));
    for words in [
        "DEMO  demo identities",
        "deployments 2 = decided 2 + not enforced 0 + break-glass 0 + NO DECISION 0, of 1 releases",
        "LOG  48 entries, consistent; witnessed",
        "NOT EVIDENCED",
        "EXCEPTIONS  1\n  ci/unpinned-action EXPIRED 2026-10-01T00:00:00Z (ana): vendored",
        "MATURITY  2 proved, at most 4, 3 wanted (tier 1), over the areas 1, 2, 3, 4, 5, 6, 7, 9",
        "areas 8, 10, 11, 12, 13 are in no number",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_framework_nobody_knows_is_an_error_that_lists_the_known_ones() {
    let crosswalk = Crosswalk::embedded().unwrap();
    let error = crosswalk.report("sox", &spoiled(|_| {})).unwrap_err().to_string();
    assert!(error.starts_with("no framework `sox`; known: cis-controls-v8, "), "{error}");
}
