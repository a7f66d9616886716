//! Every single value of every piece of evidence, changed one at a time: either the release no
//! longer passes, or the value is one of those listed here that no rule reads, with the reason.
//! The records of steps are left out: a changed one has another digest than the seal names.

use std::collections::BTreeSet;

use penstock_statement::{
    Predicate, RawStatement, ResourceDescriptor, Verified, predicate::Outcome,
};
use serde_json::Value;

use crate::world::World;

/// Why a value may be another one, and which values those are (`piece pointer`).
const HARMLESS: [(&str, &[&str]); 8] = [
    (
        "names of subjects and files are for people; digests are compared",
        &[
            "approval subject/0/name",
            "change subject/0/name",
            "check subject/0/name",
            "check subject/1/name",
            "check /report/name",
            "decision subject/0/name",
            "deployment subject/0/name",
            "provenance subject/0/name",
            "run subject/0/name",
            "run /steps/1/outputs/0/path",
            "tests subject/0/name",
            "tests /configuration/0/name",
        ],
    ),
    (
        "claimed times order nothing: the ledger's index does",
        &[
            "approval /approvedOn",
            "check /checkedOn",
            "decision /decidedOn",
            "deployment /deployedOn",
            "provenance /runDetails/metadata/finishedOn",
            "provenance /runDetails/metadata/startedOn",
            "run /finishedOn",
            "run /startedOn",
        ],
    ),
    ("what a person says is for people", &["approval /reason"]),
    (
        "persons are found by their addresses in the policy; names are for people",
        &[
            "change /commits/0/author/name",
            "change /commits/0/author/person",
            "change /commits/0/coAuthors/0/name",
            "change /commits/0/coAuthors/0/person",
            "change /commits/0/committer/name",
            "change /commits/0/committer/person",
            "change /commits/0/editsPipeline",
            "change /commits/0/editsPolicy",
        ],
    ),
    (
        "what a check found below the threshold, and how much it read",
        &[
            "check /counts/low",
            "check /counts/medium",
            "check /coverage/bytes",
            "check /coverage/files",
            "check /report/digest/sha256",
            "check /tool/name",
            "check /tool/rule_set",
            "check /tool/version",
            // Without a base more counts as open, not less.
            "check /base/absent",
        ],
    ),
    (
        "a decision does not say of itself how strict it was",
        &["decision /mode", "decision /profile"],
    ),
    (
        "where in the environment before, on which decision and by which earlier policy",
        &[
            "deployment /decision",
            "deployment /kind",
            "deployment /policy/digest",
            "deployment /policy/version",
            "deployment /target/kind",
            "deployment /target/uri",
        ],
    ),
    (
        "how a run went along; the policy it began under is a warning",
        &[
            "run /policy/digest",
            "run /policy/version",
            "run /steps/0/durationMs",
            "run /steps/0/isolation/kernel",
            "run /steps/1/definition",
            "run /steps/1/durationMs",
            "run /steps/1/isolation/kernel",
            "run /steps/1/outputs/0/executable",
            "run /steps/1/outputs/0/size",
        ],
    ),
];

