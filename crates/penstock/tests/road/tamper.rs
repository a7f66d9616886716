//! One byte changed, or the thing removed: somebody says so, names it, and nothing is let in.

use std::{
    fs,
    path::{Path, PathBuf},
};

use penstock_statement::{
    Predicate,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyVersion, Provenance, RunSeal,
        SourceChange, TestResult, Verdict,
    },
};

use crate::harness::{World, copy, files, flip};

type Way = fn(&Path);

/// Both ways to spoil a file, and what is said of it then.
const WAYS: [(Way, &str); 2] = [(flip, "was changed"), (remove, "is missing")];

fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

/// Spoils a file in both ways, looks, and puts it back as it was.
fn spoil(path: &Path, look: impl Fn(&str)) {
    let whole = fs::read(path).unwrap();
    for (way, said) in WAYS {
        way(path);
        look(said);
        fs::write(path, &whole).unwrap();
    }
}

/// The path as messages name it.
fn named(world: &World, path: &Path) -> String {
    path.strip_prefix(world.state()).unwrap().to_str().unwrap().to_owned()
}

/// The file of the tree that holds the newest entries or hashes.
fn newest_tile(world: &World, kind: &str) -> PathBuf {
    let directory = format!("ledger/tile/{kind}/000.p/{}", world.entries());
    world.state().join(directory)
}

#[test]
fn bundles() {
    let world = World::released();
    bundle::<RunSeal>(&world);
    bundle::<Provenance>(&world);
    bundle::<CheckResult>(&world);
    bundle::<TestResult>(&world);
    bundle::<SourceChange>(&world);
    bundle::<Decision>(&world);
    bundle::<Deployment>(&world);
    bundle::<PolicyVersion>(&world);
    world.log_verifies();
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
}

/// A bundle the gate of production reads.
fn bundle<P: Predicate>(world: &World) {
    let file = world.newest::<P>();
    let name = named(world, &file);
    let (entries, release) = (world.entries(), world.release());
    spoil(&file, |said| {
        world.penstock(["log", "verify"]).exits(3).says(&name).says(said).says("put back");
        world.penstock(["gate", "production"]).exits(3).says(&name).says(said);

        let forced = ["promote", "production", &release, "--break-glass", "x"];
        world.penstock(forced).exits(3).says(&name);
    });
    assert_eq!(world.deployed("production"), None, "{name}");
    // What was decided before the damage showed may be logged; nothing else changed.
    assert!(world.entries() <= entries + 2, "{name}");
}

#[test]
fn tiles() {
    let world = World::released();
    for kind in ["entries", "0"] {
        let file = newest_tile(&world, kind);
        let name = named(&world, &file);
        spoil(&file, |said| {
            world.penstock(["log", "verify"]).exits(3).says(&name);
            let gate = world.penstock(["gate", "production"]);
            gate.exits(3).says(&name);
            assert!(gate.has(said) || gate.has("cannot be read"), "{gate}");
            world.penstock(["run"]).exits(3).says(&name);
        });
        world.log_verifies();
    }
    assert_eq!(world.deployed("production"), None);
    world.penstock(["run"]).exits(0);
}

#[test]
fn checkpoints() {
    let world = World::released();
    let entries = world.entries();
    for name in ["ledger/checkpoint", "seen-checkpoint"] {
        let file = world.state().join(name);
        spoil(&file, |_| {
            for arguments in [&["log", "verify"][..], &["gate", "production"], &["run"]] {
                world.penstock(arguments).exits(3).says(name);
            }
            let key = world.penstock(["key", "new", "eve"]);
            assert!(key.code == Some(0) || key.code == Some(3), "{key}");
            _ = fs::remove_file(world.state().join("keys/person-eve.pem"));
        });
        world.log_verifies();
    }
    assert_eq!(world.entries(), entries);
    world.penstock(["run"]).exits(0);
}

#[test]
fn a_lost_last_seen_checkpoint_is_given_up_by_a_person_only() {
    let world = World::released();
    let entries = world.entries();
    fs::remove_file(world.state().join("seen-checkpoint")).unwrap();
    world.penstock(["run"]).exits(3).says("penstock log adopt");
    world.penstock(["log", "adopt"]).exits(0).says(&format!("{} entries as they are", entries));
    world.log_verifies();
    world.penstock(["run"]).exits(0);
}

#[test]
fn yesterdays_ledger() {
    let world = World::released();
    let today = world.state().join("ledger");
    let yesterday = world.beside("yesterday");
    copy(&today, &yesterday);
    world.write("app.txt", "two\n");
    world.commit("Say two");
    world.penstock(["run"]).exits(0);
    let kept = world.beside("kept");
    fs::rename(&today, &kept).unwrap();
    copy(&yesterday, &today);
    for arguments in [&["log", "verify"][..], &["gate", "production"], &["run"]] {
        world.penstock(arguments).exits(3).says("put the newer one back");
    }
    assert_eq!(world.deployed("staging").as_deref(), Some("two\n"));
    fs::remove_dir_all(&today).unwrap();
    fs::rename(&kept, &today).unwrap();
    world.log_verifies();
    world.penstock(["run"]).exits(0);
}

