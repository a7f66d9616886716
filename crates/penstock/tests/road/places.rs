//! Odd places and broken surroundings: a clear error with the remedy, and nothing half-written.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{PermissionsExt as _, symlink},
    },
    path::PathBuf,
};

use penstock_statement::predicate::SourceChange;

use crate::harness::{ANA, PIPELINE, World, files, secret};

/// Nothing was written where state goes.
#[track_caller]
fn wrote_nothing(world: &World) {
    assert_eq!(files(&world.beside("state")), Vec::<PathBuf>::new());
}

#[test]
fn paths_with_spaces_newlines_and_odd_bytes() {
    for name in [&b"with space"[..], b"new\nline", b"quo'te\"s", b"bytes \xff\xfe"] {
        let world = World::empty(OsStr::from_bytes(name));
        world.write("penstock.toml", PIPELINE);
        world.write("app.txt", "one\n");
        for odd in [&b"new\nline"[..], b"caf\xe9", b"-rf", b"a b/c\td", b"\x1b[31mred"] {
            let path = world.repository().join(OsStr::from_bytes(odd));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "odd\n").unwrap();
        }
        world.commit("Begin");
        let ran = world.penstock(["run"]);
        ran.exits(0).says("gate staging      ALLOW").does_not_say("\x1b");
        assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
        world.log_verifies();
    }
}

/// A finding in a file of an odd name cannot write to the terminal.
#[test]
fn odd_paths_in_findings_are_made_visible() {
    let world = World::with(PIPELINE);
    let path = world.repository().join(OsStr::from_bytes(b"\x1b[2Jnew\nline"));
    fs::write(path, secret()).unwrap();
    world.commit("Plant");
    for arguments in [&["run"][..], &["check"]] {
        let ran = world.penstock(arguments);
        ran.exits(1).says("secrets/aws-access-key").does_not_say("\x1b");
        assert!(!ran.out.lines().any(|line| line.starts_with("line")), "{ran}");
    }
}

#[test]
fn no_git() {
    let world = World::new();
    fs::remove_dir_all(world.repository().join(".git")).unwrap();
    for arguments in [&["run"][..], &["log", "verify"], &["gate", "staging"]] {
        world.penstock(arguments).exits(2).says("is not in a Git repository").says("git init");
    }
    world.penstock(["check"]).exits(0);
    wrote_nothing(&world);
}

#[test]
fn an_empty_repository() {
    let world = World::empty("project");
    world.penstock(["run"]).exits(2).says("has no commit yet: commit something first");
    world.write("penstock.toml", PIPELINE);
    world.penstock(["run"]).exits(2).says("has no commit yet");
    world.write("other", "");
    world.git(["add", "other"]);
    world.git(["-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-qm", "x"]);
    world.penstock(["run"]).exits(2).says("penstock.toml` is not committed").says("git add");
    wrote_nothing(&world);
}

#[test]
fn no_configuration() {
    let world = World::empty("project");
    world.write("app.txt", "");
    world.commit("Begin");
    world.penstock(["run"]).exits(2).says("holds no penstock.toml").says("-C");
    let mut world = world;
    world.enter("/nowhere-at-all".into());
    world.penstock(["run"]).exits(2).says("cannot enter `/nowhere-at-all`");
    wrote_nothing(&world);
}

#[test]
fn a_shallow_clone() {
    let mut world = World::new();
    world.write("app.txt", "two\n");
    world.commit("Say two");
    let clone = world.beside("clone");
    let url = format!("file://{}", world.repository().display());
    world.git(["clone", "-q", "--depth", "1", &url, clone.to_str().unwrap()]);
    // Its origin names it, but a file: address is nobody's identity.
    world.enter(clone.clone());
    world.penstock(["run"]).exits(2).says("shallow clone").says("git fetch --unshallow");
    wrote_nothing(&world);
    world.penstock(["check"]).exits(0);

    // With an identity it runs, and who is behind the change cannot be told: said, not guessed.
    let clone_text = clone.to_str().unwrap();
    world.git([
        "-C",
        clone_text,
        "remote",
        "set-url",
        "origin",
        "https://example.org/team/sample.git",
    ]);
    world.penstock(["run"]).exits(0).says("HELD");
    let change = world.newest_statement::<SourceChange>().predicate;
    assert!(change.gap.is_some_and(|gap| gap.contains("shallow clone")), "{:?}", change.commits);
    assert_eq!(world.deployed("production"), None);
    world.log_verifies();
}

#[test]
fn a_tracked_cache() {
    let world = World::new();
    world.write(".penstock/cache/answers", "all is well\n");
    world.penstock(["run"]).exits(0);
    world.commit("Bring answers");
    for arguments in [&["run"][..], &["check"]] {
        world
            .penstock(arguments)
            .exits(2)
            .says(".penstock/cache/answers")
            .says("git rm -r --cached");
    }
    world.git(["rm", "-rq", "--cached", ".penstock"]);
    world.commit_by(ANA, ANA, "x");
}

