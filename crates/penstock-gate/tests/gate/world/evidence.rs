use std::collections::BTreeMap;

use penstock_model::{Area, Coverage, IdentityStrength, Role, Severity, Timestamp, report::Tool};
use penstock_statement::{
    ResourceDescriptor, Verified,
    predicate::{
        Approval, BUILD_TYPE, BuildDefinition, BuildMetadata, Builder, ChangedCommit, CheckResult,
        Custody, Decision, Deployment, DeploymentKind, ExternalParameters, Isolation, Mode,
        Monitor, MonitorLog, MonitoredProcess, Outcome, Party, PolicyRef, Provenance, RunDetails,
        RunOutcome, RunSeal, RuntimeTrace, SealedOutput, SealedStep, SealedTrace, SignatureStatus,
        SourceChange, StepOutcome, TargetRef, TestCounts, TestResult, TestVerdict, TraceMetadata,
        TracePolicy, TracedProcess, Verdict,
    },
};

use super::{BUILDER, id, now, oid, output, project, verified};

/// Makes the evidence of a good release under one policy.
pub(crate) struct Evidence {
    policy: PolicyRef,
}

const BUILD: (&str, Role) = ("build", Role::Build);
const GATE: (&str, Role) = ("gate", Role::Gate);

impl Evidence {
    pub(crate) fn new(policy: &PolicyRef) -> Self {
        Self { policy: policy.clone() }
    }

    pub(crate) fn seal(&self) -> Verified<RunSeal> {
        verified("seal", 30, BUILD, vec![output()], self.run("candidate", 12))
    }

    pub(crate) fn admitted_seal(&self) -> Verified<RunSeal> {
        verified("admitted seal", 2, BUILD, vec![output()], self.run("admitted", 11))
    }

    fn run(&self, commit: &str, passed: u64) -> RunSeal {
        RunSeal {
            project: project(),
            invocation: format!("run-{commit}"),
            commit: Some(oid(commit)),
            tree: Some(oid(&format!("tree of {commit}"))),
            configuration: id("penstock.toml"),
            policy: self.policy.clone(),
            outcome: RunOutcome::Succeeded,
            steps: vec![
                step("test", Vec::new(), Some(passed)),
                step("build", vec![sealed()], None),
            ],
            partial: false,
            custody: Custody::Apart,
            started_on: minutes_ago(90),
            finished_on: minutes_ago(80),
        }
    }

    /// The records of the two steps.
    pub(crate) fn traces(&self) -> Vec<Verified<RuntimeTrace>> {
        let trace = |step: &str, index| {
            let predicate = RuntimeTrace {
                monitor: Monitor {
                    kind: "monitor".to_owned(),
                    config_source: ResourceDescriptor::sha256("x", &id("penstock.toml")),
                    trace_policy: TracePolicy {
                        rung: 1,
                        landlock_abi: 6,
                        seccomp_filter: None,
                        degradations: Vec::new(),
                    },
                },
                monitored_process: MonitoredProcess {
                    host_id: BUILDER.to_owned(),
                    kind: BUILD_TYPE.to_owned(),
                    event: format!("run-candidate/{step}"),
                },
                monitor_log: log(),
                metadata: TraceMetadata {
                    build_started_on: minutes_ago(90),
                    build_finished_on: minutes_ago(80),
                },
            };
            verified(&format!("trace of {step}"), index, BUILD, vec![output()], predicate)
        };
        vec![trace("test", 28), trace("build", 29)]
    }

    pub(crate) fn provenance(&self) -> Verified<Provenance> {
        let predicate = Provenance {
            build_definition: BuildDefinition {
                build_type: BUILD_TYPE.to_owned(),
                external_parameters: ExternalParameters {
                    project: project(),
                    source: format!("{}@{}", project(), oid("candidate")),
                    configuration: id("penstock.toml"),
                    step: "build".to_owned(),
                    steps: Vec::new(),
                },
                internal_parameters: BTreeMap::new(),
                resolved_dependencies: vec![
                    ResourceDescriptor::git_commit(&oid("candidate")),
                    ResourceDescriptor::git_tree(&oid("tree of candidate")),
                ],
            },
            run_details: RunDetails {
                builder: Builder { id: BUILDER.to_owned(), version: BTreeMap::new() },
                metadata: BuildMetadata {
                    invocation_id: "run-candidate".to_owned(),
                    started_on: minutes_ago(90),
                    finished_on: minutes_ago(80),
                },
                byproducts: vec![ResourceDescriptor::sha256(Provenance::SEAL, &id("seal"))],
            },
        };
        verified("provenance", 31, BUILD, vec![output()], predicate)
    }

    pub(crate) fn check(&self) -> Verified<CheckResult> {
        let subjects = vec![
            ResourceDescriptor::git_commit(&oid("candidate")),
            ResourceDescriptor::git_tree(&oid("tree of candidate")),
        ];
        let predicate = CheckResult {
            project: project(),
            tool: Tool {
                name: "penstock".to_owned(),
                version: "0.1.0".to_owned(),
                rule_set: id("rules"),
            },
            configuration: id("penstock.toml"),
            base: Some(oid("base")),
            areas: Area::ALL.to_vec(),
            coverage: Coverage { files: 40, bytes: 40_000, ..Coverage::default() },
            not_checked: Vec::new(),
            complete: true,
            counts: Severity::ALL.into_iter().map(|s| (s, 0)).collect(),
            unresolved: 0,
            suppressed: Vec::new(),
            report: ResourceDescriptor::sha256("report.v1.json", &id("report")),
            checked_on: minutes_ago(85),
        };
        verified("check", 32, BUILD, subjects, predicate)
    }

