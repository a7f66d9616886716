use std::collections::BTreeSet;

use penstock_model::{Answer, Area, Role, Sha256};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{
        Approval, CheckResult, Decision, Deployment, Outcome, Provenance, RunSeal, SourceChange,
        TestResult, Verdict,
    },
};

use crate::AuditInput;

/// The audited deployments, each with what the ledger holds about its release.
pub(crate) struct Scope<'a> {
    pub(crate) input: &'a AuditInput,
    /// The deployments of the period, in ledger order.
    pub(crate) shipped: Vec<Shipped<'a>>,
}

/// One deployment.
#[derive(Clone, Copy)]
pub(crate) struct Shipped<'a> {
    pub(crate) evidence: &'a Verified<Deployment>,
    pub(crate) seal: Option<&'a Verified<RunSeal>>,
    /// The decision it names, if that is about this release and environment and came before it.
    pub(crate) decision: Option<&'a Verified<Decision>>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(input: &'a AuditInput) -> Self {
        let mut scope = Self { input, shipped: Vec::new() };
        scope.shipped = scope
            .deployments()
            .filter(|d| in_period(input, d))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|evidence| scope.shipped(evidence))
            .collect();
        scope
    }

    /// Every deployment of the project, in ledger order, the period's or not.
    pub(crate) fn deployments(&self) -> impl Iterator<Item = &'a Verified<Deployment>> {
        let project = &self.input.policy.project;
        let mut all: Vec<_> = by(&self.input.deployments, Role::Gate)
            .filter(|d| d.predicate().project == *project)
            .collect();
        all.sort_by_key(|d| d.index);
        all.into_iter()
    }

    fn shipped(&self, evidence: &'a Verified<Deployment>) -> Shipped<'a> {
        let deployment = evidence.predicate();
        let seal = by(&self.input.runs, Role::Build).find(|seal| seal.evidence == deployment.run);
        let decision = by(&self.input.decisions, Role::Gate).find(|decision| {
            decision.evidence == deployment.decision
                && decision.index < evidence.index
                && decision.predicate().run == deployment.run
                && decision.predicate().environment == deployment.environment
        });
        Shipped { evidence, seal, decision }
    }

    /// Asks a question of every deployment that `applies`, and adds the answers up: one `No` is a
    /// no, and without a deployment there is nothing to tell.
    pub(crate) fn every(
        &self,
        noun: &str,
        applies: impl Fn(&Shipped<'a>) -> bool,
        ask: impl Fn(&Shipped<'a>) -> Told,
    ) -> Told {
        let mut total = 0_usize;
        let mut good = 0_usize;
        let mut worst: Option<Told> = None;
        let mut evidence = BTreeSet::new();
        for shipped in self.shipped.iter().filter(|shipped| applies(shipped)) {
            let mut told = ask(shipped);
            total += 1;
            evidence.append(&mut told.evidence);
            match told.answer {
                Answer::Yes => good += 1,
                Answer::No if worst.as_ref().is_none_or(|w| w.answer != Answer::No) => {
                    worst = Some(shipped.named(told));
                }
                Answer::Unknown(_) if worst.is_none() => worst = Some(shipped.named(told)),
                Answer::No | Answer::Unknown(_) => {}
            }
        }
        let tally = format!("{good} of {total} {noun}");
        let mut told = match worst {
            None if total == 0 => Told::unknown(format!("a deployment in scope ({noun})")),
            None => Told::yes(tally),
            Some(worst) => Told { detail: format!("{tally}; {}", worst.detail), ..worst },
        };
        told.evidence = evidence;
        told
    }

    /// The newest complete check about the release's commit and tree that came before it.
    pub(crate) fn check_of(&self, shipped: &Shipped<'a>) -> Option<&'a Verified<CheckResult>> {
        let seal = shipped.seal?.predicate();
        let commit = ResourceDescriptor::git_commit(seal.commit.as_ref()?);
        let tree = ResourceDescriptor::git_tree(seal.tree.as_ref()?);
        by(&self.input.checks, Role::Build)
            .filter(|check| check.index < shipped.evidence.index)
            .filter(|check| {
                let subjects = &check.statement.subject;
                [&commit, &tree].into_iter().all(|o| subjects.iter().any(|s| s.same_digest(o)))
            })
            .max_by_key(|check| check.index)
    }

    pub(crate) fn tests_of(
        &self,
        shipped: &Shipped<'a>,
        step: &str,
    ) -> Option<&'a Verified<TestResult>> {
        let seal = shipped.seal?;
        let sealed = seal.predicate().steps.iter().find(|s| s.name == step)?;
        let definition = ResourceDescriptor::sha256("", &sealed.definition);
        by(&self.input.tests, Role::Build)
            .filter(|test| test.index < shipped.evidence.index && test.predicate().step == step)
            .filter(|test| {
                test.predicate().configuration.iter().any(|c| c.same_digest(&definition))
            })
            .filter(|test| share(&test.statement.subject, &seal.statement.subject))
            .max_by_key(|test| test.index)
    }

    /// Provenance about an output that is joined to the release's seal.
    pub(crate) fn provenance_of(
        &self,
        shipped: &Shipped<'a>,
        output: &ResourceDescriptor,
    ) -> Option<&'a Verified<Provenance>> {
        let run = shipped.evidence.predicate().run;
        by(&self.input.provenance, Role::Build).find(|provenance| {
            provenance.index < shipped.evidence.index
                && provenance.predicate().seal() == Some(run)
                && provenance.statement.subject.iter().any(|s| s.same_digest(output))
        })
    }

    /// The change that brought the release to its environment.
    pub(crate) fn change_of(&self, shipped: &Shipped<'a>) -> Option<&'a Verified<SourceChange>> {
        let commit = shipped.seal?.predicate().commit.as_ref()?;
        by(&self.input.source_changes, Role::Build)
            .filter(|change| change.index < shipped.evidence.index)
            .filter(|change| {
                let of = change.predicate();
                of.environment == shipped.evidence.predicate().environment && of.to == *commit
            })
            .max_by_key(|change| change.index)
    }

    /// Approvals that came before the deployment, of persons with no hand in the change.
    pub(crate) fn approvals_by_others(&self, shipped: &Shipped<'a>) -> Vec<&'a Verified<Approval>> {
        let Some(change) = self.change_of(shipped) else { return Vec::new() };
        let inside: BTreeSet<_> = change
            .predicate()
            .parties()
            .filter_map(|party| {
                let known = self.input.policy.person_of_email(&party.email);
                known.map(|(handle, _)| handle).or(party.person.as_deref())
            })
            .collect();
        let deployment = shipped.evidence.predicate();
        by(&self.input.approvals, Role::Person)
            .filter(|approval| {
                let word = approval.predicate();
                approval.index < shipped.evidence.index
                    && word.verdict == Verdict::Approve
                    && word.run == deployment.run
                    && word.environment == deployment.environment
                    && word.expires > deployment.deployed_on
                    && !inside.contains(word.person.as_str())
            })
            .collect()
    }
}

impl Shipped<'_> {
    pub(crate) fn forced(&self) -> bool {
        self.evidence.predicate().break_glass.is_some()
    }

    /// Whether it rests on an allowance.
    pub(crate) fn allowed(&self) -> bool {
        self.decision.is_some_and(|d| d.predicate().outcome == Outcome::Allow)
    }

    fn named(&self, told: Told) -> Told {
        let deployment = self.evidence.predicate();
        let (run, environment) = (deployment.run.short(), &deployment.environment);
        Told { detail: format!("{run} in {environment}: {}", told.detail), ..told }
    }
}

/// The answer to one criterion, in words and with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) answer: Answer,
    pub(crate) detail: String,
    pub(crate) evidence: BTreeSet<Sha256>,
}

impl Told {
    pub(crate) fn yes(detail: impl Into<String>) -> Self {
        Self { answer: Answer::Yes, detail: detail.into(), evidence: BTreeSet::new() }
    }

    pub(crate) fn no(detail: impl Into<String>) -> Self {
        Self { answer: Answer::No, detail: detail.into(), evidence: BTreeSet::new() }
    }

    pub(crate) fn unknown(fact: impl Into<String>) -> Self {
        let fact = fact.into();
        let detail = format!("missing: {fact}");
        Self { answer: Answer::unknown(fact), detail, evidence: BTreeSet::new() }
    }

    pub(crate) fn by<P>(mut self, evidence: &Verified<P>) -> Self {
        self.evidence.insert(evidence.evidence);
        self
    }
}

/// Whether a check looked at an area, and completely.
pub(crate) fn covers(check: &CheckResult, area: Area) -> bool {
    check.complete && check.areas.contains(&area) && check.coverage.files > 0
}

fn share(one: &[ResourceDescriptor], other: &[ResourceDescriptor]) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.same_digest(b)))
}

fn in_period(input: &AuditInput, deployment: &Verified<Deployment>) -> bool {
    input.period.is_none_or(|period| period.covers(deployment.predicate().deployed_on))
}

/// Evidence of a key of that role; what a key of another role said does not count.
fn by<P>(evidence: &[Verified<P>], role: Role) -> impl Iterator<Item = &Verified<P>> {
    evidence.iter().filter(move |e| e.role == role)
}
