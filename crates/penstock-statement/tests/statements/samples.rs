//! One statement of every predicate, with every member present.

use std::collections::BTreeMap;

use penstock_model::{
    Area, Coverage, GitOid, IdentityStrength, NotChecked, ProjectId, Severity, Sha256, SkipReason,
    Skipped, SuppressionAuthority, Timestamp, report::Tool,
};
use penstock_statement::{
    Predicate, RawStatement, ResourceDescriptor, Statement,
    predicate::{
        Approval, BUILD_TYPE, BreakGlass, BuildDefinition, BuildMetadata, Builder, CYCLONEDX,
        ChangedCommit, CheckResult, Custody, Decision, Deployment, DeploymentKind,
        ExternalParameters, Isolation, LostEvents, MONITOR, Mechanism, Mode, Monitor, MonitorLog,
        MonitoredProcess, Outcome, Party, PolicyDescriptor, PolicyRef, PolicyVersion, Provenance,
        Reason, RunDetails, RunOutcome, RunSeal, RuntimeTrace, SealedOutput, SealedStep,
        SealedTrace, SignatureStatus, SourceChange, StepOutcome, StepParameters, SuppressedCount,
        TargetRef, TestCounts, TestResult, TestVerdict, TraceMetadata, TracePolicy,
        TracedConnection, TracedDenial, TracedProcess, Verdict, VerificationResult,
        VerificationSummary, Verifier,
    },
};
use serde_json::json;

/// `(name, predicate type, canonical bytes)` of every sample.
pub(crate) fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let output = ResourceDescriptor::sha256("target/app", &digest("output"));
    let commit = ResourceDescriptor::git_commit(&oid('c'));
    let tree = ResourceDescriptor::git_tree(&oid('d'));
    vec![
        sample("approval", vec![output.clone()], approval()),
        sample("check", vec![commit.clone(), tree], check()),
        cyclonedx(output.clone()),
        sample("decision", vec![output.clone()], decision()),
        sample("deployment", vec![output.clone()], deployment()),
        sample(
            "policy",
            vec![ResourceDescriptor::sha256("policy.toml", &digest("text"))],
            policy(),
        ),
        sample("provenance", vec![output.clone()], provenance()),
        sample("run", vec![output.clone()], run()),
        sample("runtime-trace", vec![output.clone()], runtime_trace()),
        sample("source-change", vec![commit.clone()], source_change()),
        sample("test-result", vec![commit], test_result()),
        sample("vsa", vec![output], vsa()),
    ]
}

fn sample<P: Predicate>(
    name: &'static str,
    subject: Vec<ResourceDescriptor>,
    predicate: P,
) -> (&'static str, String, Vec<u8>) {
    let bytes = Statement::new(subject, predicate).to_bytes().unwrap();
    (name, P::TYPE.to_owned(), bytes)
}

fn cyclonedx(subject: ResourceDescriptor) -> (&'static str, String, Vec<u8>) {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1});
    let statement = RawStatement::foreign(vec![subject], CYCLONEDX, document);
    ("cyclonedx", CYCLONEDX.to_owned(), statement.canonical_bytes().unwrap())
}

fn digest(of: &str) -> Sha256 {
    Sha256::of(of.as_bytes())
}

fn oid(digit: char) -> GitOid {
    digit.to_string().repeat(40).parse().unwrap()
}

fn project() -> ProjectId {
    "git+https://example.org/team/app#service".parse().unwrap()
}

fn time(minute: u8) -> Timestamp {
    format!("2026-11-23T14:{minute:02}:00Z").parse().unwrap()
}

fn policy_ref() -> PolicyRef {
    PolicyRef { version: 2, digest: digest("text") }
}

fn approval() -> Approval {
    Approval {
        environment: "production".into(),
        policy: policy_ref(),
        decision: digest("decision"),
        run: digest("run"),
        verdict: Verdict::Approve,
        reason: "reviewed the change".into(),
        person: "ana".into(),
        identity_strength: IdentityStrength::BareKey,
        approved_on: time(10),
        expires: time(50),
    }
}

fn check() -> CheckResult {
    CheckResult {
        project: project(),
        tool: Tool { name: "penstock".into(), version: "0.1.0".into(), rule_set: digest("rules") },
        configuration: digest("penstock.toml"),
        base: Some(oid('b')),
        areas: vec![Area::Ci, Area::Secrets],
        coverage: Coverage {
            blobs: 0,
            commits: 0,
            files: 12,
            bytes: 3456,
            skipped: BTreeMap::from([(SkipReason::Binary, 2)]),
            incomplete: vec![Skipped {
                path: "broken.yml".parse().unwrap(),
                reason: SkipReason::Malformed,
                detail: "line 3: not YAML".into(),
            }],
        },
        not_checked: vec![NotChecked {
            part: "advisories".into(),
            reason: "no database".into(),
            required: false,
        }],
        complete: false,
        counts: Severity::ALL.into_iter().map(|severity| (severity, 1)).collect(),
        unresolved: 1,
        suppressed: vec![SuppressedCount { authority: SuppressionAuthority::Proposed, count: 1 }],
        report: ResourceDescriptor::sha256("report", &digest("report")),
        checked_on: time(1),
    }
}

