use std::collections::{BTreeMap, BTreeSet};

use crate::{LockFile, Package, Purl, Unresolved};

/// The packages of a project, from all its lock files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    packages: BTreeMap<Purl, Package>,
    direct: BTreeSet<Purl>,
    unresolved: BTreeSet<Unresolved>,
}

impl Inventory {
    /// Joins what several lock files say. A package in more than one is one package; it is for
    /// development only where every file says so. A `go.sum` beside a `go.mod` adds checksums and no
    /// packages, since it also lists versions that are not used.
    pub fn new(locks: impl IntoIterator<Item = LockFile>) -> Self {
        let mut inventory = Self::default();
        let (sums, locks): (Vec<_>, Vec<_>) =
            locks.into_iter().partition(|lock| lock.file_name == "go.sum");
        let has_go_mod = locks.iter().any(|lock| lock.file_name == "go.mod");
        for lock in locks {
            inventory.add(lock);
        }
        for sum in sums {
            if !has_go_mod {
                inventory.add(sum);
                continue;
            }
            for package in sum.packages {
                if let Some(known) = inventory.packages.get_mut(&package.purl) {
                    known.checksum = known.checksum.take().or(package.checksum);
                }
            }
        }
        inventory
    }

    /// Every package, sorted by its package URL.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = &Package> {
        self.packages.values()
    }

    /// The packages the project itself depends on, sorted.
    pub fn direct(&self) -> impl ExactSizeIterator<Item = &Purl> {
        self.direct.iter()
    }

    /// Dependencies that lead nowhere, so that the graph has gaps, sorted.
    pub fn unresolved(&self) -> impl ExactSizeIterator<Item = &Unresolved> {
        self.unresolved.iter()
    }

    fn add(&mut self, lock: LockFile) {
        self.direct.extend(lock.direct);
        self.unresolved.extend(lock.unresolved);
        for package in lock.packages {
            let Some(known) = self.packages.get_mut(&package.purl) else {
                self.packages.insert(package.purl.clone(), package);
                continue;
            };
            known.checksum = known.checksum.take().or(package.checksum);
            known.dev = match (known.dev, package.dev) {
                (Some(a), Some(b)) => Some(a && b),
                (None, dev) | (dev, None) => dev.filter(|dev| !dev),
            };
            known.dependencies.extend(package.dependencies);
            known.dependencies.sort_unstable();
            known.dependencies.dedup();
        }
    }
}
