//! A release that passes the gate of `production` at level 3, for tests to spoil.

pub(crate) mod evidence;

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_config::{
    Policy, PolicyRules,
    policy::{Adoption, Builder, Environment, Key, Mode, Person, PolicyCheck, Profile, Tests},
};
use penstock_gate::{Input, decide};
use penstock_model::{
    Answer, GitOid, IdentityStrength, ProjectId, Role, Severity, Sha256, Timestamp,
};
use penstock_statement::{
    Predicate, ResourceDescriptor, Statement, Verified,
    predicate::{Decision, Outcome, PolicyRef, Reason},
};

pub(crate) const BUILDER: &str = "https://penstock.dev/builder/apart/v0.1";

/// Everything `decide` takes, and what the tests need to make more of it.
pub(crate) struct World {
    pub(crate) input: Input,
    pub(crate) policy: Policy,
}

impl World {
    /// A passing world.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same under a changed policy; every reference to the policy follows.
    pub(crate) fn with(change: impl FnOnce(&mut PolicyRules)) -> Self {
        let mut rules = rules();
        change(&mut rules);
        let policy = Policy::from_rules(&rules).unwrap();
        let this = PolicyRef { version: policy.version, digest: policy.digest() };
        let world = evidence::Evidence::new(&this);
        let input = Input {
            environment: "production".to_owned(),
            now: now(),
            release: id("seal"),
            short_is_ambiguous: false,
            subjects: vec![output()],
            run: Some(world.seal()),
            traces: world.traces(),
            provenance: vec![world.provenance()],
            checks: vec![world.check()],
            tests: vec![world.test_result()],
            source_change: Some(world.source_change()),
            approvals: vec![world.approval("eve")],
            decisions: vec![world.held()],
            deployments: vec![world.admitted_deployment(), world.staging_deployment()],
            admitted: Some(world.admitted_seal()),
            refused: Vec::new(),
            policy: this.clone(),
            current_policy: this,
            policy_editors: vec!["dora".to_owned()],
            complete_ledger: Answer::Yes,
        };
        Self { input, policy }
    }

    /// The same at `level-2`.
    pub(crate) fn level2() -> Self {
        Self::with(|rules| production(rules).profile = Profile::Level2)
    }

    /// At `level-2`, with people known by nothing but a key file.
    pub(crate) fn bare_keys() -> Self {
        Self::with(|rules| {
            production(rules).profile = Profile::Level2;
            rules.people.values_mut().for_each(|p| p.identity = IdentityStrength::BareKey);
        })
    }

    pub(crate) fn decide(&self) -> Decision {
        decide(&self.input, &self.policy)
    }

    pub(crate) fn evidence(&self) -> evidence::Evidence {
        evidence::Evidence::new(&self.input.policy)
    }

    /// Asserts how one rule and the whole come out, and that the rule's message says `words`.
    #[track_caller]
    pub(crate) fn expect(&self, rule: &str, outcome: Outcome, words: &str) -> Decision {
        let decision = self.decide();
        let reason = reason(&decision, rule);
        assert_eq!(reason.outcome, outcome, "{rule}: {reason:?}");
        assert!(reason.message.contains(words), "{rule}: {reason:?} does not say {words}");
        assert_eq!(reason.remedy.is_some(), outcome != Outcome::Allow, "{reason:?}");
        let worst = decision.reasons.iter().map(|r| r.outcome).max().unwrap();
        assert_eq!(decision.outcome, worst);
        decision
    }
}

/// What one rule said.
#[track_caller]
pub(crate) fn reason<'a>(decision: &'a Decision, rule: &str) -> &'a Reason {
    decision.reasons.iter().find(|r| r.rule == rule).unwrap_or_else(|| panic!("no rule {rule}"))
}

pub(crate) fn production(rules: &mut PolicyRules) -> &mut Environment {
    rules.environments.get_mut("production").unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T14:02:00Z".parse().unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The evidence id of that name.
pub(crate) fn id(name: &str) -> Sha256 {
    Sha256::of(name.as_bytes())
}

/// A commit or tree of that name.
pub(crate) fn oid(name: &str) -> GitOid {
    id(name).to_string()[..40].parse().unwrap()
}

pub(crate) fn project() -> ProjectId {
    "git+https://example.org/team/app".parse().unwrap()
}

/// The one output of the release.
pub(crate) fn output() -> ResourceDescriptor {
    ResourceDescriptor::sha256("dist/app", &id("the output"))
}

/// The id of the key with that label.
pub(crate) fn key(label: &str) -> Sha256 {
    id(&format!("key of {label}"))
}

/// Evidence by the key with that label.
pub(crate) fn verified<P: Predicate>(
    name: &str,
    index: u64,
    (label, role): (&str, Role),
    subject: Vec<ResourceDescriptor>,
    predicate: P,
) -> Verified<P> {
    Verified {
        evidence: id(name),
        index,
        key: key(label),
        role,
        statement: Statement::new(subject, predicate),
    }
}

fn rules() -> PolicyRules {
    let environment = |order, approvals| Environment {
        order,
        profile: Profile::Level3,
        approvals,
        mode: Mode::Enforce,
        since: None,
        owner: None,
        target: Default::default(),
        freeze: Vec::new(),
    };
    let people = ["ana", "bob", "cy", "dora", "eve", "finn"];
    let roles = [
        ("build", Role::Build),
        ("gate", Role::Gate),
        ("log", Role::Log),
        ("policy", Role::Policy),
    ];
    let keys = roles.into_iter().chain(people.map(|name| (name, Role::Person)));
    PolicyRules {
        version: 2,
        project: project(),
        base: oid("base"),
        demo: false,
        service: Default::default(),
        adoption: Adoption::default(),
        check: PolicyCheck { require: None, threshold: Severity::High },
        tests: Tests { steps: vec!["test".to_owned()], minimum: 1 },
        vault: None,
        environments: BTreeMap::from([
            ("staging".to_owned(), environment(1, 0)),
            ("production".to_owned(), environment(2, 1)),
        ]),
        keys: keys
            .map(|(label, role)| {
                let key = Key {
                    id: key(label),
                    public: BASE64_STANDARD.encode(format!("key of {label}")),
                    role,
                    predicates: None,
                    revoked_compromised: false,
                };
                (label.to_owned(), key)
            })
            .collect(),
        people: people
            .into_iter()
            .map(|name| {
                let person = Person {
                    name: name.to_owned(),
                    emails: vec![format!("{name}@example.org")],
                    commit_keys: Vec::new(),
                    keys: vec![key(name)],
                    identity: IdentityStrength::Sso,
                    identities: Vec::new(),
                };
                (name.to_owned(), person)
            })
            .collect(),
        builders: BTreeMap::from([(BUILDER.to_owned(), Builder { slsa_build: 3 })]),
        exceptions: Vec::new(),
    }
}
