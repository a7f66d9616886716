use std::collections::BTreeMap;

use penstock_model::{Area, Fingerprint, RuleId, RuleSet, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ConfigErrors, Expiry, Glob, Network, OutputPath, Problem, Reach, RootDigest, RunSettings,
    SecretSource, Timeout,
    decode::{Checked, decode},
    nearest::nearest,
    plan, schema,
    text::of_form,
};

/// `penstock.toml`: what the project is, how it is built and how it wants to be checked.
///
/// It supplies steps and check settings only. What a change is judged by is the policy; nothing
/// here can loosen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PenstockToml {
    /// The project itself.
    pub project: Project,
    /// The pipeline's steps, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = { "format": "step" }))]
    pub steps: BTreeMap<String, Step>,
    /// How the repository wants to be checked; the policy may ask for more, never for less.
    #[serde(default)]
    pub check: CheckSettings,
    /// What `penstock run -- COMMAND` may do here.
    #[serde(default, skip_serializing_if = "RunSettings::is_empty")]
    pub run: RunSettings,
}

/// The project itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The name people know it by; it identifies nothing.
    #[schemars(extend("format" = "project-name"))]
    pub name: String,
}

/// One step of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The steps that must succeed first. Their outputs come in read-only, each under its own path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<StepName>", extend("uniqueItems" = true))]
    pub needs: Vec<String>,
    /// What the step does: a string for `sh -eu -c`, or an array that is the exact argument vector.
    pub run: Command,
    /// Patterns of what the step sees of the commit's tree; everything if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub inputs: Option<Vec<Glob>>,
    /// The files and directories the step leaves behind, as exact paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub outputs: Vec<OutputPath>,
    /// The root file system it runs in, read-only, instead of this machine's system: what
    /// `penstock root add` unpacked, by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<RootDigest>,
    /// What the step reaches of the network.
    #[serde(default)]
    pub network: Network,
    /// Environment variables, as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(
        with = "BTreeMap<String, Value>",
        extend("propertyNames" = { "format": "variable" })
    )]
    pub env: BTreeMap<String, String>,
    /// Environment variables whose values are secret: never printed, never recorded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = { "format": "variable" }))]
    pub secrets: BTreeMap<String, SecretSource>,
    /// How long the step may run before it is ended.
    #[serde(default)]
    pub timeout: Timeout,
    /// How the numbers of tests are read from the step's output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<TestFormat>,
}

of_form!(StepName, "step");
of_form!(Value, "value");
of_form!(Script, "command");
of_form!(Argument, "argument");

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Command {
    /// A script, run by `sh -eu -c`.
    Shell(#[schemars(with = "Script")] String),
    /// The exact argument vector.
    Argv(#[schemars(with = "Vec<Argument>", extend("minItems" = 1))] Vec<String>),
}

impl Command {
    /// The argument vector that is executed; the first argument is looked up in `PATH`.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Shell(script) => ["sh", "-eu", "-c", script].map(str::to_owned).into(),
            Self::Argv(argv) => argv.clone(),
        }
    }
}

/// A form of test output whose counts can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestFormat {
    /// `cargo test`.
    Cargo,
    /// `pytest`.
    Pytest,
    /// `go test`, plain or `-json`.
    Go,
    /// The Test Anything Protocol.
    Tap,
    /// No counts: the step's outcome is all that is known.
    Plain,
}

/// `[check]`: how the repository wants to be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// The areas whose absence makes a check incomplete; all that work offline if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub require: Option<Vec<Area>>,
    /// The rule set the project is used to, a year and a month: findings of rules that came with a
    /// newer one advise for 30 days from the first of its month and count then. Without it every rule
    /// counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<RuleSetText>")]
    pub rules: Option<RuleSet>,
    /// The mildest severity that makes a check fail.
    #[serde(default = "default_threshold")]
    pub threshold: Severity,
    /// Patterns of files that are not looked at; they are counted as skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub exclude: Vec<Glob>,
    /// The tools whose ignores are applied although they name no rule (`gitleaks:allow`). Those of
    /// gitleaks are where there is a `.gitleaks.toml`.
    #[serde(default, rename = "bare-ignores", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub bare_ignores: Vec<IgnoringTool>,
    /// Findings somebody decided not to act on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<ConfigIgnore>,
}

pub(crate) fn default_threshold() -> Severity {
    Severity::High
}

impl Default for CheckSettings {
    fn default() -> Self {
        let threshold = default_threshold();
        Self {
            require: None,
            rules: None,
            threshold,
            exclude: Vec::new(),
            bare_ignores: Vec::new(),
            ignore: Vec::new(),
        }
    }
}

impl CheckSettings {
    /// The required areas, the default filled in.
    pub fn required(&self) -> Vec<Area> {
        self.require.clone().unwrap_or_else(|| Area::ALL.to_vec())
    }
}

/// A tool that has an ignore which names no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoringTool {
    /// `nosec`, outside of Go.
    Bandit,
    /// `pragma: allowlist secret`.
    DetectSecrets,
    /// `gitleaks:allow`.
    Gitleaks,
    /// `nosec`, in Go.
    Gosec,
    /// `kingfisher:ignore`.
    Kingfisher,
    /// `nosemgrep`.
    Semgrep,
    /// `trufflehog:ignore`.
    Trufflehog,
}

