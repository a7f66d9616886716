//! What will run: the steps of a configuration in their order, every default filled in.

use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{RepoPath, Sha256};
use penstock_statement::predicate::StepParameters;

use crate::counts::Runner;

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
    /// Secrets by the name the step sees, and the variable of the caller each comes from.
    pub secrets: BTreeMap<String, String>,
    /// How to read test counts from its log.
    pub runner: Option<Runner>,
}

impl PlannedStep {
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

impl Plan {
    /// Only these steps and the steps they need; the whole pipeline for none.
    ///
    /// # Errors
    /// A step the pipeline does not have.
    pub fn only(self, names: &[String]) -> Result<Self, PlanError> {
        if names.is_empty() {
            return Ok(self);
        }
        let known: Vec<String> = self.steps.iter().map(|step| step.name().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            return Err(PlanError { step: unknown.clone(), known });
        }
        let mut wanted: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        // Steps stand after what they need, so one pass from the end finds everything.
        for step in self.steps.iter().rev() {
            if wanted.contains(step.name()) {
                wanted.extend(step.parameters.needs.iter().map(String::as_str));
            }
        }
        let all = self.steps.len();
        let steps: Vec<PlannedStep> =
            self.steps.iter().filter(|step| wanted.contains(step.name())).cloned().collect();
        Ok(Self { partial: self.partial || steps.len() < all, steps })
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

/// A step was asked for that the pipeline does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no step `{step}`: the pipeline has {}", known.join(", "))]
pub struct PlanError {
    /// What was asked for.
    pub step: String,
    /// What there is.
    pub known: Vec<String>,
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
            },
            outputs: Vec::new(),
            secrets: BTreeMap::new(),
            runner: None,
        }
    }

    fn names<'a>(steps: impl IntoIterator<Item = &'a PlannedStep>) -> Vec<&'a str> {
        steps.into_iter().map(PlannedStep::name).collect()
    }

    #[test]
    fn asking_for_a_step_brings_what_it_needs_and_nothing_else() {
        let plan = || Plan {
            steps: vec![step("a", &[]), step("b", &["a"]), step("c", &[]), step("d", &["b"])],
            partial: false,
        };
        let some = plan().only(&["d".to_owned()]).unwrap();
        assert_eq!((names(&some.steps), some.partial), (vec!["a", "b", "d"], true));
        assert!(!plan().only(&[]).unwrap().partial);
        assert_eq!(names(plan().closure("b")), ["a", "b"]);
        assert_eq!(plan().only(&["x".to_owned()]).unwrap_err().known, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_changed_definition_has_another_digest() {
        let mut changed = step("a", &[]);
        changed.parameters.timeout_seconds = 61;
        assert_ne!(step("a", &[]).definition(), changed.definition());
        assert_eq!(step("a", &[]).definition(), step("a", &[]).definition());
    }
}
