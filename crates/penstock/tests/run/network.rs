//! What a command and a step reach, and how more is allowed.

use std::{fs, process::Command};

use crate::harness::{Place, installed, server};

/// curl, by way of the proxy also where the address is this machine's.
fn fetch(port: u16) -> String {
    format!("curl -sS -f --noproxy '' http://127.0.0.1:{port}/")
}

#[test]
fn what_was_denied_is_learned_written_and_then_passes() {
    if !installed("curl") {
        return;
    }
    let place = Place::new();
    let port = server("the page");
    let hint = format!("needed? penstock allow --private 127.0.0.1:{port}");
    let ran = place.script(&[], &fetch(port)).says(&hint).says("not allowed");
    assert_ne!(ran.status, 0);
    assert!(!place.project.join("penstock.toml").exists());

    let line = format!("+allow = [\"private 127.0.0.1:{port}\"]");
    let ran = place.script(&["--learn"], &fetch(port)).says(&line);
    assert!(!place.project.join("penstock.toml").exists(), "{}", ran.err);
    // On a port that says nothing of the protocol, the connection is learned first, then the request.
    place.script(&["--learn", "--write"], &fetch(port)).says("written to penstock.toml");
    place.script(&["--learn", "--write"], &fetch(port)).says("written to penstock.toml");
    let ran = place.script(&["--learn"], &fetch(port)).exits(0);
    assert_eq!(ran.out, "the page");
    let ran = ran.says("penstock.toml also allows").says("nothing to allow");
    _ = ran.says(&format!("reached 127.0.0.1:{port} 1×"));

    let ran =
        place.script(&["--no-network"], &fetch(port)).says("reached nothing: it had no network");
    assert_ne!(ran.status, 0);
}

#[test]
fn an_option_allows_once() {
    if !installed("curl") {
        return;
    }
    let place = Place::new();
    let port = server("once");
    let rule = format!("private http://127.0.0.1:{port}");
    let ran = place.script(&["--allow", &rule], &fetch(port)).exits(0);
    assert_eq!(ran.out, "once");
    // The option is what the project would have to say.
    place
        .script(&["--allow", &rule, "--learn"], &fetch(port))
        .exits(0)
        .says(&format!("+allow = [\"{rule}\"]"));
    assert_ne!(place.script(&[], &fetch(port)).status, 0);
}

#[test]
fn a_line_is_added_once_and_comments_stay() {
    let place = Place::new();
    let text = "[project]\nname = \"p\" # ours\n\n[steps.build] # the only one\nrun = \"true\"\n";
    place.write("penstock.toml", text);
    let ran = place.penstock(&["allow", "registry.npmjs.org"]).exits(0);
    assert!(ran.out.contains("+allow = [\"registry.npmjs.org\"]"), "{}", ran.out);
    let ran = place.penstock(&["allow", "https://registry.npmjs.org/"]).exits(0);
    assert!(ran.out.contains("nothing to change"), "{}", ran.out);
    place.penstock(&["allow", "h.example:8443", "--step", "build"]).exits(0);
    let now = place.read("penstock.toml");
    assert!(now.contains("name = \"p\" # ours") && now.contains("# the only one"), "{now}");
    assert!(now.contains("network = { allow = [\"h.example:8443\"] }"), "{now}");
    for (host, why) in [
        ("*.com", "top-level domain"),
        ("169.254.169.254", "metadata"),
        ("https://h.example/path", "set `intercept = true` beside the rules"),
    ] {
        place.penstock(&["allow", host]).exits(2).says(why);
    }
    place.penstock(&["allow", "h.example", "--step", "biuld"]).exits(2).says("it has build");
    assert_eq!(place.read("penstock.toml"), now);
}

#[test]
fn a_name_that_does_not_resolve_is_told_from_one_that_is_denied() {
    if !installed("curl") {
        return;
    }
    let place = Place::new();
    let script = "curl -sS -m 30 https://no-such-host.invalid/";
    let ran = place.script(&["--allow", "no-such-host.invalid"], script);
    let ran = ran.says("no-such-host.invalid:443 1×, its name could NOT BE RESOLVED");
    assert_ne!(ran.status, 0);
    place.script(&[], script).says("no-such-host.invalid:443 1×: not allowed");
}

#[test]
fn programs_that_know_of_no_proxy_reach_nothing_and_are_told_of() {
    if !installed("curl") {
        return;
    }
    let place = Place::new();
    let port = server("direct");
    let script = format!(
        "curl -sS -m 5 --noproxy '*' http://127.0.0.1:{port}/; \
         curl -sS -m 5 --noproxy '*' https://198.51.100.7/; \
         curl -sS -m 5 http://169.254.169.254/latest/meta-data/; true"
    );
    let ran = place.script(&[], &script).exits(0);
    assert!(!ran.out.contains("direct"), "{}", ran.out);
    _ = ran.says("198.51.100.7:443").says("169.254.169.254:80 1×: metadata; no rule can allow it");
}

/// A step of the pipeline reaches what it lists and nothing else.
#[test]
fn a_step_reaches_what_it_lists() {
    if !installed("curl") || !installed("git") {
        return;
    }
    let place = Place::new();
    let (listed, other) = (server("listed"), server("other"));
    place.write(
        "penstock.toml",
        &format!(
            "[project]\nname = \"p\"\n[steps.get]\nnetwork = {{ allow = [\"private http://127.0.0.1:{listed}\"] }}\nrun = \"{}; {} || true\"\n",
            fetch(listed),
            fetch(other)
        ),
    );
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"])
            .args(arguments)
            .current_dir(&place.project)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "Begin"]);
    let ran = place.penstock(&["run", "--worktree", "--learn"]).exits(0);
    let hint = format!("penstock allow --private 127.0.0.1:{other} --step get");
    for words in [
        format!("get reached  127.0.0.1:{listed}"),
        format!("get denied   127.0.0.1:{other} 1×"),
        hint,
        format!("\"private 127.0.0.1:{other}\"]"),
    ] {
        assert!(ran.out.contains(&words), "{words}\n{}\n{}", ran.out, ran.err);
    }
    assert!(ran.err.contains("get | listed"), "{}", ran.err);
    for _ in 0..2 {
        place.penstock(&["run", "--worktree", "--learn", "--write"]).exits(0);
    }
    let ran = place.penstock(&["run", "--worktree"]).exits(0);
    assert!(ran.err.contains("other") && !ran.out.contains("denied"), "{}\n{}", ran.out, ran.err);
    assert!(
        fs::read_to_string(place.project.join("penstock.toml"))
            .unwrap()
            .contains(&other.to_string())
    );
}
