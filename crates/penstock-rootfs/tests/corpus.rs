//! Fuzz targets over what a root is made from: whatever the bytes are, nothing beside the store is
//! touched, and what is refused leaves nothing.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use std::{fs, path::Path};

use penstock_rootfs::{Archive, Config, Form, Index, Limits, Manifest, Platform, Store};

/// Small, so that they are met.
const LIMITS: Limits = Limits {
    entries: 200,
    bytes: 1 << 20,
    ratio: 100,
    free_bytes: 1 << 16,
    name_bytes: 512,
    depth: 12,
    layers: 4,
    document_bytes: 1 << 14,
    nesting: 2,
};

/// A file that somebody adds as a root: a tar of one or of an image layout, compressed or not.
pub(crate) fn root(bytes: &[u8]) -> bool {
    let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let directory = memory.unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("given"), bytes).unwrap();
    fs::write(at("kept"), "as it was").unwrap();
    let store = Store::at(at("roots")).with_limits(LIMITS);
    let platform: Platform = "linux/amd64".parse().unwrap();
    let added = store.add(&at("given"), &platform);
    assert_eq!(fs::read_to_string(at("kept")).unwrap(), "as it was");
    let beside = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(beside, 3, "nothing is made beside the store");
    let Ok(added) = added else {
        let left = fs::read_dir(at("roots")).unwrap().count();
        assert_eq!(left, 1, "what is refused leaves nothing but the lock");
        return false;
    };
    let stored = store.get(&added.record.digest).unwrap();
    only_what_may_be(&stored.tree);
    if added.record.form == Form::Tar {
        let mut archive = Archive::new(bytes, LIMITS);
        // Of what is not compressed, the members can be counted in another way.
        let mut members = 0;
        while let Ok(Some(_)) = archive.next_entry() {
            members += 1;
        }
        assert!(members <= LIMITS.entries);
    }
    true
}

/// Files, directories and links, without any right that could be given away.
fn only_what_may_be(directory: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let found = fs::symlink_metadata(&path).unwrap();
        let mode = found.permissions().mode() & 0o7777;
        if found.is_dir() {
            assert_eq!(mode, 0o755);
            only_what_may_be(&path);
        } else if found.is_file() {
            assert!(matches!(mode, 0o444 | 0o555), "{mode:o}");
        } else {
            assert!(found.is_symlink(), "{}", path.display());
        }
    }
}

/// An index, a manifest or a configuration.
pub(crate) fn document(bytes: &[u8]) -> bool {
    let index = Index::parse(bytes);
    let manifest = Manifest::parse(bytes, &LIMITS);
    let config = Config::parse(bytes);
    if let Ok(manifest) = &manifest {
        assert!(manifest.layers.len() <= LIMITS.layers);
    }
    if let Ok(config) = &config {
        for (name, value) in config.environment() {
            assert!(!name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0'));
            assert!(!["HOME", "PWD", "HTTP_PROXY"].contains(&name.to_ascii_uppercase().as_str()));
        }
        if let Ok(ids) = config.diff_ids() {
            assert!(ids.len() <= bytes.len());
        }
    }
    index.is_ok() || manifest.is_ok() || config.is_ok()
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/root"], 1500, root);
    corpus::run(&["tests/corpus/document"], 4000, document);
}
