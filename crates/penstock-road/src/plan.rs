//! What will run: the steps of a configuration in their order, every default filled in.

use std::collections::{BTreeMap, BTreeSet};

use penstock_config::{
    Network, OutputPath, PenstockToml, Reach, SecretSource, Step, TestFormat, UnknownStep,
};
use penstock_model::{RepoPath, Sha256};
use penstock_statement::predicate::StepParameters;

use crate::counts::Runner;

/// How many outputs one release may have.
pub const MAX_OUTPUTS: usize = 24;

/// The steps of one run, each after the steps it needs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The steps, in an order they can run in.
    pub steps: Vec<PlannedStep>,
    /// Whether only some of the pipeline's steps are in it.
    pub partial: bool,
}

/// One step, ready to run.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// The definition, as it will stand in the provenance.
    pub parameters: StepParameters,
    /// What it leaves behind.
    pub outputs: Vec<RepoPath>,
    /// What it may reach of the network, as rules of the proxy; nothing if empty.
    pub reach: Vec<String>,
    /// Whether the proxy opens TLS.
    pub intercept: bool,
    /// Secrets by the name the step sees, and where each comes from.
    pub secrets: BTreeMap<String, SecretSource>,
    /// How to read test counts from its log.
    pub runner: Option<Runner>,
}

