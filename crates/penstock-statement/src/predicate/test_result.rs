use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Predicate, ResourceDescriptor};

/// in-toto test-result v0.1
/// (<https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>) of one step
/// the policy names as a test, with two extension fields: the step and its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// How it came out.
    pub result: TestVerdict,
    /// What was run: the step's definition, by digest.
    pub configuration: Vec<ResourceDescriptor>,
    /// The step. An extension field: it carries our name, so that it collides with nobody's
    /// ("Extension fields", <https://github.com/in-toto/attestation/blob/main/spec/v1/README.md>).
    #[serde(rename = "penstockStep")]
    pub step: String,
    /// How many tests did what; absent when the log does not say. An extension field as well.
    #[serde(rename = "penstockCounts", default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<TestCounts>,
}

/// `result` of the predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TestVerdict {
    /// All passed, and at least one ran.
    Passed,
    /// The step passed, but nothing shows that a test ran.
    Warned,
    /// One failed.
    Failed,
}

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestCounts {
    /// Ran and passed.
    pub passed: u64,
    /// Ran and failed.
    pub failed: u64,
    /// Did not run.
    pub skipped: u64,
}

impl Predicate for TestResult {
    const TYPE: &'static str = "https://in-toto.io/attestation/test-result/v0.1";
}
