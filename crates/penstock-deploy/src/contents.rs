//! The bytes of a release on disk: copying them in, and verifying them where they are. Paths are
//! followed one component at a time and never through a link.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use penstock_model::{RepoPath, Sha256};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use sha2::Digest as _;

use crate::{DeployError, Drift, Release, ReleaseFile};

/// Copied and hashed at a time.
const BUFFER_BYTES: usize = 128 << 10;

/// Writes every file of a release into the empty directory `into`, hashing what is copied, and
/// brings files and directories to the disk.
pub(crate) fn write(
    release: &Release,
    into: &Path,
    source: &dyn Fn(&RepoPath) -> PathBuf,
) -> Result<(), DeployError> {
    let mut directories = BTreeSet::from([into.to_owned()]);
    for file in release.files() {
        let path = into.join(file.path.as_path());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| DeployError::io("create directory", parent, error))?;
            let above = parent.ancestors().take_while(|above| above.starts_with(into));
            directories.extend(above.map(Path::to_owned));
        }
        copy(file, &source(&file.path), &path)?;
    }
    // A directory is on the disk when its entries are; the innermost first.
    for directory in directories.iter().rev() {
        sync_directory(directory)?;
    }
    Ok(())
}

fn copy(file: &ReleaseFile, from: &Path, to: &Path) -> Result<(), DeployError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut reader: File = rustix::fs::open(from, flags, Mode::empty())
        .map_err(|error| DeployError::io("open", from, error))?
        .into();
    let kind = reader.metadata().map_err(|error| DeployError::io("read", from, error))?;
    if !kind.is_file() {
        return Err(DeployError::io("read", from, io::Error::from(io::ErrorKind::InvalidInput)));
    }
    let mut writer = File::create_new(to).map_err(|error| DeployError::io("create", to, error))?;
    let found =
        hash(&mut reader, &mut writer).map_err(|error| DeployError::io("copy to", to, error))?;
    if found != file.digest {
        let (path, expected) = (file.path.clone(), file.digest);
        return Err(DeployError::SourceChanged { path, expected, found });
    }
    // The process's umask must not decide what is deployed.
    let mode = if file.executable { 0o755 } else { 0o644 };
    writer
        .set_permissions(fs::Permissions::from_mode(mode))
        .and_then(|()| writer.sync_all())
        .map_err(|error| DeployError::io("write", to, error))
}

/// Every way in which the directory `at` is not the release; sorted.
pub(crate) fn differences(release: &Release, at: &Path) -> Result<Vec<Drift>, DeployError> {
    let kind = fs::symlink_metadata(at).map_err(|error| DeployError::io("read", at, error))?;
    if !kind.is_dir() {
        // A link to a copy elsewhere, where nothing watches it, is not the release either.
        return Ok(release.files().iter().map(|file| Drift::Missing(file.path.clone())).collect());
    }
    let mut drift = Vec::new();
    let top = open_directory(at)?;
    for file in release.files() {
        let Some(opened) = open_beneath(&top, &file.path)
            .map_err(|error| DeployError::io("open", at.join(file.path.as_path()), error))?
        else {
            drift.push(Drift::Missing(file.path.clone()));
            continue;
        };
        let read_error = |error| DeployError::io("read", at.join(file.path.as_path()), error);
        let metadata = opened.metadata().map_err(read_error)?;
        let mut opened = opened;
        if !metadata.is_file()
            || hash(&mut opened, &mut io::sink()).map_err(read_error)? != file.digest
        {
            drift.push(Drift::Changed(file.path.clone()));
            continue;
        }
        let mode = metadata.permissions().mode();
        if (mode & 0o111 != 0) != file.executable || mode & 0o7000 != 0 {
            drift.push(Drift::Permissions(file.path.clone()));
        }
    }
    let named: BTreeSet<&RepoPath> = release.files().iter().map(|file| &file.path).collect();
    extras(at, at, &named, &mut drift)?;
    drift.sort_unstable();
    Ok(drift)
}

/// What lies in `directory` and is neither a file of the release nor a directory above one.
fn extras(
    top: &Path,
    directory: &Path,
    named: &BTreeSet<&RepoPath>,
    drift: &mut Vec<Drift>,
) -> Result<(), DeployError> {
    let failed = |error| DeployError::io("list directory", directory, error);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let Ok(relative) = path.strip_prefix(top) else { continue };
        let Ok(relative) = RepoPath::new(relative.as_os_str().as_bytes()) else { continue };
        if named.contains(&relative) {
            continue;
        }
        let is_directory = entry.file_type().map_err(failed)?.is_dir();
        if is_directory && named.iter().any(|file| file.is_within(&relative)) {
            extras(top, &path, named, drift)?;
        } else {
            drift.push(Drift::Extra(relative));
        }
    }
    Ok(())
}

/// Opens a file beneath a directory; `None` where it is not there, or a link stands in the way.
fn open_beneath(top: &OwnedFd, path: &RepoPath) -> Result<Option<File>, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut directory: Option<OwnedFd> = None;
    for part in path.as_bytes().split(|byte| *byte == b'/') {
        let within = directory.as_ref().map_or(top.as_fd(), AsFd::as_fd);
        match rustix::fs::openat(within, part, flags, Mode::empty()) {
            Ok(opened) => directory = Some(opened),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(directory.map(File::from))
}

fn open_directory(path: &Path) -> Result<OwnedFd, DeployError> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map_err(|error| DeployError::io("open directory", path, error))
}

/// Brings the entries of a directory to the disk.
pub(crate) fn sync_directory(path: &Path) -> Result<(), DeployError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| DeployError::io("sync", path, error))
}

/// Copies all of `from` to `to` and says what it was.
fn hash(from: &mut impl Read, to: &mut impl Write) -> io::Result<Sha256> {
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(Sha256::from_bytes(hasher.finalize().into())),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        hasher.update(chunk);
        to.write_all(chunk)?;
    }
}
