//! Putting releases into environments: by a gate's leave, back again, or by force.

use std::path::{Path, PathBuf};

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_config::policy::Environment;
use penstock_deploy::{DirectoryTarget, Target as _};
use penstock_gate::{DeployRefusal, DeployRequest, last_admitted, may_deploy};
use penstock_model::Sha256;
use penstock_statement::{
    Statement, Verified,
    predicate::{
        BreakGlass, Decision, Deployment, DeploymentKind, Outcome, RunOutcome, RunSeal, TargetRef,
    },
};

use crate::{
    archive::Archive,
    error::{Refusal, RoadError},
    gate,
    recorder::Recorder,
    release::{self, Layout},
    session::Session,
};

/// What came of an attempt to deploy.
#[derive(Clone, Debug)]
pub enum Delivered {
    /// It is there.
    Yes(Box<Deployment>),
    /// The gate did not let it in.
    No(DeployRefusal),
}

/// Deploys a release on the newest decision about it, if that lets it in.
///
/// # Errors
/// The target, the signer or the ledger fails.
pub fn deploy(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    name: &str,
) -> Result<Delivered, RoadError> {
    go(session, signer, seal, name, DeploymentKind::Deploy)
}

/// Forward or back, by the gate's leave.
fn go(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    name: &str,
    kind: DeploymentKind,
) -> Result<Delivered, RoadError> {
    let subjects = release::subjects(seal);
    let archive = Archive::new(&session.ledger, &session.trust);
    let decisions = archive.about::<Decision>(&subjects)?.verified;
    let request = DeployRequest {
        environment: name,
        release: seal.evidence,
        subjects: &subjects,
        current_policy: &gate::current_policy(session)?,
        now: session.now(),
    };
    let leave = match may_deploy(&decisions, &request, &session.pinned.policy) {
        Ok(leave) => leave,
        Err(refusal) => return Ok(Delivered::No(refusal)),
    };
    let act = Act { seal, name, decision: leave.decision.evidence, kind };
    Ok(Delivered::Yes(Box::new(act.carry_out(session, signer, None)?)))
}

/// Environments that hold a release no deployment in the ledger put there: something else did, or a
/// deployment was killed between the switch and its record.
///
/// # Errors
/// A target or the ledger cannot be read.
pub fn unrecorded(session: &Session<'_>) -> Result<Vec<(String, Sha256)>, RoadError> {
    let deployments = Archive::new(&session.ledger, &session.trust).all::<Deployment>()?.verified;
    let mut found = Vec::new();
    for (name, environment) in session.pinned.policy.environments_in_order() {
        if !root(session, name, environment).exists() {
            continue;
        }
        let recorded = deployments.iter().map(Verified::predicate).rfind(|d| d.environment == name);
        if let Some(current) = target(session, name, environment).current()?
            && recorded.map(|deployment| deployment.run) != Some(current)
        {
            found.push((name.to_owned(), current));
        }
    }
    Ok(found)
}

/// What somebody takes upon themselves who does not wait for a gate.
#[derive(Clone, Debug)]
pub struct Force {
    /// Why it cannot wait.
    pub reason: String,
    /// Who answers for it.
    pub by: String,
    /// Hours until the exception ends.
    pub hours: u32,
}

/// Deploys a release although its gate does not let it in.
///
/// What is forced must still be what it claims: a run of this project that was sealed and ended
/// well, its outputs by their digests.
///
/// # Errors
/// The release does not hold; the target, the signer or the ledger fails.
pub fn break_glass(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    decision: &Verified<Decision>,
    force: &Force,
) -> Result<Deployment, RoadError> {
    holds(session, seal)?;
    let now = session.now();
    let predicate = decision.predicate();
    let hours = i64::from(force.hours);
    let break_glass = BreakGlass {
        reason: force.reason.clone(),
        by: force.by.clone(),
        overridden: predicate
            .reasons
            .iter()
            .filter(|reason| reason.outcome != Outcome::Allow)
            .map(|reason| reason.rule.clone())
            .collect(),
        expires: now.plus_seconds(hours * 3600),
        // Whoever reviews it has as long again as the exception lasts, and at least a day.
        review_by: now.plus_seconds(2 * hours.max(12) * 3600),
    };
    let act = Act {
        seal,
        name: &predicate.environment,
        decision: decision.evidence,
        kind: DeploymentKind::Deploy,
    };
    act.carry_out(session, signer, Some(break_glass))
}

