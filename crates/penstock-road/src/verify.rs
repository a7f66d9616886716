//! `penstock verify`: what stands behind a file, without the network.

use std::{fs, path::Path};

use penstock_attest::Trust;
use penstock_config::Policy;
use penstock_gate::{last_admitted, record_fault};
use penstock_model::{GitOid, Sha256};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{
        CheckResult, Deployment, Provenance, RunOutcome, RunSeal, RuntimeTrace, SealedStep,
        StepOutcome, TestResult, TestVerdict,
    },
};
use serde_json::Value;

use crate::{archive::Archive, error::RoadError, session::Session};

/// What stands behind a file: one line a question, each with its answer.
#[derive(Debug)]
pub struct Verification {
    /// The file's digest.
    pub digest: Sha256,
    /// The questions in the order a reader asks them.
    pub findings: Vec<Finding>,
}

/// One question about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was asked.
    pub question: &'static str,
    /// Whether the answer speaks for the file.
    pub holds: bool,
    /// The answer.
    pub answer: String,
}

impl Verification {
    /// Whether everything that must hold does.
    pub fn holds(&self) -> bool {
        !self.findings.is_empty() && self.findings.iter().all(|finding| finding.holds)
    }

    fn say(&mut self, question: &'static str, holds: bool, answer: impl Into<String>) {
        self.findings.push(Finding { question, holds, answer: answer.into() });
    }
}

/// Everything verified that is said about one digest, wherever it was found.
struct Evidence {
    provenance: Vec<Verified<Provenance>>,
    seals: Vec<Verified<RunSeal>>,
    checks: Vec<Verified<CheckResult>>,
    tests: Vec<Verified<TestResult>>,
    traces: Vec<Verified<RuntimeTrace>>,
    refused: Vec<String>,
}

/// Verifies a file by the project's ledger and its policy in force.
///
/// # Errors
/// The file or the ledger cannot be read, or the ledger is not what was signed.
pub fn by_ledger(session: &Session<'_>, file: &Path) -> Result<Verification, RoadError> {
    let digest = digest(file)?;
    let archive = Archive::new(&session.ledger, &session.trust);
    let subject = [ResourceDescriptor::sha256("", &digest)];
    let provenance = archive.about::<Provenance>(&subject)?;
    let mut seals = Vec::new();
    for seal in provenance.verified.iter().filter_map(|p| p.predicate().seal()) {
        seals.extend(archive.by_id::<RunSeal>(&seal)?);
    }
    let commits: Vec<ResourceDescriptor> = seals
        .iter()
        .filter_map(|seal| seal.predicate().commit.as_ref())
        .map(ResourceDescriptor::git_commit)
        .collect();
    let mut traces = Vec::new();
    for seal in &seals {
        traces.extend(archive.traces(seal.predicate())?);
    }
    let evidence = Evidence {
        traces,
        checks: archive.about(&commits)?.verified,
        tests: archive.about(&subject)?.verified,
        refused: provenance.refused.into_iter().map(|refused| refused.reason).collect(),
        provenance: provenance.verified,
        seals,
    };
    let mut verification = judge(digest, &evidence, &session.pinned.policy);
    let deployments = archive.about::<Deployment>(&subject)?.verified;
    for (name, _) in session.pinned.policy.environments_in_order() {
        if let Some(deployment) = last_admitted(&deployments, name) {
            let deployed = deployment.predicate();
            verification.say("deployed", true, format!("{name}, {}", deployed.deployed_on));
        }
    }
    Ok(verification)
}

