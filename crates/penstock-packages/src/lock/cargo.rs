//! `Cargo.lock`, versions 1 to 4
//! (<https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>, cargo's
//! `core/resolver/encode.rs` for the format).

use std::collections::{BTreeMap, HashMap};

use penstock_document::Node;

use super::{Contents, LockError, check_count, required, short, without_credentials};
use crate::{Checksum, HashAlgorithm, Package, Purl, Source};

/// How the registry of crates.io is written, by either protocol.
const CRATES_IO: [&str; 3] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
    "registry+sparse+https://index.crates.io/",
];

/// One `[[package]]`; without a source it is a member of the project.
struct Entry<'a> {
    node: Node<'a>,
    name: &'a str,
    version: &'a str,
    source: Option<&'a str>,
    purl: Option<Purl>,
}

pub(super) fn read(root: Node<'_>) -> Result<Contents, LockError> {
    if let Some(version) = root.get("version").present()
        && !matches!(version.as_i64(), Some(1..=4))
    {
        return Err(LockError::UnsupportedVersion {
            format: "Cargo.lock",
            found: short(version.text().unwrap_or_default()),
            remedy: "use a newer penstock",
        });
    }
    let items = root.get("package").items();
    check_count(items.len())?;
    let entries = items.map(Entry::read).collect::<Result<Vec<_>, _>>()?;
    let mut by_name: HashMap<&str, Vec<&Entry<'_>>> = HashMap::new();
    for entry in &entries {
        let same = by_name.entry(entry.name).or_default();
        if same.iter().any(|e| e.version == entry.version && e.source == entry.source) {
            return Err(LockError::Duplicate(short(&format!("{} {}", entry.name, entry.version))));
        }
        same.push(entry);
    }
    let mut contents = Contents::default();
    for entry in &entries {
        let mut dependencies = Vec::new();
        for dependency in entry.node.get("dependencies").items() {
            let text = dependency.as_str().unwrap_or_default();
            match resolve(text, &by_name) {
                Some(found) => dependencies.extend(found.purl.clone()),
                None => contents.unresolved(entry.name, text),
            }
        }
        match (&entry.purl, entry.source) {
            (Some(purl), Some(source)) => contents.packages.push(Package {
                purl: purl.clone(),
                name: entry.name.to_owned(),
                version: entry.version.to_owned(),
                source: source_of(source),
                checksum: entry.checksum(root)?,
                dev: None,
                dependencies,
            }),
            _ => contents.direct.extend(dependencies),
        }
    }
    Ok(contents)
}

impl<'a> Entry<'a> {
    fn read(node: Node<'a>) -> Result<Self, LockError> {
        let name = required(node, "name", "a package")?;
        let version = required(node, "version", name)?;
        let source = node.get("source").as_str();
        let purl = source.map(|source| purl(name, version, source)).transpose()?;
        Ok(Self { node, name, version, source, purl })
    }

    /// The checksum, from the entry or (version 1) from the table at the end of the file.
    fn checksum(&self, root: Node<'_>) -> Result<Option<Checksum>, LockError> {
        let hex = self.node.get("checksum").as_str().or_else(|| {
            let source = self.source?;
            let key = format!("checksum {} {} ({source})", self.name, self.version);
            root.get("metadata").get(&key).as_str().filter(|hex| *hex != "<none>")
        });
        hex.map(|hex| Checksum::from_hex(HashAlgorithm::Sha256, hex))
            .transpose()
            .map_err(|error| LockError::Checksum { package: short(self.name), error })
    }
}

/// Finds what `name`, `name version` or `name version (source)` means: as much as is needed to tell
/// packages of one name apart.
fn resolve<'a, 'b>(
    text: &str,
    by_name: &'b HashMap<&str, Vec<&'b Entry<'a>>>,
) -> Option<&'b Entry<'a>> {
    let mut parts = text.splitn(3, ' ');
    let name = parts.next()?;
    let version = parts.next();
    let source = match parts.next() {
        None => None,
        Some(source) => Some(source.strip_prefix('(')?.strip_suffix(')')?),
    };
    let mut fits = by_name.get(name)?.iter().filter(|entry| {
        version.is_none_or(|version| version == entry.version)
            && source.is_none_or(|source| Some(source) == entry.source)
    });
    let found = fits.next()?;
    // Two that fit would be a guess; cargo writes as many parts as make it one.
    fits.next().is_none().then_some(*found)
}

fn purl(name: &str, version: &str, source: &str) -> Result<Purl, LockError> {
    let mut qualifiers = BTreeMap::new();
    match source_of(source) {
        Source::Git { url, commit } => {
            qualifiers.insert("vcs_url".to_owned(), format!("git+{url}@{commit}"));
        }
        Source::Registry(None) => {}
        Source::Registry(Some(url)) | Source::Url(url) => {
            qualifiers.insert("repository_url".to_owned(), url);
        }
    }
    Ok(Purl::new("cargo", None, name, Some(version), &qualifiers, None)?)
}

fn source_of(source: &str) -> Source {
    if CRATES_IO.contains(&source) {
        return Source::Registry(None);
    }
    if let Some(git) = source.strip_prefix("git+") {
        let (url, commit) = git.split_once('#').unwrap_or((git, ""));
        // The query says which branch or tag was asked for; the commit is what was got.
        let url = url.split('?').next().unwrap_or(url);
        return Source::Git { url: without_credentials(url), commit: commit.to_owned() };
    }
    let url = source.strip_prefix("registry+").unwrap_or(source);
    Source::Registry(Some(without_credentials(url.strip_prefix("sparse+").unwrap_or(url))))
}