/// The release to go back to: the named one, or the one that was in the environment before by its
/// gate's leave.
///
/// # Errors
/// There is none, it was never let in there, or it does not hold any more.
pub fn earlier(
    session: &Session<'_>,
    name: &str,
    wanted: Option<&Verified<RunSeal>>,
) -> Result<Verified<RunSeal>, RoadError> {
    let environment = gate::environment(session, name)?;
    let current = target(session, name, environment).current()?;
    let mut deployments = gate::deployments(session, name)?.verified;
    deployments.retain(|deployment| deployment.predicate().environment == name);
    let seal = match wanted {
        Some(seal) => seal.clone(),
        None => {
            let before = deployments
                .iter()
                .rev()
                .map(Verified::predicate)
                .find(|d| Some(d.run) != current && d.break_glass.is_none())
                .ok_or_else(|| Refusal::NoEarlier(name.to_owned()))?;
            let archive = Archive::new(&session.ledger, &session.trust);
            archive.by_id(&before.run)?.ok_or_else(|| Refusal::NoLongerHolds {
                release: before.run.short(),
                reason: "its run seal is not signed by a key that is trusted now".to_owned(),
            })?
        }
    };
    deployments.retain(|deployment| deployment.predicate().run == seal.evidence);
    if last_admitted(&deployments, name).is_none() {
        return Err(Refusal::NeverAdmitted {
            environment: name.to_owned(),
            release: seal.evidence.short(),
        }
        .into());
    }
    holds(session, &seal)?;
    Ok(seal)
}

/// Goes back to a release on the newest decision about it, as [`deploy`] goes forward: what was
/// allowed once may have been rejected, or its key revoked, since. Every byte in place is verified.
///
/// # Errors
/// The target, the signer or the ledger fails.
pub fn rollback(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    name: &str,
) -> Result<Delivered, RoadError> {
    go(session, signer, seal, name, DeploymentKind::Rollback)
}

/// Whether a release is what it claims, whatever a gate thinks of it.
fn holds(session: &Session<'_>, seal: &Verified<RunSeal>) -> Result<(), RoadError> {
    let run = seal.predicate();
    let reason = if run.project != session.project.id {
        format!("it is of project `{}`", run.project)
    } else if run.outcome != RunOutcome::Succeeded {
        "its run failed".to_owned()
    } else if run.commit.is_none() {
        "it was built from a work tree, not from a commit".to_owned()
    } else {
        return Ok(());
    };
    Err(Refusal::NoLongerHolds { release: seal.evidence.short(), reason }.into())
}

/// One deployment, about to happen.
struct Act<'a> {
    seal: &'a Verified<RunSeal>,
    name: &'a str,
    decision: Sha256,
    kind: DeploymentKind,
}

impl Act<'_> {
    fn carry_out(
        &self,
        session: &Session<'_>,
        signer: &SignerClient,
        break_glass: Option<BreakGlass>,
    ) -> Result<Deployment, RoadError> {
        let environment = gate::environment(session, self.name)?;
        let target = target(session, self.name, environment);
        let layout = Layout::of(session, self.seal)?;
        // One after the other, so that the ledger tells the order in which releases went in.
        let _turn = session.place.home.turn("deploy")?;
        let switched = match self.kind {
            DeploymentKind::Deploy => {
                target.deploy(&layout.release, &|path| layout.source(path))?
            }
            DeploymentKind::Rollback => target.rollback(&layout.release)?,
        };
        let deployment = Deployment {
            environment: self.name.to_owned(),
            project: session.project.id.clone(),
            target: TargetRef {
                kind: "directory".to_owned(),
                uri: shown(&root(session, self.name, environment)),
            },
            run: self.seal.evidence,
            decision: self.decision,
            policy: session.pinned.reference.clone(),
            kind: self.kind,
            previous: switched.previous,
            break_glass,
            deployed_on: session.now(),
        };
        let mut recorder = Recorder::new(&session.ledger, signer, session.now());
        let statement = Statement::new(release::subjects(self.seal), deployment.clone());
        recorder.add(&KeyName::Gate, &statement)?;
        recorder.commit()?;
        Ok(deployment)
    }
}

/// Where an environment's releases go.
fn root(session: &Session<'_>, name: &str, environment: &Environment) -> PathBuf {
    match &environment.target.path {
        // A relative path is the project's own, wherever penstock is called.
        Some(path) => session.project.directory.join(path),
        None => session.place.home.environment(name),
    }
}

fn target(session: &Session<'_>, name: &str, environment: &Environment) -> DirectoryTarget {
    DirectoryTarget::new(root(session, name, environment), environment.target.keep as usize)
}

/// A target in evidence: a file URI, odd bytes percent-encoded.
fn shown(root: &Path) -> String {
    use std::{fmt::Write as _, os::unix::ffi::OsStrExt as _};
    let mut uri = "file://".to_owned();
    for byte in root.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(*byte));
            }
            // Writing to a string cannot fail.
            other => _ = write!(uri, "%{other:02X}"),
        }
    }
    uri
}
