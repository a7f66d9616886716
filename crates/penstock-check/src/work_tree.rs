use std::{
    fs,
    io::Read as _,
    os::unix::{ffi::OsStrExt as _, fs::OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use penstock_model::{RepoPath, SkipReason, Skipped};

use crate::{Entry, Listing, ReadError, Tree, TreeError};

/// The files under a directory, as `git status` would see them, tracked or not.
///
/// `.gitignore` files are honoured, those above the directory up to the repository's root included;
/// `.git/info/exclude` and a person's own excludes are not, since a result must not depend on whose
/// machine made it. `.git` and `.penstock` are never entered and links never followed. A tracked
/// file that an ignore pattern names is skipped here; a commit's tree has it.
#[derive(Clone, Debug)]
pub struct WorkTree {
    root: PathBuf,
}

/// An ignore file larger than this is not read: it would be an attack, not a list.
const MAX_IGNORE_FILE: u64 = 256 << 10;

impl WorkTree {
    /// The tree beneath `root`; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Ignore files above the root, outermost first; none outside a repository.
    fn ignores_above(&self, root: &Path, incomplete: &mut Vec<Skipped>) -> Vec<Gitignore> {
        if root.join(".git").symlink_metadata().is_ok() {
            return Vec::new();
        }
        let Some(depth) =
            root.ancestors().skip(1).position(|dir| dir.join(".git").symlink_metadata().is_ok())
        else {
            return Vec::new();
        };
        let mut above: Vec<_> = root
            .ancestors()
            .skip(1)
            .take(depth + 1)
            .filter_map(|directory| read_ignore_file(directory, None, incomplete))
            .collect();
        above.reverse();
        above
    }
}

impl Tree for WorkTree {
    fn list(&self) -> Result<Listing, TreeError> {
        let error = |source| TreeError::Root { root: self.root.clone(), source };
        let root = self.root.canonicalize().map_err(error)?;
        fs::read_dir(&root).map_err(error)?;
        let mut listing = Listing::default();
        let mut ignores = self.ignores_above(&root, &mut listing.skipped);
        walk(&root, None, &mut ignores, &mut listing);
        Ok(listing)
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        let unreadable = |error: std::io::Error| ReadError::unreadable(error.to_string());
        // Between listing and reading a file can be replaced: a link is refused here, and a FIFO
        // must not make the open hang.
        let file = fs::OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(self.root.join(entry.path.as_path()))
            .map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(ReadError {
                reason: SkipReason::NotRegular,
                detail: "not a regular file".to_owned(),
            });
        }
        if metadata.len() > limit {
            return Err(ReadError::over_limit(metadata.len(), limit));
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        // It may grow while it is read; one byte more tells.
        file.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(unreadable)?;
        if content.len() as u64 > limit {
            return Err(ReadError::over_limit(content.len() as u64, limit));
        }
        Ok(content)
    }
}

/// Lists one directory and everything beneath it. Depth is bounded by the system's longest path.
fn walk(
    directory: &Path,
    relative: Option<&RepoPath>,
    ignores: &mut Vec<Gitignore>,
    listing: &mut Listing,
) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return listing.skipped.extend(unreadable(relative, &error)),
    };
    let own = read_ignore_file(directory, relative, &mut listing.skipped);
    let depth = ignores.len();
    ignores.extend(own);
    for entry in entries {
        match entry {
            Ok(entry) => visit(&entry, relative, ignores, listing),
            Err(error) => listing.skipped.extend(unreadable(relative, &error)),
        }
    }
    ignores.truncate(depth);
}

fn visit(
    entry: &fs::DirEntry,
    parent: Option<&RepoPath>,
    ignores: &mut Vec<Gitignore>,
    listing: &mut Listing,
) {
    let name = entry.file_name();
    if matches!(name.as_bytes(), b".git" | b".penstock") {
        return;
    }
    let Ok(path) = join(parent, name.as_bytes()) else { return };
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return listing.skipped.extend(unreadable(Some(&path), &error)),
    };
    let full = entry.path();
    let kind = metadata.file_type();
    if is_ignored(ignores, &full, kind.is_dir()) {
        let detail = String::new();
        listing.skipped.push(Skipped { path, reason: SkipReason::Ignored, detail });
    } else if kind.is_dir() {
        walk(&full, Some(&path), ignores, listing);
    } else if kind.is_file() {
        listing.files.push(Entry::new(path, metadata.len()));
    } else {
        let detail = if kind.is_symlink() { "a link" } else { "a device, socket or FIFO" };
        let detail = detail.to_owned();
        listing.skipped.push(Skipped { path, reason: SkipReason::NotRegular, detail });
    }
}

fn join(parent: Option<&RepoPath>, name: &[u8]) -> Result<RepoPath, penstock_model::RepoPathError> {
    let mut bytes = parent.map_or_else(Vec::new, |parent| [parent.as_bytes(), b"/"].concat());
    bytes.extend_from_slice(name);
    RepoPath::new(bytes)
}

/// The innermost ignore file that says anything about a path decides.
fn is_ignored(ignores: &[Gitignore], path: &Path, is_dir: bool) -> bool {
    ignores
        .iter()
        .rev()
        .map(|ignore| ignore.matched(path, is_dir))
        .find(|answer| !answer.is_none())
        .is_some_and(|answer| answer.is_ignore())
}

/// Reads a `.gitignore`. Like Git we follow no link and skip a pattern that makes no sense.
fn read_ignore_file(
    directory: &Path,
    relative: Option<&RepoPath>,
    skipped: &mut Vec<Skipped>,
) -> Option<Gitignore> {
    let path = directory.join(".gitignore");
    let metadata = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
    let mut problem = |reason, detail: String| {
        if let Ok(path) = join(relative, b".gitignore") {
            skipped.push(Skipped { path, reason, detail });
        }
        None
    };
    if metadata.len() > MAX_IGNORE_FILE {
        let detail = format!("an ignore file over {MAX_IGNORE_FILE} bytes is not applied");
        return problem(SkipReason::OverLimit, detail);
    }
    let content = match fs::read(&path) {
        Ok(content) => content,
        Err(error) => return problem(SkipReason::Unreadable, error.to_string()),
    };
    let mut builder = GitignoreBuilder::new(directory);
    for line in String::from_utf8_lossy(&content).lines() {
        let _senseless_pattern = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(ignore) => Some(ignore),
        Err(error) => problem(SkipReason::Malformed, error.to_string()),
    }
}

/// A directory or entry that could not be listed; the root itself has no path and was opened before.
fn unreadable(path: Option<&RepoPath>, error: &std::io::Error) -> Option<Skipped> {
    let path = path?.clone();
    Some(Skipped { path, reason: SkipReason::Unreadable, detail: error.to_string() })
}

#[cfg(test)]
mod tests;
