use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat},
    io::Errno,
};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 * 1024;

/// The open key directory. Everything in it is reached through this descriptor, never by a path
/// that could change its meaning in between, and never through a link.
pub(super) struct Directory {
    fd: OwnedFd,
    path: PathBuf,
}

impl Directory {
    /// Opens the directory, made with mode 0700 if it is not there.
    pub(super) fn create(path: &Path) -> Result<Self, KeyFileError> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| io_error(path, &error))?;
        Self::open(path)
    }

    /// Opens the directory and makes sure that nobody else can put keys into it.
    pub(super) fn open(path: &Path) -> Result<Self, KeyFileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| errno(path, e))?;
        let stat = rustix::fs::fstat(&fd).map_err(|e| errno(path, e))?;
        check_owner(path, &stat)?;
        if stat.st_mode & 0o022 != 0 {
            return Err(KeyFileError::Exposed {
                path: path.to_owned(),
                mode: stat.st_mode & 0o7777,
            });
        }
        Ok(Self { fd, path: path.to_owned() })
    }

    /// Waits until no other maker of keys is at work here. The lock ends with this value.
    pub(super) fn lock(&self) -> Result<(), KeyFileError> {
        rustix::fs::flock(&self.fd, FlockOperation::LockExclusive).map_err(|e| errno(&self.path, e))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of what is in it, sorted; names that are not UTF-8 are none of ours.
    pub(super) fn files(&self) -> Result<Vec<String>, KeyFileError> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(|e| errno(&self.path, e))? {
            let entry = entry.map_err(|e| errno(&self.path, e))?;
            names.extend(entry.file_name().to_str().map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Whether there is anything of that name.
    pub(super) fn holds(&self, file: &str) -> Result<bool, KeyFileError> {
        match rustix::fs::statat(&self.fd, file, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(errno(&self.path.join(file), error)),
        }
    }

    /// Reads a public file.
    pub(super) fn read(&self, file: &str) -> Result<Vec<u8>, KeyFileError> {
        self.read_checked(file, |_, _| Ok(()))
    }

    /// Reads a private key: a regular file of ours that nobody else may read.
    pub(super) fn read_private(&self, file: &str) -> Result<Vec<u8>, KeyFileError> {
        self.read_checked(file, |path, stat| {
            check_owner(path, stat)?;
            if stat.st_mode & 0o077 != 0 {
                let mode = stat.st_mode & 0o7777;
                return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
            }
            Ok(())
        })
    }

    fn read_checked(
        &self,
        file: &str,
        check: impl Fn(&Path, &Stat) -> Result<(), KeyFileError>,
    ) -> Result<Vec<u8>, KeyFileError> {
        let path = self.path.join(file);
        // Without NONBLOCK, opening a pipe somebody put there would wait for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, file, flags, Mode::empty())
            .map_err(|e| errno(&path, e))?;
        // Of the open file, not of the name: what is checked is what is read.
        let stat = rustix::fs::fstat(&fd).map_err(|e| errno(&path, e))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(KeyFileError::NotAFile(path));
        }
        check(&path, &stat)?;
        let mut bytes = Vec::new();
        let read = File::from(fd).take(MAX_BYTES + 1).read_to_end(&mut bytes);
        let read = read.map_err(|error| io_error(&path, &error))?;
        if read as u64 > MAX_BYTES { Err(KeyFileError::TooLarge(path)) } else { Ok(bytes) }
    }

    /// Writes a file that must not be there yet: whole or not at all, and durably.
    pub(super) fn create_new(
        &self,
        file: &str,
        bytes: &[u8],
        mode: u32,
    ) -> Result<(), KeyFileError> {
        self.put(file, bytes, mode, RenameFlags::NOREPLACE)
    }

    /// Writes a file that may be there, whole or not at all, and durably.
    pub(super) fn replace(&self, file: &str, bytes: &[u8], mode: u32) -> Result<(), KeyFileError> {
        self.put(file, bytes, mode, RenameFlags::empty())
    }

    fn put(
        &self,
        file: &str,
        bytes: &[u8],
        mode: u32,
        rename: RenameFlags,
    ) -> Result<(), KeyFileError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.path.join(file);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let new = format!(".{file}.{}-{number}.new", std::process::id());
        let result = self.write(&new, bytes, mode).and_then(|()| {
            rustix::fs::renameat_with(&self.fd, &new, &self.fd, file, rename)
                .map_err(|e| errno(&path, e))
        });
        if result.is_err() {
            // Nothing to be done if it is not there; the first error is the one to report.
            let _ = rustix::fs::unlinkat(&self.fd, &new, AtFlags::empty());
        }
        result?;
        rustix::fs::fsync(&self.fd).map_err(|e| errno(&self.path, e))
    }

    fn write(&self, file: &str, bytes: &[u8], mode: u32) -> Result<(), KeyFileError> {
        let path = self.path.join(file);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(&self.fd, file, flags, Mode::from_raw_mode(mode));
        let fd = match open() {
            // Left by a process of the same id that was killed; it was never a key.
            Err(Errno::EXIST) => {
                rustix::fs::unlinkat(&self.fd, file, AtFlags::empty())
                    .map_err(|e| errno(&path, e))?;
                open()
            }
            opened => opened,
        }
        .map_err(|e| errno(&path, e))?;
        let mut file = File::from(fd);
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(|error| io_error(&path, &error))
    }
}

