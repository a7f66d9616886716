//! `go.mod` and `go.sum` (<https://go.dev/ref/mod#go-mod-file>, <https://go.dev/ref/mod#go-sum-files>).
//!
//! From Go 1.17 on a `go.mod` names every module that provides a package to the build. Which module
//! needs which is not in these files.

use std::collections::{BTreeMap, HashMap};

use super::{Contents, LockError, check_count, short};
use crate::{Checksum, HashAlgorithm, Package, Purl, Source};

/// Directives that say nothing about the modules of the build.
const OTHER_DIRECTIVES: [&str; 8] =
    ["exclude", "go", "godebug", "ignore", "module", "retract", "tool", "toolchain"];

pub(super) fn read_mod(text: &str) -> Result<Contents, LockError> {
    let mut required: Vec<(String, String, bool)> = Vec::new();
    let mut replaced: HashMap<(String, Option<String>), (String, Option<String>)> = HashMap::new();
    let mut block: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let malformed = || LockError::Line { line: index + 1, format: "go.mod" };
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words = code.split_ascii_whitespace().map(unquoted).collect::<Vec<_>>();
        if words.is_empty() {
            continue;
        }
        let directive = match &block {
            Some(_) if words == [")"] => {
                block = None;
                continue;
            }
            Some((_, directive)) => directive.clone(),
            None => words.remove(0),
        };
        if words == ["("] && block.is_none() {
            block = Some((index + 1, directive));
            continue;
        }
        match (&*directive, &*words) {
            ("require", [path, version]) => {
                let indirect = comment.trim_start().starts_with("indirect");
                required.push((path.clone(), version.clone(), indirect));
                check_count(required.len())?;
            }
            ("replace", words) => {
                let mut sides = words.split(|word| word == "=>");
                let (Some(old), Some(new), None) = (sides.next(), sides.next(), sides.next())
                else {
                    return Err(malformed());
                };
                let old = module(old).ok_or_else(malformed)?;
                replaced.insert(old, module(new).ok_or_else(malformed)?);
            }
            (other, _) if OTHER_DIRECTIVES.contains(&other) => {}
            _ => return Err(malformed()),
        }
    }
    // A file that was cut says less than the build uses.
    if let Some((line, _)) = block {
        return Err(LockError::Line { line, format: "go.mod" });
    }
    let mut packages: BTreeMap<Purl, Package> = BTreeMap::new();
    let mut contents = Contents::default();
    for (path, version, indirect) in required {
        let replacement = replaced
            .get(&(path.clone(), Some(version.clone())))
            .or_else(|| replaced.get(&(path.clone(), None)));
        let package = match replacement {
            None => package(&path, &version, None)?,
            Some((path, Some(version))) => package(path, version, None)?,
            // A directory of the project's own.
            Some((_, None)) => continue,
        };
        if !indirect {
            contents.direct.push(package.purl.clone());
        }
        packages.insert(package.purl.clone(), package);
    }
    contents.packages = packages.into_values().collect();
    Ok(contents)
}

pub(super) fn read_sum(text: &str) -> Result<Contents, LockError> {
    let mut packages: BTreeMap<Purl, Package> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let malformed = || LockError::Line { line: index + 1, format: "go.sum" };
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let (path, version, hash) = match &*words {
            [] => continue,
            [path, version, hash] => (*path, *version, *hash),
            _ => return Err(malformed()),
        };
        // The digest of the module's go.mod alone says nothing about its code.
        if version.ends_with("/go.mod") {
            continue;
        }
        let checksum = hash
            .strip_prefix("h1:")
            .map(|hash| Checksum::from_base64(HashAlgorithm::GoH1, hash))
            .transpose()
            .map_err(|error| LockError::Checksum { package: short(path), error })?;
        let package = package(path, version, checksum)?;
        packages.insert(package.purl.clone(), package);
        check_count(packages.len())?;
    }
    Ok(Contents { packages: packages.into_values().collect(), ..Contents::default() })
}

/// One side of a replacement: a module, with or without a version.
fn module(words: &[String]) -> Option<(String, Option<String>)> {
    match words {
        [path] => Some((path.clone(), None)),
        [path, version] => Some((path.clone(), Some(version.clone()))),
        _ => None,
    }
}

fn unquoted(word: &str) -> String {
    word.trim_matches(['"', '`']).to_owned()
}

fn package(path: &str, version: &str, checksum: Option<Checksum>) -> Result<Package, LockError> {
    let (namespace, name) = match path.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, path),
    };
    Ok(Package {
        purl: Purl::new("golang", namespace, name, Some(version), &BTreeMap::new(), None)?,
        name: path.to_owned(),
        version: version.to_owned(),
        source: Source::Registry(None),
        checksum,
        dev: None,
        dependencies: Vec::new(),
    })
}
