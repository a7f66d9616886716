//! From the policy's keys to the keys a verifier trusts.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_attest::{PublicKey, Trust, TrustedKey};
use penstock_config::{Policy, policy::PredicateName};
use penstock_statement::{
    Predicate as _,
    predicate::{
        Approval, CYCLONEDX, CheckResult, Decision, Deployment, PolicyVersion, Provenance, RunSeal,
        RuntimeTrace, SourceChange, TestResult, VerificationSummary,
    },
};

use crate::error::RoadError;

/// The keys `policy` trusts.
///
/// # Errors
/// A key that is no key, or one key under two names.
pub(crate) fn trust(policy: &Policy) -> Result<Trust, RoadError> {
    Ok(Trust::new(keys(policy)?)?)
}

/// The same, one by one.
pub(crate) fn keys(policy: &Policy) -> Result<Vec<TrustedKey>, RoadError> {
    let mut keys = Vec::new();
    for (label, key) in &policy.keys {
        // The policy's own reader refuses what is not base64, so this only fails for what is no key.
        let public =
            PublicKey::from_spki(&BASE64_STANDARD.decode(&key.public).unwrap_or_default())?;
        let person = policy.person_of_key(&key.id).map(|(handle, _)| handle.to_owned());
        if key.role == penstock_model::Role::Person && person.is_none() {
            // Nobody holds it, so nobody can speak with it.
            continue;
        }
        keys.push(TrustedKey {
            public,
            role: key.role,
            label: label.clone(),
            predicates: key
                .predicates
                .as_ref()
                .map(|names| names.iter().map(|name| predicate_type(*name).to_owned()).collect()),
            person,
            revoked: key.revoked_compromised,
        });
    }
    Ok(keys)
}

/// The type URI behind a name the policy uses.
fn predicate_type(name: PredicateName) -> &'static str {
    match name {
        PredicateName::Approval => Approval::TYPE,
        PredicateName::Check => CheckResult::TYPE,
        PredicateName::Decision => Decision::TYPE,
        PredicateName::Deployment => Deployment::TYPE,
        PredicateName::Policy => PolicyVersion::TYPE,
        PredicateName::Provenance => Provenance::TYPE,
        PredicateName::Run => RunSeal::TYPE,
        PredicateName::RuntimeTrace => RuntimeTrace::TYPE,
        PredicateName::Sbom => CYCLONEDX,
        PredicateName::SourceChange => SourceChange::TYPE,
        PredicateName::TestResult => TestResult::TYPE,
        PredicateName::Vsa => VerificationSummary::TYPE,
    }
}

#[cfg(test)]
mod tests {
    use penstock_model::Role;

    use super::*;

    /// Both tables say which role may speak what; they must not part.
    #[test]
    fn the_policy_and_the_verifier_agree_on_roles() {
        for role in Role::ALL {
            let mut ours: Vec<&str> =
                PredicateName::of_role(role).iter().map(|name| predicate_type(*name)).collect();
            let mut theirs = penstock_attest::predicate_types(role).to_vec();
            ours.sort_unstable();
            theirs.sort_unstable();
            assert_eq!(ours, theirs, "{role}");
        }
    }
}
