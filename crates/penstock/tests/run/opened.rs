//! TLS that is opened: for a command, for a step, and what is left of it.

use std::{fs, path::Path, process::Command};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{
    harness::{Place, Ran, installed},
    https::Https,
};

/// A place whose caller trusts a server of these files, beneath `/open/` and `/closed/`.
fn place() -> (Place, Https) {
    let mut place = Place::new();
    let files = place.home.join("served");
    for folder in ["open", "closed"] {
        fs::create_dir_all(files.join(folder)).unwrap();
        fs::write(files.join(folder).join("file"), format!("what is {folder}")).unwrap();
    }
    let server = Https::serve(&files);
    let trusted = place.home.join("trusted.pem");
    fs::write(&trusted, &server.authority).unwrap();
    place.set("SSL_CERT_FILE", trusted);
    (place, server)
}

/// curl, by way of the proxy also where the address is this machine's.
fn fetch(server: &Https, path: &str) -> String {
    format!("curl -sS -f --noproxy '' https://127.0.0.1:{}{path}", server.port)
}

fn rule(server: &Https) -> String {
    format!("private https://127.0.0.1:{}/open/", server.port)
}

/// Runs a script with its record.
fn recorded(place: &Place, options: &[&str], script: &str) -> (Ran, Value) {
    let path = place.home.join("record.json");
    let keep = ["--json", path.to_str().unwrap()];
    let ran = place.script(&[options, &keep[..]].concat(), script);
    (ran, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
}

#[test]
fn a_download_has_its_digest_and_a_path_is_refused() {
    if !installed("curl") {
        return;
    }
    let (place, server) = place();
    let rule = rule(&server);
    let options = ["--intercept", "--allow", &rule];
    for rung in ["1", "2"] {
        let options = [&options[..], &["--rung", rung]].concat();
        let (ran, record) = recorded(&place, &options, &fetch(&server, "/open/file"));
        if rung == "2" && ran.err.contains("not let a command be confined") {
            println!("SKIPPED: this machine has no rung 2: {}", ran.err);
            continue;
        }
        let ran = ran.exits(0).says("TLS is opened and its requests judged");
        assert_eq!(ran.out, "what is open");
        _ = ran.says(&format!("reached 127.0.0.1:{} 1× (TLS opened)", server.port));
        let network = &record["network"];
        assert_eq!(network["allowed"][0]["intercepted"], true);
        let fetched = &network["fetched"][0];
        assert_eq!(fetched["url"], format!("https://127.0.0.1:{}/open/file", server.port));
        let digest = penstock_model::Sha256::of(b"what is open").to_string();
        assert_eq!(
            (fetched["sha256"].as_str(), fetched["size"].as_u64()),
            (Some(&*digest), Some(12))
        );
        assert_eq!(record["given"]["intercept"], true);
        let schema = include_str!("../../../../schemas/command.v1.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&record).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
    let (ran, record) = recorded(&place, &options, &fetch(&server, "/closed/file"));
    assert_ne!(ran.status, 0);
    assert!(!ran.out.contains("what is closed"), "{}", ran.out);
    _ = ran.says(&format!("penstock allow https://127.0.0.1:{}/closed/file", server.port));
    assert_eq!(record["network"]["denied"][0]["reason"], "path");
    assert_eq!(record["network"]["fetched"], Value::Null);
}

#[test]
fn the_step_is_shown_certificates_and_no_key() {
    if !installed("curl") {
        return;
    }
    let (place, server) = place();
    let rule = rule(&server);
    let script = "folder=$(dirname \"$SSL_CERT_FILE\"); echo \"$folder\"; \
                  grep -c 'BEGIN CERTIFICATE' \"$SSL_CERT_FILE\" \"$NODE_EXTRA_CA_CERTS\"; \
                  grep -rl 'PRIVATE KEY' \"$folder\" \"$HOME\" /tmp && echo FOUND; \
                  touch \"$folder/x\" 2>/dev/null && echo WRITTEN; \
                  echo x 2>/dev/null >>\"$SSL_CERT_FILE\" && echo WRITTEN; true";
    for rung in ["1", "2"] {
        let options = ["--intercept", "--allow", &rule, "--rung", rung];
        let (ran, record) = recorded(&place, &options, script);
        if rung == "2" && ran.err.contains("not let a command be confined") {
            println!("SKIPPED: this machine has no rung 2: {}", ran.err);
            continue;
        }
        let ran = ran.exits(0);
        let mut lines = ran.out.lines();
        let folder = lines.next().unwrap();
        assert!(!Path::new(folder).exists(), "`{folder}` is left");
        let counts: Vec<&str> =
            lines.by_ref().take(2).map(|line| line.rsplit(':').next().unwrap()).collect();
        // The caller's one root and the run's authority; the authority alone.
        assert_eq!(counts, ["2", "1"], "{}", ran.out);
        assert_eq!(lines.next(), None, "rung {rung}: {}", ran.out);
        for part in ["given", "network", "isolation"] {
            assert!(!record[part].to_string().contains("BEGIN "), "{record}");
        }
    }
}

#[test]
fn a_server_that_the_caller_does_not_trust_is_refused() {
    if !installed("curl") {
        return;
    }
    let (mut place, server) = place();
    let (_, other) = self::place();
    let others = place.home.join("others.pem");
    fs::write(&others, &other.authority).unwrap();
    place.set("SSL_CERT_FILE", others);
    let rule = rule(&server);
    let script = format!("{} -k", fetch(&server, "/open/file"));
    let ran = place.script(&["--intercept", "--allow", &rule], &script);
    assert_ne!(ran.status, 0);
    let ran = ran.says("bad certificate").says("is of an issuer that this machine does not trust");
    assert!(!ran.out.contains("what is open"));
}

#[test]
fn a_path_within_tls_needs_it_opened() {
    let (place, server) = place();
    let rule = rule(&server);
    let ran = place.script(&["--allow", &rule], "echo ran").exits(125);
    assert_eq!(ran.out, "");
    _ = ran.says("give --intercept to `penstock run -- COMMAND`");
    let text = format!("[project]\nname = \"p\"\n[run]\nallow = [\"{rule}\"]\n");
    place.write("penstock.toml", &text);
    place.script(&[], "echo ran").exits(125).says("set `intercept = true` beside `allow`");
    place.write("penstock.toml", &format!("{text}intercept = true\n"));
    let ran = place.script(&[], &fetch(&server, "/open/file"));
    if installed("curl") {
        assert_eq!(ran.exits(0).out, "what is open");
    }
}

#[test]
fn what_was_learned_of_opened_tls_passes_without_an_option() {
    if !installed("curl") {
        return;
    }
    let (place, server) = place();
    let (rule, script) = (rule(&server), fetch(&server, "/open/file"));
    let options = ["--intercept", "--allow", &rule, "--learn", "--write"];
    let ran = place.script(&options, &script).exits(0).says("+intercept = true");
    _ = ran.says(&format!("+allow = [\"{rule}\"]"));
    let ran = place.script(&["--learn"], &script).exits(0).says("nothing to allow");
    assert_eq!(ran.out, "what is open");
}

#[test]
fn git_clones_through_it() {
    if !installed("git") {
        return;
    }
    let (place, server) = place();
    let files = place.home.join("served/open");
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"])
            .args(arguments)
            .current_dir(&files)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "work"]);
    fs::write(files.join("work/file"), "of the repository").unwrap();
    git(&["-C", "work", "add", "file"]);
    git(&["-C", "work", "commit", "-q", "-m", "Begin"]);
    git(&["clone", "-q", "--bare", "work", "bare.git"]);
    // The protocol in which a server knows nothing of git.
    git(&["-C", "bare.git", "update-server-info"]);
    let rule = rule(&server);
    let url = format!("https://127.0.0.1:{}/open/bare.git", server.port);
    let script = format!("no_proxy= NO_PROXY= git clone -q {url} cloned && cat cloned/file");
    let ran = place.script(&["--intercept", "--allow", &rule], &script).exits(0);
    assert_eq!(ran.out, "of the repository");
}

#[test]
fn what_a_step_fetched_is_in_the_provenance() {
    if !installed("curl") || !installed("git") {
        return;
    }
    let (place, server) = place();
    place.write(
        "penstock.toml",
        &format!(
            "[project]\nname = \"p\"\n[steps.get]\nnetwork = {{ allow = [\"{}\"], intercept = true }}\n\
             run = \"{} -o got; {} || true\"\noutputs = [\"got\"]\n",
            rule(&server),
            fetch(&server, "/open/file"),
            fetch(&server, "/closed/file"),
        ),
    );
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "Begin"]] {
        let done = Command::new("git")
            .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"])
            .args(arguments)
            .current_dir(&place.project)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let ran = place.penstock(&["run"]);
    let words = format!("get reached  127.0.0.1:{} (TLS opened)", server.port);
    assert!(ran.out.contains(&words), "{}\n{}", ran.out, ran.err);
    let provenance = provenance(&place.home.join("state"));
    let definition = &provenance["predicate"]["buildDefinition"];
    let url = format!("https://127.0.0.1:{}/open/file", server.port);
    let dependencies = definition["resolvedDependencies"].as_array().unwrap();
    let fetched = dependencies.iter().find(|one| one["uri"] == url.as_str()).unwrap();
    let digest = penstock_model::Sha256::of(b"what is open").to_string();
    assert_eq!(fetched["digest"]["sha256"], digest);
    assert_eq!(definition["internalParameters"]["incomplete"], serde_json::json!([]));
    let step = &definition["externalParameters"]["steps"][0];
    assert_eq!(step["network"], format!("intercept {}", rule(&server)));
}

