use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use penstock_model::{RepoPath, Sha256};
use rustix::{
    fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, openat2},
    io::Errno,
};
use sha2::Digest as _;

use super::{
    CollectLimits, Output, OutputDigest, OutputError, stored_path,
    tree::{EntryKind, TreeEntry, blob_hasher, tree_id},
    verify_directory,
};

const CHUNK: usize = 256 << 10;

/// Every component is opened without following a link, beneath the root, on the root's file system.
const RESOLVE: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// `NONBLOCK`: opening a FIFO must not wait for its writer.
const OPEN: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

pub(super) struct Collector<'a> {
    workspace: OwnedFd,
    store: &'a Path,
    limits: CollectLimits,
    bytes: u64,
    entries: u64,
}

/// A copy that has no name of its own yet.
struct Incoming<'a> {
    store: &'a Path,
    path: PathBuf,
}

struct Copied {
    digest: Sha256,
    size: u64,
    executable: bool,
}

enum Opened {
    Directory(OwnedFd),
    File { fd: OwnedFd, size: u64, executable: bool },
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        workspace: &Path,
        store: &'a Path,
        limits: CollectLimits,
    ) -> Result<Self, OutputError> {
        let failed = |reason: io::Error| OutputError::Store {
            store: store.to_owned(),
            reason: reason.to_string(),
        };
        std::fs::create_dir_all(store).map_err(failed)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let workspace = rustix::fs::openat(CWD, workspace, flags, Mode::empty())
            .map_err(|errno| failed(errno.into()))?;
        Ok(Self { workspace, store, limits, bytes: 0, entries: 0 })
    }

    pub(super) fn all(mut self, declared: &[RepoPath]) -> Result<Vec<Output>, OutputError> {
        declared.iter().map(|path| self.one(path)).collect()
    }

    fn one(&mut self, path: &RepoPath) -> Result<Output, OutputError> {
        let workspace = rustix::io::dup(&self.workspace).map_err(|e| unreadable(path, e))?;
        let opened = self.open(workspace.as_fd(), path.as_bytes(), path)?;
        let incoming = Incoming::new(self.store)?;
        match opened {
            Opened::File { fd, size, executable } => {
                let target = incoming.create_file(&incoming.path, executable)?;
                let hasher = sha2::Sha256::new();
                let copied = self.copy(fd, size, executable, target, hasher, path)?;
                let digest = OutputDigest::File(copied.digest);
                Ok(Output {
                    path: path.clone(),
                    digest,
                    size: copied.size,
                    stored: incoming.keep(&digest, executable)?,
                    executable,
                })
            }
            Opened::Directory(fd) => {
                let before = self.bytes;
                let id = self.directory(fd, path, &incoming, &incoming.path, 0)?;
                let digest = OutputDigest::Directory(id);
                Ok(Output {
                    path: path.clone(),
                    digest,
                    size: self.bytes - before,
                    stored: incoming.keep(&digest, false)?,
                    executable: false,
                })
            }
        }
    }

    fn directory(
        &mut self,
        fd: OwnedFd,
        path: &RepoPath,
        incoming: &Incoming<'_>,
        target: &Path,
        depth: usize,
    ) -> Result<Sha256, OutputError> {
        if depth >= self.limits.depth {
            return Err(OutputError::TooDeep { path: path.clone(), limit: self.limits.depth });
        }
        std::fs::create_dir(target).map_err(|error| incoming.failed(&error))?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&fd).map_err(|errno| unreadable(path, errno))? {
            let entry = entry.map_err(|errno| unreadable(path, errno))?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            names.push(name.to_vec());
            if names.len() as u64 > self.limits.entries {
                return Err(self.too_many(path));
            }
        }
        names.sort();
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            let inner = child(path, &name)?;
            let place = target.join(os_str(&name));
            let (kind, id) = match self.open(fd.as_fd(), &name, &inner)? {
                Opened::Directory(inner_fd) => {
                    let id = self.directory(inner_fd, &inner, incoming, &place, depth + 1)?;
                    (EntryKind::Directory, id)
                }
                Opened::File { fd, size, executable } => {
                    let file = incoming.create_file(&place, executable)?;
                    let hasher = blob_hasher(size);
                    let copied = self.copy(fd, size, executable, file, hasher, &inner)?;
                    let kind =
                        if copied.executable { EntryKind::Executable } else { EntryKind::File };
                    (kind, copied.digest)
                }
            };
            entries.push(TreeEntry { name, kind, id });
        }
        Ok(tree_id(entries))
    }

    fn open(
        &mut self,
        at: BorrowedFd<'_>,
        name: &[u8],
        path: &RepoPath,
    ) -> Result<Opened, OutputError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(self.too_many(path));
        }
        let fd = openat2(at, name, OPEN, Mode::empty(), RESOLVE).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => OutputError::Missing { path: path.clone() },
            // A link, a `..` that leaves the root, a mount of its own.
            Errno::LOOP | Errno::XDEV => OutputError::Link { path: path.clone() },
            // A socket; a FIFO opens and is told apart below.
            Errno::NXIO | Errno::NODEV => OutputError::Special { path: path.clone() },
            other => unreadable(path, other),
        })?;
        let stat = rustix::fs::fstat(&fd).map_err(|errno| unreadable(path, errno))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Ok(Opened::Directory(fd)),
            FileType::RegularFile => Ok(Opened::File {
                fd,
                size: u64::try_from(stat.st_size).unwrap_or(u64::MAX),
                executable: stat.st_mode & 0o100 != 0,
            }),
            _ => Err(OutputError::Special { path: path.clone() }),
        }
    }

    /// Reads each byte once; the same bytes are hashed and written.
    fn copy(
        &mut self,
        from: OwnedFd,
        size: u64,
        executable: bool,
        mut to: File,
        mut hasher: sha2::Sha256,
        path: &RepoPath,
    ) -> Result<Copied, OutputError> {
        let too_large =
            || OutputError::TooLarge { path: path.clone(), limit: self.limits.total_bytes };
        // Before reading: a sparse file costs its author nothing and us everything.
        let total = self.bytes.checked_add(size).ok_or_else(too_large)?;
        if total > self.limits.total_bytes {
            return Err(too_large());
        }
        let mut from = File::from(from);
        let mut chunk = vec![0; CHUNK];
        let mut read = 0_u64;
        loop {
            let count = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(OutputError::Unreadable {
                        path: path.clone(),
                        reason: error.to_string(),
                    });
                }
            };
            read += count as u64;
            let bytes = chunk.get(..count).unwrap_or_default();
            if read > size {
                break;
            }
            hasher.update(bytes);
            to.write_all(bytes).map_err(|error| OutputError::Store {
                store: self.store.to_owned(),
                reason: error.to_string(),
            })?;
        }
        if read != size {
            return Err(OutputError::Changed { path: path.clone() });
        }
        self.bytes = total;
        Ok(Copied { digest: Sha256::from_bytes(hasher.finalize().into()), size, executable })
    }

    fn too_many(&self, path: &RepoPath) -> OutputError {
        OutputError::TooMany { path: path.clone(), limit: self.limits.entries }
    }
}

