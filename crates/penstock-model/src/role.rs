use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a key may speak for. A key has exactly one role.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// How something was built, checked and tested.
    Build,
    /// What was decided and deployed.
    Gate,
    /// The ledger's checkpoints, and nothing else.
    Log,
    /// One person's approvals.
    Person,
    /// Which rules hold: versions of the policy.
    Policy,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Build, Self::Gate, Self::Log, Self::Person, Self::Policy];

    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Gate => "gate",
            Self::Log => "log",
            Self::Person => "person",
            Self::Policy => "policy",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How it was established that a person is who they say, weakest last in the order of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityStrength {
    /// Single sign-on of the organisation.
    Sso,
    /// An account on the forge.
    Forge,
    /// A key that cannot leave its hardware.
    Hardware,
    /// A key file: whoever copied it is that person.
    BareKey,
    /// Only claimed.
    Asserted,
}

impl IdentityStrength {
    /// Whether two such identities can be told apart as two persons. Over bare keys and claims
    /// that *cannot be told*: one person can hold two keys.
    pub fn separates_persons(self) -> bool {
        matches!(self, Self::Sso | Self::Forge | Self::Hardware)
    }

    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sso => "sso",
            Self::Forge => "forge",
            Self::Hardware => "hardware",
            Self::BareKey => "bare-key",
            Self::Asserted => "asserted",
        }
    }
}

impl fmt::Display for IdentityStrength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
