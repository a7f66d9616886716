//! The policy: who is trusted with what, and what a release must prove to enter an environment.
//!
//! It is never read from the change it judges. Version n counts when policy keys of version n-1
//! signed it; version 1 is trust on first use.

mod check;
mod diff;
mod environment;
mod starter;
mod trust;
mod vault;
mod warning;

pub use diff::{Direction, PolicyChange, diff};
pub use environment::{Environment, Freeze, Mode, Profile, Target, TargetKind};
pub use starter::{StarterInput, StarterKey, StarterPerson};
pub use trust::{Adoption, Builder, Identity, Key, Person, PredicateName};
pub use vault::Vault;
pub use warning::PolicyWarning;

use std::{collections::BTreeMap, ops::Deref};

use penstock_model::{Area, Fingerprint, GitOid, ProjectId, RuleId, Severity, Sha256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ConfigErrors, Expiry, Glob, decode::decode, project::default_threshold, schema, text::of_form,
};

/// One version of the policy: what it says, and the exact text that says it.
///
/// The two cannot part: the rules are read-only behind [`Deref`]; to change them, change a copy of
/// [`PolicyRules`] and make a policy of it with [`Policy::from_rules`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    rules: PolicyRules,
    text: String,
}

impl Policy {
    /// Reads a policy; `file_name` is only for messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigErrors> {
        let rules = decode(text, file_name, &schema::POLICY, check::check)?;
        Ok(Self { rules, text: text.to_owned() })
    }

    /// The policy that says exactly these rules, in the layout of [`PolicyRules::to_toml`].
    ///
    /// # Errors
    /// What is wrong with the rules; the places are those in the text they would have.
    pub fn from_rules(rules: &PolicyRules) -> Result<Self, ConfigErrors> {
        Self::parse(&rules.to_toml(), "policy.toml")
    }

    /// The built-in starter, version 1: environments `staging` (order 1, no approval) and
    /// `production` (order 2, one approval), both a directory that keeps three releases, at profile
    /// `level-2`; tests are those of the step `test` where the pipeline has one.
    ///
    /// # Errors
    /// What is wrong with the input: an id that is not its key's, say.
    pub fn starter(input: &StarterInput) -> Result<Self, ConfigErrors> {
        Self::from_rules(&starter::rules(input))
    }

    /// The exact text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the exact text: what names this policy everywhere.
    pub fn digest(&self) -> Sha256 {
        Sha256::of(self.text.as_bytes())
    }

    /// What it says.
    pub fn rules(&self) -> &PolicyRules {
        &self.rules
    }
}

impl Deref for Policy {
    type Target = PolicyRules;

