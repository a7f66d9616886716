//! Fuzz targets over lock files, one for each format.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_packages::{MAX_LOCK_BYTES, MAX_PACKAGES, is_lock_file, read};

/// Cargo's lock file.
pub(crate) fn cargo_lock(bytes: &[u8]) -> bool {
    lock("Cargo.lock", bytes)
}

/// The module file of Go.
pub(crate) fn go_mod(bytes: &[u8]) -> bool {
    lock("go.mod", bytes)
}

/// Go's checksums.
pub(crate) fn go_sum(bytes: &[u8]) -> bool {
    lock("go.sum", bytes)
}

/// npm's lock file.
pub(crate) fn package_lock(bytes: &[u8]) -> bool {
    lock("package-lock.json", bytes)
}

/// Poetry's lock file.
pub(crate) fn poetry_lock(bytes: &[u8]) -> bool {
    lock("poetry.lock", bytes)
}

/// uv's lock file.
pub(crate) fn uv_lock(bytes: &[u8]) -> bool {
    lock("uv.lock", bytes)
}

fn lock(name: &str, bytes: &[u8]) -> bool {
    assert!(is_lock_file(name));
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let lock = match read(name, text) {
        Ok(lock) => lock.unwrap(),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && message.len() < 2000, "{message}");
            let end = error.region().map_or(0, |region| region.end_byte);
            assert!(usize::try_from(end).unwrap() <= bytes.len(), "{error}");
            return false;
        }
    };
    assert!(bytes.len() <= MAX_LOCK_BYTES && lock.packages.len() <= MAX_PACKAGES);
    assert_eq!(read(name, text), Ok(Some(lock.clone())));
    assert!(lock.packages.is_sorted() && lock.direct.is_sorted() && lock.unresolved.is_sorted());
    for package in &lock.packages {
        let purl = package.purl.to_string();
        assert!(purl.starts_with("pkg:") && purl.is_ascii(), "{purl}");
        assert!(!purl.contains(|c: char| c.is_control() || c == ' '), "{purl}");
        assert!(!package.dependencies.contains(&package.purl) || package.dependencies.is_sorted());
    }
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/cargo_lock"], 600, cargo_lock);
    corpus::run(&["tests/corpus/go_mod"], 2000, go_mod);
    corpus::run(&["tests/corpus/go_sum"], 2000, go_sum);
    corpus::run(&["tests/corpus/package_lock"], 600, package_lock);
    corpus::run(&["tests/corpus/poetry_lock"], 600, poetry_lock);
    corpus::run(&["tests/corpus/uv_lock"], 600, uv_lock);
}
