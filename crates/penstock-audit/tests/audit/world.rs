//! A year in which everything went well, for tests to spoil: one release through staging into
//! production, at maturity 3 wherever this version has criteria for it.

use std::collections::BTreeMap;

use penstock_audit::{AreaResult, Audit, AuditInput, CriterionResult, LogStatus, audit};
use penstock_config::{
    Policy, PolicyRules,
    policy::{Builder, Environment, Mode, Person, Profile, Tests},
};
use penstock_model::{
    Answer, Area, Coverage, GitOid, IdentityStrength, ProjectId, Report, Role, Severity, Sha256,
    Timestamp,
    report::{Subject, Tool},
};
use penstock_statement::{
    Predicate, RawStatement, ResourceDescriptor, Statement, Verified,
    predicate::{
        self, Approval, BreakGlass, BuildDefinition, BuildMetadata, CYCLONEDX, ChangedCommit,
        CheckResult, Custody, Decision, Deployment, DeploymentKind, ExternalParameters, Isolation,
        Mechanism, Outcome, Party, PolicyRef, Provenance, Reason, RunDetails, RunOutcome, RunSeal,
        SealedOutput, SealedStep, SignatureStatus, SourceChange, StepOutcome, TargetRef,
        TestCounts, TestResult, TestVerdict, Verdict,
    },
};

/// The audit of a world that `change` spoiled.
pub(crate) fn spoiled(change: impl FnOnce(&mut AuditInput)) -> Audit {
    let mut input = input();
    change(&mut input);
    audit(&input)
}

/// The same under a changed policy.
pub(crate) fn under(change: impl FnOnce(&mut PolicyRules)) -> Audit {
    spoiled(|input| {
        let mut rules = input.policy.rules().clone();
        change(&mut rules);
        input.policy = Policy::from_rules(&rules).unwrap();
    })
}

#[track_caller]
pub(crate) fn criterion<'a>(audit: &'a Audit, id: &str) -> &'a CriterionResult {
    audit.criteria().find(|c| c.id == id).unwrap_or_else(|| panic!("no criterion {id}"))
}

pub(crate) fn area(audit: &Audit, number: u8) -> &AreaResult {
    audit.areas.iter().find(|a| a.area.number() == number).unwrap()
}

#[track_caller]
pub(crate) fn contradicts(audit: &Audit, id: &str, words: &str) {
    let result = criterion(audit, id);
    assert_eq!(result.answer, Answer::No, "{result:?}");
    assert!(result.detail.contains(words), "{result:?} does not say {words}");
}

#[track_caller]
pub(crate) fn cannot_tell(audit: &Audit, id: &str, words: &str) {
    let result = criterion(audit, id);
    assert!(matches!(result.answer, Answer::Unknown(_)), "{result:?}");
    assert!(result.detail.contains(words), "{result:?} does not say {words}");
}

pub(crate) fn id(name: &str) -> Sha256 {
    Sha256::of(name.as_bytes())
}