#[test]
fn under_ci_no_key_is_made() {
    let world = World::new();
    world.set("CI", "true");
    world
        .penstock(["run"])
        .exits(2)
        .says("no signer is configured")
        .says("PENSTOCK_HOME:")
        .says("PENSTOCK_KEYS:");
    let made = files(&world.beside("state"));
    let is_mark =
        |path: &PathBuf| path.ends_with("project.json") || path.ends_with("first-use.lock");
    assert!(made.iter().all(is_mark), "{made:?}");
    world.penstock(["log", "verify"]).exits(2).says("no ledger for this project yet");
    // Keys that are configured elsewhere, but not there.
    world.unset("CI");
    world.set("PENSTOCK_KEYS", world.beside("no-keys"));
    world.penstock(["run"]).exits(2).says("no signer is configured");
    assert!(!world.beside("no-keys").exists());
    // With its keys and its ledger a job works, and makes nothing.
    world.unset("PENSTOCK_KEYS");
    world.penstock(["run"]).exits(0);
    world.set("CI", "true");
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
}

#[test]
fn the_home_of_another_project() {
    let (one, two) = (World::released(), World::with(&PIPELINE.replace("sample", "other")));
    let before = files(&one.state());
    two.set("PENSTOCK_HOME", one.state());
    for arguments in [&["run"][..], &["log", "verify"], &["promote", "production", "abcdef01"]] {
        two.penstock(arguments)
            .exits(2)
            .says("holds the state of `urn:penstock:")
            .says("give each project its own PENSTOCK_HOME");
    }
    assert_eq!(files(&one.state()), before);
    one.log_verifies();
}

#[test]
fn a_home_others_may_write_to() {
    let world = World::released();
    fs::set_permissions(world.state(), fs::Permissions::from_mode(0o777)).unwrap();
    world.penstock(["run"]).exits(2).says("others may write to").says("chmod go-w");
    fs::set_permissions(world.state(), fs::Permissions::from_mode(0o700)).unwrap();
    world.penstock(["run"]).exits(0);
}

#[test]
fn no_home_at_all() {
    let world = World::new();
    world.unset("HOME");
    world.unset("XDG_STATE_HOME");
    let ran = world.penstock(["run"]);
    ran.exits(2).says("PENSTOCK_HOME");
}

#[test]
fn wrong_words() {
    let world = World::released();
    world.penstock(["run", "--fast"]).exits(2).says("--fast");
    world.penstock(["promte"]).exits(2).says("promote");
    world.penstock(["run", "tset"]).exits(2).says("tset").says("test");
    world
        .penstock(["gate", "prod"])
        .exits(2)
        .says("no environment `prod`")
        .says("production, staging");
    world.penstock(["rollback", "prod"]).exits(2).says("no environment `prod`");
    world.penstock(["gate", "production", "ffffffffffff"]).exits(2).says("no release begins with");
    world.penstock(["promote", "production", "x"]).exits(2).says("no release begins with `x`");
    world.penstock(["log", "show", "99999"]).exits(2).says("no entry `99999`");
    world.penstock(["log", "prove", "99999"]).says("no entry 99999 in a ledger of");
    world.penstock(["explain", "no-such-rule"]).exits(2).says("no-such-rule");
    world.penstock(["schema", "no-such-schema"]).exits(2).says("there is no schema");
    world.penstock(["audit", "--period", "yesterday"]).exits(2).says("yesterday");
    world.penstock(["key", "new", "../x"]).exits(2).says("`../x` is not the name of a key");
    world.penstock(["key", "new", "ana"]).says("person-ana.pem");
    world.penstock(["--version"]).exits(0).says("penstock 0.");
    world.penstock(["run", "--help"]).exits(0);
    world.log_verifies();
}

#[test]
fn a_broken_configuration_is_shown_where_it_breaks() {
    for (text, said) in [
        (
            "[project]\nname = \"x\"\n[steps.a]\nrunn = \"true\"\n",
            "penstock.toml:4:1: unknown key `runn`: did you mean `run`",
        ),
        ("[project]\nname = 7\n", "penstock.toml:2:8: "),
        ("[project\n", "penstock.toml:1:"),
        (
            "[project]\nname = \"x\"\n[steps.a]\nrun = \"true\"\nneeds = [\"b\"]\n",
            "penstock.toml:5:",
        ),
        (
            "[project]\nname = \"x\"\n[steps.a]\nrun = \"true\"\noutputs = [\"../x\"]\n",
            "penstock.toml:5:",
        ),
        ("\u{feff}\0", "penstock.toml:1:"),
    ] {
        let world = World::with(text);
        world.penstock(["run"]).exits(2).says(said);
        world.penstock(["check"]).exits(2).says(said);
        wrote_nothing(&world);
    }
}

#[test]
fn a_configuration_that_is_no_file_of_the_commit() {
    let world = World::new();
    fs::remove_file(world.repository().join("penstock.toml")).unwrap();
    fs::write(world.beside("elsewhere.toml"), PIPELINE).unwrap();
    symlink(world.beside("elsewhere.toml"), world.repository().join("penstock.toml")).unwrap();
    world.commit("Link it");
    world.penstock(["run"]).exits(2).says("committed as a link");
    fs::remove_file(world.repository().join("penstock.toml")).unwrap();
    world.write("penstock.toml", b"[project]\nname = \"\xff\"\n");
    world.commit("Odd bytes");
    world.penstock(["run"]).exits(2).says("not UTF-8");
    wrote_nothing(&world);
}

#[test]
fn exit_codes_of_check() {
    let world = World::new();
    world.penstock(["check"]).exits(0);
    world.write("config/credentials", secret());
    world.penstock(["check"]).exits(1).says("config/credentials");
    world.penstock(["check", "--advise"]).exits(0);
    world.penstock(["check", "no-such-directory"]).exits(2).says("no-such-directory");
    fs::create_dir(world.beside("nothing")).unwrap();
    world.penstock(["check", world.beside("nothing").to_str().unwrap()]).exits(4);
}
