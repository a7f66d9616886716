#![expect(clippy::print_stdout, reason = "a test that skips says so")]
//! Runs over corpora that are not part of the project; they say so when they skip.

use std::{collections::BTreeMap, fs, path::PathBuf};

use penstock_packages::{Purl, read};
use serde_json::Value;

fn corpus(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PENSTOCK_CORPORA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let folder = root.join("dependencies").join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not here (set PENSTOCK_CORPORA)", folder.display());
    None
}

#[test]
fn purl_build_cases_of_the_specification() {
    let Some(folder) = corpus("purl") else { return };
    let (mut right, mut wrong) = (0, Vec::new());
    for part in [
        "spec/specification-test.json",
        "types/cargo-test.json",
        "types/npm-test.json",
        "types/golang-test.json",
        "types/pypi-test.json",
        "types/github-test.json",
        "types/bitbucket-test.json",
    ] {
        let cases: Value = serde_json::from_slice(&fs::read(folder.join(part)).unwrap()).unwrap();
        for case in cases["tests"].as_array().unwrap() {
            if case["test_type"] != "build" {
                continue;
            }
            let text = |key: &str| case["input"][key].as_str();
            let qualifiers: BTreeMap<String, String> =
                serde_json::from_value(case["input"]["qualifiers"].clone()).unwrap_or_default();
            let built = Purl::new(
                text("type").unwrap_or_default(),
                text("namespace"),
                text("name").unwrap_or_default(),
                text("version"),
                &qualifiers,
                text("subpath"),
            );
            let built = built.ok().map(|purl| purl.to_string());
            if built.as_deref() == case["expected_output"].as_str() {
                right += 1;
            } else {
                wrong.push(format!("{part}: {} became {built:?}", case["input"]));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(right, 29);
}

/// Every lock file of the corpus is read, or refused for the reason given here.
#[test]
fn lock_files_of_the_corpus() {
    let Some(folder) = corpus("lockfiles") else { return };
    let mut packages = BTreeMap::new();
    let mut refused = Vec::new();
    for (part, name) in [
        ("rust/cargolock", "Cargo.lock"),
        ("javascript/packagelockjson", "package-lock.json"),
        ("golang/gomod", "go.mod"),
        ("golang/gomod", "go.sum"),
        ("python/uvlock", "uv.lock"),
        ("python/poetrylock", "poetry.lock"),
    ] {
        let mut files: Vec<PathBuf> = fs::read_dir(folder.join(part).join("testdata"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        for path in files {
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            if part == "golang/gomod" && file.ends_with(".sum") != (name == "go.sum") {
                continue;
            }
            match read(name, &fs::read_to_string(&path).unwrap()) {
                Ok(lock) => *packages.entry(name).or_insert(0) += lock.unwrap().packages.len(),
                Err(error) => refused.push(format!("{name} {file}: {error}")),
            }
        }
    }
    let counts: Vec<_> = packages.into_iter().collect();
    assert_eq!(
        counts,
        [
            ("Cargo.lock", 15),
            ("go.mod", 22),
            ("go.sum", 6),
            ("package-lock.json", 40),
            ("poetry.lock", 20),
            ("uv.lock", 20)
        ]
    );
    // What is refused: files that are made not to be lock files, and version 1 of npm's.
    refused.retain(|line| !line.contains(".v1.json: package-lock.json version 1 is not supported"));
    let names: Vec<_> = refused.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        names,
        [
            "Cargo.lock not-toml.txt",
            "package-lock.json not-json.txt",
            "go.mod not-go-mod.mod",
            "go.sum indirect-1.23.sum",
            "uv.lock not-toml.txt",
            "poetry.lock not-toml.txt"
        ]
    );
}
