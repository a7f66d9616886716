//! What [`super::collect()`] stored: its names, its durability, and reading a directory back.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    path::{Path, PathBuf},
};

use penstock_model::{RepoPath, Sha256};
use sha2::Digest as _;

use super::{
    MAX_DEPTH, MAX_ENTRIES, OutputDigest, OutputError,
    tree::{EntryKind, TreeEntry, blob_hasher, tree_id},
};

/// Where a store keeps what has this digest.
pub fn stored_path(store: &Path, digest: &OutputDigest, executable: bool) -> PathBuf {
    store.join(match digest {
        OutputDigest::File(digest) if executable => format!("file-{digest}.x"),
        OutputDigest::File(digest) => format!("file-{digest}"),
        OutputDigest::Directory(digest) => format!("tree-{digest}"),
    })
}

/// Makes a stored file or directory durable, its name included: to be done before anything that
/// names it is signed.
///
/// # Errors
/// The system refuses; then nothing may be signed.
pub fn sync(stored: &Path) -> io::Result<()> {
    if fs::symlink_metadata(stored)?.is_dir() {
        for entry in fs::read_dir(stored)? {
            sync(&entry?.path())?;
        }
    }
    File::open(stored)?.sync_all()?;
    match stored.parent() {
        Some(above) => File::open(above)?.sync_all(),
        None => Ok(()),
    }
}

/// One file of a stored directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its path from the directory.
    pub path: RepoPath,
    /// SHA-256 of its content.
    pub digest: Sha256,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// Reads a stored directory whose digest must be `expected` and returns its files, sorted by path.
///
/// # Errors
/// [`OutputError::Changed`] where it is something else by now; links and special files; limits.
pub fn verify_directory(
    directory: &Path,
    expected: &Sha256,
) -> Result<Vec<StoredFile>, OutputError> {
    let mut reader = Reader { files: Vec::new(), entries: 0 };
    if reader.directory(directory, None, 0)? != *expected {
        let name = RepoPath::new(format!("tree-{expected}"));
        return Err(match name {
            Ok(path) => OutputError::Changed { path },
            Err(_) => OutputError::Unreadable { path: unnamed(), reason: "changed".to_owned() },
        });
    }
    reader.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(reader.files)
}

struct Reader {
    files: Vec<StoredFile>,
    entries: u64,
}

impl Reader {
    /// The tree id of a directory at `at` within the stored one.
    fn directory(
        &mut self,
        directory: &Path,
        at: Option<&RepoPath>,
        depth: usize,
    ) -> Result<Sha256, OutputError> {
        let here = || at.cloned().unwrap_or_else(unnamed);
        let unreadable =
            |error: io::Error| OutputError::Unreadable { path: here(), reason: error.to_string() };
        if depth > MAX_DEPTH {
            return Err(OutputError::TooDeep { path: here(), limit: MAX_DEPTH });
        }
        let mut tree = Vec::new();
        for entry in fs::read_dir(directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(OutputError::TooMany { path: here(), limit: MAX_ENTRIES });
            }
            let name = entry.file_name();
            let name = RepoPath::new(name.as_bytes()).map_err(|_| OutputError::Unreadable {
                path: here(),
                reason: "a name that cannot be".to_owned(),
            })?;
            let path = at.map_or_else(|| name.clone(), |at| at.join(&name));
            let (kind, id) =
                self.entry(&directory.join(OsStr::from_bytes(name.as_bytes())), &path, depth)?;
            tree.push(TreeEntry { name: name.as_bytes().to_vec(), kind, id });
        }
        Ok(tree_id(tree))
    }

    fn entry(
        &mut self,
        file: &Path,
        path: &RepoPath,
        depth: usize,
    ) -> Result<(EntryKind, Sha256), OutputError> {
        let unreadable = |error: io::Error| OutputError::Unreadable {
            path: path.clone(),
            reason: error.to_string(),
        };
        let metadata = fs::symlink_metadata(file).map_err(unreadable)?;
        if metadata.is_dir() {
            return Ok((EntryKind::Directory, self.directory(file, Some(path), depth + 1)?));
        }
        if metadata.is_symlink() {
            return Err(OutputError::Link { path: path.clone() });
        }
        if !metadata.is_file() {
            return Err(OutputError::Special { path: path.clone() });
        }
        let executable = metadata.permissions().mode() & 0o100 != 0;
        let mut content = sha2::Sha256::new();
        let mut blob = blob_hasher(metadata.len());
        let mut reader = File::open(file).map_err(unreadable)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = reader.read(&mut buffer).map_err(unreadable)?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
            content.update(chunk);
            blob.update(chunk);
        }
        self.files.push(StoredFile {
            path: path.clone(),
            digest: Sha256::from_bytes(content.finalize().into()),
            executable,
        });
        let kind = if executable { EntryKind::Executable } else { EntryKind::File };
        Ok((kind, Sha256::from_bytes(blob.finalize().into())))
    }
}

/// The stored directory itself, in messages.
#[expect(clippy::expect_used, reason = "a constant that is a path")]
fn unnamed() -> RepoPath {
    RepoPath::new(*b"(the directory)").expect("a plain name is a path")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::collect;

    #[test]
    fn what_was_collected_reads_back_until_a_byte_changes() {
        let workspace = tempfile::tempdir().unwrap();
        let store = tempfile::tempdir().unwrap();
        let site = workspace.path().join("site");
        fs::create_dir_all(site.join("css")).unwrap();
        fs::write(site.join("index.html"), "<p>").unwrap();
        fs::write(site.join("css/a.css"), "p{}").unwrap();
        fs::write(site.join("run"), "#!").unwrap();
        fs::set_permissions(site.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        let declared = [RepoPath::new(*b"site").unwrap()];
        let outputs = collect(workspace.path(), &declared, store.path()).unwrap();
        let output = &outputs[0];
        assert_eq!(stored_path(store.path(), &output.digest, false), output.stored);
        sync(&output.stored).unwrap();
        let digest = output.digest.sha256();
        let files = verify_directory(&output.stored, &digest).unwrap();
        let shown: Vec<(String, bool)> =
            files.iter().map(|file| (file.path.to_string(), file.executable)).collect();
        let expected = [("css/a.css", false), ("index.html", false), ("run", true)];
        assert_eq!(shown, expected.map(|(path, x)| (path.to_owned(), x)));
        assert_eq!(files[1].digest, Sha256::of(b"<p>"));

        let page = output.stored.join("index.html");
        fs::set_permissions(&page, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(&page, "<b>").unwrap();
        assert!(matches!(
            verify_directory(&output.stored, &digest),
            Err(OutputError::Changed { .. })
        ));
    }
}
