//! Cargo packages for steps without a network: out of the caller's download cache, and only those
//! whose bytes have the digest the lock file demands.
//!
//! Cargo itself does not hash a package again that it finds in its cache. Here nothing enters a step
//! that was not hashed for this run, and the step sees a copy nobody else writes to.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use penstock_git::{EntryKind, Repository};
use penstock_model::{GitOid, RepoPath, Sha256};
use penstock_packages::{HashAlgorithm, Package, Source, read};
use penstock_sandbox::ReadOnlyInput;

/// The packages a run may use, verified.
#[derive(Clone, Debug, Default)]
pub struct Crates {
    shown: Vec<ReadOnlyInput>,
    /// How many packages were verified and are shown.
    pub verified: usize,
    /// Packages the lock file names that are not in the cache; a step that needs one says so.
    pub absent: usize,
}

impl Crates {
    /// Gathers what `Cargo.lock` of `tree` names from `cargo_home`'s cache into `into`, which is
    /// made for this run.
    ///
    /// # Errors
    /// A package in the cache with other bytes than the lock file demands, which is named; a file
    /// that cannot be read or written.
    pub fn gather(
        repository: &Repository,
        tree: &GitOid,
        cargo_home: &Path,
        into: &Path,
    ) -> Result<Self, CratesError> {
        let mut crates = Self::default();
        let packages = locked(repository, tree)?;
        let registry = cargo_home.join("registry");
        // One directory for each registry, named by the registry's address.
        let Ok(registries) = fs::read_dir(registry.join("cache")) else { return Ok(crates) };
        if packages.is_empty() {
            return Ok(crates);
        }
        let mut directories: Vec<PathBuf> = registries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|p| p.is_dir())
            .collect();
        directories.sort();
        let mut absent = packages.len();
        for directory in &directories {
            let Some(name) = directory.file_name() else { continue };
            let to = into.join("cache").join(name);
            fs::create_dir_all(&to).map_err(|error| CratesError::io(&to, &error))?;
            for package in &packages {
                let file = format!("{}-{}.crate", package.name, package.version);
                if copy_verified(&directory.join(&file), &to.join(&file), package)? {
                    crates.verified += 1;
                    absent = absent.saturating_sub(1);
                }
            }
        }
        crates.absent = absent;
        if crates.verified > 0 {
            crates.show(&into.join("cache"), "cache");
            crates.show(&registry.join("index"), "index");
        }
        Ok(crates)
    }

    /// What a step sees in its home.
    pub fn shown(&self) -> &[ReadOnlyInput] {
        &self.shown
    }

    fn show(&mut self, host: &Path, name: &str) {
        if let Ok(inside) = RepoPath::new(format!(".cargo/registry/{name}"))
            && host.is_dir()
        {
            self.shown.push(ReadOnlyInput { host: host.to_owned(), inside });
        }
    }
}

/// The packages of the tree's `Cargo.lock` that come from a registry and have a digest.
fn locked(repository: &Repository, tree: &GitOid) -> Result<Vec<Package>, CratesError> {
    let reading = |error: penstock_git::GitError| CratesError::Lock(error.to_string());
    let files = repository.files(tree).map_err(reading)?;
    let lock = files.iter().find(|entry| {
        entry.path.as_bytes() == b"Cargo.lock" && matches!(entry.kind, EntryKind::File { .. })
    });
    let Some(lock) = lock else { return Ok(Vec::new()) };
    let text = repository.blob(&lock.oid).map_err(reading)?;
    let lock = read("Cargo.lock", &String::from_utf8_lossy(&text))
        .map_err(|error| CratesError::Lock(error.to_string()))?;
    let packages = lock.map(|lock| lock.packages).unwrap_or_default();
    Ok(packages.into_iter().filter(|p| matches!(p.source, Source::Registry(_))).collect())
}

/// Copies a package whose bytes are what the lock file demands; `false` where it is not there.
fn copy_verified(from: &Path, to: &Path, package: &Package) -> Result<bool, CratesError> {
    let bytes = match fs::read(from) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(CratesError::io(from, &error)),
    };
    let demanded = package.checksum.as_ref().filter(|c| c.algorithm() == HashAlgorithm::Sha256);
    let found = Sha256::of(&bytes).to_string();
    if demanded.is_none_or(|demanded| demanded.hex() != found) {
        return Err(CratesError::Changed { path: from.to_owned(), found });
    }
    fs::write(to, bytes).map_err(|error| CratesError::io(to, &error))?;
    Ok(true)
}

/// Why packages cannot be handed to steps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CratesError {
    /// The cache holds something else under a package's name.
    #[error("`{}` has digest {found}, which is not what Cargo.lock demands: the cache was changed; delete that file and cargo fetch", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
    },
    /// A file operation failed.
    #[error("cannot read or write `{}`: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The lock file cannot be read.
    #[error("Cargo.lock: {0}")]
    Lock(String),
}

impl CratesError {
    fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use penstock_packages::LockFile;

    use super::*;

    fn lock(checksum: &Sha256) -> LockFile {
        let text = format!(
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{checksum}\"\n"
        );
        read("Cargo.lock", &text).unwrap().unwrap()
    }

    #[test]
    fn only_the_bytes_the_lock_file_demands_are_copied() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a-1.0.0.crate"), dir.path().join("copy"));
        let package = lock(&Sha256::of(b"good")).packages.remove(0);
        assert_eq!(copy_verified(&from, &to, &package), Ok(false));
        fs::write(&from, "good").unwrap();
        assert_eq!(copy_verified(&from, &to, &package), Ok(true));
        assert_eq!(fs::read(&to).unwrap(), b"good");
        fs::write(&from, "evil").unwrap();
        fs::remove_file(&to).unwrap();
        let error = copy_verified(&from, &to, &package).unwrap_err();
        assert!(matches!(error, CratesError::Changed { .. }), "{error}");
        assert!(!to.exists());
    }
}
