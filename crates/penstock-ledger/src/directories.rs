use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::{
    disk::{Disk, DiskResult},
    ledger::lock,
};

/// The directories below a home whose own names this process has made durable.
///
/// That a directory is there does not say so: whoever made it may have been killed before the sync.
pub(crate) struct Directories {
    home: PathBuf,
    durable: Mutex<BTreeSet<PathBuf>>,
}

/// Directories to be synced when the files in them have their names.
pub(crate) struct Pending {
    made: BTreeSet<PathBuf>,
    sync: BTreeSet<PathBuf>,
}

impl Directories {
    pub(crate) fn new(home: &Path) -> Self {
        Self { home: home.to_owned(), durable: Mutex::default() }
    }

    /// Makes the directories these files are to be in.
    pub(crate) fn prepare<'p>(
        &self,
        disk: &Arc<dyn Disk>,
        files: impl Iterator<Item = &'p Path>,
    ) -> DiskResult<Pending> {
        let durable = lock(&self.durable);
        let mut pending = Pending { made: BTreeSet::new(), sync: BTreeSet::new() };
        for directory in files.filter_map(Path::parent) {
            pending.sync.insert(directory.to_owned());
            let new = directory
                .ancestors()
                .take_while(|d| {
                    *d != self.home && !durable.contains(*d) && !pending.made.contains(*d)
                })
                .map(Path::to_owned)
                .collect::<Vec<_>>();
            pending.sync.extend(new.iter().filter_map(|d| d.parent()).map(Path::to_owned));
            pending.made.extend(new);
        }
        drop(durable);
        // In order, a directory comes before what is in it.
        for directory in &pending.made {
            disk.create_dir(directory)?;
        }
        Ok(pending)
    }

    /// Makes the names of the files, and of their directories, durable.
    pub(crate) fn sync(&self, disk: &Arc<dyn Disk>, pending: Pending) -> DiskResult<()> {
        for directory in pending.sync.iter().rev() {
            disk.sync_dir(directory)?;
        }
        lock(&self.durable).extend(pending.made);
        Ok(())
    }
}
