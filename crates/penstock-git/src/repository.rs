use std::{
    io,
    path::{Path, PathBuf},
};

use gix::sec::trust::Mapping;
use penstock_model::{GitOid, RepoPath};

use crate::{
    commit::Commit,
    error::{GitError, ObjectKind, printable},
};

/// The largest blob that is read, in bytes.
const MAX_BLOB_BYTES: u64 = 1 << 30;
/// The largest commit, tag or tree object that is read, in bytes.
const MAX_META_BYTES: u64 = 64 << 20;
/// How many annotated tags may point to one another.
const MAX_TAG_DEPTH: usize = 16;

/// An opened repository with a work tree.
///
/// It is not `Sync`; [`Repository::handles`] gives every thread its own view of one set of packs.
pub struct Repository {
    pub(crate) inner: gix::Repository,
    root: PathBuf,
}

impl Repository {
    /// Finds the repository `directory` lies in, looking upwards, and opens it.
    ///
    /// A repository owned by somebody else is opened too: nothing it configures is ever executed.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], [`GitError::Bare`], [`GitError::Sha256Unsupported`],
    /// [`GitError::Open`]. A repository without a commit opens; [`Repository::head`] says
    /// [`GitError::Empty`].
    pub fn discover(directory: &Path) -> Result<Self, GitError> {
        let this = Self::discover_any(directory)?;
        if this.is_bare() { Err(GitError::Bare(this.root)) } else { Ok(this) }
    }

    /// As [`Repository::discover`]; a bare repository is opened too, for its history.
    ///
    /// # Errors
    /// As [`Repository::discover`], but for [`GitError::Bare`].
    pub fn discover_any(directory: &Path) -> Result<Self, GitError> {
        let directory = directory
            .canonicalize()
            .map_err(|error| GitError::io("enter directory", directory, error))?;
        let (path, _trust) = gix::discover::upwards(&directory)
            .map_err(|_| GitError::NotARepository(directory.clone()))?;
        let (git_dir, _) = path.into_repository_and_work_tree_directories();
        let options = gix::open::Options::isolated();
        let mut inner: gix::Repository = gix::ThreadSafeRepository::discover_opts(
            &directory,
            gix::discover::upwards::Options::default(),
            Mapping { full: options.clone(), reduced: options },
        )
        .map_err(|error| open_error(&git_dir, &error))?
        .to_thread_local();
        // A replacement would put other bytes under an id than the id says.
        inner.objects.ignore_replacements = true;
        if inner.object_hash() != gix::hash::Kind::Sha1 {
            return Err(GitError::Sha256Unsupported);
        }
        let root = inner.workdir().unwrap_or(&git_dir);
        let root = root.canonicalize().map_err(|error| GitError::io("enter", root, error))?;
        Ok(Self { inner, root })
    }

