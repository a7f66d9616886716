//! Real package managers, from the registries this machine's clients are configured for, through the
//! proxy. Skipped aloud where a tool or the network is missing.

use serde_json::Value;

use crate::harness::{Place, installed, online};

/// Runs a client whose TLS is opened: all its requests to the host are seen, and what it downloaded
/// has digests.
#[track_caller]
fn opened(place: &Place, command: &[&str], host: &str) {
    let path = place.home.join("record.json");
    let options = ["--intercept", "--json", path.to_str().unwrap()];
    place.run(&options, command).exits(0).says("denied nothing");
    let record: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let network = &record["network"];
    let prefix = format!("https://{host}/");
    let fetched = network["fetched"].as_array().unwrap();
    assert!(
        fetched.iter().any(|file| {
            let digest = file["sha256"].as_str().is_some_and(|digest| digest.len() == 64);
            digest && file["url"].as_str().is_some_and(|url| url.starts_with(&prefix))
        }),
        "{network:#}"
    );
    for asked in network["allowed"].as_array().unwrap() {
        assert_eq!(asked["intercepted"], true, "{network:#}");
        assert_eq!(asked["trouble"], Value::Null, "{network:#}");
    }
}

#[test]
fn npm_installs() {
    if !installed("npm") || !online("registry.npmjs.org") {
        return;
    }
    let place = Place::new();
    let manifest = r#"{"name":"x","version":"1.0.0","dependencies":{"ms":"2.1.3"}}"#;
    place.write("package.json", manifest);
    let install = ["npm", "install", "--no-audit", "--no-fund"];
    place.run(&[], &install).exits(0).says("reached registry.npmjs.org:443").says("denied nothing");
    assert!(place.project.join("node_modules/ms/index.js").is_file());
    // Caches last: the second time nothing need be reached.
    std::fs::remove_dir_all(place.project.join("node_modules")).unwrap();
    place.run(&["--no-network"], &["npm", "install", "--prefer-offline", "--no-audit"]).exits(0);
    assert!(place.project.join("node_modules/ms/index.js").is_file());

    let place = Place::new();
    place.write("package.json", manifest);
    opened(&place, &install, "registry.npmjs.org");
    assert!(place.project.join("node_modules/ms/index.js").is_file());
}

#[test]
fn pip_installs() {
    if !installed("python3") || !online("pypi.org") {
        return;
    }
    let place = Place::with_toolchains();
    // In an environment of the project's, as most projects have one.
    let made = place.run(&[], &["python3", "-m", "venv", ".venv"]);
    if made.status != 0 {
        println!("SKIPPED: this python3 makes no environments: {}", made.err);
        return;
    }
    let install = [".venv/bin/pip", "install", "-q", "idna==3.7"];
    place.run(&[], &install).exits(0).says("preset pip").says("reached files.pythonhosted.org:443");
    place.run(&[], &[".venv/bin/python", "-c", "import idna"]).exits(0).says("preset python");
    let another = [".venv/bin/pip", "install", "-q", "--no-deps", "certifi==2024.8.30"];
    opened(&place, &another, "files.pythonhosted.org");
}

#[test]
fn yarn_and_pnpm_install() {
    for program in ["yarn", "pnpm"] {
        if !installed(program) || !online("registry.npmjs.org") {
            continue;
        }
        let place = Place::new();
        let manifest = r#"{"name":"x","version":"1.0.0","dependencies":{"ms":"2.1.3"}}"#;
        place.write("package.json", manifest);
        place.run(&[], &[program, "install"]).exits(0).says("preset npm");
        assert!(place.project.join("node_modules/ms/index.js").is_file(), "{program}");
    }
}

#[test]
fn uv_and_poetry_install() {
    for (program, command) in
        [("uv", &["uv", "sync"][..]), ("poetry", &["poetry", "install", "-n"])]
    {
        if !installed(program) || !online("pypi.org") {
            continue;
        }
        let place = Place::with_toolchains();
        place.write(
            "pyproject.toml",
            "[project]\nname = \"x\"\nversion = \"0.1\"\nrequires-python = \">=3.9\"\n\
             dependencies = [\"idna==3.7\"]\n[tool.poetry]\npackage-mode = false\n",
        );
        let ran = place.run(&[], command).exits(0).says("preset pip");
        assert!(!ran.err.contains("hardlink"), "{}", ran.err);
        _ = ran.says("reached files.pythonhosted.org:443");
        assert!(place.read(&format!("{program}.lock")).contains("idna"));
    }
}

