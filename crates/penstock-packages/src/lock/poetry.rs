//! `poetry.lock` (<https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock>).
//!
//! The file does not hold the project itself: what nothing else depends on is taken for what the
//! project depends on.

use std::collections::{BTreeSet, HashMap};

use penstock_document::Node;

use super::{
    Contents, LockError, check_count, required, short,
    uv::{only_checksum, purl},
    without_credentials,
};
use crate::{Package, Source};

pub(super) fn read(root: Node<'_>) -> Result<Contents, LockError> {
    if let Some(version) = root.get("metadata").get("lock-version").present()
        && !version.as_str().is_some_and(|text| text.starts_with("1.") || text.starts_with("2."))
    {
        return Err(LockError::UnsupportedVersion {
            format: "poetry.lock",
            found: short(version.text().unwrap_or_default()),
            remedy: "use a newer penstock",
        });
    }
    let items = root.get("package").items();
    check_count(items.len())?;
    let nodes: Vec<Node<'_>> = items.collect();
    let mut packages = nodes.iter().map(|node| package(*node)).collect::<Result<Vec<_>, _>>()?;
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    let mut purls = BTreeSet::new();
    for (index, package) in packages.iter().enumerate() {
        if !purls.insert(package.purl.clone()) {
            let what = format!("{} {}", package.name, package.version);
            return Err(LockError::Duplicate(short(&what)));
        }
        by_name.entry(normalised(&package.name)).or_default().push(index);
    }
    let mut needed = BTreeSet::new();
    let edges: Vec<_> = nodes
        .iter()
        .map(|node| {
            // What an extra or a marker leaves out is not pinned, and not an error.
            let names = node.get("dependencies").entries().filter_map(|(key, _)| key.text());
            let found = names.filter_map(|name| by_name.get(&normalised(name))).flatten();
            let found = found.filter_map(|index| packages.get(*index));
            found.map(|package| package.purl.clone()).collect::<Vec<_>>()
        })
        .collect();
    for (package, dependencies) in packages.iter_mut().zip(edges) {
        needed.extend(dependencies.iter().filter(|purl| **purl != package.purl).cloned());
        package.dependencies = dependencies;
    }
    let direct = purls.difference(&needed).cloned().collect();
    Ok(Contents { packages, direct, unresolved: Vec::new() })
}

fn package(node: Node<'_>) -> Result<Package, LockError> {
    let name = required(node, "name", "a package")?;
    let version = required(node, "version", name)?;
    let source = node.get("source");
    let url = without_credentials(source.get("url").as_str().unwrap_or_default());
    let source = match source.get("type").as_str() {
        Some("git") => {
            let commit = source.get("resolved_reference").as_str().unwrap_or_default().to_owned();
            Source::Git { url, commit }
        }
        Some("legacy") => Source::Registry(Some(url)),
        Some(_) => Source::Url(url),
        None => Source::Registry(None),
    };
    let groups = node.get("groups");
    let dev = if groups.exists() {
        Some(!groups.items().any(|group| group.as_str() == Some("main")))
    } else {
        node.get("category").as_str().map(|category| category == "dev")
    };
    Ok(Package {
        purl: purl(name, version, &source)?,
        name: name.to_owned(),
        version: version.to_owned(),
        checksum: only_checksum(name, node.get("files").items())?,
        source,
        dev,
        dependencies: Vec::new(),
    })
}

/// A name as Python compares names
/// (<https://packaging.python.org/en/latest/specifications/name-normalization/>).
fn normalised(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    for c in name.chars() {
        if !matches!(c, '-' | '_' | '.') {
            result.extend(c.to_lowercase());
        } else if !result.ends_with('-') {
            result.push('-');
        }
    }
    result
}
