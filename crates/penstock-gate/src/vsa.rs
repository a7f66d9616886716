use std::collections::BTreeMap;

use penstock_config::Policy;
use penstock_statement::{
    DigestSet, NAMESPACE, ResourceDescriptor,
    predicate::{
        Custody, Decision, Outcome, PolicyDescriptor, VerificationResult, VerificationSummary,
        Verifier,
    },
};

use crate::Input;

/// The version of SLSA the levels are of (<https://slsa.dev/spec/v1.2/verification_summary>).
const SLSA_VERSION: &str = "1.2";

/// A decision in the words other verifiers read: allow is `PASSED`, everything else `FAILED`.
///
/// `input` and `policy` are those the decision was made from; `version` is the program's. The level
/// is the lowest any builder of the provenance that counted is trusted for, and no more than Build L1
/// while the signer shared a user with the steps; of what did not pass, nothing is said to be
/// verified (`FAILED` of SlsaResult).
pub fn vsa(
    decision: &Decision,
    input: &Input,
    policy: &Policy,
    version: &str,
) -> VerificationSummary {
    let passed = decision.outcome == Outcome::Allow;
    let levels = if passed { slsa_build(decision, input, policy) } else { "FAILED".to_owned() };
    VerificationSummary {
        verifier: Verifier {
            id: format!("{NAMESPACE}gate"),
            version: BTreeMap::from([("penstock".to_owned(), version.to_owned())]),
        },
        time_verified: decision.decided_on,
        resource_uri: format!("{}@{}", decision.project, decision.environment),
        policy: PolicyDescriptor {
            uri: format!("{}?policy={}", decision.project, decision.policy.version),
            digest: DigestSet::from([("sha256".to_owned(), decision.policy.digest.to_string())]),
        },
        input_attestations: decision.inputs.clone(),
        verification_result: match passed {
            true => VerificationResult::Passed,
            false => VerificationResult::Failed,
        },
        verified_levels: vec![levels],
        slsa_version: SLSA_VERSION.to_owned(),
    }
}

fn slsa_build(decision: &Decision, input: &Input, policy: &Policy) -> String {
    let trusted = input
        .provenance
        .iter()
        .filter(|p| {
            let id = ResourceDescriptor::sha256("", &p.evidence);
            decision.inputs.iter().any(|used| used.same_digest(&id))
        })
        .map(|p| policy.builders.get(&p.predicate().run_details.builder.id))
        .map(|builder| builder.map_or(0, |builder| builder.slsa_build))
        .min();
    let custody = input.run.as_ref().map(|run| run.predicate().custody);
    let cap = match custody {
        Some(Custody::Apart) => 3,
        Some(Custody::SameUser) => 1,
        None => 0,
    };
    format!("SLSA_BUILD_LEVEL_{}", trusted.unwrap_or_default().min(cap))
}