    pub(crate) fn test_result(&self) -> Verified<TestResult> {
        let predicate = TestResult {
            result: TestVerdict::Passed,
            configuration: vec![ResourceDescriptor::sha256("step test", &id("definition of test"))],
            step: "test".to_owned(),
            counts: Some(counts(12)),
        };
        verified("test result", 33, BUILD, vec![output()], predicate)
    }

    pub(crate) fn source_change(&self) -> Verified<SourceChange> {
        let predicate = SourceChange {
            project: project(),
            environment: "production".to_owned(),
            from: Some(oid("admitted")),
            to: oid("candidate"),
            commits: vec![ChangedCommit {
                id: oid("candidate"),
                author: party("ana"),
                committer: party("bob"),
                co_authors: vec![party("cy")],
                signature: SignatureStatus::Verified,
                edits_pipeline: false,
                edits_policy: false,
            }],
            gap: None,
        };
        let subject = vec![ResourceDescriptor::git_commit(&oid("candidate"))];
        verified("source change", 34, BUILD, subject, predicate)
    }

    pub(crate) fn held(&self) -> Verified<Decision> {
        let predicate = Decision {
            environment: "production".to_owned(),
            project: project(),
            run: id("seal"),
            policy: self.policy.clone(),
            profile: "level-3".to_owned(),
            mode: Mode::Enforce,
            outcome: Outcome::Held,
            reasons: Vec::new(),
            next: Vec::new(),
            inputs: Vec::new(),
            decided_on: minutes_ago(60),
        };
        verified("held", 50, GATE, vec![output()], predicate)
    }

    pub(crate) fn approval(&self, person: &str) -> Verified<Approval> {
        let predicate = Approval {
            environment: "production".to_owned(),
            policy: self.policy.clone(),
            decision: id("held"),
            run: id("seal"),
            verdict: Verdict::Approve,
            reason: "read it".to_owned(),
            person: person.to_owned(),
            identity_strength: IdentityStrength::Sso,
            approved_on: minutes_ago(30),
            expires: now().plus_seconds(3600),
        };
        let name = format!("approval of {person}");
        verified(&name, 60, (person, Role::Person), vec![output()], predicate)
    }

    pub(crate) fn rejection(&self, person: &str, index: u64) -> Verified<Approval> {
        let mut rejection = self.approval(person);
        rejection.evidence = id(&format!("rejection of {person}"));
        rejection.index = index;
        rejection.statement.predicate.verdict = Verdict::Reject;
        rejection.statement.predicate.reason = "it breaks billing".to_owned();
        rejection
    }

    pub(crate) fn admitted_deployment(&self) -> Verified<Deployment> {
        self.deployment("production", 10, "admitted seal")
    }

    pub(crate) fn staging_deployment(&self) -> Verified<Deployment> {
        self.deployment("staging", 40, "seal")
    }

    pub(crate) fn deployment(
        &self,
        environment: &str,
        index: u64,
        run: &str,
    ) -> Verified<Deployment> {
        let predicate = Deployment {
            environment: environment.to_owned(),
            project: project(),
            target: TargetRef { kind: "directory".to_owned(), uri: "/srv/app".to_owned() },
            run: id(run),
            decision: id("earlier decision"),
            policy: self.policy.clone(),
            kind: DeploymentKind::Deploy,
            previous: None,
            break_glass: None,
            deployed_on: minutes_ago(70),
        };
        let name = format!("deployment {index} of {run} to {environment}");
        verified(&name, index, GATE, vec![output()], predicate)
    }
}

pub(crate) fn party(name: &str) -> Party {
    Party {
        name: name.to_owned(),
        email: format!("{name}@example.org"),
        person: Some(name.to_owned()),
    }
}

pub(crate) fn counts(passed: u64) -> TestCounts {
    TestCounts { passed, failed: 0, skipped: 0 }
}

fn step(name: &str, outputs: Vec<SealedOutput>, passed: Option<u64>) -> SealedStep {
    SealedStep {
        name: name.to_owned(),
        definition: id(&format!("definition of {name}")),
        outcome: StepOutcome::Succeeded,
        isolation: Some(Isolation {
            rung: 1,
            kernel: "6.12".to_owned(),
            mechanisms: Vec::new(),
            degradations: Vec::new(),
        }),
        outputs,
        log: None,
        tests: passed.map(counts),
        secrets: Vec::new(),
        trace: Some(SealedTrace::of(id(&format!("trace of {name}")), &log())),
        reproduced: Vec::new(),
        duration_ms: 1000,
    }
}

fn log() -> MonitorLog {
    let process = TracedProcess {
        parent: None,
        executable: Some("/usr/bin/make".to_owned()),
        program: "make".to_owned(),
        arguments: Vec::new(),
        cut: false,
    };
    MonitorLog {
        process: vec![process],
        file_access: vec![ResourceDescriptor::sha256("/usr/include/stdio.h", &id("stdio.h"))],
        ..MonitorLog::default()
    }
}

fn sealed() -> SealedOutput {
    SealedOutput {
        path: "dist/app".parse().unwrap(),
        digest: output().digest,
        size: 9,
        executable: true,
    }
}

fn minutes_ago(minutes: i64) -> Timestamp {
    now().plus_seconds(-60 * minutes)
}
