//! Which clauses of a framework the audit's evidence speaks to.
//!
//! The mapping is data of its own, under a licence of its own: `data/control-crosswalk.json`.

use std::collections::BTreeMap;

use penstock_model::Answer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Audit;

const CROSSWALK: &str = include_str!("../data/control-crosswalk.json");

/// Controls, and the clauses of frameworks they belong to.
#[derive(Clone, Debug, Deserialize)]
pub struct Crosswalk {
    /// Whose data it is.
    pub source: String,
    /// Under which licence.
    pub licence: String,
    frameworks: BTreeMap<String, Framework>,
    #[cfg(test)]
    controls: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Framework {
    name: String,
    clauses_total: u64,
    clauses: Vec<Clause>,
}

#[derive(Clone, Debug, Deserialize)]
struct Clause {
    clause: String,
    controls: Vec<String>,
    coverage_pct: u8,
}

/// What the evidence says about each clause of one framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrameworkReport {
    /// Its id in the data: `soc2-tsc`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many clauses it has; those the controls do not reach are not listed.
    pub clauses_total: u64,
    /// The clauses the controls reach, in the data's order.
    pub clauses: Vec<ClauseResult>,
    /// Whose mapping it is.
    pub source: String,
    /// Under which licence.
    pub licence: String,
}

/// What the evidence says about one clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseResult {
    /// The clause.
    pub clause: String,
    /// The controls it is mapped to.
    pub controls: Vec<String>,
    /// Those of them a criterion with an answer speaks for; nothing is known about the rest.
    pub controls_evidenced: Vec<String>,
    /// How much of the clause the mapping says these controls cover, in percent. It says nothing
    /// about the evidence.
    pub coverage_pct: u8,
    /// What the evidence says.
    pub support: Support,
    /// The criteria that speak, by id.
    pub criteria: Vec<String>,
}

/// What evidence does for a clause. It never makes one met: that is an assessor's opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Some criterion of its controls holds and none fails.
    Supports,
    /// A criterion of its controls fails.
    Contradicts,
    /// No criterion of its controls has an answer.
    NotEvidenced,
}

impl Support {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supports => "supports",
            Self::Contradicts => "contradicts",
            Self::NotEvidenced => "not evidenced",
        }
    }
}

impl Crosswalk {
    /// The mapping this program carries.
    ///
    /// # Errors
    /// The data cannot be read: a fault of the build.
    pub fn embedded() -> Result<Self, FrameworkError> {
        serde_json::from_str(CROSSWALK).map_err(|e| FrameworkError::Data(e.to_string()))
    }

    /// The ids of its frameworks.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.frameworks.keys().map(String::as_str)
    }

    /// The audit by the clauses of a framework: its id, or the beginning of exactly one (`soc2`).
    ///
    /// # Errors
    /// No framework, or more than one, begins like that.
    pub fn report(
        &self,
        framework: &str,
        audit: &Audit,
    ) -> Result<FrameworkReport, FrameworkError> {
        let (id, framework) = self.find(framework)?;
        Ok(FrameworkReport {
            id: id.to_owned(),
            name: framework.name.clone(),
            clauses_total: framework.clauses_total,
            clauses: framework.clauses.iter().map(|clause| result(clause, audit)).collect(),
            source: self.source.clone(),
            licence: self.licence.clone(),
        })
    }

    fn find(&self, wanted: &str) -> Result<(&str, &Framework), FrameworkError> {
        if let Some((id, framework)) = self.frameworks.get_key_value(wanted) {
            return Ok((id, framework));
        }
        let mut like = self.frameworks.iter().filter(|(id, _)| id.starts_with(wanted));
        match (like.next(), like.next()) {
            (Some((id, framework)), None) if !wanted.is_empty() => Ok((id, framework)),
            _ => Err(FrameworkError::Unknown {
                wanted: wanted.to_owned(),
                known: self.ids().collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

fn result(clause: &Clause, audit: &Audit) -> ClauseResult {
    let controls: Vec<_> = clause.controls.iter().map(|control| unpadded(control)).collect();
    let speaking: Vec<_> = audit
        .criteria()
        .filter(|c| c.controls.iter().any(|control| controls.contains(control)))
        .filter(|c| !matches!(c.answer, Answer::Unknown(_)))
        .collect();
    let support = if speaking.iter().any(|c| c.answer == Answer::No) {
        Support::Contradicts
    } else if speaking.is_empty() {
        Support::NotEvidenced
    } else {
        Support::Supports
    };
    let speaks = |control: &&String| speaking.iter().any(|c| c.controls.contains(*control));
    ClauseResult {
        clause: clause.clause.clone(),
        controls_evidenced: controls.iter().filter(speaks).cloned().collect(),
        controls,
        coverage_pct: clause.coverage_pct,
        support,
        criteria: speaking.iter().map(|c| c.id.clone()).collect(),
    }
}

/// The data pads numbers (`CM-03`); NIST does not (`CM-3`).
fn unpadded(control: &str) -> String {
    control.replacen("-0", "-", 1)
}

/// Why there is no report for a framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each field is")]
pub enum FrameworkError {
    /// The embedded data is damaged.
    #[error("the embedded control crosswalk cannot be read: {0}")]
    Data(String),
    /// Nothing of that name.
    #[error("no framework `{wanted}`; known: {known}")]
    Unknown { wanted: String, known: String },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CRITERIA;

    #[test]
    fn the_licence_stays_with_the_data() {
        let crosswalk = Crosswalk::embedded().unwrap();
        assert!(crosswalk.licence.starts_with("CC BY-SA 4.0"));
        assert!(crosswalk.source.starts_with("opensecurityarchitecture/osa-data"));
    }

    #[test]
    fn every_control_of_a_criterion_is_one_of_the_data() {
        let crosswalk = Crosswalk::embedded().unwrap();
        let known: Vec<_> = crosswalk.controls.keys().map(|control| unpadded(control)).collect();
        for criterion in CRITERIA {
            for control in criterion.controls {
                assert!(known.contains(&(*control).to_owned()), "{}: {control}", criterion.id);
            }
        }
    }

    #[test]
    fn a_framework_is_found_by_the_beginning_of_its_name() {
        let crosswalk = Crosswalk::embedded().unwrap();
        assert_eq!(crosswalk.find("soc2").unwrap().0, "soc2-tsc");
        assert_eq!(crosswalk.find("iso").unwrap().0, "iso-27001-2022");
        for wrong in ["", "c", "sox", "SOC2"] {
            let error = crosswalk.find(wrong).unwrap_err();
            assert!(error.to_string().contains("known: cis-controls-v8"), "{error}");
        }
    }
}