    fn deref(&self) -> &PolicyRules {
        &self.rules
    }
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyRules {
    /// The version of this policy, from 1; each follows the one before.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub version: u32,
    /// The identity of the project it governs; provenance must name it.
    #[schemars(extend("format" = "project-id"))]
    pub project: ProjectId,
    /// The commit at which version 1 was adopted: what was suppressed there already counts.
    #[schemars(extend("format" = "git-commit"))]
    pub base: GitOid,
    /// Whether the keys were made on first use and nobody vouched for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// The service the project is.
    #[serde(default)]
    pub service: Service,
    /// How the next version is adopted.
    #[serde(default)]
    pub adoption: Adoption,
    /// What every release is checked for.
    #[serde(default)]
    pub check: PolicyCheck,
    /// Which steps are tests and how many must have run.
    #[serde(default)]
    pub tests: Tests,
    /// The Vault that secrets of steps come from which name `vault:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Vault>,
    /// The places a release can enter, by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "label" }))]
    pub environments: BTreeMap<String, Environment>,
    /// The keys that are trusted, by a label for people.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "label" }))]
    pub keys: BTreeMap<String, Key>,
    /// The persons who write, merge, approve and adopt, by a handle.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "label" }))]
    pub people: BTreeMap<String, Person>,
    /// The builders whose provenance counts, by builder id.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "builder" }))]
    pub builders: BTreeMap<String, Builder>,
    /// Findings the policy accepts for a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

impl PolicyRules {
    /// The rules as TOML, always in the same layout. Reading it back gives the same rules.
    pub fn to_toml(&self) -> String {
        // Every map has string keys and every value a TOML form, so that this cannot fail; were it
        // to, the empty text is no policy and is refused by whoever reads it.
        toml_edit::ser::to_string_pretty(self).unwrap_or_default()
    }

    /// The environments in the order a release goes through them.
    pub fn environments_in_order(&self) -> Vec<(&str, &Environment)> {
        let mut all: Vec<_> = self
            .environments
            .iter()
            .map(|(name, environment)| (name.as_str(), environment))
            .collect();
        all.sort_by_key(|(name, environment)| (environment.order, *name));
        all
    }

    /// The environment a release must have entered before `environment`; none for the first.
    pub fn previous(&self, environment: &str) -> Option<&str> {
        let order = self.environments.get(environment)?.order;
        let before = self.environments.iter().filter(|(_, other)| other.order < order);
        before.max_by_key(|(_, other)| other.order).map(|(name, _)| name.as_str())
    }

    /// The trusted key with that id, unless it is revoked as compromised.
    pub fn key(&self, id: &Sha256) -> Option<(&str, &Key)> {
        let mut keys = self.keys.iter();
        let (label, key) = keys.find(|(_, key)| key.id == *id && !key.revoked_compromised)?;
        Some((label, key))
    }

    /// The person who holds the key with that id.
    pub fn person_of_key(&self, id: &Sha256) -> Option<(&str, &Person)> {
        let mut people = self.people.iter();
        let (handle, person) = people.find(|(_, person)| person.keys.contains(id))?;
        Some((handle, person))
    }

    /// The person with that e-mail address; case does not matter.
    pub fn person_of_email(&self, email: &str) -> Option<(&str, &Person)> {
        let mut people = self.people.iter();
        let (handle, person) =
            people.find(|(_, p)| p.emails.iter().any(|own| own.eq_ignore_ascii_case(email)))?;
        Some((handle, person))
    }

    /// What is allowed here but probably not meant.
    pub fn warnings(&self) -> Vec<PolicyWarning> {
        warning::warnings(self)
    }
}

/// The service the project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How much depends on it, from 1 (the business stops without it) to 4 (nobody would notice).
    #[serde(default = "Service::default_tier")]
    #[schemars(range(min = 1, max = 4))]
    pub tier: u8,
}

impl Service {
    fn default_tier() -> u8 {
        3
    }

    /// The maturity that is wanted of a service of this tier:
    ///
    /// | tier | depends on it | wanted maturity |
    /// |---|---|---|
    /// | 1 | the business | 3 |
    /// | 2 | customers | 3 |
    /// | 3 | teams | 2 |
    /// | 4 | nobody | 1 |
    ///
    /// Maturity 4 is a goal a team sets itself; no tier demands it.
    pub fn wanted_maturity(self) -> u8 {
        match self.tier {
            1 | 2 => 3,
            3 => 2,
            _ => 1,
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self { tier: Self::default_tier() }
    }
}

/// What every release is checked for, whatever the change's own `penstock.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCheck {
    /// The areas that must have run completely; all that work offline if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub require: Option<Vec<Area>>,
    /// The mildest severity that keeps a release out.
    #[serde(default = "default_threshold")]
    pub threshold: Severity,
}

impl PolicyCheck {
    /// The required areas, the default filled in.
    pub fn required(&self) -> Vec<Area> {
        self.require.clone().unwrap_or_else(|| Area::ALL.to_vec())
    }
}

impl Default for PolicyCheck {
    fn default() -> Self {
        Self { require: None, threshold: default_threshold() }
    }
}

/// Which steps are tests and how many must have run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    /// The steps whose tests must have passed.
    #[serde(default)]
    #[schemars(with = "Vec<StepName>", extend("uniqueItems" = true))]
    pub steps: Vec<String>,
    /// The fewest tests that must have passed in each of them.
    #[serde(default = "Tests::default_minimum")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub minimum: u64,
}

of_form!(StepName, "step");

impl Tests {
    fn default_minimum() -> u64 {
        1
    }
}

impl Default for Tests {
    fn default() -> Self {
        Self { steps: Vec::new(), minimum: Self::default_minimum() }
    }
}

/// A finding the policy accepts for a time; it always has an owner and an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The rule whose findings are meant.
    #[schemars(extend("format" = "rule"))]
    pub rule: RuleId,
    /// Only in files that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Glob>,
    /// Only this finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FindingId>")]
    pub fingerprint: Option<Fingerprint>,
    /// Why, for whoever audits it.
    #[schemars(extend("format" = "sentence"))]
    pub reason: String,
    /// Who answers for it.
    #[schemars(extend("format" = "sentence"))]
    pub owner: String,
    /// When it ends.
    pub expires: Expiry,
}

of_form!(FindingId, "fingerprint");