pub(crate) fn oid(name: &str) -> GitOid {
    id(name).to_string()[..40].parse().unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn verified<P: Predicate>(
    name: &str,
    index: u64,
    role: Role,
    subject: Vec<ResourceDescriptor>,
    predicate: P,
) -> Verified<P> {
    let statement = Statement::new(subject, predicate);
    Verified { evidence: id(name), index, key: id("key"), role, statement }
}

fn project() -> ProjectId {
    "git+https://example.org/team/app".parse().unwrap()
}

pub(crate) fn output() -> ResourceDescriptor {
    ResourceDescriptor::sha256("dist/app", &id("the output"))
}

pub(crate) fn input() -> AuditInput {
    let policy = Policy::from_rules(&rules()).unwrap();
    let policy_ref = PolicyRef { version: policy.version, digest: policy.digest() };
    AuditInput {
        now: time("2026-11-01T00:00:00Z"),
        period: None,
        runs: vec![verified("seal", 1, Role::Build, vec![output()], seal(&policy_ref))],
        checks: vec![check()],
        tests: vec![test_result()],
        provenance: vec![provenance()],
        sboms: vec![sbom()],
        source_changes: vec![source_change("staging", 6), source_change("production", 7)],
        decisions: vec![
            decision("staging", 10, &policy_ref),
            decision("production", 20, &policy_ref),
        ],
        deployments: vec![
            deployment("staging", 11, &policy_ref),
            deployment("production", 21, &policy_ref),
        ],
        approvals: vec![approval("eve", 15, &policy_ref)],
        log: LogStatus { size: 48, consistent: Answer::Yes, witnessed: true },
        report: Some(report()),
        policy,
        policy_ref,
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
    let person = |name: &str| Person {
        name: name.to_owned(),
        emails: vec![format!("{name}@example.org")],
        commit_keys: Vec::new(),
        keys: Vec::new(),
        identity: IdentityStrength::Sso,
        identities: Vec::new(),
    };
    let policy_key = penstock_config::policy::Key {
        id: id("policy key"),
        public: base64::Engine::encode(&base64::prelude::BASE64_STANDARD, "policy key"),
        role: Role::Policy,
        predicates: None,
        revoked_compromised: false,
    };
    PolicyRules {
        version: 1,
        project: project(),
        base: oid("base"),
        demo: false,
        service: penstock_config::policy::Service { tier: 1 },
        adoption: Default::default(),
        check: Default::default(),
        tests: Tests { steps: vec!["test".to_owned()], minimum: 1 },
        vault: None,
        environments: BTreeMap::from([
            ("staging".to_owned(), environment(1, 0)),
            ("production".to_owned(), environment(2, 1)),
        ]),
        keys: BTreeMap::from([("policy".to_owned(), policy_key)]),
        people: ["ana", "eve"].map(|name| (name.to_owned(), person(name))).into(),
        builders: BTreeMap::from([("https://x.org/b".to_owned(), Builder { slsa_build: 3 })]),
        exceptions: Vec::new(),
    }
}

fn seal(policy: &PolicyRef) -> RunSeal {
    let step = |name: &str, outputs, tests| SealedStep {
        name: name.to_owned(),
        definition: id(name),
        outcome: StepOutcome::Succeeded,
        isolation: Some(Isolation {
            rung: 1,
            kernel: "6.12".to_owned(),
            mechanisms: vec![Mechanism {
                name: "landlock".to_owned(),
                applied: true,
                detail: "7".to_owned(),
            }],
            degradations: Vec::new(),
        }),
        outputs,
        log: None,
        tests,
        secrets: Vec::new(),
        trace: None,
        reproduced: Vec::new(),
        duration_ms: 1,
    };
    let sealed = SealedOutput {
        path: "dist/app".parse().unwrap(),
        digest: output().digest,
        size: 1,
        executable: true,
    };
    RunSeal {
        project: project(),
        invocation: "run-1".to_owned(),
        commit: Some(oid("commit")),
        tree: Some(oid("tree")),
        configuration: id("penstock.toml"),
        policy: policy.clone(),
        outcome: RunOutcome::Succeeded,
        steps: vec![step("test", Vec::new(), counts(9)), step("build", vec![sealed], None)],
        partial: false,
        custody: Custody::Apart,
        started_on: time("2026-06-01T10:00:00Z"),
        finished_on: time("2026-06-01T10:05:00Z"),
    }
}

pub(crate) fn counts(passed: u64) -> Option<TestCounts> {
    Some(TestCounts { passed, failed: 0, skipped: 0 })
}

fn tool() -> Tool {
    Tool { name: "penstock".to_owned(), version: "0.1.0".to_owned(), rule_set: id("rules") }
}

fn check() -> Verified<CheckResult> {
    let subjects = vec![
        ResourceDescriptor::git_commit(&oid("commit")),
        ResourceDescriptor::git_tree(&oid("tree")),
    ];
    let predicate = CheckResult {
        project: project(),
        tool: tool(),
        configuration: id("penstock.toml"),
        base: None,
        areas: Area::ALL.to_vec(),
        coverage: Coverage { files: 4, bytes: 400, ..Coverage::default() },
        not_checked: Vec::new(),
        complete: true,
        counts: Severity::ALL.into_iter().map(|s| (s, 0)).collect(),
        unresolved: 0,
        suppressed: Vec::new(),
        report: ResourceDescriptor::sha256("report", &id("report")),
        checked_on: time("2026-06-01T10:01:00Z"),
    };
    verified("check", 2, Role::Build, subjects, predicate)
}

fn test_result() -> Verified<TestResult> {
    let predicate = TestResult {
        result: TestVerdict::Passed,
        configuration: vec![ResourceDescriptor::sha256("step test", &id("test"))],
        step: "test".to_owned(),
        counts: counts(9),
    };
    verified("test result", 3, Role::Build, vec![output()], predicate)
}

fn provenance() -> Verified<Provenance> {
    let time = time("2026-06-01T10:05:00Z");
    let predicate = Provenance {
        build_definition: BuildDefinition {
            build_type: predicate::BUILD_TYPE.to_owned(),
            external_parameters: ExternalParameters {
                project: project(),
                source: format!("{}@{}", project(), oid("commit")),
                configuration: id("penstock.toml"),
                step: "build".to_owned(),
                steps: Vec::new(),
            },
            internal_parameters: BTreeMap::new(),
            resolved_dependencies: Vec::new(),
        },
        run_details: RunDetails {
            builder: predicate::Builder {
                id: "https://x.org/b".to_owned(),
                version: BTreeMap::new(),
            },
            metadata: BuildMetadata {
                invocation_id: "run-1".to_owned(),
                started_on: time,
                finished_on: time,
            },
            byproducts: vec![ResourceDescriptor::sha256(Provenance::SEAL, &id("seal"))],
        },
    };
    verified("provenance", 4, Role::Build, vec![output()], predicate)
}

fn sbom() -> Verified<serde_json::Value> {
    let document = serde_json::json!({ "bomFormat": "CycloneDX" });
    let statement = RawStatement::foreign(vec![output()], CYCLONEDX, document);
    Verified { evidence: id("sbom"), index: 5, key: id("key"), role: Role::Build, statement }
}

fn source_change(environment: &str, index: u64) -> Verified<SourceChange> {
    let ana = Party {
        name: "Ana".to_owned(),
        email: "ana@example.org".to_owned(),
        person: Some("ana".to_owned()),
    };
    let predicate = SourceChange {
        project: project(),
        environment: environment.to_owned(),
        from: None,
        to: oid("commit"),
        commits: vec![ChangedCommit {
            id: oid("commit"),
            author: ana.clone(),
            committer: ana,
            co_authors: Vec::new(),
            signature: SignatureStatus::Verified,
            edits_pipeline: false,
            edits_policy: false,
        }],
        gap: None,
    };
    let subject = vec![ResourceDescriptor::git_commit(&oid("commit"))];
    verified(&format!("change to {environment}"), index, Role::Build, subject, predicate)
}

pub(crate) fn decision(environment: &str, index: u64, policy: &PolicyRef) -> Verified<Decision> {
    let predicate = Decision {
        environment: environment.to_owned(),
        project: project(),
        run: id("seal"),
        policy: policy.clone(),
        profile: "level-3".to_owned(),
        mode: predicate::Mode::Enforce,
        outcome: Outcome::Allow,
        reasons: vec![Reason {
            rule: "trusted-provenance".to_owned(),
            title: "x".to_owned(),
            outcome: Outcome::Allow,
            message: "x".to_owned(),
            remedy: None,
            warning: None,
        }],
        next: Vec::new(),
        inputs: vec![ResourceDescriptor::sha256(Provenance::TYPE, &id("provenance"))],
        decided_on: time("2026-06-02T10:00:00Z"),
    };
    verified(&format!("decision {environment}"), index, Role::Gate, vec![output()], predicate)
}

pub(crate) fn deployment(
    environment: &str,
    index: u64,
    policy: &PolicyRef,
) -> Verified<Deployment> {
    let predicate = Deployment {
        environment: environment.to_owned(),
        project: project(),
        target: TargetRef { kind: "directory".to_owned(), uri: "/srv/app".to_owned() },
        run: id("seal"),
        decision: id(&format!("decision {environment}")),
        policy: policy.clone(),
        kind: DeploymentKind::Deploy,
        previous: None,
        break_glass: None,
        deployed_on: time("2026-06-02T10:01:00Z"),
    };
    verified(&format!("deployment {index}"), index, Role::Gate, vec![output()], predicate)
}

pub(crate) fn approval(person: &str, index: u64, policy: &PolicyRef) -> Verified<Approval> {
    let predicate = Approval {
        environment: "production".to_owned(),
        policy: policy.clone(),
        decision: id("held"),
        run: id("seal"),
        verdict: Verdict::Approve,
        reason: "read it".to_owned(),
        person: person.to_owned(),
        identity_strength: IdentityStrength::Sso,
        approved_on: time("2026-06-02T09:00:00Z"),
        expires: time("2026-06-03T09:00:00Z"),
    };
    verified(&format!("approval {person} {index}"), index, Role::Person, vec![output()], predicate)
}

/// Forces the deployment to production in.
pub(crate) fn force(input: &mut AuditInput) {
    input.deployments[1].statement.predicate.break_glass = Some(BreakGlass {
        reason: "checkout is down".to_owned(),
        by: "ana".to_owned(),
        overridden: vec!["approvals".to_owned()],
        expires: time("2026-06-05T00:00:00Z"),
        review_by: time("2026-06-04T00:00:00Z"),
    });
    input.approvals.clear();
}

fn report() -> Report {
    Report {
        version: Report::VERSION,
        tool: tool(),
        subject: Subject {
            project: Some(project()),
            commit: Some(oid("commit")),
            tree: Some(oid("tree")),
            scope: "commit".to_owned(),
        },
        now: time("2026-11-01T00:00:00Z"),
        areas: Area::ALL.to_vec(),
        change: None,
        findings: Vec::new(),
        advising: Vec::new(),
        suppressed: Vec::new(),
        unresolved: Vec::new(),
        coverage: Coverage { files: 4, bytes: 400, ..Coverage::default() },
        not_checked: Vec::new(),
        notes: Vec::new(),
        threshold: Severity::High,
    }
}
