use std::collections::BTreeMap;

use penstock_model::{ProjectId, Sha256, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Predicate, ResourceDescriptor};

/// The build type of a pipeline run from a commit: what [`ExternalParameters`] means.
pub const BUILD_TYPE: &str = "https://penstock.dev/build/v0.1";

/// SLSA provenance v1 (<https://slsa.dev/spec/v1.2/build-provenance>) of one output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What was asked for and what it was made from.
    pub build_definition: BuildDefinition,
    /// Who did it, when, and what came out beside the subject.
    pub run_details: RunDetails,
}

/// `buildDefinition` of SLSA provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    /// [`BUILD_TYPE`].
    pub build_type: String,
    /// Everything the change could influence. Unknown keys are refused, as the specification asks
    /// of verifiers.
    pub external_parameters: ExternalParameters,
    /// What the platform decided: the isolation in force, the custody of keys.
    #[serde(default)]
    pub internal_parameters: BTreeMap<String, Value>,
    /// Commit, tree and packages of the lock files.
    #[serde(default)]
    pub resolved_dependencies: Vec<ResourceDescriptor>,
}

/// The complete external parameters of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalParameters {
    /// The project that was built.
    pub project: ProjectId,
    /// Where its source is, as `git+…@<commit>`.
    pub source: String,
    /// Digest of the exact `penstock.toml`.
    pub configuration: Sha256,
    /// The step that made the subject.
    pub step: String,
    /// That step and every step it needs, in the order they ran.
    pub steps: Vec<StepParameters>,
}

/// A step as the configuration defines it, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepParameters {
    /// Its name.
    pub name: String,
    /// The exact argument vector.
    pub argv: Vec<String>,
    /// Steps whose outputs it sees.
    pub needs: Vec<String>,
    /// Globs of what it sees of the commit's tree; empty means everything.
    pub inputs: Vec<String>,
    /// What it may leave behind.
    pub outputs: Vec<String>,
    /// The network it may reach: `none`, or `allow` and the rules, sorted, parted by `; `;
    /// `intercept` in the place of `allow` where TLS is opened.
    pub network: String,
    /// Its declared environment.
    pub env: BTreeMap<String, String>,
    /// Names of the secrets it is given, never values.
    pub secrets: Vec<String>,
    /// The time it has, in seconds.
    pub timeout_seconds: u64,
    /// The root file system it runs in instead of the builder's, by the digest of its image manifest or
    /// tar; among `resolvedDependencies` by the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Sha256>,
}

/// `runDetails` of SLSA provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunDetails {
    /// Who built.
    pub builder: Builder,
    /// Which run, when.
    pub metadata: BuildMetadata,
    /// The run seal (named `run`), logs.
    #[serde(default)]
    pub byproducts: Vec<ResourceDescriptor>,
}

/// Who built: the sole determiner of the SLSA Build level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Builder {
    /// A URI that differs for each security mode.
    pub id: String,
    /// Component to version.
    #[serde(default)]
    pub version: BTreeMap<String, String>,
}

/// `metadata` of SLSA provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildMetadata {
    /// Which run.
    pub invocation_id: String,
    /// Start of the step that made the subject's run.
    pub started_on: Timestamp,
    /// End of the run.
    pub finished_on: Timestamp,
}

impl Provenance {
    /// The name of the byproduct that points to the run seal.
    pub const SEAL: &'static str = "run";

    /// Evidence id of the run seal this provenance belongs to.
    pub fn seal(&self) -> Option<Sha256> {
        let mut seals =
            self.run_details.byproducts.iter().filter(|b| b.name.as_deref() == Some(Self::SEAL));
        let seal = seals.next()?.digest.get("sha256")?.parse().ok()?;
        // Two seals would let a verifier and a gate read different ones.
        seals.next().is_none().then_some(seal)
    }
}

impl Predicate for Provenance {
    const TYPE: &'static str = "https://slsa.dev/provenance/v1";
}
