//! Asking a gate: gather the evidence, decide, write the decision back.

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_config::policy::Environment;
use penstock_gate::{Input, Refused, decide, last_admitted, vsa};
use penstock_git::Repository;
use penstock_model::{Answer, GitOid};
use penstock_statement::{
    ResourceDescriptor, Statement, Verified,
    predicate::{
        Decision, Deployment, PolicyRef, Provenance, RunSeal, SourceChange, VerificationSummary,
    },
};

use crate::{
    archive::{Archive, Found},
    change::{self, People, Question},
    error::{Refusal, RoadError},
    pinned::Pinned,
    recorder::Recorder,
    release,
    session::Session,
};

/// The environment of that name.
///
/// # Errors
/// The policy has none.
pub fn environment<'s>(session: &'s Session<'_>, name: &str) -> Result<&'s Environment, RoadError> {
    let environments = &session.pinned.policy.rules().environments;
    environments.get(name).ok_or_else(|| {
        let known: Vec<&str> = environments.keys().map(String::as_str).collect();
        Refusal::UnknownEnvironment { name: name.to_owned(), known: known.join(", ") }.into()
    })
}

/// Decides whether a release may enter an environment and logs the decision with its projection as
/// a VSA, and before it the source change it was judged by.
///
/// # Errors
/// Evidence that cannot be read; a signer or a ledger that fails. A denial is no error.
pub fn judge(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    name: &str,
) -> Result<Verified<Decision>, RoadError> {
    environment(session, name)?;
    let now = session.now();
    let mut recorder = Recorder::new(&session.ledger, signer, now);
    let gathered = Gathered::read(session, seal, name)?;
    if let Some(to) = &seal.predicate().commit {
        // Described anew each time: a policy that names other persons makes another change of the
        // same commits.
        let statement = source_change(session, name, gathered.from(), to)?;
        if gathered.lacks(&statement.predicate) {
            recorder.add(&KeyName::Build, &statement)?;
            recorder.commit()?;
        }
    }
    let input = gathered.input(session, seal, name)?;
    let policy = &session.pinned.policy;
    let decision = decide(&input, policy);
    let summary = vsa(&decision, &input, policy, &session.around.version);
    let id = recorder.add(&KeyName::Gate, &Statement::new(release::subjects(seal), decision))?;
    recorder.add::<VerificationSummary>(
        &KeyName::Gate,
        &Statement::new(release::subjects(seal), summary),
    )?;
    recorder.commit()?;
    // Read back: what is acted on is what was logged.
    let archive = Archive::new(&session.ledger, &session.trust);
    archive.by_id::<Decision>(&id)?.ok_or_else(|| {
        Refusal::NoLongerHolds {
            release: seal.evidence.short(),
            reason: "the gate key that signed its decision is not one the policy trusts".to_owned(),
        }
        .into()
    })
}

/// The deployments of this project to one environment and to the one before it, in ledger order.
pub(crate) fn deployments(
    session: &Session<'_>,
    environment: &str,
) -> Result<Found<Deployment>, RoadError> {
    let before = session.pinned.policy.previous(environment);
    let mut found = Archive::new(&session.ledger, &session.trust).all::<Deployment>()?;
    found.verified.retain(|deployment| {
        let deployment = deployment.predicate();
        deployment.project == session.project.id
            && (deployment.environment == environment
                || Some(deployment.environment.as_str()) == before)
    });
    Ok(found)
}

/// What is known before the source change can be described.
struct Gathered {
    deployments: Found<Deployment>,
    admitted: Option<Verified<RunSeal>>,
    source_changes: Found<SourceChange>,
}

impl Gathered {
    fn read(
        session: &Session<'_>,
        seal: &Verified<RunSeal>,
        environment: &str,
    ) -> Result<Self, RoadError> {
        let archive = Archive::new(&session.ledger, &session.trust);
        let deployments = deployments(session, environment)?;
        let admitted = match last_admitted(&deployments.verified, environment) {
            Some(deployment) => archive.by_id(&deployment.predicate().run)?,
            None => None,
        };
        let source_changes = source_changes(&archive, seal, environment)?;
        Ok(Self { deployments, admitted, source_changes })
    }

    /// The commit that is in the environment now.
    fn from(&self) -> Option<&GitOid> {
        self.admitted.as_ref()?.predicate().commit.as_ref()
    }

    /// Whether there is no description of this very change yet.
    fn lacks(&self, change: &SourceChange) -> bool {
        self.source_changes.verified.last().map(Verified::predicate) != Some(change)
    }