    /// A repository over an open one, with a cache for the bases of deltas of this many bytes.
    pub(crate) fn with_cache(mut inner: gix::Repository, root: PathBuf, cache: usize) -> Self {
        inner.objects.ignore_replacements = true;
        inner.objects.set_pack_cache(move || {
            Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(cache.max(1)))
        });
        Self { inner, root }
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.inner.workdir().is_none()
    }

    /// The top directory of the work tree, absolute, without links; of a bare repository, the
    /// repository itself.
    pub fn root_dir(&self) -> &Path {
        &self.root
    }

    /// Where in the repository the project in `project_dir` lies; `None` for the root.
    ///
    /// # Errors
    /// [`GitError::OutsideWorkTree`], or an unreadable directory.
    pub fn subdirectory(&self, project_dir: &Path) -> Result<Option<RepoPath>, GitError> {
        use std::os::unix::ffi::OsStrExt as _;

        let path = project_dir
            .canonicalize()
            .map_err(|error| GitError::io("enter directory", project_dir, error))?;
        let outside = || GitError::OutsideWorkTree { path: path.clone(), root: self.root.clone() };
        let relative = path.strip_prefix(&self.root).map_err(|_| outside())?;
        match relative.as_os_str().as_bytes() {
            b"" => Ok(None),
            bytes => RepoPath::new(bytes).map(Some).map_err(|_| outside()),
        }
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// [`GitError::Empty`] before the first commit; what reading the commit says.
    pub fn head(&self) -> Result<Commit, GitError> {
        let mut head = self
            .inner
            .head()
            .map_err(|error| GitError::Open { path: self.root.clone(), reason: reason(&error) })?;
        if head.is_unborn() {
            return Err(GitError::Empty);
        }
        let id = head
            .try_peel_to_id()
            .ok()
            .flatten()
            .ok_or_else(|| GitError::UnknownRevision("HEAD".to_owned()))?
            .detach();
        self.commit(&oid_of(&id)?)
    }

    /// The commit a revision names: an id, a prefix of one, a branch, a tag, `HEAD~2`.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`]; what reading the commit says.
    pub fn resolve(&self, revision: &str) -> Result<Commit, GitError> {
        let unknown = || GitError::UnknownRevision(printable(revision.as_bytes()));
        let id = self.inner.rev_parse_single(revision).map_err(|_| unknown())?.detach();
        let mut oid = oid_of(&id)?;
        for _ in 0..MAX_TAG_DEPTH {
            let (kind, data) = self.object(&oid)?;
            match kind {
                gix::objs::Kind::Commit => return Commit::parse(oid, &data),
                gix::objs::Kind::Tag => oid = tagged(&data).ok_or_else(unknown)?,
                gix::objs::Kind::Blob | gix::objs::Kind::Tree => return Err(unknown()),
            }
        }
        Err(unknown())
    }

    /// The commit with this id.
    ///
    /// # Errors
    /// [`GitError::MissingObject`], [`GitError::CorruptObject`], [`GitError::WrongKind`],
    /// [`GitError::MalformedCommit`].
    pub fn commit(&self, oid: &GitOid) -> Result<Commit, GitError> {
        Commit::parse(oid.clone(), &self.read(oid, ObjectKind::Commit)?)
    }

    /// The bytes of a file or the target of a link, as committed.
    ///
    /// # Errors
    /// As [`Repository::commit`]; [`GitError::TooLarge`] over 1 GiB.
    pub fn blob(&self, oid: &GitOid) -> Result<Vec<u8>, GitError> {
        self.read(oid, ObjectKind::Blob)
    }

    /// As [`Repository::blob`], of at most `limit` bytes: a larger one is never unpacked.
    ///
    /// # Errors
    /// As [`Repository::blob`]; [`GitError::TooLarge`] over the limit.
    pub fn blob_within(&self, oid: &GitOid, limit: u64) -> Result<Vec<u8>, GitError> {
        let id = sha1(oid)?;
        match self.object_within(&id, limit.min(MAX_BLOB_BYTES))? {
            (gix::objs::Kind::Blob, data) => Ok(data),
            _ => Err(GitError::WrongKind { oid: oid.clone(), expected: ObjectKind::Blob }),
        }
    }

    /// Whether history was cut off when the repository was cloned.
    pub fn is_shallow(&self) -> bool {
        // Only a configured path that is no path at all is an error; then nothing is known.
        self.inner.is_shallow().unwrap_or(true)
    }

    /// The address of a remote as the repository's own configuration states it, unrewritten
    /// (`url.<base>.insteadOf` of a user's configuration is not read).
    pub fn remote_url(&self, name: &str) -> Option<String> {
        let key = format!("remote.{name}.url");
        let url = self.inner.config_snapshot().string(key.as_str())?;
        String::from_utf8(url.into()).ok()
    }

    /// Reads an object that must be of this kind.
    pub(crate) fn read(&self, oid: &GitOid, expected: ObjectKind) -> Result<Vec<u8>, GitError> {
        let (kind, data) = self.object(oid)?;
        let right = matches!(
            (kind, expected),
            (gix::objs::Kind::Blob, ObjectKind::Blob)
                | (gix::objs::Kind::Commit, ObjectKind::Commit)
                | (gix::objs::Kind::Tree, ObjectKind::Tree)
        );
        if right { Ok(data) } else { Err(GitError::WrongKind { oid: oid.clone(), expected }) }
    }

    fn object(&self, oid: &GitOid) -> Result<(gix::objs::Kind, Vec<u8>), GitError> {
        self.object_within(&sha1(oid)?, MAX_BLOB_BYTES)
    }

    /// Reads an object and hashes it again: a store (or an alternate of it) that answers with other
    /// bytes than the id says is not believed. One over the limit is not unpacked.
    pub(crate) fn object_within(
        &self,
        id: &gix::oid,
        max_blob: u64,
    ) -> Result<(gix::objs::Kind, Vec<u8>), GitError> {
        let oid = || oid_of(id);
        let corrupt = || oid().map_or_else(|error| error, GitError::CorruptObject);
        let missing = || oid().map_or_else(|error| error, GitError::MissingObject);
        let header = self.inner.try_find_header(id).map_err(|_| corrupt())?.ok_or_else(missing)?;
        let limit = match header.kind() {
            gix::objs::Kind::Blob => max_blob,
            _ => MAX_META_BYTES,
        };
        if header.size() > limit {
            let what = format!("object `{}` (bytes)", oid()?);
            return Err(GitError::TooLarge { what, limit });
        }
        let mut object =
            self.inner.try_find_object(id).map_err(|_| corrupt())?.ok_or_else(missing)?;
        let actual =
            gix::objs::compute_hash(id.kind(), object.kind, &object.data).map_err(|_| corrupt())?;
        if *actual != *id {
            return Err(corrupt());
        }
        Ok((object.kind, std::mem::take(&mut object.data)))
    }
}

/// The form of an id `gix` knows.
pub(crate) fn sha1(oid: &GitOid) -> Result<gix::ObjectId, GitError> {
    gix::ObjectId::from_hex(oid.as_str().as_bytes())
        .ok()
        .filter(|id| id.kind() == gix::hash::Kind::Sha1)
        .ok_or(GitError::Sha256Unsupported)
}

/// The typed form of an id `gix` knows.
pub(crate) fn oid_of(id: &gix::oid) -> Result<GitOid, GitError> {
    id.to_hex().to_string().parse().map_err(|_| GitError::Sha256Unsupported)
}

/// What a tag object points to.
fn tagged(data: &[u8]) -> Option<GitOid> {
    let line = data.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line.strip_prefix(b"object ")?).ok()?.parse().ok()
}

/// Tells the unsupported object format from other reasons a repository does not open.
fn open_error(git_dir: &Path, error: &gix::Error) -> GitError {
    let common = std::fs::read_to_string(git_dir.join("commondir"))
        .map_or_else(|_| git_dir.to_owned(), |path| git_dir.join(path.trim_end()));
    let config =
        gix::config::File::from_path_no_includes(common.join("config"), gix::config::Source::Local);
    let format = config.ok().and_then(|config| config.string("extensions.objectFormat"));
    if format.is_some_and(|format| format.eq_ignore_ascii_case(b"sha256")) {
        return GitError::Sha256Unsupported;
    }
    GitError::Open { path: git_dir.to_owned(), reason: reason(error) }
}

/// The innermost cause, on one line.
fn reason(error: &gix::Error) -> String {
    let cause = error.probable_cause();
    match cause.downcast_ref::<io::Error>() {
        Some(io) => io.kind().to_string(),
        None => printable(cause.to_string().as_bytes()),
    }
}