#[test]
fn no_value_of_the_evidence_can_be_changed_unnoticed() {
    let mut survivors = BTreeSet::new();
    let good = World::new();
    macro_rules! piece {
        ($name:literal, $get:expr, $set:expr) => {
            for (path, changed) in changes($get(&good)) {
                let mut world = World::new();
                $set(&mut world, changed);
                if world.decide().outcome == Outcome::Allow {
                    survivors.insert(format!("{} {path}", $name));
                }
            }
        };
    }
    piece!("run", |w: &World| w.input.run.clone().unwrap(), |w: &mut World, e| w.input.run =
        Some(e));
    piece!("provenance", |w: &World| w.input.provenance[0].clone(), |w: &mut World, e| w
        .input
        .provenance[0] =
        e);
    piece!("check", |w: &World| w.input.checks[0].clone(), |w: &mut World, e| w.input.checks[0] =
        e);
    piece!("tests", |w: &World| w.input.tests[0].clone(), |w: &mut World, e| w.input.tests[0] = e);
    piece!("change", |w: &World| w.input.source_change.clone().unwrap(), |w: &mut World, e| w
        .input
        .source_change =
        Some(e));
    piece!("approval", |w: &World| w.input.approvals[0].clone(), |w: &mut World, e| w
        .input
        .approvals[0] =
        e);
    piece!("decision", |w: &World| w.input.decisions[0].clone(), |w: &mut World, e| w
        .input
        .decisions[0] =
        e);
    piece!("deployment", |w: &World| w.input.deployments[1].clone(), |w: &mut World, e| w
        .input
        .deployments[1] =
        e);
    // That a name is absent is as harmless as that it is another.
    let absent = |leaf: &str| format!("{leaf}/absent");
    let listed: BTreeSet<String> =
        HARMLESS.iter().flat_map(|(_, leaves)| *leaves).map(|&leaf| leaf.to_owned()).collect();
    let unlisted: Vec<_> = survivors
        .iter()
        .filter(|leaf| !listed.contains(*leaf))
        .filter(|leaf| !listed.iter().any(|l| **leaf == absent(l)))
        .collect();
    assert!(unlisted.is_empty(), "nobody notices a change of {unlisted:#?}");
    let noticed: Vec<_> = listed.iter().filter(|leaf| !survivors.contains(*leaf)).collect();
    assert!(noticed.is_empty(), "listed as harmless and noticed after all: {noticed:#?}");
}

/// The evidence with one value changed, once for each value that can be.
fn changes<P: Predicate + Clone>(evidence: Verified<P>) -> Vec<(String, Verified<P>)> {
    let predicate = serde_json::to_value(&evidence.statement.predicate).unwrap();
    let subject = serde_json::to_value(&evidence.statement.subject).unwrap();
    let mut changed = Vec::new();
    for (path, value) in mutations(&subject) {
        let Ok(subject) = serde_json::from_value::<Vec<ResourceDescriptor>>(value) else {
            continue;
        };
        let mut other = evidence.clone();
        other.statement.subject = subject;
        changed.push((format!("subject{path}"), other));
    }
    for (path, value) in mutations(&predicate) {
        // What is no longer a statement of its type never reaches a gate.
        let raw = RawStatement::foreign(evidence.statement.subject.clone(), P::TYPE, value);
        let Ok(statement) = raw.decode::<P>() else { continue };
        changed.push((path, Verified { statement, ..evidence.clone() }));
    }
    changed
}

/// A document with one leaf changed, for each of its leaves and for each it could lose.
fn mutations(document: &Value) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    leaves(document, String::new(), &mut paths);
    let mut all = Vec::new();
    for path in paths {
        let mut other = document.clone();
        let leaf = other.pointer_mut(&path).unwrap();
        *leaf = match &*leaf {
            Value::Bool(b) => Value::Bool(!b),
            Value::Number(n) => Value::from(n.as_u64().unwrap() + 1),
            Value::String(text) => Value::String(another(text)),
            _ => continue,
        };
        all.push((path.clone(), other));
        let (parent, key) = path.rsplit_once('/').unwrap();
        let mut without = document.clone();
        match without.pointer_mut(parent).unwrap() {
            Value::Object(map) => drop(map.remove(key)),
            Value::Array(list) => drop(list.remove(key.parse().unwrap())),
            _ => continue,
        }
        all.push((format!("{path}/absent"), without));
    }
    all
}

fn leaves(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(value, format!("{path}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                leaves(value, format!("{path}/{i}"), found);
            }
        }
        _ => found.push(path),
    }
}

/// Another text of the same kind.
fn another(text: &str) -> String {
    let others = [
        ("succeeded", "failed"),
        ("apart", "same-user"),
        ("approve", "reject"),
        ("held", "allow"),
        ("verified", "unsigned"),
        ("PASSED", "FAILED"),
        ("sso", "asserted"),
        ("secrets", "ci"),
        ("ci", "secrets"),
        ("deploy", "rollback"),
        ("enforce", "observe"),
    ];
    if let Some((_, other)) = others.iter().find(|(from, _)| *from == text) {
        return (*other).to_owned();
    }
    if text.starts_with("2026-") {
        return text.replacen("2026-", "2025-", 1);
    }
    if text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        let first = if text.starts_with('0') { "1" } else { "0" };
        return format!("{first}{}", &text[1..]);
    }
    format!("{text}x")
}
