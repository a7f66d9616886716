//! The software bill of materials: CycloneDX 1.6 JSON
//! (<https://cyclonedx.org/docs/1.6/json/>).
//!
//! The same input is the same bytes: the time is the commit's, the serial number comes from the
//! content, everything is sorted.

use penstock_model::{GitOid, ProjectId, Sha256, Timestamp};
use serde_json::{Map, Value, json};

use crate::{HashAlgorithm, Inventory, Package, Purl, Source};

/// The media type of the document.
pub const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json";
/// The predicate type of an in-toto statement that holds one
/// (<https://github.com/in-toto/attestation/blob/main/spec/predicates/cyclonedx.md>).
pub const PREDICATE_TYPE: &str = "https://cyclonedx.org/bom";

/// What a bill of materials is about.
#[derive(Clone, Copy, Debug)]
pub struct SbomInput<'a> {
    /// The project.
    pub project: &'a ProjectId,
    /// Its name in `penstock.toml`.
    pub name: &'a str,
    /// The commit whose lock files were read; also the version of the project.
    pub commit: &'a GitOid,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// The version of Penstock.
    pub tool_version: &'a str,
    /// The packages.
    pub inventory: &'a Inventory,
}

/// The bill of materials.
pub fn document(input: &SbomInput<'_>) -> Value {
    let mut dependencies = vec![dependency(input.project.as_str(), input.inventory.direct())];
    dependencies.extend(
        input.inventory.packages().map(|p| dependency(p.purl.as_str(), p.dependencies.iter())),
    );
    let mut project = json!({
        "type": "application",
        "bom-ref": input.project.as_str(),
        "name": input.name,
        "version": input.commit.as_str(),
    });
    if let Some(url) = input.project.repository().strip_prefix("git+") {
        insert(&mut project, "externalReferences", json!([{ "type": "vcs", "url": url }]));
    }
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": input.commit_time.to_string(),
            "tools": { "components": [{
                "type": "application",
                "name": "penstock",
                "version": input.tool_version,
            }] },
            // Read from lock files before the build, not from what was built.
            "lifecycles": [{ "phase": "pre-build" }],
            "component": project,
        },
        "components": input.inventory.packages().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    if input.inventory.unresolved().len() > 0 {
        // Which packages there are is known; how they depend on one another is not wholly.
        let gaps = json!([{ "aggregate": "incomplete", "dependencies": [input.project.as_str()] }]);
        insert(&mut document, "compositions", gaps);
    }
    let serial = serial_number(&document);
    insert(&mut document, "serialNumber", serial.into());
    document
}

fn component(package: &Package) -> Value {
    let mut component = Map::from_iter([
        ("type".to_owned(), "library".into()),
        ("bom-ref".to_owned(), package.purl.as_str().into()),
        ("purl".to_owned(), package.purl.as_str().into()),
        ("version".to_owned(), package.version.as_str().into()),
    ]);
    // npm's scope is the group; elsewhere the whole name is the name.
    let (group, name) = match package.name.split_once('/') {
        Some((scope, name)) if scope.starts_with('@') => (Some(scope), name),
        _ => (None, &*package.name),
    };
    component.insert("name".to_owned(), name.into());
    if let Some(group) = group {
        component.insert("group".to_owned(), group.into());
    }
    if let Some(dev) = package.dev {
        // "excluded": not needed at run time, known all the same.
        let scope = if dev { "excluded" } else { "required" };
        component.insert("scope".to_owned(), scope.into());
    }
    if let Some(checksum) = &package.checksum {
        let name = match checksum.algorithm() {
            HashAlgorithm::Sha1 => Some("SHA-1"),
            HashAlgorithm::Sha256 => Some("SHA-256"),
            HashAlgorithm::Sha384 => Some("SHA-384"),
            HashAlgorithm::Sha512 => Some("SHA-512"),
            HashAlgorithm::GoH1 => None,
        };
        let (key, value) = match name {
            Some(name) => ("hashes", json!([{ "alg": name, "content": checksum.hex() }])),
            // No hash of any file, so none of the format's own.
            None => ("properties", json!([{ "name": "go:h1", "value": checksum.hex() }])),
        };
        component.insert(key.to_owned(), value);
    }
    let reference = match &package.source {
        Source::Git { url, .. } => Some(json!({ "type": "vcs", "url": url })),
        Source::Url(url) => Some(json!({ "type": "distribution", "url": url })),
        Source::Registry(_) => None,
    };
    if let Some(reference) = reference {
        component.insert("externalReferences".to_owned(), json!([reference]));
    }
    Value::Object(component)
}

fn dependency<'a>(from: &str, to: impl Iterator<Item = &'a Purl>) -> Value {
    let to: Vec<&str> = to.map(Purl::as_str).collect();
    if to.is_empty() { json!({ "ref": from }) } else { json!({ "ref": from, "dependsOn": to }) }
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = object {
        object.insert(key.to_owned(), value);
    }
}

/// A UUID of version 8 (RFC 9562, section 5.8) made of the document's digest.
fn serial_number(document: &Value) -> String {
    let digest = Sha256::of(document.to_string().as_bytes());
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = *digest.as_bytes();
    let bytes = [a, b, c, d, e, f, g & 0x0f | 0x80, h, i & 0x3f | 0x80, j, k, l, m, n, o, p];
    let hex = hex::encode(bytes);
    let part = |range| hex.get(range).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    )
}

#[cfg(test)]
mod tests;
