//! What a command created, changed and deleted in the project, by looking before and after.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::Path,
};

use penstock_model::RepoPath;
use schemars::JsonSchema;
use serde::Serialize;

/// The most files and directories that are looked at. A tree with more is compared as far as that,
/// and it is said.
const MAX_ENTRIES: usize = 1_000_000;

/// The most paths that are listed of each kind; the counts go on.
const MAX_LISTED: usize = 10_000;

/// What the file system says of one path. Contents are not read: a program can set a file's
/// modification time back, but not the time of its last change of any kind (`ctime`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    directory: bool,
    size: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    mode: u32,
}

impl State {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            directory: metadata.is_dir(),
            size: metadata.size(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            mode: metadata.mode(),
        }
    }

    /// Whether a path that had this state is another one now. A directory changes with what is in it,
    /// which is told by itself.
    fn differs(self, now: Self) -> bool {
        if self.directory && now.directory { self.mode != now.mode } else { self != now }
    }
}

/// A tree as it was at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    entries: BTreeMap<Vec<u8>, State>,
    complete: bool,
}

impl Snapshot {
    /// Looks at everything beneath `root` but what `skip` names. No link is followed; what vanishes
    /// while it is looked at was not there.
    ///
    /// # Errors
    /// The root cannot be read.
    pub fn take(root: &Path, skip: &dyn Fn(&[u8]) -> bool) -> io::Result<Self> {
        let mut snapshot = Self { entries: BTreeMap::new(), complete: true };
        let mut waiting = vec![Vec::new()];
        fs::read_dir(root)?;
        while let Some(directory) = waiting.pop() {
            let Ok(entries) = fs::read_dir(root.join(OsStr::from_bytes(&directory))) else {
                snapshot.complete = false;
                continue;
            };
            for entry in entries {
                let Ok(entry) = entry else {
                    snapshot.complete = false;
                    continue;
                };
                let mut path = directory.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(entry.file_name().as_bytes());
                let Ok(metadata) = entry.metadata() else { continue };
                if skip(&path) {
                    continue;
                }
                if snapshot.entries.len() >= MAX_ENTRIES {
                    snapshot.complete = false;
                    return Ok(snapshot);
                }
                if metadata.is_dir() {
                    waiting.push(path.clone());
                }
                snapshot.entries.insert(path, State::of(&metadata));
            }
        }
        Ok(snapshot)
    }

    /// What is otherwise in `after`.
    pub fn compare(&self, after: &Self) -> Changes {
        let mut changes =
            Changes { complete: self.complete && after.complete, ..Changes::default() };
        for (path, now) in &after.entries {
            match self.entries.get(path) {
                None => changes.created.add(path, now.directory),
                Some(before) if before.directory != now.directory => {
                    changes.deleted.add(path, before.directory);
                    changes.created.add(path, now.directory);
                }
                Some(before) if before.differs(*now) => changes.changed.add(path, now.directory),
                Some(_) => {}
            }
        }
        for (path, before) in &self.entries {
            if !after.entries.contains_key(path) {
                changes.deleted.add(path, before.directory);
            }
        }
        changes
    }
}

/// What became of a project's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changes {
    /// What was not there before.
    pub created: Paths,
    /// What is another file, or has other times, size or rights.
    pub changed: Paths,
    /// What is gone.
    pub deleted: Paths,
    /// Whether everything was looked at, before and after.
    pub complete: bool,
}

impl Changes {
    /// How many files differ in any way.
    pub fn files(&self) -> u64 {
        self.created.files + self.changed.files + self.deleted.files
    }

    /// Every listed path.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        [&self.created, &self.changed, &self.deleted].into_iter().flat_map(|paths| &paths.listed)
    }
}

/// Some paths of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Paths {
    /// How many files and links.
    pub files: u64,
    /// How many directories.
    pub directories: u64,
    /// Files and links, sorted; the first 10,000.
    pub listed: Vec<RepoPath>,
    /// How many files lie under each first component of a path; files at the root by their name.
    pub by_top: BTreeMap<String, u64>,
}

impl Paths {
    fn add(&mut self, path: &[u8], directory: bool) {
        if directory {
            self.directories += 1;
            return;
        }
        self.files += 1;
        let Ok(path) = RepoPath::new(path) else { return };
        let top = path.as_bytes().split(|byte| *byte == b'/').next().unwrap_or_default();
        let mut top = RepoPath::new(top).map(|top| top.to_string()).unwrap_or_default();
        if path.as_bytes().contains(&b'/') {
            top.push('/');
        }
        *self.by_top.entry(top).or_default() += 1;
        if self.listed.len() < MAX_LISTED {
            self.listed.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::FileTimes, os::unix::fs::symlink, time::SystemTime};

    use super::*;

    fn names(paths: &Paths) -> Vec<String> {
        paths.listed.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn everything_that_differs_is_told_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("kept/deep")).unwrap();
        for name in ["kept/same", "kept/deep/rewritten", "gone", "replaced", "rights"] {
            fs::write(at(name), "1").unwrap();
        }
        fs::create_dir_all(at("tree")).unwrap();
        fs::write(at("tree/x"), "").unwrap();
        symlink("kept", at("link")).unwrap();
        let none = |_: &[u8]| false;
        let before = Snapshot::take(dir.path(), &none).unwrap();
        assert_eq!(before.compare(&Snapshot::take(dir.path(), &none).unwrap()).files(), 0);

        fs::write(at("kept/deep/rewritten"), "2").unwrap();
        fs::remove_file(at("gone")).unwrap();
        fs::write(at("other"), "1").unwrap();
        fs::rename(at("other"), at("replaced")).unwrap();
        let mut rights = fs::metadata(at("rights")).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(at("rights"), rights).unwrap();
        fs::remove_dir_all(at("tree")).unwrap();
        fs::write(at("tree"), "now a file").unwrap();
        fs::create_dir_all(at("new/inner")).unwrap();
        fs::write(at("new/inner/a"), "").unwrap();
        let changes = before.compare(&Snapshot::take(dir.path(), &none).unwrap());
        assert_eq!(names(&changes.created), ["new/inner/a", "tree"]);
        assert_eq!(names(&changes.changed), ["kept/deep/rewritten", "replaced", "rights"]);
        assert_eq!(names(&changes.deleted), ["gone", "tree/x"]);
        assert_eq!((changes.created.directories, changes.deleted.directories), (2, 1));
        assert_eq!(changes.created.by_top["new/"], 1);
        assert_eq!(changes.files(), 7);
        assert!(changes.complete);
    }

    #[test]
    fn a_modification_time_set_back_hides_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs::write(&file, "good").unwrap();
        let none = |_: &[u8]| false;
        let before = Snapshot::take(dir.path(), &none).unwrap();
        let was = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "evil").unwrap();
        let opened = fs::OpenOptions::new().write(true).open(&file).unwrap();
        opened
            .set_times(FileTimes::new().set_modified(was).set_accessed(SystemTime::now()))
            .unwrap();
        drop(opened);
        let changes = before.compare(&Snapshot::take(dir.path(), &none).unwrap());
        assert_eq!(names(&changes.changed), ["f"]);
    }

    #[test]
    fn what_is_skipped_is_not_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".git")).unwrap();
        let skip = |path: &[u8]| path == b".git";
        let before = Snapshot::take(dir.path(), &skip).unwrap();
        fs::write(dir.path().join(".git/x"), "").unwrap();
        assert_eq!(before.compare(&Snapshot::take(dir.path(), &skip).unwrap()).files(), 0);
    }
}
