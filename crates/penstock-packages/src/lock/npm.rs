//! `package-lock.json` and `npm-shrinkwrap.json`, versions 2 and 3
//! (<https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>).

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use penstock_document::Node;

use super::{Contents, LockError, check_count, required, short, without_credentials};
use crate::{Checksum, Package, Purl, Source};

/// Where the public registry's files are.
const REGISTRIES: [&str; 2] = ["https://registry.npmjs.org/", "https://registry.yarnpkg.com/"];
const NODE_MODULES: &str = "node_modules";

/// One place in the tree of packages.
struct Place<'a> {
    path: &'a str,
    node: Node<'a>,
    /// `None` for the project's own members.
    package: Option<Package>,
}

pub(super) fn read(root: Node<'_>) -> Result<Contents, LockError> {
    match root.get("lockfileVersion").as_i64() {
        Some(2 | 3) => {}
        found => {
            return Err(LockError::UnsupportedVersion {
                format: "package-lock.json",
                found: found.map_or_else(|| "none".to_owned(), |found| found.to_string()),
                remedy: "write it with `npm install --package-lock-only --lockfile-version 3`",
            });
        }
    }
    let entries = root.get("packages").entries();
    check_count(entries.len())?;
    let mut places = Vec::with_capacity(entries.len());
    let mut by_path: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    for (key, node) in entries {
        let path = key.text().unwrap_or_default();
        if by_path.insert(path, places.len()).is_some() {
            return Err(LockError::Duplicate(short(path)));
        }
        places.push(Place { path, node, package: package(path, node)? });
    }
    // One version may be in several places, each with its own view of what it depends on.
    let mut packages: BTreeMap<Purl, Package> = BTreeMap::new();
    let mut contents = Contents::default();
    for place in &places {
        let dependencies = dependencies(place, &places, &by_path, &mut contents);
        let Some(package) = &place.package else {
            contents.direct.extend(dependencies);
            continue;
        };
        match packages.entry(package.purl.clone()) {
            Entry::Vacant(slot) => {
                slot.insert(Package { dependencies, ..package.clone() });
            }
            Entry::Occupied(mut slot) => {
                let known = slot.get_mut();
                known.dev = Some(known.dev == Some(true) && package.dev == Some(true));
                known.checksum = known.checksum.take().or_else(|| package.checksum.clone());
                known.dependencies.extend(dependencies);
            }
        }
    }
    contents.packages = packages.into_values().collect();
    Ok(contents)
}

/// The package at a place; `None` for members of the project and links to them.
fn package(path: &str, node: Node<'_>) -> Result<Option<Package>, LockError> {
    let is_link = node.get("link").as_bool() == Some(true);
    let Some(installed_as) = name_in(path) else { return Ok(None) };
    let resolved = node.get("resolved").as_str();
    if is_link || resolved.is_some_and(|resolved| resolved.starts_with("file:")) {
        return Ok(None);
    }
    // An alias is installed under one name and is another package.
    let name = node.get("name").as_str().unwrap_or(installed_as);
    let source = source_of(resolved);
    let version = match (&source, node.get("version").as_str()) {
        // What comes from Git need not have a version; the commit is one.
        (Source::Git { commit, .. }, None) if !commit.is_empty() => commit,
        _ => required(node, "version", name)?,
    };
    let checksum = node
        .get("integrity")
        .as_str()
        .map_or(Ok(None), Checksum::from_integrity)
        .map_err(|error| LockError::Checksum { package: short(name), error })?;
    Ok(Some(Package {
        purl: purl(name, version, &source)?,
        name: name.to_owned(),
        version: version.to_owned(),
        source: source.clone(),
        checksum,
        dev: Some(node.get("dev").as_bool() == Some(true)),
        dependencies: Vec::new(),
    }))
}

/// What a place depends on, found as Node.js finds modules: in the nearest `node_modules` above.
fn dependencies(
    place: &Place<'_>,
    places: &[Place<'_>],
    by_path: &HashMap<&str, usize>,
    contents: &mut Contents,
) -> Vec<Purl> {
    let mut found = Vec::new();
    // Peers and optional packages may be missing; development ones are installed for members only.
    let kinds: [(&str, bool); 4] = [
        ("dependencies", true),
        ("devDependencies", true),
        ("optionalDependencies", false),
        ("peerDependencies", false),
    ];
    for (kind, must_exist) in kinds {
        if kind == "devDependencies" && place.package.is_some() {
            continue;
        }
        for (key, _) in place.node.get(kind).entries() {
            let name = key.text().unwrap_or_default();
            let index = resolve(place.path, name, by_path);
            let Some(target) = index.and_then(|index| places.get(index)) else {
                // npm lists optional dependencies under `dependencies` as well.
                let optional = place.node.get("optionalDependencies").get(name).exists();
                if must_exist && !optional {
                    let from = if place.path.is_empty() { "." } else { place.path };
                    contents.unresolved(from, name);
                }
                continue;
            };
            found.extend(target.package.as_ref().map(|package| package.purl.clone()));
        }
    }
    found
}

fn resolve(from: &str, name: &str, by_path: &HashMap<&str, usize>) -> Option<usize> {
    let mut at = from;
    loop {
        if at != NODE_MODULES && !at.ends_with("/node_modules") {
            let separator = if at.is_empty() { "" } else { "/" };
            let path = format!("{at}{separator}{NODE_MODULES}/{name}");
            if let Some(index) = by_path.get(&*path) {
                return Some(*index);
            }
        }
        if at.is_empty() {
            return None;
        }
        at = at.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// The name a place is installed under; `None` outside of every `node_modules`.
fn name_in(path: &str) -> Option<&str> {
    let (before, name) = path.rsplit_once("node_modules/")?;
    (before.is_empty() || before.ends_with('/')).then_some(name).filter(|name| !name.is_empty())
}

fn source_of(resolved: Option<&str>) -> Source {
    match resolved {
        None => Source::Registry(None),
        Some(url) if REGISTRIES.iter().any(|registry| url.starts_with(registry)) => {
            Source::Registry(None)
        }
        Some(url) if url.starts_with("git+") || url.starts_with("git:") => {
            let (url, commit) = url.split_once('#').unwrap_or((url, ""));
            Source::Git { url: without_credentials(url), commit: commit.to_owned() }
        }
        Some(url) => Source::Url(without_credentials(url)),
    }
}

fn purl(name: &str, version: &str, source: &Source) -> Result<Purl, LockError> {
    let (namespace, name) = match name.split_once('/') {
        Some((scope, name)) => (Some(scope), name),
        None => (None, name),
    };
    let mut qualifiers = BTreeMap::new();
    match source {
        Source::Registry(_) => {}
        Source::Git { url, commit } => {
            qualifiers.insert("vcs_url".to_owned(), format!("{url}@{commit}"));
        }
        Source::Url(url) => {
            qualifiers.insert("download_url".to_owned(), url.clone());
        }
    }
    Ok(Purl::new("npm", namespace, name, Some(version), &qualifiers, None)?)
}