fn decision() -> Decision {
    Decision {
        environment: "production".into(),
        project: project(),
        run: digest("run"),
        policy: policy_ref(),
        profile: "level-2".into(),
        mode: Mode::Enforce,
        outcome: Outcome::Held,
        reasons: vec![Reason {
            rule: "approvals".into(),
            title: "Somebody else approved".into(),
            outcome: Outcome::Held,
            message: "0 of 1 approvals".into(),
            remedy: Some("penstock approve production".into()),
            warning: Some("demo identities".into()),
        }],
        next: vec!["penstock approve production".into()],
        inputs: vec![ResourceDescriptor::sha256("run", &digest("run"))],
        decided_on: time(5),
    }
}

fn deployment() -> Deployment {
    Deployment {
        environment: "staging".into(),
        project: project(),
        target: TargetRef { kind: "directory".into(), uri: "file:///srv/app".into() },
        run: digest("run"),
        decision: digest("decision"),
        policy: policy_ref(),
        kind: DeploymentKind::Deploy,
        previous: Some(digest("previous run")),
        break_glass: Some(BreakGlass {
            reason: "outage".into(),
            by: "ana".into(),
            overridden: vec!["approvals".into()],
            expires: time(40),
            review_by: time(45),
        }),
        deployed_on: time(6),
    }
}

fn policy() -> PolicyVersion {
    PolicyVersion {
        version: 2,
        project: project(),
        previous: Some(digest("text of version 1")),
        text: "text".into(),
        adopted_by: "ana".into(),
        editors: vec!["ben".into()],
        adopted_on: time(0),
    }
}

/// Provenance with everything in it; tests take it apart.
pub(crate) fn provenance() -> Provenance {
    Provenance {
        build_definition: BuildDefinition {
            build_type: BUILD_TYPE.into(),
            external_parameters: ExternalParameters {
                project: project(),
                source: format!("git+https://example.org/team/app@{}", oid('c')),
                configuration: digest("penstock.toml"),
                step: "build".into(),
                steps: vec![StepParameters {
                    name: "build".into(),
                    argv: vec!["cargo".into(), "build".into()],
                    needs: vec!["test".into()],
                    inputs: vec!["src/**".into()],
                    outputs: vec!["target/app".into()],
                    network: "none".into(),
                    env: BTreeMap::from([("MODE".into(), "release".into())]),
                    secrets: vec!["TOKEN".into()],
                    timeout_seconds: 600,
                    root: None,
                }],
            },
            internal_parameters: BTreeMap::from([("custody".into(), json!("same-user"))]),
            resolved_dependencies: vec![ResourceDescriptor::git_commit(&oid('c'))],
        },
        run_details: RunDetails {
            builder: Builder {
                id: "https://penstock.dev/builder/local/v0.1".into(),
                version: BTreeMap::from([("penstock".into(), "0.1.0".into())]),
            },
            metadata: BuildMetadata {
                invocation_id: "run-1".into(),
                started_on: time(2),
                finished_on: time(3),
            },
            byproducts: vec![ResourceDescriptor::sha256(Provenance::SEAL, &digest("run"))],
        },
    }
}