/// The index only says where to look: changed anywhere or gone, it changes no answer.
#[test]
fn the_index_decides_nothing() {
    let world = World::released();
    let index = world.state().join("index.sqlite");
    let whole = fs::read(&index).unwrap();
    for at in [0, 100, 4096, 8192, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at.min(whole.len() - 1)] ^= 1;
        fs::write(&index, bytes).unwrap();
        world.penstock(["gate", "production"]).exits(1).says("HELD");
        world.log_verifies();
    }
    fs::remove_file(&index).unwrap();
    world.penstock(["gate", "production"]).exits(1).says("HELD");
    fs::write(&index, "no database\n").unwrap();
    world.penstock(["log", "reindex"]).exits(0).says("indexed");
    world.penstock(["run"]).exits(0);
    world.log_verifies();
}

/// What the index leaves out is in the log all the same: a rejection and a policy version cannot be
/// hidden from the gate by deleting their lines.
#[test]
fn the_index_hides_nothing() {
    let world = World::released();
    world.add_ben();
    let release = world.release();
    world.penstock(["gate", "production", &release]).exits(1);
    world.penstock(["approve", "production", &release, "--as", "ben"]).exits(0).says("ALLOW");
    let reject = ["approve", "production", &release, "--as", "ben", "--reject", "--reason", "no"];
    world.penstock(reject).exits(0).says("rejects");
    let hide = |predicate_type: &str| {
        let index = rusqlite::Connection::open(world.state().join("index.sqlite")).unwrap();
        let newest = "(SELECT max(number) FROM entry WHERE type = ?1)";
        for table in ["subject", "entry"] {
            let hidden = index
                .execute(&format!("DELETE FROM {table} WHERE number = {newest}"), [predicate_type]);
            assert!(hidden.unwrap() > 0, "{predicate_type} in {table}");
        }
    };
    hide(Approval::TYPE);
    assert_eq!(world.newest_statement::<Approval>().predicate.verdict, Verdict::Reject);
    world.penstock(["promote", "production", &release]).exits(1).says("ben rejected it: no");
    hide(PolicyVersion::TYPE);
    world.penstock(["policy", "show"]).exits(0).says("policy    v2").says("person ben");
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn artifacts_in_the_store() {
    let world = World::released();
    let artifact = world.artifact();
    let release = world.release();
    spoil(&artifact, |_| {
        let forced = world.penstock(["promote", "production", &release, "--break-glass", "x"]);
        assert!(forced.has(&named(&world, &artifact)) || forced.has("`dist/app` has digest"));
        forced.exits(3);
        assert_eq!(world.deployed("production"), None);
        let leftovers = world.state().join("environments/production");
        assert!(!leftovers.join("current").exists());
    });
    // A build of the same bytes heals the store: what lies there under the digest is not believed.
    flip(&artifact);
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
    assert_eq!(fs::read_to_string(&artifact).unwrap(), "one\n");
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
}

#[test]
fn artifacts_in_the_target_before_a_rollback() {
    let world = World::released();
    let first = world.release();
    world.write("app.txt", "two\n");
    world.commit("Say two");
    world.penstock(["run"]).exits(0);
    let releases = world.state().join("environments/staging/releases");
    let file = releases.join(&first).join("dist/app");
    let deployments = world.evidence::<Deployment>();
    spoil(&file, |_| {
        world.penstock(["rollback", "staging"]).exits(3).says("dist/app").says(&first[..12]);
        assert_eq!(world.deployed("staging").as_deref(), Some("two\n"));
    });
    // A file more is as bad as one less.
    fs::write(releases.join(&first).join("dist/more"), "").unwrap();
    world.penstock(["rollback", "staging"]).exits(3).says("dist/more");
    fs::remove_file(releases.join(&first).join("dist/more")).unwrap();
    assert_eq!(world.evidence::<Deployment>(), deployments, "a refused rollback is no deployment");
    world.penstock(["rollback", "staging"]).exits(0);
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
}

/// Proofs beside the evidence are derived: stale ones are named and written anew.
#[test]
fn proofs_are_written_anew() {
    let world = World::released();
    let proofs = files(&world.state().join("evidence"));
    let proof = proofs.iter().find(|path| path.extension().is_some()).unwrap();
    flip(proof);
    world.penstock(["log", "verify"]).says("stale").says(&named(&world, proof)).says("reindex");
    world.penstock(["log", "reindex"]).exits(0);
    world.penstock(["log", "verify"]).exits(0).does_not_say("stale");
}