/// Verifies a file by a directory of bundles and a policy, far from any ledger.
///
/// # Errors
/// The file or the directory cannot be read. A bundle that does not verify is no error.
pub fn by_directory(
    file: &Path,
    directory: &Path,
    policy: &Policy,
) -> Result<Verification, RoadError> {
    let digest = digest(file)?;
    let trust = crate::trust::trust(policy)?;
    let read = |error: &std::io::Error| RoadError::io("read", directory, error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(|e| read(&e))? {
        paths.push(entry.map_err(|e| read(&e))?.path());
    }
    paths.sort();
    let mut evidence = Evidence {
        provenance: Vec::new(),
        seals: Vec::new(),
        checks: Vec::new(),
        tests: Vec::new(),
        traces: Vec::new(),
        refused: Vec::new(),
    };
    for (index, path) in paths.iter().enumerate() {
        if path.is_file() {
            let bytes = fs::read(path).map_err(|error| RoadError::io("read", path, &error))?;
            evidence.take(&trust, &bytes, index as u64);
        }
    }
    let about = ResourceDescriptor::sha256("", &digest);
    evidence.provenance.retain(|p| p.statement.subject.iter().any(|s| s.same_digest(&about)));
    evidence.tests.retain(|t| t.statement.subject.iter().any(|s| s.same_digest(&about)));
    Ok(judge(digest, &evidence, policy))
}

impl Evidence {
    fn take(&mut self, trust: &Trust, bytes: &[u8], index: u64) {
        let raw: Verified<Value> = match trust.verify(bytes, index) {
            Ok(raw) => raw,
            Err(error) => return self.refused.push(error.to_string()),
        };
        if let Ok(provenance) = raw.clone().decode() {
            self.provenance.push(provenance);
        } else if let Ok(seal) = raw.clone().decode() {
            self.seals.push(seal);
        } else if let Ok(check) = raw.clone().decode() {
            self.checks.push(check);
        } else if let Ok(test) = raw.clone().decode() {
            self.tests.push(test);
        } else if let Ok(trace) = raw.decode() {
            self.traces.push(trace);
        }
    }
}

fn digest(file: &Path) -> Result<Sha256, RoadError> {
    let bytes = fs::read(file).map_err(|error| RoadError::io("read", file, &error))?;
    Ok(Sha256::of(&bytes))
}

/// Asks the questions. The newest provenance speaks; an older run of the same bytes proves no less,
/// but its check may be of older rules.
fn judge(digest: Sha256, evidence: &Evidence, policy: &Policy) -> Verification {
    let mut verification = Verification { digest, findings: Vec::new() };
    let newest = evidence.provenance.iter().max_by_key(|provenance| provenance.index);
    let Some(provenance) = newest else {
        let refused = match evidence.refused.first() {
            Some(reason) => format!("none that counts: {reason}"),
            None => "none: no run of this project made these bytes".to_owned(),
        };
        verification.say("provenance", false, refused);
        return verification;
    };
    built(&mut verification, provenance, policy);
    let seal = provenance.predicate().seal();
    let seal = evidence.seals.iter().find(|known| Some(known.evidence) == seal);
    let Some(seal) = seal else {
        verification.say("run", false, "its seal is missing or not signed by a trusted key");
        return verification;
    };
    sealed(&mut verification, seal, digest);
    recorded(&mut verification, evidence, seal.predicate());
    checked(&mut verification, evidence, seal.predicate(), policy);
    tested(&mut verification, evidence, policy);
    verification
}

fn built(verification: &mut Verification, provenance: &Verified<Provenance>, policy: &Policy) {
    let definition = &provenance.predicate().build_definition;
    let parameters = &definition.external_parameters;
    let of_project = parameters.project == policy.project;
    verification.say(
        "project",
        of_project,
        match of_project {
            true => parameters.project.to_string(),
            false => format!("{}, not {}", parameters.project, policy.project),
        },
    );
    verification.say("source", true, &*parameters.source);
    let builder = &provenance.predicate().run_details.builder.id;
    let level = policy.builders.get(builder);
    verification.say(
        "builder",
        level.is_some(),
        match level {
            Some(level) => {
                format!("{builder}, trusted for SLSA Build L{} at most", level.slsa_build)
            }
            None => format!("{builder}, which the policy does not trust"),
        },
    );
}

fn sealed(verification: &mut Verification, seal: &Verified<RunSeal>, digest: Sha256) {
    let run = seal.predicate();
    let names = seal.statement.subject.iter().any(|subject| {
        subject.digest.get("sha256").is_some_and(|sealed| *sealed == digest.to_string())
    });
    let succeeded = run.outcome == RunOutcome::Succeeded && names;
    let commit = run.commit.as_ref().map_or("a work tree", GitOid::as_str);
    verification.say(
        "run",
        succeeded,
        match (names, run.outcome) {
            (false, _) => "its seal does not name this file".to_owned(),
            (true, RunOutcome::Failed) => "it failed".to_owned(),
            (true, RunOutcome::Succeeded) => {
                format!("sealed {}, of commit {commit}", run.finished_on)
            }
        },
    );
}

/// Whether the records of the steps are there and are the ones that were sealed.
fn recorded(verification: &mut Verification, evidence: &Evidence, run: &RunSeal) {
    let ran = |step: &&SealedStep| !matches!(step.outcome, StepOutcome::NotStarted { .. });
    let steps = || run.steps.iter().filter(ran);
    let fault = |step| record_fault(&run.invocation, step, &evidence.traces);
    let (mut processes, mut denied) = (0, 0);
    for trace in steps().filter_map(|step| step.trace) {
        processes += trace.processes;
        denied += trace.denied;
    }
    let (holds, answer) = match steps().find_map(fault) {
        Some(fault) => (false, fault),
        None => (true, format!("all of {processes} programs, {denied} attempts refused")),
    };
    verification.say("record", holds, answer);
}

fn checked(verification: &mut Verification, evidence: &Evidence, run: &RunSeal, policy: &Policy) {
    let of_commit = evidence.checks.iter().filter(|check| {
        run.commit.iter().map(ResourceDescriptor::git_commit).any(|commit| {
            check.statement.subject.iter().any(|subject| subject.same_digest(&commit))
        })
    });
    let Some(check) = of_commit.max_by_key(|check| check.index).map(Verified::predicate) else {
        return verification.say("check", false, "none of its commit");
    };
    let over: u64 = check
        .counts
        .iter()
        .filter(|(severity, _)| **severity >= policy.check.threshold)
        .map(|(_, count)| count)
        .sum();
    let (holds, answer) = match (check.complete, over) {
        (true, 0) => (true, format!("complete, nothing {} or above", policy.check.threshold)),
        (true, n) => (false, format!("{n} findings {} or above", policy.check.threshold)),
        (false, _) => (false, "incomplete".to_owned()),
    };
    verification.say("check", holds, answer);
}

fn tested(verification: &mut Verification, evidence: &Evidence, policy: &Policy) {
    for step in &policy.tests.steps {
        let of_step = evidence.tests.iter().filter(|test| test.predicate().step == *step);
        let Some(test) = of_step.max_by_key(|test| test.index).map(Verified::predicate) else {
            verification.say("tests", false, format!("step `{step}`: no result"));
            continue;
        };
        let counts = test.counts.unwrap_or_default();
        verification.say(
            "tests",
            test.result == TestVerdict::Passed,
            format!("step `{step}`: {} passed, {} failed", counts.passed, counts.failed),
        );
    }
}
