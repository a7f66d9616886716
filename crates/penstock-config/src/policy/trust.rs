use std::fmt;

use penstock_model::{IdentityStrength, Role, Sha256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::of_form;

/// How the next version is adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// How many different policy keys of this version must sign the next.
    #[serde(default = "Adoption::default_threshold")]
    #[schemars(range(min = 1, max = 100))]
    pub threshold: u32,
}

impl Adoption {
    fn default_threshold() -> u32 {
        1
    }
}

impl Default for Adoption {
    fn default() -> Self {
        Self { threshold: Self::default_threshold() }
    }
}

/// A trusted key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// SHA-256 of the public key's DER form (SubjectPublicKeyInfo, RFC 5280 §4.1.2.7).
    #[schemars(extend("format" = "sha256"))]
    pub id: Sha256,
    /// The public key's DER form in base64.
    #[schemars(extend("format" = "public-key"))]
    pub public: String,
    /// What the key may speak for.
    pub role: Role,
    /// Narrows what it may sign to these; everything of its role if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub predicates: Option<Vec<PredicateName>>,
    /// Whether the key is known to be in other hands: then nothing it ever signed counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked_compromised: bool,
}

impl Key {
    /// Whether a statement of that kind by this key counts.
    pub fn may_sign(&self, predicate: PredicateName) -> bool {
        let narrowed = self.predicates.as_ref().is_none_or(|own| own.contains(&predicate));
        !self.revoked_compromised
            && narrowed
            && PredicateName::of_role(self.role).contains(&predicate)
    }
}

/// A kind of statement, by its short name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PredicateName {
    /// A person's word about a release.
    Approval,
    /// What a check found.
    Check,
    /// What a gate decided.
    Decision,
    /// That a release entered an environment.
    Deployment,
    /// A version of the policy.
    Policy,
    /// How an output was built.
    Provenance,
    /// The seal of a run.
    Run,
    /// What a step did.
    RuntimeTrace,
    /// What an output consists of.
    Sbom,
    /// The commits of a release and who made them.
    SourceChange,
    /// What a test step counted.
    TestResult,
    /// The projection of a decision.
    Vsa,
}

impl PredicateName {
    /// What a key of a role may sign at most. A key of role `log` signs checkpoints, which are no
    /// statements.
    pub fn of_role(role: Role) -> &'static [Self] {
        match role {
            Role::Build => &[
                Self::Check,
                Self::Provenance,
                Self::Run,
                Self::RuntimeTrace,
                Self::Sbom,
                Self::SourceChange,
                Self::TestResult,
            ],
            Role::Gate => &[Self::Decision, Self::Deployment, Self::Vsa],
            Role::Log => &[],
            Role::Person => &[Self::Approval],
            Role::Policy => &[Self::Policy],
        }
    }

    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Check => "check",
            Self::Decision => "decision",
            Self::Deployment => "deployment",
            Self::Policy => "policy",
            Self::Provenance => "provenance",
            Self::Run => "run",
            Self::RuntimeTrace => "runtime-trace",
            Self::Sbom => "sbom",
            Self::SourceChange => "source-change",
            Self::TestResult => "test-result",
            Self::Vsa => "vsa",
        }
    }
}

impl fmt::Display for PredicateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A person: everything by which their acts are known to be theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What people call them.
    #[schemars(extend("format" = "sentence"))]
    pub name: String,
    /// The e-mail addresses in their commits; case does not matter.
    #[serde(default)]
    #[schemars(with = "Vec<Email>", extend("uniqueItems" = true))]
    pub emails: Vec<String>,
    /// The fingerprints of the keys they sign commits with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CommitKey>", extend("uniqueItems" = true))]
    pub commit_keys: Vec<String>,
    /// The ids of their keys of role `person`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<KeyId>", extend("uniqueItems" = true))]
    pub keys: Vec<Sha256>,
    /// How it was established that they are who they say.
    #[serde(default = "Person::default_identity")]
    pub identity: IdentityStrength,
    /// Their accounts at identity providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
}

impl Person {
    fn default_identity() -> IdentityStrength {
        IdentityStrength::Asserted
    }
}

of_form!(Email, "email");
of_form!(CommitKey, "commit-key");
of_form!(KeyId, "sha256");

/// An account at an identity provider: issuer and subject of an OpenID Connect token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The issuer's URL.
    #[schemars(extend("format" = "builder"))]
    pub issuer: String,
    /// The subject, as the issuer writes it.
    #[schemars(extend("format" = "sentence"))]
    pub subject: String,
}

/// What a trusted builder's provenance is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// The highest SLSA build level its provenance may be credited with, 0 to 3.
    #[schemars(range(min = 0, max = 3))]
    pub slsa_build: u8,
}
