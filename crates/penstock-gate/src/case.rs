use penstock_config::{
    Policy,
    policy::{Environment, PredicateName, Profile},
};
use penstock_model::Sha256;
use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{
        Approval, CheckResult, Decision, Deployment, DeploymentKind, Outcome, Provenance, RunSeal,
        RuntimeTrace, SealedOutput, SealedStep, SourceChange, TestResult,
    },
};

use crate::{Input, Judgement, Refused, last_admitted};

/// One release before one environment: what a gate rule looks at.
///
/// Only evidence by a key this policy lets speak for it is handed out; the rest joins what was
/// refused. The verifier has checked that already, perhaps with the keys of an older version; and a
/// gate that only works behind a careful caller is no gate.
#[derive(Debug)]
pub struct Case<'a> {
    pub(crate) input: &'a Input,
    pub(crate) policy: &'a Policy,
    /// What the policy says about the environment that was asked for.
    pub(crate) environment: &'a Environment,
    seal: Option<&'a Verified<RunSeal>>,
    refused: Vec<Refused>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(input: &'a Input, policy: &'a Policy, environment: &'a Environment) -> Self {
        let mut refused = input.refused.clone();
        untrusted(&mut refused, policy, &input.run);
        untrusted(&mut refused, policy, &input.admitted);
        untrusted(&mut refused, policy, &input.traces);
        untrusted(&mut refused, policy, &input.provenance);
        untrusted(&mut refused, policy, &input.checks);
        untrusted(&mut refused, policy, &input.tests);
        untrusted(&mut refused, policy, &input.source_change);
        untrusted(&mut refused, policy, &input.approvals);
        untrusted(&mut refused, policy, &input.decisions);
        untrusted(&mut refused, policy, &input.deployments);
        let seal = trusted(policy, &input.run).next();
        if let Some(other) = seal.filter(|run| run.evidence != input.release) {
            refused.push(refusal(other, "it is not the run seal that was asked for".to_owned()));
        }
        refused.sort();
        refused.dedup();
        let seal = seal.filter(|run| run.evidence == input.release);
        Self { input, policy, environment, seal, refused }
    }

    /// The run seal that was asked for, if it is there.
    pub(crate) fn seal(&self) -> Option<&'a Verified<RunSeal>> {
        self.seal
    }

    /// Every output of the release with the step that made it.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = (&'a SealedStep, &'a SealedOutput)> {
        let steps = self.seal.map(|seal| seal.predicate().steps.as_slice()).unwrap_or_default();
        steps.iter().flat_map(|step| step.outputs.iter().map(move |output| (step, output)))
    }

    /// Whether `subjects` are the digests of the release: all of them, and nothing else.
    pub(crate) fn covers_release(&self, subjects: &[ResourceDescriptor]) -> bool {
        let outputs: Vec<_> = self.outputs().map(|(_, output)| descriptor(output)).collect();
        !outputs.is_empty()
            && outputs.iter().all(|o| subjects.iter().any(|s| s.same_digest(o)))
            && subjects.iter().all(|s| outputs.iter().any(|o| s.same_digest(o)))
    }

    pub(crate) fn traces(&self) -> impl Iterator<Item = &'a Verified<RuntimeTrace>> {
        trusted(self.policy, &self.input.traces)
    }

    pub(crate) fn provenance(&self) -> impl Iterator<Item = &'a Verified<Provenance>> {
        trusted(self.policy, &self.input.provenance)
    }

    pub(crate) fn checks(&self) -> impl Iterator<Item = &'a Verified<CheckResult>> {
        trusted(self.policy, &self.input.checks)
    }

    pub(crate) fn tests(&self) -> impl Iterator<Item = &'a Verified<TestResult>> {
        trusted(self.policy, &self.input.tests)
    }

    pub(crate) fn source_change(&self) -> Option<&'a Verified<SourceChange>> {
        trusted(self.policy, &self.input.source_change).next()
    }

    pub(crate) fn approvals(&self) -> impl Iterator<Item = &'a Verified<Approval>> {
        trusted(self.policy, &self.input.approvals)
    }

    pub(crate) fn decisions(&self) -> impl Iterator<Item = &'a Verified<Decision>> {
        trusted(self.policy, &self.input.decisions)
    }

    /// The decision with that evidence id.
    pub(crate) fn decision(&self, id: Sha256) -> Option<&'a Verified<Decision>> {
        self.decisions().find(|decision| decision.evidence == id)
    }

    pub(crate) fn deployments(&self) -> impl Iterator<Item = &'a Verified<Deployment>> {
        trusted(self.policy, &self.input.deployments)
    }

    /// The run seal of what was last admitted to the environment.
    ///
    /// # Errors
    /// Something was admitted and its seal is not there: the missing fact.
    pub(crate) fn admitted(&self) -> Result<Option<&'a Verified<RunSeal>>, String> {
        let environment = &self.input.environment;
        let Some(deployment) = last_admitted(self.deployments(), environment) else {
            return Ok(None);
        };
        let run = deployment.predicate().run;
        let seal = trusted(self.policy, &self.input.admitted).find(|seal| seal.evidence == run);
        seal.map(Some).ok_or_else(|| {
            format!("the run seal {} of what `{environment}` runs is missing", run.short())
        })
    }

    /// The deployment by which this very release was admitted to this environment before, on an
    /// allowance under this very policy, unless it was rolled back from since: what its admission
    /// judged of people (who made the change, who approved it) needs no second answer when it comes
    /// back.
    pub(crate) fn admitted_before(&self) -> Option<&'a Verified<Deployment>> {
        let here =
            || self.deployments().filter(|d| d.predicate().environment == self.input.environment);
        let allowed = |id: Sha256| {
            self.decision(id).is_some_and(|decision| {
                let decision = decision.predicate();
                decision.outcome == Outcome::Allow
                    && decision.run == self.input.release
                    && decision.environment == self.input.environment
                    && decision.project == self.policy.project
                    && decision.policy == self.input.policy
            })
        };
        let before = here()
            .filter(|d| {
                let deployment = d.predicate();
                deployment.run == self.input.release
                    && self.covers_release(&d.statement.subject)
                    && deployment.break_glass.is_none()
                    && allowed(deployment.decision)
            })
            .max_by_key(|d| d.index)?;
        let rolled_back = here().any(|d| {
            d.index > before.index
                && d.predicate().kind == DeploymentKind::Rollback
                && d.predicate().previous == Some(self.input.release)
        });
        (!rolled_back).then_some(before)
    }

    /// What does not count and why, sorted.
    pub(crate) fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The end of a sentence that says evidence of that type is missing: names what was there but
    /// did not verify, so that a forgery is never mistaken for an absence.
    pub(crate) fn refused_note(&self, predicate_type: &str) -> String {
        let mut of_type = self.refused.iter().filter(|r| r.predicate_type == predicate_type);
        let Some(first) = of_type.next() else { return String::new() };
        let more = match of_type.count() {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        format!("; refused {}: {}{more}", first.evidence.short(), first.reason)
    }

    /// The judgement on a fact nobody supplied: level 2 accepts and says so, level 3 and up do not.
    pub(crate) fn cannot_tell(&self, message: &str, fact: impl Into<String>) -> Judgement {
        if self.environment.profile >= Profile::Level3 {
            Judgement::indeterminate(fact)
        } else {
            Judgement::allow(message).warning(fact)
        }
    }

    /// How the release is called in commands.
    pub(crate) fn release_name(&self) -> String {
        if self.input.short_is_ambiguous {
            self.input.release.to_string()
        } else {
            self.input.release.short()
        }
    }
}