/// The one provenance beneath a directory of state.
fn provenance(state: &Path) -> Value {
    let mut folders = vec![state.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bundle: Option<Value> =
                serde_json::from_slice(&fs::read(entry.path()).unwrap_or_default()).ok();
            let payload = bundle.as_ref().and_then(|one| one["dsseEnvelope"]["payload"].as_str());
            let Some(statement) = payload.and_then(|text| BASE64_STANDARD.decode(text).ok()) else {
                continue;
            };
            let statement: Value = serde_json::from_slice(&statement).unwrap();
            if statement["predicateType"] == "https://slsa.dev/provenance/v1" {
                return statement;
            }
        }
    }
    panic!("there is no provenance")
}

/// Gives the person a login at what is beneath `/open/`; where that is.
fn log_in(place: &Place, server: &Https) -> String {
    let at = format!("127.0.0.1:{}", server.port);
    let npmrc = format!("registry=https://{at}/open/\n//{at}/open/:_authToken=geheim-npm\n");
    fs::write(place.home.join(".npmrc"), npmrc).unwrap();
    at
}

/// The login of the person's own configuration: to their registry, within TLS that is opened, and to
/// nobody else.
#[test]
fn a_login_is_added_within_tls_and_the_command_does_not_see_it() {
    if !installed("curl") {
        return;
    }
    let (place, server) = place();
    let at = log_in(&place, &server);
    let both = format!("{}; {}", fetch(&server, "/open/file"), fetch(&server, "/closed/file"));
    let script = format!("{both}; env; cat ~/.npmrc");
    let ran = place.script(&["--intercept", "--preset", "npm"], &script).exits(0);
    assert!(ran.out.starts_with("what is openwhat is closed"), "{}", ran.out);
    assert!(!ran.out.contains("geheim") && !ran.err.contains("geheim"), "{}", ran.out);
    let ran = ran.says(&format!("the proxy adds your login to what is read from {at}"));
    _ = ran.says(&format!("reached {at} 2× (TLS opened)"));
    let heard = server.heard().to_ascii_lowercase();
    let [open, closed] = ["get /open/file", "get /closed/file"].map(|line| {
        let rest = heard.split_once(line).unwrap().1;
        rest.split("\r\n\r\n").next().unwrap().contains("authorization: bearer geheim-npm")
    });
    assert!(open && !closed, "{heard}");
}

#[test]
fn a_login_is_kept_back_where_tls_stays_closed() {
    if !installed("curl") {
        return;
    }
    let (place, server) = place();
    let at = log_in(&place, &server);
    let fetch = format!("{} --cacert trusted", fetch(&server, "/open/file"));
    fs::write(place.project.join("trusted"), &server.authority).unwrap();
    let closed = place.script(&["--preset", "npm"], &fetch).exits(0);
    _ = closed.says("you have a login at 127.0.0.1; the command does not get it. --intercept lets");
    let opaque = format!("private opaque {at}");
    let options = ["--intercept", "--preset", "npm", "--allow", &opaque];
    _ = place.script(&options, &fetch).exits(0).says("you have a login at 127.0.0.1; the command");
    assert!(!server.heard().contains("geheim"), "{}", server.heard());
}
