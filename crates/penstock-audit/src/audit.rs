use penstock_model::{Answer, ControlArea, Sha256, Timestamp};
use penstock_statement::predicate::PolicyRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AreaMaturity, AuditInput, BreakGlassItem, CRITERIA, Crosswalk, FrameworkError, FrameworkReport,
    LogStatus, Maturity, Period, Population, break_glass, criteria, maturity, population,
    scope::Scope,
};

/// What this tool has no part in and an assessor asks elsewhere.
const OUTSIDE: [&str; 6] = [
    "access reviews",
    "joiners and leavers",
    "training",
    "vendors",
    "hosts and networks",
    "settings only the forge's server knows",
];

/// What the evidence of a project supports, contradicts and does not show: `Audit` v1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// The version of this format: 1.
    pub version: u32,
    /// The project.
    pub project: String,
    /// The instant the audit calls now.
    pub now: Timestamp,
    /// What was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The policy it was measured by.
    pub policy: PolicyRef,
    /// Whether the policy's identities are for demonstration: then nothing here tells persons apart.
    pub demo: bool,
    /// What was forced past a gate, newest last.
    pub break_glass: Vec<BreakGlassItem>,
    /// What was deployed, and on what ground.
    pub population: Population,
    /// The ledger.
    pub log: LogStatus,
    /// All thirteen control areas, in order.
    pub areas: Vec<AreaResult>,
    /// The whole.
    pub maturity: Maturity,
    /// The exceptions of the policy.
    pub exceptions: Vec<ExceptionItem>,
    /// What is outside this tool.
    pub outside: Vec<String>,
    /// The same by the clauses of frameworks, where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<FrameworkReport>,
}

impl Audit {
    /// The version this code writes.
    pub const VERSION: u32 = 1;

    /// Adds what the evidence says about the clauses of a framework; see [`Crosswalk::report`].
    ///
    /// # Errors
    /// As there.
    pub fn with_framework(
        mut self,
        crosswalk: &Crosswalk,
        framework: &str,
    ) -> Result<Self, FrameworkError> {
        let report = crosswalk.report(framework, &self)?;
        self.frameworks.push(report);
        Ok(self)
    }

    /// Every criterion's result.
    pub fn criteria(&self) -> impl Iterator<Item = &CriterionResult> {
        self.areas.iter().flat_map(|area| &area.criteria)
    }
}

/// One control area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AreaResult {
    /// Its number.
    pub area: ControlArea,
    /// Its name.
    pub name: String,
    /// What the evidence says about it, measured by the maturity that is wanted.
    pub status: Status,
    /// How far it goes.
    pub maturity: AreaMaturity,
    /// What it was measured by; empty where this version has no source of evidence.
    pub criteria: Vec<CriterionResult>,
    /// What would give evidence, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_evidence: Option<String>,
}

/// What the evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All that is wanted is supported.
    Evidenced,
    /// Something that is wanted does not hold.
    Contradicted,
    /// It cannot be told from what is there.
    NotEvidenced,
}

impl Status {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evidenced => "evidenced",
            Self::Contradicted => "CONTRADICTED",
            Self::NotEvidenced => "NOT EVIDENCED",
        }
    }
}

/// One criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CriterionResult {
    /// Its name.
    pub id: String,
    /// The maturity it is demanded from.
    pub maturity: u8,
    /// What should hold.
    pub title: String,
    /// NIST SP 800-53 controls whose evidence it is.
    pub controls: Vec<String>,
    /// Whether it holds.
    pub answer: Answer,
    /// The facts, in words.
    pub detail: String,
    /// What the answer rests on, by evidence id, sorted.
    pub evidence: Vec<Sha256>,
}

/// A finding the policy accepts for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExceptionItem {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// When it ends.
    pub expires: Timestamp,
    /// Whether that has come.
    pub expired: bool,
}

/// Computes the audit: pure, the same evidence gives the same audit.
pub fn audit(input: &AuditInput) -> Audit {
    let scope = Scope::new(input);
    let cap = maturity::cap(&scope);
    let areas: Vec<_> = ControlArea::all().map(|area| of_area(&scope, area, cap)).collect();
    let maturity = maturity::of_all(&areas, &scope);
    Audit {
        version: Audit::VERSION,
        project: input.policy.project.to_string(),
        now: input.now,
        period: input.period,
        policy: input.policy_ref.clone(),
        demo: input.policy.demo,
        break_glass: break_glass::items(&scope),
        population: population::population(&scope),
        log: input.log.clone(),
        areas,
        maturity,
        exceptions: exceptions(input),
        outside: OUTSIDE.map(str::to_owned).to_vec(),
        frameworks: Vec::new(),
    }
}

fn of_area(scope: &Scope<'_>, area: ControlArea, cap: u8) -> AreaResult {
    let criteria: Vec<_> = CRITERIA
        .iter()
        .filter(|criterion| criterion.area == area.number())
        .map(|criterion| {
            let told = (criterion.judge)(scope);
            CriterionResult {
                id: criterion.id.to_owned(),
                maturity: criterion.maturity,
                title: criterion.title.to_owned(),
                controls: criterion.controls.iter().map(|&c| c.to_owned()).collect(),
                answer: told.answer,
                detail: told.detail,
                evidence: told.evidence.into_iter().collect(),
            }
        })
        .collect();
    let wanted = scope.input.policy.service.wanted_maturity();
    let would_evidence = criteria::would_evidence(area.number()).map(str::to_owned);
    let mut maturity = maturity::of_area(&criteria, cap);
    if let Some(source) = &would_evidence {
        maturity.missing = vec![source.clone()];
    }
    AreaResult {
        area,
        name: area.name().to_owned(),
        status: status(&criteria, wanted),
        maturity,
        criteria,
        would_evidence,
    }
}

/// What is wanted decides, but never less than what makes a pipeline one: automatic checks.
fn status(criteria: &[CriterionResult], wanted: u8) -> Status {
    let wanted = wanted.max(2);
    let mut relevant = criteria.iter().filter(|c| c.maturity <= wanted).peekable();
    if relevant.peek().is_none() {
        return Status::NotEvidenced;
    }
    let answers: Vec<_> = relevant.map(|c| &c.answer).collect();
    if answers.contains(&&Answer::No) {
        Status::Contradicted
    } else if answers.iter().all(|answer| **answer == Answer::Yes) {
        Status::Evidenced
    } else {
        Status::NotEvidenced
    }
}

fn exceptions(input: &AuditInput) -> Vec<ExceptionItem> {
    input
        .policy
        .exceptions
        .iter()
        .map(|exception| ExceptionItem {
            rule: exception.rule.to_string(),
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            expires: exception.expires.0,
            expired: exception.expires.has_passed(input.now),
        })
        .collect()
}
