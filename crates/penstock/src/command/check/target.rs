//! What was named to be checked, and the project it belongs to.
//!
//! A part of a project is judged by the rules of the whole: configuration, baseline and ignores are
//! those of the nearest directory above that holds a `penstock.toml`, up to the top of the
//! repository, else of that top. Outside of a repository nothing above is believed: somebody else
//! may have put it there.

use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use penstock_check::{Entry, Listing, ReadError, Tree, TreeError, WorkTree};
use penstock_git::Repository;
use penstock_model::{RepoPath, Skipped};
use penstock_road::project::CONFIGURATION;

use super::super::Failure;

/// A project, and what of it is to be checked.
pub(in crate::command) struct Target {
    /// The project's directory: absolute, without links.
    pub(in crate::command) root: PathBuf,
    /// The directory or file in it that was named; all of it when absent.
    pub(in crate::command) part: Option<RepoPath>,
}

impl Target {
    /// The project that a directory or a file belongs to.
    ///
    /// # Errors
    /// A path that is not there, or neither a directory nor a regular file.
    pub(in crate::command) fn of(path: &Path) -> Result<Self, Failure> {
        let cannot = |error: &dyn std::fmt::Display| {
            Failure::Usage(format!("cannot check `{}`: {error}", path.display()))
        };
        let named = path.canonicalize().map_err(|error| cannot(&error))?;
        let kind = named.metadata().map_err(|error| cannot(&error))?;
        if !kind.is_dir() && !kind.is_file() {
            return Err(cannot(&"it is neither a directory nor a regular file"));
        }
        let directory =
            if kind.is_dir() { named.as_path() } else { named.parent().unwrap_or(&named) };
        let root = project_of(directory);
        let relative = named.strip_prefix(&root).map_err(|error| cannot(&error))?;
        let part = match relative.as_os_str().as_bytes() {
            b"" => None,
            bytes => Some(RepoPath::new(bytes).map_err(|error| cannot(&error))?),
        };
        Ok(Self { root, part })
    }

    /// What was named.
    pub(in crate::command) fn path(&self) -> PathBuf {
        self.part.as_ref().map_or_else(|| self.root.clone(), |part| self.root.join(part.as_path()))
    }

    /// The files to check.
    pub(super) fn tree(&self) -> Box<dyn Tree> {
        let whole = WorkTree::new(&self.root);
        match &self.part {
            None => Box::new(whole),
            Some(part) => Box::new(Part { whole, place: self.path(), part: part.clone() }),
        }
    }
}

/// The directory of the project that a directory belongs to.
fn project_of(directory: &Path) -> PathBuf {
    let Ok(repository) = Repository::discover(directory) else { return directory.to_owned() };
    let top = repository.root_dir();
    let within = directory.ancestors().take_while(|above| above.starts_with(top));
    let configured = within.into_iter().find(|above| above.join(CONFIGURATION).is_file());
    let top = || if directory.starts_with(top) { top } else { directory };
    configured.unwrap_or_else(top).to_owned()
}

/// A directory or a file of a project, at its place in it. What lies beside it can be read (the
/// baseline) and is not listed.
struct Part {
    whole: WorkTree,
    place: PathBuf,
    part: RepoPath,
}

impl Tree for Part {
    fn list(&self) -> Result<Listing, TreeError> {
        let failed = |source| TreeError::Root { root: self.place.clone(), source };
        let kind = self.place.symlink_metadata().map_err(failed)?;
        if !kind.is_dir() {
            // Who names a file wants it looked at, also one that Git is told to ignore.
            let files = vec![Entry::new(self.part.clone(), kind.len())];
            return Ok(Listing { files, skipped: Vec::new() });
        }
        let Listing { files, skipped } = WorkTree::new(&self.place).list()?;
        let entry = |entry: Entry| Entry { path: self.part.join(&entry.path), ..entry };
        let skip = |skipped: Skipped| Skipped { path: self.part.join(&skipped.path), ..skipped };
        Ok(Listing {
            files: files.into_iter().map(entry).collect(),
            skipped: skipped.into_iter().map(skip).collect(),
        })
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.whole.read(entry, limit)
    }

    fn read_into(&self, entry: &Entry, limit: u64, content: &mut Vec<u8>) -> Result<(), ReadError> {
        self.whole.read_into(entry, limit, content)
    }
}
