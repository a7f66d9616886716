//! The packages a commit's lock files name: the SBOM, and the provenance's dependencies.

use penstock_git::EntryKind;
use penstock_model::{GitOid, RepoPath};
use penstock_packages::{
    HashAlgorithm, Inventory, LockError,
    cyclonedx::{self, SbomInput},
    is_lock_file, read,
};
use penstock_statement::{DigestSet, RawStatement, ResourceDescriptor, predicate::CYCLONEDX};

use crate::{error::RoadError, project::Project};

/// What the lock files of a commit name, and those that could not be read.
pub struct Bill {
    inventory: Inventory,
    /// Lock files that are there and cannot be read, with the reason: the bill is incomplete.
    pub unreadable: Vec<(String, LockError)>,
}

impl Bill {
    /// Reads every lock file of the project at a commit.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn of(project: &Project, commit: &GitOid) -> Result<Self, RoadError> {
        let repository = &project.repository;
        let tree = repository.tree_at(commit, project.subdirectory.as_ref())?;
        let mut locks = Vec::new();
        let mut unreadable = Vec::new();
        for entry in repository.files(&tree)? {
            let name = String::from_utf8_lossy(entry.path.name()).into_owned();
            let is_file = matches!(entry.kind, EntryKind::File { .. });
            if !is_file || !is_lock_file(&name) || is_sample(&entry.path) {
                continue;
            }
            let text = String::from_utf8_lossy(&repository.blob(&entry.oid)?).into_owned();
            match read(&name, &text) {
                Ok(lock) => locks.extend(lock),
                Err(error) => unreadable.push((entry.path.to_string(), error)),
            }
        }
        Ok(Self { inventory: Inventory::new(locks), unreadable })
    }

    /// Dependencies the lock files name and do not pin, as `package → dependency`.
    pub fn unresolved(&self) -> impl Iterator<Item = String> {
        let gaps = self.inventory.unresolved();
        gaps.map(|gap| format!("{} → {}", gap.package, gap.dependency))
    }

    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.inventory.packages().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packages as `resolvedDependencies`: by purl, with the digest their lock file demands.
    pub fn dependencies(&self) -> Vec<ResourceDescriptor> {
        self.inventory
            .packages()
            .map(|package| ResourceDescriptor {
                uri: Some(package.purl.to_string()),
                digest: package
                    .checksum
                    .iter()
                    .map(|sum| (algorithm(sum.algorithm()).to_owned(), sum.hex().to_owned()))
                    .collect::<DigestSet>(),
                ..ResourceDescriptor::default()
            })
            .collect()
    }

    /// The CycloneDX statement about the outputs of a release.
    pub fn statement(
        &self,
        project: &Project,
        name: &str,
        version: &str,
        subjects: Vec<ResourceDescriptor>,
    ) -> RawStatement {
        let document = cyclonedx::document(&SbomInput {
            project: &project.id,
            name,
            commit: &project.head.id,
            commit_time: project.head.committer.time,
            tool_version: version,
            inventory: &self.inventory,
        });
        RawStatement::foreign(subjects, CYCLONEDX, document)
    }
}

/// Whether a lock file is there to be looked at, not to be built from: beneath a directory of samples.
fn is_sample(path: &RepoPath) -> bool {
    let directories = path.as_bytes().split(|byte| *byte == b'/');
    directories.into_iter().any(|name| {
        matches!(
            name,
            b"corpus" | b"examples" | b"fixtures" | b"test-data" | b"testdata" | b"tests"
        )
    })
}

/// The DigestSet name of an algorithm
/// (<https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md>).
fn algorithm(algorithm: HashAlgorithm) -> &'static str {
    match algorithm {
        HashAlgorithm::GoH1 => "dirHash",
        HashAlgorithm::Sha1 => "sha1",
        HashAlgorithm::Sha256 => "sha256",
        HashAlgorithm::Sha384 => "sha384",
        HashAlgorithm::Sha512 => "sha512",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_by_their_directory() {
        let path = |text: &str| RepoPath::new(text.as_bytes()).unwrap();
        assert!(is_sample(&path("crates/a/tests/fixtures/Cargo.lock")));
        assert!(!is_sample(&path("Cargo.lock")));
        assert!(!is_sample(&path("web/package-lock.json")));
    }
}
