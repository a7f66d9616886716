//! What `penstock run` ends with, and what it refuses.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use crate::harness::Place;

#[test]
fn the_status_is_the_commands_own() {
    let place = Place::new();
    place.script(&[], "exit 0").exits(0).says("exit 0 after");
    place.script(&[], "exit 7").exits(7).says("exit 7 after");
    place.script(&[], "kill -TERM $$").exits(143).says("exit 143: ended by signal 15");
    place.run(&[], &["no-such-command"]).exits(127).says("was not found");
    place.write("text", "no program");
    place.run(&[], &["./text"]).exits(126).says("cannot be executed");
    let quiet = place.script(&["-q"], "echo out; echo err >&2; exit 3").exits(3);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("out\n", "err\n"));
}

#[test]
fn what_is_not_the_commands_fault_is_125() {
    let mut place = Place::new();
    for arguments in [
        &["run", "--no-such-option", "--", "true"][..],
        &["run", "build", "--", "true"],
        &["run", "--worktree", "--", "true"],
        &["run", "--preset", "nmp", "--", "true"],
        &["run", "--env", "A=B", "--", "true"],
        &["run", "--env", "NOT_SET_ANYWHERE", "--", "true"],
        &["run", "--allow", "*.com", "--", "true"],
        &["run", "--allow", "169.254.169.254", "--", "true"],
        &["run", "--allow", "h.example", "--no-network", "--", "true"],
        &["run", "--json", "no/such/directory", "--", "true"],
        &["run", "-C", "/", "--", "true"],
        &["run", "-C", "/usr/lib", "--", "true"],
        &["run", "-C", "none", "--", "true"],
        &["run", "--", ""],
    ] {
        let ran = place.penstock(arguments).exits(125);
        assert!(!ran.err.is_empty() && ran.out.is_empty(), "{arguments:?}: {}", ran.err);
    }
    // Without a command these are a pipeline's, where 2 is the status of misuse.
    place.penstock(&["run", "--allow", "h.example"]).exits(2);
    place.set("NPM_TOKEN", "geheim-1");
    place.script(&["--env", "NPM_TOKEN"], "true").exits(125).says("--secret NPM_TOKEN passes it");
    place.write("penstock.toml", "[project]\nname = \"p\"\n[run]\nalow = []\n");
    place.script(&[], "true").exits(125).says("did you mean `allow`?");
    place.at = place.home.clone();
    place.script(&[], "true").exits(125).says("is your home directory");
}

#[test]
fn an_interrupt_ends_all_of_it() {
    let place = Place::new();
    let mark = format!("penstock-mark-int-{}", std::process::id());
    let script = format!("sh -c 'sleep 3600' {mark} & echo ready; wait");
    let mut child = place
        .command(&["run", "--", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let killed =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!crate::harness::alive(&mark));
}

#[test]
fn what_cannot_be_confined_is_said_by_doctor() {
    let place = Place::new();
    let ran = place.penstock(&["doctor", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(found["version"], 1);
    assert_eq!(ran.status == 1, found["isolation"]["rung"] == 0, "{}", ran.out);
    let page = place.penstock(&["doctor"]);
    for words in
        ["confines", "seccomp", "Landlock ABI", "cgroup v2 delegation", "registry.npmjs.org"]
    {
        assert!(page.out.contains(words), "{words}: {}", page.out);
    }
}

/// At the weaker rung nothing is said to be read-only, since nothing is.
#[test]
fn the_weaker_rung_claims_no_more_than_it_has() {
    let place = Place::new();
    let ran = place.script(&["--rung", "2"], "echo x > made");
    if ran.status == 125 {
        println!("SKIPPED: this machine has no rung 2: {}", ran.err);
        return;
    }
    let ran = ran.exits(0).says("NOTHING of the project is read-only at rung 2").says("rung 2");
    assert!(!ran.err.contains("read-only .git"), "{}", ran.err);
}
