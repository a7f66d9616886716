use penstock_model::{ProjectId, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Predicate;

/// `policy/v0.1`: one policy key's word that this text is the next version of the policy.
///
/// The subject is the digest of `text`. Version n counts when as many different policy keys of
/// version n-1 have signed it as version n-1 demands; version 1 is signed by its own keys and is
/// trust on first use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyVersion {
    /// The version, from 1.
    pub version: u32,
    /// The project it governs.
    pub project: ProjectId,
    /// Digest of the text of version n-1; absent in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sha256>,
    /// The policy, exactly as it is read.
    pub text: String,
    /// The person who adopted it, as named in version n-1 (in version 1: in itself).
    pub adopted_by: String,
    /// Persons who edited the text, where it came from version control.
    pub editors: Vec<String>,
    /// When.
    pub adopted_on: Timestamp,
}

impl Predicate for PolicyVersion {
    const TYPE: &'static str = "https://penstock.dev/policy/v0.1";
}
