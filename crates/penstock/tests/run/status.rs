//! What `penstock run` ends with, and what it refuses.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use crate::harness::{Place, Ran, installed};

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
    let Some(ran) = at_rung_2(&place, "echo x > made") else { return };
    let ran = ran
        .exits(0)
        .says(
            "nothing of the project is read-only at rung 2; put back afterwards are .git/hooks and",
        )
        .says("weaker protected paths can be changed and are put back after the step")
        .says("rung 2");
    assert!(!ran.err.contains("read-only .git"), "{}", ran.err);
    assert!(!ran.err.contains("lies in"), "{}", ran.err);
}

fn at_rung_2(place: &Place, script: &str) -> Option<Ran> {
    let ran = place.script(&["--rung", "2"], script);
    if ran.status == 125 {
        println!("SKIPPED: this machine has no rung 2: {}", ran.err);
        return None;
    }
    Some(ran)
}

#[test]
fn what_the_weaker_rung_puts_back_is_told_and_kept_aside() {
    let place = Place::new();
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place.write(".git/config", "mine");
    place.write(".git/hooks/pre-commit", "mine");
    let script = "echo hostile > .git/config; rm .git/hooks/pre-commit; echo hostile > .npmrc; \
                  echo index > .git/index";
    let Some(ran) = at_rung_2(&place, script) else { return };
    let ran = ran
        .exits(0)
        .says(".git/config, which had been written")
        .says(".git/hooks/pre-commit, which had been written")
        .says("put back ")
        .says(", which had been written")
        .says("what stood in protected places lies in `")
        .says("LOOK .git/index was written");
    assert_eq!(ran.err.matches("LOOK").count(), 1, "{}", ran.err);
    assert_eq!(place.read(".git/config"), "mine");
    assert_eq!(place.read(".git/hooks/pre-commit"), "mine");
    assert_eq!(place.read(".git/index"), "index\n");
    assert!(!place.project.join(".npmrc").exists());
}

/// Where an empty file would be a setting, nothing can stand in for what is not there.
#[test]
fn a_setting_that_was_not_there_is_taken_away_again() {
    let place = Place::new();
    let ran = place.script(&[], "echo hostile > .npmrc; cat .npmrc").exits(0);
    assert_eq!(ran.out, "hostile\n");
    assert!(!place.project.join(".npmrc").exists());
    let ran =
        ran.says(".npmrc, which had been written").says("what stood in protected places lies in `");
    assert!(!ran.err.contains("LOOK"), "{}", ran.err);
}

/// It is what many a command is for.
#[test]
fn a_repository_can_be_made() {
    if !installed("git") {
        return;
    }
    for rung in ["1", "2"] {
        let place = Place::new();
        for init in [&["git", "init", "-q"][..], &["sh", "-c", "git init -q"]] {
            let ran = place.run(&["--rung", rung], init);
            if ran.status == 125 {
                println!("SKIPPED: this machine has no rung {rung}: {}", ran.err);
                continue;
            }
            let ran = ran.exits(0);
            assert!(!ran.err.contains("which had been written"), "{}", ran.err);
            assert!(place.read(".git/config").contains("[core]"), "{}", ran.err);
            std::fs::remove_dir_all(place.project.join(".git")).unwrap();
        }
    }
}