    fn input(
        self,
        session: &Session<'_>,
        seal: &Verified<RunSeal>,
        name: &str,
    ) -> Result<Input, RoadError> {
        let archive = Archive::new(&session.ledger, &session.trust);
        let subjects = release::subjects(seal);
        let commit: Vec<ResourceDescriptor> =
            seal.predicate().commit.iter().map(ResourceDescriptor::git_commit).collect();
        let about: Vec<ResourceDescriptor> =
            subjects.iter().cloned().chain(commit.iter().cloned()).collect();
        let mut refused: Vec<Refused> = self.deployments.refused;
        let run = archive.about::<RunSeal>(&subjects)?;
        refused.extend(run.refused);
        let provenance = take(&mut refused, archive.about::<Provenance>(&subjects)?);
        let checks = take(&mut refused, archive.about(&commit)?);
        let tests = take(&mut refused, archive.about(&about)?);
        let approvals = take(&mut refused, archive.about(&subjects)?);
        let decisions = take(&mut refused, archive.about(&subjects)?);
        let source_changes = take(&mut refused, source_changes(&archive, seal, name)?);
        let mut traces = archive.traces(seal.predicate())?;
        if let Some(admitted) = &self.admitted {
            traces.extend(archive.traces(admitted.predicate())?);
        }
        Ok(Input {
            environment: name.to_owned(),
            now: session.now(),
            release: seal.evidence,
            short_is_ambiguous: release::is_ambiguous(session, &seal.evidence)?,
            subjects,
            run: Some(seal.clone()),
            traces,
            provenance,
            checks,
            tests,
            source_change: source_changes.into_iter().next_back(),
            approvals,
            decisions,
            deployments: self.deployments.verified,
            admitted: self.admitted,
            refused,
            policy: session.pinned.reference.clone(),
            current_policy: current_policy(session)?,
            policy_editors: session.pinned.editors.clone(),
            // Every entry was read from the signed tree and every bundle by its digest; one that is
            // missing or changed ended in an error before this.
            complete_ledger: Answer::Yes,
        })
    }
}

/// The newest policy version in the ledger: somebody may have adopted one since this began.
pub(crate) fn current_policy(session: &Session<'_>) -> Result<PolicyRef, RoadError> {
    session.ledger.refresh()?;
    let newest = Pinned::load(&session.ledger, &session.project.id)?;
    Ok(newest.ok_or(RoadError::NothingYet)?.reference)
}

/// Keeps what counts and remembers what does not.
fn take<P>(refused: &mut Vec<Refused>, found: Found<P>) -> Vec<Verified<P>> {
    refused.extend(found.refused);
    found.verified
}

/// The descriptions of this candidate's change against one environment, oldest first.
fn source_changes(
    archive: &Archive<'_, '_>,
    seal: &Verified<RunSeal>,
    environment: &str,
) -> Result<Found<SourceChange>, RoadError> {
    let commit: Vec<ResourceDescriptor> =
        seal.predicate().commit.iter().map(ResourceDescriptor::git_commit).collect();
    let mut found = archive.about::<SourceChange>(&commit)?;
    found.verified.retain(|change| {
        change.predicate().environment == environment
            && change.predicate().project == seal.predicate().project
    });
    Ok(found)
}

/// Describes a change for a gate.
fn source_change(
    session: &Session<'_>,
    environment: &str,
    from: Option<&GitOid>,
    to: &GitOid,
) -> Result<Statement<SourceChange>, RoadError> {
    let repository: &Repository = &session.project.repository;
    let question = Question {
        project: &session.project.id,
        subdirectory: session.project.subdirectory.as_ref(),
        environment,
        from,
        to,
    };
    let change = change::describe(repository, &question, &PolicyPeople(session))?;
    Ok(Statement::new(vec![ResourceDescriptor::git_commit(to)], change))
}

/// The persons of the policy in force.
struct PolicyPeople<'s, 'a>(&'s Session<'a>);

impl People for PolicyPeople<'_, '_> {
    fn person(&self, email: &str) -> Option<String> {
        let policy = &self.0.pinned.policy;
        policy.person_of_email(email).map(|(handle, _)| handle.to_owned())
    }

    fn signs_with(&self, person: &str, fingerprint: &str) -> bool {
        let person = self.0.pinned.policy.people.get(person);
        person.is_some_and(|person| person.commit_keys.iter().any(|key| key == fingerprint))
    }
}