impl<'a> Incoming<'a> {
    /// A free name in the store; two collections into one store at once do not meet.
    fn new(store: &'a Path) -> Result<Self, OutputError> {
        let mut counter = 0_u32;
        loop {
            let path = store.join(format!(".incoming-{}-{counter}", std::process::id()));
            let incoming = Self { store, path };
            // Reserves the name whatever the output turns out to be.
            let lock = incoming.path.with_extension("name");
            match File::create_new(&lock) {
                Ok(_) => return Ok(incoming),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => counter += 1,
                Err(error) => return Err(incoming.failed(&error)),
            }
        }
    }

    /// Modes are ours: no set-user-id bit, no other surprise of the step survives.
    fn create_file(&self, path: &Path, executable: bool) -> Result<File, OutputError> {
        let file = File::create_new(path).map_err(|error| self.failed(&error))?;
        let mode = Mode::from_raw_mode(if executable { 0o555 } else { 0o444 });
        rustix::fs::fchmod(&file, mode).map_err(|errno| self.failed(&errno.into()))?;
        Ok(file)
    }

    /// Gives the finished copy its name. What is already there under the name is not believed to be
    /// what the name says, since later steps are given it and releases are made of it.
    fn keep(&self, digest: &OutputDigest, executable: bool) -> Result<PathBuf, OutputError> {
        use rustix::fs::{RenameFlags, renameat_with};
        let stored = stored_path(self.store, digest, executable);
        match renameat_with(CWD, &self.path, CWD, &stored, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(stored),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(self.failed(&errno.into())),
        }
        // Another run may be reading a directory that is whole, so only a spoiled one is replaced; a
        // file that is being read stays with its reader in any case.
        if let OutputDigest::Directory(expected) = digest
            && verify_directory(&stored, expected).is_ok()
        {
            return Ok(stored);
        }
        // What was there takes the copy's old name and is removed with it.
        match renameat_with(CWD, &self.path, CWD, &stored, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(stored),
            Err(errno) => Err(self.failed(&errno.into())),
        }
    }

    fn failed(&self, error: &io::Error) -> OutputError {
        OutputError::Store { store: self.store.to_owned(), reason: error.to_string() }
    }
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        // What was kept has moved away; what failed must not stay.
        let _ = std::fs::remove_file(&self.path).or_else(|_| std::fs::remove_dir_all(&self.path));
        let _ = rustix::fs::unlinkat(CWD, self.path.with_extension("name"), AtFlags::empty());
    }
}

fn child(directory: &RepoPath, name: &[u8]) -> Result<RepoPath, OutputError> {
    RepoPath::new([directory.as_bytes(), b"/", name].concat())
        .map_err(|_| OutputError::Special { path: directory.clone() })
}

fn os_str(name: &[u8]) -> &std::ffi::OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name)
}

fn unreadable(path: &RepoPath, errno: Errno) -> OutputError {
    OutputError::Unreadable { path: path.clone(), reason: io::Error::from(errno).to_string() }
}
