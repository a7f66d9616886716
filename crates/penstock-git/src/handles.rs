use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use crate::repository::Repository;

/// How many bytes of decoded objects each handle keeps, since others are deltas of them.
const CACHE_BYTES: usize = 48 << 20;

/// One repository for many threads: its packs are opened once, each thread reads through a
/// [`Repository`] of its own.
pub struct Handles {
    shared: gix::ThreadSafeRepository,
    root: PathBuf,
    idle: Mutex<Vec<Repository>>,
}

impl Repository {
    /// What threads read this repository through.
    pub fn handles(&self) -> Handles {
        Handles {
            shared: self.inner.clone().into_sync(),
            root: self.root_dir().to_owned(),
            idle: Mutex::default(),
        }
    }
}

impl Handles {
    /// Lends a handle nobody else has meanwhile.
    pub fn with<R>(&self, act: impl FnOnce(&Repository) -> R) -> R {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repository = idle.unwrap_or_else(|| {
            Repository::with_cache(self.shared.to_thread_local(), self.root.clone(), CACHE_BYTES)
        });
        let result = act(&repository);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(repository);
        result
    }
}