fn check_owner(path: &Path, stat: &Stat) -> Result<(), KeyFileError> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid == user {
        return Ok(());
    }
    Err(KeyFileError::NotOurs { path: path.to_owned(), owner: stat.st_uid, user })
}

fn errno(path: &Path, error: Errno) -> KeyFileError {
    match error {
        Errno::LOOP => KeyFileError::Link(path.to_owned()),
        error => io_error(path, &error.into()),
    }
}

fn io_error(path: &Path, error: &io::Error) -> KeyFileError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path),
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path),
        kind => KeyFileError::Io { path, kind, message: error.to_string() },
    }
}

/// Why a key file cannot be read, written or trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// A key of that name is there; keys are never overwritten.
    #[error("`{}` is there already and is never overwritten: move it away first", .0.display())]
    Exists(PathBuf),
    /// Others may read the key, or put keys into the directory.
    #[error(
        "`{}` has mode {mode:04o} and is open to others: `chmod go= {}`", .path.display(),
        .path.display()
    )]
    Exposed {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The system refused.
    #[error("`{}`: {message}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What kind of refusal.
        kind: io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// It is a symbolic link.
    #[error("`{}` is a symbolic link: put the key file itself there", .0.display())]
    Link(PathBuf),
    /// It is not there.
    #[error("`{}` is not there: make the key first", .0.display())]
    Missing(PathBuf),
    /// A directory, a pipe or the like.
    #[error("`{}` is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// It belongs to another account.
    #[error(
        "`{}` belongs to user {owner}, not to user {user}: run as its owner, or `chown` it",
        .path.display()
    )]
    NotOurs {
        /// The file or directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Who asks.
        user: u32,
    },
    /// It is larger than any key.
    #[error("`{}` is larger than any key file", .0.display())]
    TooLarge(PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rename itself refuses, whatever was checked before it.
    #[test]
    fn a_new_file_never_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::create(&folder.path().join("keys")).unwrap();
        directory.create_new("a", b"first", 0o600).unwrap();
        let path = directory.path().join("a");
        let second = directory.create_new("a", b"second", 0o600);
        assert_eq!(second, Err(KeyFileError::Exists(path)));
        assert_eq!(directory.read("a"), Ok(b"first".to_vec()));
        assert_eq!(directory.files().unwrap(), [".", "..", "a"]);
        directory.replace("a", b"third", 0o600).unwrap();
        assert_eq!(directory.read("a"), Ok(b"third".to_vec()));
    }
}
