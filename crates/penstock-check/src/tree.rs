use std::{collections::BTreeMap, path::PathBuf};

use penstock_model::{History, RepoPath, SkipReason, Skipped};
use serde::{Deserialize, Serialize};

/// A set of files to check: a directory, a commit, or anything else that can list and read.
///
/// Listing and reading are apart so that files are read in parallel and none need be held at once.
pub trait Tree: Sync {
    /// Everything there is, in any order; the engine sorts.
    ///
    /// # Errors
    /// Only when there is no tree to list at all. A part that cannot be listed is
    /// in [`Listing::skipped`].
    fn list(&self) -> Result<Listing, TreeError>;

    /// A file's whole content.
    ///
    /// # Errors
    /// A file that is not there any more, is no regular file, cannot be read, or has more than
    /// `limit` bytes.
    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError>;

    /// The same into memory that is used again; what was in `content` is gone, and after an error
    /// what is in it means nothing.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn read_into(&self, entry: &Entry, limit: u64, content: &mut Vec<u8>) -> Result<(), ReadError> {
        *content = self.read(entry, limit)?;
        Ok(())
    }

    /// Which commits hold a file, for a tree that is made of history.
    fn history(&self, entry: &Entry) -> Option<History> {
        let _ = entry;
        None
    }
}

/// What a tree holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The regular files.
    pub files: Vec<Entry>,
    /// What was passed over: ignored, not regular, or a directory that could not be listed.
    pub skipped: Vec<Skipped>,
}

/// One regular file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Where it is.
    pub path: RepoPath,
    /// Which of several contents it had at that place; 0 where there is but one.
    pub version: u32,
    /// Its size in bytes when it was listed; what is read may differ.
    pub size: u64,
    /// What the file system said of it when it was listed, for files of a file system.
    pub stat: Option<Stat>,
}

/// What a file system says of a regular file: as long as all of it stays, so does the content, up
/// to the resolution of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// When the content last changed, in nanoseconds since 1970; anyone may set it.
    pub modified: i64,
    /// When anything last changed, in nanoseconds since 1970; only the system sets it.
    pub changed: i64,
    /// The file's number within its device.
    pub inode: u64,
    /// The device's number.
    pub device: u64,
}

impl Stat {
    /// What `stat(2)` says.
    pub(crate) fn of(stat: &rustix::fs::Stat) -> Self {
        // 2262 is as far as they reach; what is beyond is all one.
        let nanoseconds = |seconds: i64, fraction: i64| {
            seconds.saturating_mul(1_000_000_000).saturating_add(fraction)
        };
        let fraction = |nanoseconds| i64::try_from(nanoseconds).unwrap_or(0);
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: nanoseconds(stat.st_mtime, fraction(stat.st_mtime_nsec)),
            changed: nanoseconds(stat.st_ctime, fraction(stat.st_ctime_nsec)),
            inode: stat.st_ino,
            device: stat.st_dev,
        }
    }
}

impl Entry {
    /// The only content at a place.
    pub fn new(path: RepoPath, size: u64) -> Self {
        Self { path, version: 0, size, stat: None }
    }
}

/// Why there is nothing to list.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The root is not a directory that can be opened.
    #[error("cannot list `{}`: {source}; name a directory that exists", root.display())]
    Root {
        /// The root as it was named.
        root: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A tree that is no directory (a commit) failed as a whole.
    #[error("cannot list {tree}: {detail}")]
    Source {
        /// What was to be listed.
        tree: String,
        /// Why that failed, and what to do about it.
        detail: String,
    },
}

/// Why one file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ReadError {
    /// The kind of reason, as coverage counts it.
    pub reason: SkipReason,
    /// The system's words.
    pub detail: String,
}

impl ReadError {
    /// A file with more bytes than are looked at.
    pub fn over_limit(size: u64, limit: u64) -> Self {
        Self {
            reason: SkipReason::OverLimit,
            detail: format!("{size} bytes or more, limit {limit}; exclude it or raise the limit"),
        }
    }

    /// A file that could not be opened or read to its end.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self { reason: SkipReason::Unreadable, detail: detail.into() }
    }
}

/// A tree held in memory, for instance the blobs of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryTree {
    files: BTreeMap<RepoPath, Vec<u8>>,
    skipped: Vec<Skipped>,
}

impl MemoryTree {
    /// A tree of these files; of two with one path the later counts.
    pub fn new(files: impl IntoIterator<Item = (RepoPath, Vec<u8>)>) -> Self {
        Self { files: files.into_iter().collect(), skipped: Vec::new() }
    }

    /// Adds a file that is there but cannot be handed over: a link, a missing blob, an unfetched
    /// submodule.
    pub fn skip(&mut self, path: RepoPath, reason: SkipReason, detail: impl Into<String>) {
        self.skipped.push(Skipped { path, reason, detail: detail.into() });
    }
}

impl Tree for MemoryTree {
    fn list(&self) -> Result<Listing, TreeError> {
        let entry =
            |(path, content): (&RepoPath, &Vec<u8>)| Entry::new(path.clone(), content.len() as u64);
        Ok(Listing { files: self.files.iter().map(entry).collect(), skipped: self.skipped.clone() })
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        let content = self.files.get(&entry.path);
        let content = content.ok_or_else(|| ReadError::unreadable("no such file"))?;
        if content.len() as u64 > limit {
            return Err(ReadError::over_limit(content.len() as u64, limit));
        }
        Ok(content.clone())
    }
}
