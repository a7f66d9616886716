use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{Answer, Area, GitOid, Role, Sha256};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{
        Approval, CYCLONEDX, CheckResult, Decision, Deployment, Outcome, Provenance, RunSeal,
        SourceChange, TestResult, Verdict,
    },
};
use serde_json::Value;

use crate::AuditInput;

/// The audited deployments, each with what the ledger holds about its release.
pub(crate) struct Scope<'a> {
    pub(crate) input: &'a AuditInput,
    /// The deployments of the period, in ledger order.
    pub(crate) shipped: Vec<Shipped<'a>>,
    /// Every deployment of the project, in ledger order.
    deployments: Vec<&'a Verified<Deployment>>,
    by_release: BTreeMap<Sha256, Release<'a>>,
    /// By each digest they are about.
    checks: ByDigest<'a, CheckResult>,
    tests: ByDigest<'a, TestResult>,
    sboms: ByDigest<'a, Value>,
    changes: BTreeMap<&'a GitOid, Vec<&'a Verified<SourceChange>>>,
}

type ByDigest<'a, P> = BTreeMap<&'a str, Vec<&'a Verified<P>>>;

/// What names a release by its run seal.
#[derive(Default)]
struct Release<'a> {
    deployments: Vec<&'a Verified<Deployment>>,
    provenance: Vec<&'a Verified<Provenance>>,
    approvals: Vec<&'a Verified<Approval>>,
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
        let project = &input.policy.project;
        let mut deployments: Vec<_> = by(&input.deployments, Role::Gate)
            .filter(|d| d.predicate().project == *project)
            .collect();
        deployments.sort_by_key(|d| d.index);
        let mut by_release: BTreeMap<Sha256, Release<'a>> = BTreeMap::new();
        for deployment in &deployments {
            by_release.entry(deployment.predicate().run).or_default().deployments.push(deployment);
        }
        for provenance in by(&input.provenance, Role::Build) {
            if let Some(run) = provenance.predicate().seal() {
                by_release.entry(run).or_default().provenance.push(provenance);
            }
        }
        for approval in by(&input.approvals, Role::Person) {
            by_release.entry(approval.predicate().run).or_default().approvals.push(approval);
        }
        let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for change in by(&input.source_changes, Role::Build) {
            changes.entry(&change.predicate().to).or_default().push(change);
        }
        let sboms =
            by(&input.sboms, Role::Build).filter(|s| s.statement.predicate_type == CYCLONEDX);
        let mut scope = Self {
            input,
            shipped: Vec::new(),
            deployments,
            by_release,
            checks: by_digest(by(&input.checks, Role::Build)),
            tests: by_digest(by(&input.tests, Role::Build)),
            sboms: by_digest(sboms),
            changes,
        };
        scope.shipped = scope.ship();
        scope
    }

    fn ship(&self) -> Vec<Shipped<'a>> {
        let seals: BTreeMap<_, _> =
            by(&self.input.runs, Role::Build).map(|seal| (seal.evidence, seal)).collect();
        let decisions: BTreeMap<_, _> =
            by(&self.input.decisions, Role::Gate).map(|d| (d.evidence, d)).collect();
        let in_period = |d: &&&'a Verified<Deployment>| {
            self.input.period.is_none_or(|period| period.covers(d.predicate().deployed_on))
        };
        let shipped = |evidence: &&'a Verified<Deployment>| {
            let deployment = evidence.predicate();
            let decision = decisions.get(&deployment.decision).copied().filter(|decision| {
                decision.index < evidence.index
                    && decision.predicate().run == deployment.run
                    && decision.predicate().environment == deployment.environment
            });
            Shipped { evidence, seal: seals.get(&deployment.run).copied(), decision }
        };
        self.deployments.iter().filter(in_period).map(shipped).collect()
    }

    /// Every deployment of the project, in ledger order, the period's or not.
    pub(crate) fn deployments(&self) -> impl Iterator<Item = &'a Verified<Deployment>> {
        self.deployments.iter().copied()
    }

    /// Every deployment of one release, in ledger order.
    pub(crate) fn deployments_of(&self, run: Sha256) -> &[&'a Verified<Deployment>] {
        self.by_release.get(&run).map(|of| of.deployments.as_slice()).unwrap_or_default()
    }

    /// The SBOMs about an output of a release.
    pub(crate) fn sboms_of(&self, seal: &Verified<RunSeal>) -> Vec<&'a Verified<Value>> {
        about(&self.sboms, &seal.statement.subject)
    }

    /// Everybody's words on one release.
    pub(crate) fn words_on(&self, run: Sha256) -> &[&'a Verified<Approval>] {
        self.by_release.get(&run).map(|of| of.approvals.as_slice()).unwrap_or_default()
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
        about(&self.checks, std::slice::from_ref(&commit))
            .into_iter()
            .filter(|check| check.index < shipped.evidence.index)
            .filter(|check| check.statement.subject.iter().any(|s| s.same_digest(&tree)))
            .max_by_key(|check| check.index)
    }

    /// The newest result of a test step of the release, as the step was defined there.
    pub(crate) fn tests_of(
        &self,
        shipped: &Shipped<'a>,
        step: &str,
    ) -> Option<&'a Verified<TestResult>> {
        let seal = shipped.seal?;
        let sealed = seal.predicate().steps.iter().find(|s| s.name == step)?;
        let definition = ResourceDescriptor::sha256("", &sealed.definition);
        about(&self.tests, &seal.statement.subject)
            .into_iter()
            .filter(|test| test.index < shipped.evidence.index && test.predicate().step == step)
            .filter(|test| {
                test.predicate().configuration.iter().any(|c| c.same_digest(&definition))
            })
            .max_by_key(|test| test.index)
    }

    /// Provenance about an output that is joined to the release's seal.
    pub(crate) fn provenance_of(
        &self,
        shipped: &Shipped<'a>,
        output: &ResourceDescriptor,
    ) -> Option<&'a Verified<Provenance>> {
        let of = self.by_release.get(&shipped.evidence.predicate().run)?;
        of.provenance.iter().copied().find(|provenance| {
            provenance.index < shipped.evidence.index
                && provenance.statement.subject.iter().any(|s| s.same_digest(output))
        })
    }

    /// The change that brought the release to its environment.
    pub(crate) fn change_of(&self, shipped: &Shipped<'a>) -> Option<&'a Verified<SourceChange>> {
        let commit = shipped.seal?.predicate().commit.as_ref()?;
        let to_commit = self.changes.get(commit)?;
        to_commit
            .iter()
            .copied()
            .filter(|change| change.index < shipped.evidence.index)
            .filter(|c| c.predicate().environment == shipped.evidence.predicate().environment)
            .max_by_key(|change| change.index)
    }

    /// Approvals that came before the deployment, of persons with no hand in the change.
    pub(crate) fn approvals_by_others(&self, shipped: &Shipped<'a>) -> Vec<&'a Verified<Approval>> {
        let (Some(change), Some(seal)) = (self.change_of(shipped), shipped.seal) else {
            return Vec::new();
        };
        let covers = |approval: &Verified<Approval>| {
            let approved = &approval.statement.subject;
            seal.statement.subject.iter().all(|s| approved.iter().any(|a| a.same_digest(s)))
        };
        let inside: BTreeSet<_> = change
            .predicate()
            .parties()
            .filter_map(|party| {
                let known = self.input.policy.person_of_email(&party.email);
                known.map(|(handle, _)| handle).or(party.person.as_deref())
            })
            .collect();
        let deployment = shipped.evidence.predicate();
        self.words_on(deployment.run)
            .iter()
            .copied()
            .filter(|approval| {
                let word = approval.predicate();
                approval.index < shipped.evidence.index
                    && word.verdict == Verdict::Approve
                    && word.environment == deployment.environment
                    && word.expires > deployment.deployed_on
                    && !inside.contains(word.person.as_str())
                    && covers(approval)
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

/// Evidence by each digest it is about.
fn by_digest<'a, P>(all: impl Iterator<Item = &'a Verified<P>>) -> ByDigest<'a, P> {
    let mut index: ByDigest<'a, P> = BTreeMap::new();
    for evidence in all {
        for digest in evidence.statement.subject.iter().flat_map(|s| s.digest.values()) {
            index.entry(digest).or_default().push(evidence);
        }
    }
    index
}

/// What an index holds about any of some subjects.
fn about<'a, P>(index: &ByDigest<'a, P>, subjects: &[ResourceDescriptor]) -> Vec<&'a Verified<P>> {
    let digests = subjects.iter().flat_map(|subject| subject.digest.values());
    let mut found: Vec<_> =
        digests.filter_map(|d| index.get(d.as_str())).flatten().copied().collect();
    found.retain(|evidence| {
        let of = &evidence.statement.subject;
        subjects.iter().any(|subject| of.iter().any(|s| s.same_digest(subject)))
    });
    found
}

/// Evidence of a key of that role; what a key of another role said does not count.
fn by<P>(evidence: &[Verified<P>], role: Role) -> impl Iterator<Item = &Verified<P>> {
    evidence.iter().filter(move |e| e.role == role)
}