/// An output as a descriptor, for comparison by digest.
pub(crate) fn descriptor(output: &SealedOutput) -> ResourceDescriptor {
    ResourceDescriptor {
        name: Some(output.path.to_string()),
        digest: output.digest.clone(),
        ..ResourceDescriptor::default()
    }
}

/// A predicate the gate reads, with the name the policy's keys are narrowed by.
trait Judged: Predicate {
    const NAME: PredicateName;
}

macro_rules! judged {
    ($($predicate:ident $name:ident),*) => {
        $(impl Judged for $predicate { const NAME: PredicateName = PredicateName::$name; })*
    };
}

judged!(
    Approval Approval, CheckResult Check, Decision Decision, Deployment Deployment,
    Provenance Provenance, RunSeal Run, RuntimeTrace RuntimeTrace, SourceChange SourceChange,
    TestResult TestResult
);

/// The evidence among `all` whose key this policy lets speak.
fn trusted<'a, P: Judged + 'a>(
    policy: &Policy,
    all: impl IntoIterator<Item = &'a Verified<P>>,
) -> impl Iterator<Item = &'a Verified<P>> {
    all.into_iter().filter(|evidence| distrust(policy, evidence).is_none())
}

fn untrusted<'a, P: Judged + 'a>(
    refused: &mut Vec<Refused>,
    policy: &Policy,
    all: impl IntoIterator<Item = &'a Verified<P>>,
) {
    refused.extend(
        all.into_iter().filter_map(|e| distrust(policy, e).map(|reason| refusal(e, reason))),
    );
}

/// Why a piece of evidence does not count under this policy, whatever the verifier made of it.
fn distrust<P: Judged>(policy: &Policy, evidence: &Verified<P>) -> Option<String> {
    let known = policy.keys.iter().find(|(_, key)| key.id == evidence.key);
    let Some((label, key)) = known else {
        return Some(format!("the policy does not know key {}", evidence.key.short()));
    };
    if key.revoked_compromised {
        return Some(format!("key `{label}` is revoked as compromised"));
    }
    (key.role != evidence.role || !key.may_sign(P::NAME))
        .then(|| format!("key `{label}` of role {} may not speak for {}", key.role, P::NAME))
}

fn refusal<P>(evidence: &Verified<P>, reason: String) -> Refused {
    Refused {
        evidence: evidence.evidence,
        predicate_type: evidence.statement.predicate_type.clone(),
        reason,
    }
}
