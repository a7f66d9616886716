use penstock_model::Role;
use penstock_statement::{
    Predicate,
    predicate::{
        Approval, CYCLONEDX, CheckResult, Decision, Deployment, PolicyVersion, Provenance, RunSeal,
        RuntimeTrace, SourceChange, TestResult, VerificationSummary,
    },
};

/// Which role may speak which predicate: the one table, for the signer and the verifier alike. The
/// log key speaks no predicate; it signs checkpoints of its own ledger.
const TABLE: &[(Role, &[&str])] = &[
    (
        Role::Build,
        &[
            Provenance::TYPE,
            RunSeal::TYPE,
            RuntimeTrace::TYPE,
            CheckResult::TYPE,
            SourceChange::TYPE,
            TestResult::TYPE,
            CYCLONEDX,
        ],
    ),
    (Role::Gate, &[Decision::TYPE, VerificationSummary::TYPE, Deployment::TYPE]),
    (Role::Log, &[]),
    (Role::Person, &[Approval::TYPE]),
    (Role::Policy, &[PolicyVersion::TYPE]),
];

/// Whether a key of `role` may sign statements of `predicate_type` (compared exactly, version
/// included).
pub fn may_speak(role: Role, predicate_type: &str) -> bool {
    predicate_types(role).contains(&predicate_type)
}

/// What a key of `role` may speak, where the policy does not narrow it.
pub fn predicate_types(role: Role) -> &'static [&'static str] {
    TABLE.iter().find(|(known, _)| *known == role).map_or(&[], |(_, types)| types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predicate_is_spoken_by_exactly_one_role() {
        for (role, types) in TABLE {
            for predicate_type in *types {
                let speakers: Vec<Role> =
                    Role::ALL.into_iter().filter(|r| may_speak(*r, predicate_type)).collect();
                assert_eq!(speakers, [*role], "{predicate_type}");
            }
        }
    }

    #[test]
    fn nobody_speaks_what_is_not_in_the_table() {
        for role in Role::ALL {
            assert!(!may_speak(role, ""));
            assert!(!may_speak(role, "https://penstock.dev/decision/v0.10"));
            assert!(!may_speak(role, "https://penstock.dev/decision/v0.1/"));
        }
        assert_eq!(predicate_types(Role::Log), &[] as &[&str]);
    }
}
