//! Evidence by its digest: each file is complete from the moment it has its name.

use std::{
    collections::BTreeMap,
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
    directories::Directories,
    disk::{Disk, DiskResult, NewFile},
    layout::Layout,
};

/// Stores evidence and makes it durable: content first, then names.
pub(crate) fn store(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    directories: &Directories,
    evidence: &[(Sha256, &[u8])],
) -> DiskResult<()> {
    let names: Vec<PathBuf> = evidence.iter().map(|(digest, _)| layout.evidence(digest)).collect();
    let pending = directories.prepare(disk, names.iter().map(PathBuf::as_path))?;
    let mut new: BTreeMap<&Path, NewFile<'_>> = BTreeMap::new();
    for (name, (digest, bytes)) in names.iter().zip(evidence) {
        if !is_intact(disk, name, digest) {
            let path = layout.incoming().join(unique(&digest.to_string()));
            new.insert(name, NewFile { path, bytes });
        }
    }
    let (names, files): (Vec<&Path>, Vec<NewFile<'_>>) = new.into_iter().unzip();
    let written = disk.write_synced(&files).and_then(|()| {
        names.iter().zip(&files).try_for_each(|(name, file)| disk.rename(&file.path, name))
    });
    if let Err(error) = written {
        for file in &files {
            // Nothing refers to it: left behind, it is only in the way.
            let _ = disk.remove(&file.path);
        }
        return Err(error);
    }
    // Also of those that were there already: whoever put them there may not have come this far.
    directories.sync(disk, pending)
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