/// pyenv's `pip` is a script that looks after its own folder when pip has installed something.
#[test]
fn pip_installs_through_a_shim_of_pyenv() {
    let place = Place::with_toolchains();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = std::env::split_paths(&path).find(|entry| entry.join("pip").is_file());
    if !first.is_some_and(|entry| entry.ends_with(".pyenv/shims")) || !online("pypi.org") {
        println!("SKIPPED: there is no pip of pyenv's here");
        return;
    }
    // At rung 2 the kernel tells pip that it could write to pyenv's folder (access(2) knows nothing of
    // Landlock), so that it does not choose the home.
    let ran = place.run(&[], &["pip", "install", "-q", "idna==3.7"]);
    if ran.err.contains("rung 2") {
        println!("SKIPPED: without namespaces pip needs --user");
        return;
    }
    assert!(!ran.exits(0).err.contains("rehash"));
    place.run(&[], &["python3", "-c", "import idna"]).exits(0);
}

#[test]
fn cargo_builds() {
    if !installed("cargo") || !online("index.crates.io") {
        return;
    }
    let place = Place::with_toolchains();
    place.write(
        "Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nitoa = \"=1.0.11\"\n",
    );
    place.write("src/lib.rs", "");
    place.run(&[], &["cargo", "build"]).exits(0).says("reached index.crates.io:443");
    assert!(place.project.join("Cargo.lock").is_file());
    place.write(
        "Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nryu = \"=1.0.18\"\n",
    );
    opened(&place, &["cargo", "build"], "index.crates.io");
}

#[test]
fn go_downloads() {
    if !installed("go") || !online("proxy.golang.org") {
        return;
    }
    let mut place = Place::with_toolchains();
    // The checksum database is not mirrored everywhere.
    place.set("GONOSUMDB", "*");
    place.write("go.mod", "module x\n\ngo 1.18\n\nrequire github.com/google/uuid v1.6.0\n");
    place.write(
        "main.go",
        "package main\n\nimport _ \"github.com/google/uuid\"\n\nfunc main() {}\n",
    );
    place.run(&[], &["go", "mod", "tidy"]).exits(0).says("reached proxy.golang.org:443");
    assert!(place.read("go.sum").contains("google/uuid"));
    place.run(&["--no-network"], &["go", "clean", "-modcache"]).exits(0);
    opened(&place, &["go", "mod", "download"], "proxy.golang.org");
}

#[test]
fn mvn_resolves() {
    if !installed("mvn") || !online("repo.maven.apache.org") {
        return;
    }
    let place = Place::new();
    place.write(
        "pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId>\
         <version>1</version><packaging>pom</packaging></project>",
    );
    let get = ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-clean-plugin:3.2.0:clean"];
    place.run(&[], &get).exits(0).says("reached repo.maven.apache.org:443");
    let another = ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-help-plugin:3.4.1:help"];
    opened(&place, &another, "repo.maven.apache.org");
}

#[test]
fn gradle_resolves() {
    if !installed("gradle") || !online("repo.maven.apache.org") {
        return;
    }
    let place = Place::new();
    place.write(
        "build.gradle",
        "repositories { mavenCentral() }\nconfigurations { c }\n\
         dependencies { c 'org.slf4j:slf4j-api:2.0.9' }\n\
         task get(type: Copy) { from configurations.c; into 'libs' }\n",
    );
    let ran = place.run(&[], &["gradle", "get"]).exits(0).says("preset gradle");
    _ = ran.says("reached repo.maven.apache.org:443");
    assert!(place.project.join("libs/slf4j-api-2.0.9.jar").is_file());
}

#[test]
fn git_works_in_its_repository_but_not_on_its_hooks() {
    if !installed("git") {
        return;
    }
    let mut place = Place::new();
    for (name, value) in [("NAME", "Ana"), ("EMAIL", "ana@example.org")] {
        place.set(&format!("GIT_AUTHOR_{name}"), value);
        place.set(&format!("GIT_COMMITTER_{name}"), value);
    }
    place.run(&[], &["git", "init", "-q", "."]).exits(0);
    place.write("file", "x");
    place.run(&[], &["git", "add", "file"]).exits(0).says("preset git");
    place.run(&[], &["git", "commit", "-q", "-m", "Begin"]).exits(0);
    let refused = place.run(&[], &["git", "config", "core.fsmonitor", "evil"]);
    assert_ne!(refused.status, 0);
    assert!(!place.read(".git/config").contains("fsmonitor"));
    // For every other command all of it is out of reach, and only to be read.
    place.script(&[], "git log --oneline | grep -q Begin").exits(0);
    assert_ne!(place.script(&[], "git commit -q --allow-empty -m No").status, 0);
}
