//! Evidence by its digest: each file is complete from the moment it has its name.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use penstock_model::Sha256;

use crate::{
    Fault, IoFailure, LedgerError, Problem,
    disk::{Disk, DiskResult, NewFile},
    layout::Layout,
};

/// Stores evidence and makes it durable: content first, then names.
pub(crate) fn store(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    evidence: &[(Sha256, &[u8])],
) -> DiskResult<()> {
    let mut new = Vec::new();
    let mut names = Vec::new();
    let mut directories = BTreeSet::new();
    let incoming = layout.incoming();
    for (digest, bytes) in evidence {
        let path = layout.evidence(digest);
        if let Some(shard) = path.parent() {
            if disk.create_dir(shard)? {
                directories.insert(layout.evidence_shards());
            }
            // Also when it is there already: whoever put it there may not have come to this sync.
            directories.insert(shard.to_owned());
        }
        if names.iter().any(|(_, name)| *name == path) || is_intact(disk, &path, digest) {
            continue;
        }
        new.push(NewFile { path: incoming.join(unique(&digest.to_string())), bytes });
        names.push((new.len() - 1, path));
    }
    let written = disk.write_synced(&new).and_then(|()| {
        names.iter().try_for_each(|(number, name)| match new.get(*number) {
            Some(file) => disk.rename(&file.path, name),
            None => Ok(()),
        })
    });
    if let Err(error) = written {
        for file in &new {
            // Nothing refers to it: left behind, it is only in the way.
            let _ = disk.remove(&file.path);
        }
        return Err(error);
    }
    directories.iter().rev().try_for_each(|directory| disk.sync_dir(directory))
}

/// Reads evidence whose bytes have that digest.
pub(crate) fn load(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    digest: &Sha256,
) -> Result<Vec<u8>, LedgerError> {
    let path = layout.evidence(digest);
    let damaged =
        |fault| LedgerError::Damaged(vec![Problem { path: layout.relative(&path), fault }]);
    match disk.read(&path) {
        Ok(bytes) if Sha256::of(&bytes) == *digest => Ok(bytes),
        Ok(_) => Err(damaged(Fault::Changed)),
        Err(IoFailure { kind: io::ErrorKind::NotFound, .. }) => Err(damaged(Fault::Missing)),
        Err(error) => Err(error.into()),
    }
}

/// Whether the evidence is there with the content its name promises.
pub(crate) fn is_intact(disk: &Arc<dyn Disk>, path: &Path, digest: &Sha256) -> bool {
    disk.read(path).is_ok_and(|bytes| Sha256::of(&bytes) == *digest)
}

/// A file name no other writer uses at this moment: `name`, this process, a running number. Where
/// two processes have the same number (in different namespaces), `name` says that both write the
/// same content.
pub(crate) fn unique(name: &str) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(format!(".{name}-{}-{number}.tmp", std::process::id()))
}
