//! Where a command works, what it is given, what is told of its files.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _, fs::PermissionsExt as _},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::harness::{Place, installed};

fn record(place: &Place) -> Value {
    serde_json::from_str(&fs::read_to_string(place.home.join("record")).unwrap()).unwrap()
}

#[test]
fn what_became_of_the_files_is_told() {
    let place = Place::new();
    place.write("kept", "1");
    place.write("changed", "1");
    place.write("deleted", "1");
    let json = place.home.join("record");
    let script = "echo 2 > changed; rm deleted; mkdir -p node_modules/a; echo 3 > node_modules/a/b; echo 4 > c";
    place
        .script(&["--json", json.to_str().unwrap()], script)
        .exits(0)
        .says("wrote 2 created (c, node_modules/ 1); 1 changed (changed); 1 deleted (deleted)");
    let record = record(&place);
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/command.v1.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&record).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(
        record["changes"]["created"]["listed"],
        serde_json::json!(["c", "node_modules/a/b"])
    );
    assert_eq!(record["exit_status"], 0);
    assert_eq!(place.read("kept"), "1");
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let ran = Place::new().penstock(&["schema", "command"]).exits(0);
    assert_eq!(ran.out, include_str!("../../../../schemas/command.v1.json"));
}

#[test]
fn a_secret_is_passed_and_masked_and_nothing_else_of_the_environment_is() {
    let mut place = Place::new();
    place.set("NPM_TOKEN", "geheim-token-4711");
    place.set("DEBUG", "yes");
    place.set("CI_JOB_TOKEN", "geheim-job-0815");
    let json = place.home.join("record");
    let options = ["--secret", "NPM_TOKEN", "--env", "DEBUG", "--json", json.to_str().unwrap()];
    let script = "echo token=$NPM_TOKEN debug=$DEBUG job=$CI_JOB_TOKEN; printf %s $NPM_TOKEN | base64; \
                  test $NPM_TOKEN = geheim-token-4711 && echo right; env echo $NPM_TOKEN >&2";
    let ran = place.script(&options, script).exits(0);
    assert!(ran.out.starts_with("token=*** debug=yes job=\n"), "{}", ran.out);
    assert!(ran.out.ends_with("right\n"), "{}", ran.out);
    let kept = fs::read_to_string(&json).unwrap();
    for shown in [&ran.out, &ran.err, &kept] {
        assert!(!shown.contains("geheim-token") && !shown.contains("Z2VoZWltLXRva2Vu"), "{shown}");
    }
    _ = ran.says("passed as they are: DEBUG").says("passed and masked: NPM_TOKEN");
    assert_eq!(record(&place)["given"]["secrets"], serde_json::json!(["NPM_TOKEN"]));
}

#[test]
fn a_path_of_any_bytes_is_worked_on_from_within() {
    let name = OsStr::from_bytes(b"pro ject \xff");
    let mut place = Place::named(name);
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place.write("sub/dir/here", "x");
    place.at = place.project.join("sub/dir");
    let ran = place.script(&[], "ls; echo y > ../../made; pwd | od -c | grep -c 377").exits(0);
    assert_eq!(ran.out, "here\n1\n");
    assert_eq!(place.read("made"), "y\n");
}

#[test]
fn a_full_disk_is_the_commands_trouble() {
    let mut place = Place::new();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k,mode=0755", "tmpfs"])
        .arg(&place.project)
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: only root can mount a small disk");
        return;
    }
    place.at = place.project.clone();
    let ran = place.script(&[], "head -c 1000000 /dev/zero > big");
    let unmounted = Command::new("umount").arg(&place.project).status().unwrap();
    assert!(unmounted.success());
    assert_ne!(ran.status, 0, "{}", ran.err);
    _ = ran.says("No space left on device").says("wrote 1 created (big)");
}

#[test]
fn an_ordinary_user_is_confined_as_well() {
    const ORDINARY: u32 = 54_321;
    let place = Place::new();
    if fs::metadata(&place.project).unwrap().uid() != 0 {
        println!("SKIPPED: this already is an ordinary user");
        return;
    }
    if !installed("setpriv") {
        return;
    }
    // The folder for builds may be closed to others.
    let exe = place.project.parent().unwrap().join("penstock");
    fs::copy(env!("CARGO_BIN_EXE_penstock"), &exe).unwrap();
    fs::set_permissions(&exe, fs::Permissions::from_mode(0o755)).unwrap();
    for path in [&place.project, &place.home] {
        std::os::unix::fs::chown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
    }
    let id = ORDINARY.to_string();
    let output = Command::new("setpriv")
        .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
        .arg(&exe)
        .args(["run", "--", "sh", "-c", "echo x > made; mkdir -p .github/w || echo refused; id -u"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &place.home)
        .current_dir(&place.project)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "refused\n1000\n", "{err}");
    assert_eq!(fs::metadata(place.project.join("made")).unwrap().uid(), ORDINARY);
}
