use penstock_model::{IdentityStrength, Role};

use super::{Mode, PolicyRules, Profile};

/// What a policy allows but probably does not mean.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum PolicyWarning {
    #[error(
        "approvals wanted for `{environment}`: {approvals}; persons with a key to give one: {able}"
    )]
    TooFewApprovers { environment: String, approvals: u32, able: usize },
    #[error(
        "`{environment}` is at {}, where approvers must be told apart from others; persons with a \
         key and such an identity: {separate}", profile.name()
    )]
    InseparableApprovers { environment: String, profile: Profile, separate: usize },
    #[error("`{environment}` does not enforce and names no owner or no date")]
    UnownedMode { environment: String },
    #[error("no step is named as tests: nothing shows that tests ran")]
    NoTests,
    #[error("there is no environment: no release can go anywhere")]
    NoEnvironment,
    #[error("no builder is trusted: no provenance will be accepted")]
    NoBuilder,
    #[error("no key has role `{role}`")]
    NoKey { role: Role },
    #[error("key `{key}` of role `person` belongs to nobody: it approves nothing")]
    OrphanKey { key: String },
}

pub(crate) fn warnings(policy: &PolicyRules) -> Vec<PolicyWarning> {
    let mut found = Vec::new();
    let can_approve =
        |id| policy.key(id).is_some_and(|(_, key)| key.may_sign(super::PredicateName::Approval));
    let approvers: Vec<_> =
        policy.people.values().filter(|person| person.keys.iter().any(can_approve)).collect();
    let told_apart = |strength: IdentityStrength| strength.separates_persons();
    let separate = approvers.iter().filter(|person| told_apart(person.identity)).count();
    let fewer = |count: usize, wanted: u32| u32::try_from(count).is_ok_and(|c| c < wanted);
    for (name, environment) in policy.environments_in_order() {
        let approvals = environment.approvals;
        if fewer(approvers.len(), approvals) {
            let able = approvers.len();
            let environment = name.to_owned();
            found.push(PolicyWarning::TooFewApprovers { environment, approvals, able });
        }
        if environment.profile >= Profile::Level3 && fewer(separate, approvals) {
            found.push(PolicyWarning::InseparableApprovers {
                environment: name.to_owned(),
                profile: environment.profile,
                separate,
            });
        }
        let owned = environment.owner.is_some() && environment.since.is_some();
        if environment.mode != Mode::Enforce && !owned {
            found.push(PolicyWarning::UnownedMode { environment: name.to_owned() });
        }
    }
    if policy.tests.steps.is_empty() {
        found.push(PolicyWarning::NoTests);
    }
    if policy.environments.is_empty() {
        found.push(PolicyWarning::NoEnvironment);
    }
    if policy.builders.is_empty() {
        found.push(PolicyWarning::NoBuilder);
    }
    for role in [Role::Build, Role::Gate, Role::Log] {
        let usable = |key: &&super::Key| key.role == role && !key.revoked_compromised;
        if !policy.keys.values().any(|key| usable(&key)) {
            found.push(PolicyWarning::NoKey { role });
        }
    }
    for (label, key) in &policy.keys {
        if key.role == Role::Person && policy.person_of_key(&key.id).is_none() {
            found.push(PolicyWarning::OrphanKey { key: label.clone() });
        }
    }
    found
}