impl IgnoringTool {
    /// Its name, here and in rules' aliases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bandit => "bandit",
            Self::DetectSecrets => "detect-secrets",
            Self::Gitleaks => "gitleaks",
            Self::Gosec => "gosec",
            Self::Kingfisher => "kingfisher",
            Self::Semgrep => "semgrep",
            Self::Trufflehog => "trufflehog",
        }
    }
}

/// A finding somebody decided not to act on. It is *proposed* until it was there before the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigIgnore {
    /// The rule whose findings are meant.
    #[schemars(extend("format" = "rule"))]
    pub rule: RuleId,
    /// Only in files that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Glob>,
    /// Only this finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FingerprintText>")]
    pub fingerprint: Option<Fingerprint>,
    /// Why, for whoever reviews it.
    #[schemars(extend("format" = "sentence"))]
    pub reason: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Sentence>")]
    pub owner: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
}

of_form!(FingerprintText, "fingerprint");
of_form!(RuleSetText, "rule-set");
of_form!(Sentence, "sentence");

/// The first rule that needs TLS to be opened.
fn closed(rules: &[Reach]) -> Option<(usize, &Reach)> {
    rules.iter().enumerate().find(|(_, rule)| rule.needs_intercept())
}

impl PenstockToml {
    /// The name of the file, at the root of the project.
    pub const FILE_NAME: &'static str = "penstock.toml";

    /// Reads the file; `file_name` is only for messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place: TOML that cannot be read; unknown
    /// keys, wrong types and malformed values; then (only once those are right) needs that name no
    /// step, circles, outputs that overlap and variables set twice.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigErrors> {
        decode(text, file_name, &schema::PENSTOCK_TOML, Self::check)
    }

    /// The steps in levels: each needs only steps of the levels before it, so that the steps of one
    /// level may run side by side. Names within a level are sorted.
    pub fn plan(&self) -> Vec<Vec<String>> {
        plan::levels(&self.steps)
    }

    /// The levels of the named steps and everything they need.
    ///
    /// # Errors
    /// A name that is no step.
    pub fn plan_of(&self, wanted: &[String]) -> Result<Vec<Vec<String>>, plan::UnknownStep> {
        plan::levels_of(&self.steps, wanted)
    }

    fn check(&self, checked: &mut Checked<'_>) {
        for (name, step) in &self.steps {
            for (i, need) in step.needs.iter().enumerate() {
                if !self.steps.contains_key(need) {
                    let others = self.steps.keys().filter(|other| *other != name);
                    let nearest = nearest(need, others.map(String::as_str));
                    let problem =
                        Problem::UnknownNeed { step: name.clone(), need: need.clone(), nearest };
                    checked
                        .report(|root| root.get("steps").get(name).get("needs").item(i), problem);
                }
            }
            if !step.network.intercepts()
                && let Some((i, rule)) = closed(step.network.allowed())
            {
                let problem = Problem::ClosedTls { rule: rule.to_string() };
                checked.report(
                    |root| root.get("steps").get(name).get("network").get("allow").item(i),
                    problem,
                );
            }
            for variable in step.secrets.keys().filter(|key| step.env.contains_key(*key)) {
                let problem = Problem::VariableTwice { step: name.clone(), name: variable.clone() };
                checked.report(
                    |root| root.get("steps").get(name).get("secrets").get(variable),
                    problem,
                );
            }
        }
        if !self.run.intercept
            && let Some((i, rule)) = closed(&self.run.allow)
        {
            let problem = Problem::ClosedTls { rule: rule.to_string() };
            checked.report(|root| root.get("run").get("allow").item(i), problem);
        }
        for steps in plan::circles(&self.steps) {
            let place = steps.clone();
            checked.report(
                |root| {
                    let [step, need, ..] = place.as_slice() else { return root };
                    let needs = root.get("steps").get(step).get("needs");
                    let found = needs.items().find(|item| item.text() == Some(need));
                    found.unwrap_or(needs)
                },
                Problem::Circle { steps },
            );
        }
        self.check_outputs(checked);
    }

    fn check_outputs(&self, checked: &mut Checked<'_>) {
        let mut makers: BTreeMap<&str, (&String, usize)> = BTreeMap::new();
        let outputs = self.steps.iter().flat_map(|(name, step)| {
            step.outputs.iter().enumerate().map(move |(i, output)| (name, i, output.as_str()))
        });
        let mut clashes = Vec::new();
        for (step, i, output) in outputs.clone() {
            match makers.get(output) {
                Some((other, _)) => clashes.push((step, i, output, *other, output)),
                None => {
                    makers.insert(output, (step, i));
                }
            }
        }
        // Looking up every directory a path lies in finds each overlap without comparing all pairs.
        for (step, i, output) in outputs {
            let above = output.match_indices('/').filter_map(|(at, _)| output.get(..at));
            for directory in above {
                if let Some((other, _)) = makers.get(directory) {
                    clashes.push((step, i, output, *other, directory));
                }
            }
        }
        for (step, i, output, other_step, other) in clashes {
            let problem = Problem::OverlappingOutputs {
                step: step.clone(),
                output: output.to_owned(),
                other_step: other_step.clone(),
                other: other.to_owned(),
            };
            checked.report(|root| root.get("steps").get(step).get("outputs").item(i), problem);
        }
    }
}
