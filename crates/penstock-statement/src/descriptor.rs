use std::collections::BTreeMap;

use penstock_model::{GitOid, Sha256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Algorithm to lower-case hexadecimal digest (in-toto DigestSet,
/// <https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md>).
pub type DigestSet = BTreeMap<String, String>;

/// What a statement talks about or refers to (in-toto ResourceDescriptor,
/// <https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDescriptor {
    /// A name within its context: the output's path, the commit's role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it can be found, or what it is called everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// What it is, whoever serves it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: DigestSet,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Anything else a consumer may want.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

impl ResourceDescriptor {
    /// Something known by its SHA-256.
    pub fn sha256(name: impl Into<String>, digest: &Sha256) -> Self {
        Self {
            name: Some(name.into()),
            digest: DigestSet::from([("sha256".to_owned(), digest.to_string())]),
            ..Self::default()
        }
    }

    /// A commit (`gitCommit` of the DigestSet).
    pub fn git_commit(commit: &GitOid) -> Self {
        Self::git("commit", "gitCommit", commit)
    }

    /// A tree (`gitTree` of the DigestSet).
    pub fn git_tree(tree: &GitOid) -> Self {
        Self::git("tree", "gitTree", tree)
    }

    fn git(name: &str, algorithm: &str, oid: &GitOid) -> Self {
        Self {
            name: Some(name.to_owned()),
            digest: DigestSet::from([(algorithm.to_owned(), oid.to_string())]),
            ..Self::default()
        }
    }

    /// Whether both name the same bytes: some algorithm is in both, and none in both differs.
    pub fn same_digest(&self, other: &Self) -> bool {
        let mut common = self
            .digest
            .iter()
            .filter_map(|(algorithm, digest)| other.digest.get(algorithm).map(|o| o == digest))
            .peekable();
        common.peek().is_some() && common.all(|equal| equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_agree_only_where_they_share_an_algorithm() {
        let of = |pairs: &[(&str, &str)]| ResourceDescriptor {
            digest: pairs.iter().map(|(a, d)| ((*a).to_owned(), (*d).to_owned())).collect(),
            ..ResourceDescriptor::default()
        };
        assert!(of(&[("sha256", "a"), ("sha512", "b")]).same_digest(&of(&[("sha256", "a")])));
        assert!(
            !of(&[("sha256", "a"), ("sha512", "b")])
                .same_digest(&of(&[("sha256", "a"), ("sha512", "c")]))
        );
        assert!(!of(&[("sha256", "a")]).same_digest(&of(&[("sha512", "a")])));
        assert!(!of(&[]).same_digest(&of(&[])));
    }
}