impl PlannedStep {
    fn of(name: &str, step: &Step) -> Self {
        Self {
            parameters: StepParameters {
                name: name.to_owned(),
                argv: step.run.argv(),
                needs: step.needs.clone(),
                inputs: step.inputs.iter().flatten().map(ToString::to_string).collect(),
                outputs: step.outputs.iter().map(ToString::to_string).collect(),
                network: network(&step.network),
                env: step.env.clone(),
                secrets: step.secrets.keys().cloned().collect(),
                timeout_seconds: step.timeout.seconds(),
                root: step.root.map(|root| root.digest()),
            },
            outputs: step.outputs.iter().filter_map(OutputPath::path).collect(),
            reach: step.network.allowed().iter().map(ToString::to_string).collect(),
            intercept: step.network.intercepts(),
            secrets: step.secrets.clone(),
            runner: step.results.map(|format| match format {
                TestFormat::Cargo => Runner::Cargo,
                TestFormat::Go => Runner::Go,
                TestFormat::Plain => Runner::Plain,
                TestFormat::Pytest => Runner::Pytest,
                TestFormat::Tap => Runner::Tap,
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.parameters.name
    }

    /// Digest of the definition (canonical JSON, RFC 8785): equal digests run the same.
    pub fn definition(&self) -> Sha256 {
        // Strings, numbers and lists only: nothing canonical JSON could refuse.
        Sha256::of(&serde_json_canonicalizer::to_vec(&self.parameters).unwrap_or_default())
    }
}

/// A step's network as its definition has it: other rules are another definition.
fn network(network: &Network) -> String {
    match network {
        Network::None => "none".to_owned(),
        Network::Allow(rules) => format!("allow {}", sorted(rules)),
        Network::Intercept(rules) => format!("intercept {}", sorted(rules)),
    }
}

fn sorted(rules: &[Reach]) -> String {
    let mut rules: Vec<&str> = rules.iter().map(Reach::as_str).collect();
    rules.sort_unstable();
    rules.join("; ")
}

impl Plan {
    /// The plan of a configuration: these steps and the steps they need; the whole pipeline for none.
    ///
    /// # Errors
    /// A name that is no step, or more outputs than one release may have.
    pub fn of(configuration: &PenstockToml, names: &[String]) -> Result<Self, PlanError> {
        let levels = match names {
            [] => configuration.plan(),
            some => configuration.plan_of(some)?,
        };
        let steps: Vec<PlannedStep> = levels
            .iter()
            .flatten()
            .filter_map(|name| Some((name, configuration.steps.get(name)?)))
            .map(|(name, step)| PlannedStep::of(name, step))
            .collect();
        let outputs = steps.iter().map(|step| step.outputs.len()).sum();
        if outputs > MAX_OUTPUTS {
            return Err(PlanError::TooManyOutputs(outputs));
        }
        Ok(Self { partial: steps.len() < configuration.steps.len(), steps })
    }

    /// The step and every step it needs, in order.
    pub fn closure(&self, name: &str) -> Vec<&PlannedStep> {
        let mut wanted = BTreeSet::from([name]);
        for step in self.steps.iter().rev() {
            if wanted.contains(step.name()) {
                wanted.extend(step.parameters.needs.iter().map(String::as_str));
            }
        }
        self.steps.iter().filter(|step| wanted.contains(step.name())).collect()
    }
}

/// Why a configuration cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A ledger entry names every digest of a release, and has a size.
    #[error(
        "the steps declare {0} outputs; a release has at most {MAX_OUTPUTS}: declare a directory instead of its files"
    )]
    TooManyOutputs(usize),
    /// A step was asked for that the pipeline does not have.
    #[error(transparent)]
    UnknownStep(#[from] UnknownStep),
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A step that needs others, for tests of this crate.
    pub(crate) fn step(name: &str, needs: &[&str]) -> PlannedStep {
        PlannedStep {
            parameters: StepParameters {
                name: name.to_owned(),
                argv: vec!["true".to_owned()],
                needs: needs.iter().map(|need| (*need).to_owned()).collect(),
                inputs: Vec::new(),
                outputs: Vec::new(),
                network: "none".to_owned(),
                env: BTreeMap::new(),
                secrets: Vec::new(),
                timeout_seconds: 60,
                root: None,
            },
            outputs: Vec::new(),
            reach: Vec::new(),
            intercept: false,
            secrets: BTreeMap::new(),
            runner: None,
        }
    }

    fn names<'a>(steps: impl IntoIterator<Item = &'a PlannedStep>) -> Vec<&'a str> {
        steps.into_iter().map(PlannedStep::name).collect()
    }

    const PIPELINE: &str = r#"
        [project]
        name = "p"
        [steps.a]
        run = "true"
        outputs = ["x"]
        [steps.b]
        needs = ["a"]
        run = ["true"]
        [steps.c]
        run = "true"
    "#;

    #[test]
    fn asking_for_a_step_brings_what_it_needs_and_nothing_else() {
        let configuration = PenstockToml::parse(PIPELINE, "penstock.toml").unwrap();
        let plan = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Plan::of(&configuration, &names)
        };
        let some = plan(&["b"]).unwrap();
        assert_eq!((names(&some.steps), some.partial), (vec!["a", "b"], true));
        assert_eq!(names(some.closure("a")), ["a"]);
        let all = plan(&[]).unwrap();
        assert_eq!((names(&all.steps), all.partial), (vec!["a", "c", "b"], false));
        assert_eq!(all.steps[0].parameters.argv, ["sh", "-eu", "-c", "true"]);
        assert!(matches!(plan(&["x"]), Err(PlanError::UnknownStep(_))));
    }

    #[test]
    fn a_release_has_a_bounded_number_of_outputs() {
        let outputs: Vec<String> = (0..=MAX_OUTPUTS).map(|i| format!("\"o{i}\"")).collect();
        let text = format!(
            "[project]\nname = \"p\"\n[steps.a]\nrun = \"true\"\noutputs = [{}]\n",
            outputs.join(", ")
        );
        let configuration = PenstockToml::parse(&text, "penstock.toml").unwrap();
        assert!(matches!(Plan::of(&configuration, &[]), Err(PlanError::TooManyOutputs(25))));
    }

    #[test]
    fn a_changed_definition_has_another_digest() {
        let mut changed = step("a", &[]);
        changed.parameters.timeout_seconds = 61;
        assert_ne!(step("a", &[]).definition(), changed.definition());
        let with = |network: &str| {
            let text = format!("[project]\nname = \"p\"\n[steps.a]\nrun = \"true\"\n{network}\n");
            let configuration = PenstockToml::parse(&text, "penstock.toml").unwrap();
            Plan::of(&configuration, &[]).unwrap().steps.remove(0)
        };
        let rooted = with(&format!("root = \"sha256:{}\"", Sha256::of(b"a")));
        let other = with(&format!("root = \"sha256:{}\"", Sha256::of(b"b")));
        assert_eq!(rooted.parameters.root, Some(Sha256::of(b"a")));
        assert_ne!(rooted.definition(), other.definition());
        assert_ne!(rooted.definition(), with("").definition());
        let (none, some) = (with(""), with("network = { allow = [\"b.example\", \"a.example\"] }"));
        assert_eq!(none.parameters.network, "none");
        assert_eq!(some.parameters.network, "allow a.example; b.example");
        assert_eq!(some.reach, ["b.example", "a.example"]);
        assert_ne!(none.definition(), some.definition());
        assert_eq!(step("a", &[]).definition(), step("a", &[]).definition());
    }
}