fn run() -> RunSeal {
    let step = |name: &str, outcome| SealedStep {
        name: name.into(),
        definition: digest(name),
        outcome,
        isolation: None,
        outputs: Vec::new(),
        log: None,
        tests: None,
        secrets: Vec::new(),
        trace: None,
        reproduced: Vec::new(),
        duration_ms: 1,
    };
    RunSeal {
        project: project(),
        invocation: "run-1".into(),
        commit: Some(oid('c')),
        tree: Some(oid('d')),
        configuration: digest("penstock.toml"),
        policy: policy_ref(),
        outcome: RunOutcome::Failed,
        steps: vec![
            SealedStep {
                isolation: Some(Isolation {
                    rung: 1,
                    kernel: "6.1.0".into(),
                    mechanisms: vec![Mechanism {
                        name: "landlock".into(),
                        applied: true,
                        detail: "ABI 3".into(),
                    }],
                    degradations: vec!["no cgroup".into()],
                }),
                outputs: vec![SealedOutput {
                    path: "target/app".parse().unwrap(),
                    digest: BTreeMap::from([("sha256".into(), digest("output").to_string())]),
                    size: 6,
                    executable: true,
                }],
                log: Some(ResourceDescriptor::sha256("log", &digest("log"))),
                tests: Some(TestCounts { passed: 3, failed: 0, skipped: 1 }),
                trace: Some(SealedTrace {
                    statement: digest("trace"),
                    processes: 5,
                    read: 4,
                    denied: 3,
                    credentials: 2,
                    lost: lost(),
                }),
                reproduced: vec!["umask".into()],
                ..step("build", StepOutcome::Succeeded)
            },
            step("a", StepOutcome::Failed { status: 1 }),
            step("b", StepOutcome::Killed { signal: 9 }),
            step("c", StepOutcome::TimedOut),
            step("d", StepOutcome::Cancelled),
            step("e", StepOutcome::NotStarted { reason: "`a` failed".into() }),
            step("f", StepOutcome::BadOutput { reason: "`x` is a link".into() }),
        ],
        partial: false,
        custody: Custody::SameUser,
        started_on: time(2),
        finished_on: time(3),
    }
}

fn lost() -> LostEvents {
    LostEvents { over_limit: 1, unreadable: 2, datagrams: 3, connections: 4 }
}

fn runtime_trace() -> RuntimeTrace {
    RuntimeTrace {
        monitor: Monitor {
            kind: MONITOR.into(),
            config_source: ResourceDescriptor::sha256("penstock.toml", &digest("penstock.toml")),
            trace_policy: TracePolicy {
                rung: 1,
                landlock_abi: 7,
                seccomp_filter: Some(digest("filter")),
                degradations: vec!["no cgroup".into()],
            },
        },
        monitored_process: MonitoredProcess {
            host_id: "https://penstock.dev/builder/same-user/v0.1".into(),
            kind: BUILD_TYPE.into(),
            event: "run-1/build".into(),
        },
        monitor_log: MonitorLog {
            process: vec![TracedProcess {
                parent: Some(0),
                executable: Some("/usr/bin/cc".into()),
                program: "cc".into(),
                arguments: vec!["cc".into(), "-c".into(), "a.c".into()],
                cut: true,
            }],
            network: vec![TracedConnection {
                ip: Some("203.0.113.7".into()),
                hostname: Some("example.org".into()),
                port: Some(443),
                protocol: "tcp".into(),
                allowed: true,
                intercepted: false,
                count: 2,
            }],
            file_access: vec![ResourceDescriptor::sha256("/usr/include/stdio.h", &digest("h"))],
            denied: vec![TracedDenial {
                kind: "call".into(),
                what: "ptrace".into(),
                program: Some("/usr/bin/gdb".into()),
                count: 1,
            }],
            lost: lost(),
        },
        metadata: TraceMetadata { build_started_on: time(2), build_finished_on: time(3) },
    }
}

fn source_change() -> SourceChange {
    let party = |name: &str, person: Option<&str>| Party {
        name: name.into(),
        email: format!("{name}@example.org"),
        person: person.map(str::to_owned),
    };
    SourceChange {
        project: project(),
        environment: "production".into(),
        from: Some(oid('b')),
        to: oid('c'),
        commits: vec![ChangedCommit {
            id: oid('c'),
            author: party("Ana", Some("ana")),
            committer: party("Ben", Some("ben")),
            co_authors: vec![party("Cem", None)],
            signature: SignatureStatus::Unsigned,
            edits_pipeline: true,
            edits_policy: false,
        }],
        gap: Some("shallow clone".into()),
    }
}

fn test_result() -> TestResult {
    TestResult {
        result: TestVerdict::Passed,
        configuration: vec![ResourceDescriptor::sha256("test", &digest("test"))],
        step: "test".into(),
        counts: Some(TestCounts { passed: 3, failed: 0, skipped: 1 }),
    }
}

fn vsa() -> VerificationSummary {
    VerificationSummary {
        verifier: Verifier {
            id: "https://penstock.dev/verifier/v0.1".into(),
            version: BTreeMap::from([("penstock".into(), "0.1.0".into())]),
        },
        time_verified: time(5),
        resource_uri: "git+https://example.org/team/app#service".into(),
        policy: PolicyDescriptor {
            uri: "urn:penstock:policy".into(),
            digest: BTreeMap::from([("sha256".into(), digest("text").to_string())]),
        },
        input_attestations: vec![ResourceDescriptor::sha256("run", &digest("run"))],
        verification_result: VerificationResult::Passed,
        verified_levels: vec!["SLSA_BUILD_LEVEL_1".into()],
        slsa_version: "1.2".into(),
    }
}
