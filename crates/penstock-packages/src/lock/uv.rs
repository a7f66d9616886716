//! `uv.lock`, version 1 (<https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>).

use std::collections::{BTreeMap, HashMap};

use penstock_document::Node;

use super::{Contents, LockError, check_count, required, short, without_credentials};
use crate::{Checksum, HashAlgorithm, Package, Purl, Source};

const PYPI: &str = "https://pypi.org/simple";

struct Entry<'a> {
    node: Node<'a>,
    name: &'a str,
    version: &'a str,
    /// `None` for members of the project.
    package: Option<Package>,
    /// What it needs to run, and what only its developers need: places in the list of entries.
    runtime: Vec<usize>,
    dev: Vec<usize>,
}

pub(super) fn read(root: Node<'_>) -> Result<Contents, LockError> {
    if let Some(version) = root.get("version").present()
        && version.as_i64() != Some(1)
    {
        return Err(LockError::UnsupportedVersion {
            format: "uv.lock",
            found: short(version.text().unwrap_or_default()),
            remedy: "use a newer penstock",
        });
    }
    let items = root.get("package").items();
    check_count(items.len())?;
    let mut entries = items.map(Entry::read).collect::<Result<Vec<_>, _>>()?;
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        by_name.entry(entry.name).or_default().push(index);
    }
    let mut contents = Contents::default();
    let edges: Vec<_> =
        entries.iter().map(|entry| entry.edges(&entries, &by_name, &mut contents)).collect();
    for (entry, (runtime, dev)) in entries.iter_mut().zip(edges) {
        (entry.runtime, entry.dev) = (runtime, dev);
    }
    let needed = needed_to_run(&entries);
    let purls = |indices: &[usize]| -> Vec<Purl> {
        let entries = indices.iter().filter_map(|index| entries.get(*index));
        entries.filter_map(|entry| Some(entry.package.as_ref()?.purl.clone())).collect()
    };
    let mut packages = BTreeMap::new();
    for (entry, needed) in entries.iter().zip(needed) {
        match &entry.package {
            None => contents.direct.extend([purls(&entry.runtime), purls(&entry.dev)].concat()),
            Some(package) => {
                let dependencies = purls(&entry.runtime);
                let package = Package { dependencies, dev: Some(!needed), ..package.clone() };
                if packages.insert(package.purl.clone(), package).is_some() {
                    let what = format!("{} {}", entry.name, entry.version);
                    return Err(LockError::Duplicate(short(&what)));
                }
            }
        }
    }
    contents.packages = packages.into_values().collect();
    Ok(contents)
}

/// Which entries the members need to run, directly or not.
fn needed_to_run(entries: &[Entry<'_>]) -> Vec<bool> {
    let mut needed = vec![false; entries.len()];
    let members = entries.iter().enumerate().filter(|(_, entry)| entry.package.is_none());
    let mut pending: Vec<usize> = members.map(|(index, _)| index).collect();
    while let Some(index) = pending.pop() {
        let (Some(flag), Some(entry)) = (needed.get_mut(index), entries.get(index)) else {
            continue;
        };
        if !std::mem::replace(flag, true) {
            pending.extend(&entry.runtime);
        }
    }
    needed
}

impl<'a> Entry<'a> {
    fn read(node: Node<'a>) -> Result<Self, LockError> {
        let name = required(node, "name", "a package")?;
        // Members whose version is computed have none.
        let version = node.get("version").as_str().unwrap_or_default();
        let mut entry =
            Entry { node, name, version, package: None, runtime: Vec::new(), dev: Vec::new() };
        let source = node.get("source");
        let local = ["directory", "editable", "path", "virtual"];
        if local.iter().any(|kind| source.get(kind).exists()) {
            return Ok(entry);
        }
        required(node, "version", name)?;
        let source = if let Some(git) = source.get("git").as_str() {
            let (url, commit) = git.split_once('#').unwrap_or((git, ""));
            let url = url.split('?').next().unwrap_or(url);
            Source::Git { url: without_credentials(url), commit: commit.to_owned() }
        } else if let Some(url) = source.get("url").as_str() {
            Source::Url(without_credentials(url))
        } else {
            let url = source.get("registry").as_str().map(|url| url.trim_end_matches('/'));
            Source::Registry(url.filter(|url| *url != PYPI).map(without_credentials))
        };
        entry.package = Some(Package {
            purl: purl(name, version, &source)?,
            name: name.to_owned(),
            version: version.to_owned(),
            checksum: only_checksum(
                name,
                node.get("wheels").items().chain(node.get("sdist").present()),
            )?,
            source,
            dev: None,
            dependencies: Vec::new(),
        });
        Ok(entry)
    }

    fn edges(
        &self,
        entries: &[Self],
        by_name: &HashMap<&str, Vec<usize>>,
        contents: &mut Contents,
    ) -> (Vec<usize>, Vec<usize>) {
        let mut resolve = |lists: Vec<Node<'a>>| {
            let mut found = Vec::new();
            for dependency in lists.into_iter().flat_map(Node::items) {
                let name = dependency.get("name").as_str().unwrap_or_default();
                let version = dependency.get("version").as_str();
                let before = found.len();
                let named = by_name.get(name).into_iter().flatten().copied();
                // Without a version there is one, or a marker this reader does not evaluate tells
                // them apart: then the package may need any of them.
                found.extend(named.filter(|index| {
                    let entry = entries.get(*index);
                    version.is_none() || entry.map(|entry| entry.version) == version
                }));
                if found.len() == before {
                    contents.unresolved(self.name, name);
                }
            }
            found
        };
        let groups =
            |key| self.node.get(key).entries().map(|(_, list)| list).collect::<Vec<Node<'a>>>();
        let mut runtime = groups("optional-dependencies");
        runtime.push(self.node.get("dependencies"));
        (resolve(runtime), resolve(groups("dev-dependencies")))
    }
}

/// The digest of the one file a package is published as; `None` if there are several.
pub(super) fn only_checksum<'a>(
    name: &str,
    mut files: impl Iterator<Item = Node<'a>>,
) -> Result<Option<Checksum>, LockError> {
    let (Some(file), None) = (files.next(), files.next()) else { return Ok(None) };
    let Some(hex) = file.get("hash").as_str().and_then(|hash| hash.strip_prefix("sha256:")) else {
        return Ok(None);
    };
    Checksum::from_hex(HashAlgorithm::Sha256, hex)
        .map(Some)
        .map_err(|error| LockError::Checksum { package: short(name), error })
}

/// A Python package's URL.
pub(super) fn purl(name: &str, version: &str, source: &Source) -> Result<Purl, LockError> {
    let mut qualifiers = BTreeMap::new();
    match source {
        Source::Registry(None) => {}
        Source::Registry(Some(url)) => {
            qualifiers.insert("repository_url".to_owned(), url.clone());
        }
        Source::Git { url, commit } => {
            qualifiers.insert("vcs_url".to_owned(), format!("git+{url}@{commit}"));
        }
        Source::Url(url) => {
            qualifiers.insert("download_url".to_owned(), url.clone());
        }
    }
    Ok(Purl::new("pypi", None, name, Some(version), &qualifiers, None)?)
}
