//! Unpacked roots on disk, by digest.
//!
//! ```text
//! lock                 held by whoever adds or removes
//! partial/             one in the making; nothing is looked for in it
//! <digest>/            of one root:
//!   record.json        what it is, and the digest of its tree
//!   root               the tree
//! ```

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Write as _},
    os::{
        fd::AsFd as _,
        unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use penstock_model::Sha256;
use rustix::{
    fs::{FlockOperation, flock, fsync, syncfs},
    io::Errno,
};
use serde::{Deserialize, Serialize};

pub use crate::layer::LeftOut;
use crate::{
    Environment, Limits, Platform, RootError, census,
    error::During as _,
    tree::opened,
    unpack::{Source, Unpacked},
};

const RECORD: &str = "record.json";
const TREE: &str = "root";
const PARTIAL: &str = "partial";
const LOCK: &str = "lock";

/// The most bytes of a record: its variables are the most of it.
const MAX_RECORD: u64 = 1 << 20;

/// What is kept about an unpacked root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// The version of this form: 1.
    version: u32,
    /// What names it: an image manifest's digest, or that of the tar as it was given.
    pub digest: Sha256,
    /// The name of the file or directory it was added from; it identifies nothing.
    pub name: String,
    /// What it was made from.
    pub form: Form,
    /// What an image says it is made for.
    pub platform: Option<String>,
    /// Digest over all that is in the tree: types, modes, contents, targets, names.
    pub tree: Sha256,
    /// Members of the tree.
    pub members: u64,
    /// Bytes of all its files, each name of one counted.
    pub bytes: u64,
    /// What was not taken over.
    pub left_out: LeftOut,
    /// The variables that steps take over from it.
    pub environment: Environment,
}

/// What a root was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// An image of an OCI layout.
    OciImage,
    /// A tar of a root file system.
    Tar,
}

/// A root that is as it was unpacked. While this is held, nobody removes it by this program.
#[derive(Debug)]
pub struct Stored {
    /// What it is.
    pub record: Record,
    /// The tree, on the host.
    pub tree: PathBuf,
    _held: File,
}

/// What adding came to.
#[derive(Debug)]
pub struct Added {
    /// What it is.
    pub record: Record,
    /// Whether it was there already.
    pub already: bool,
}

/// The directory with all unpacked roots.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
    limits: Limits,
}

impl Store {
    /// The store in a directory, which is made when something is added.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), limits: Limits::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Unpacks an image layout (a directory, or a tar of one) or a tar of a root, all of it or
    /// nothing, and keeps it.
    ///
    /// # Errors
    /// Whatever is wrong with it, and what the system refuses.
    pub fn add(&self, source: &Path, wanted: &Platform) -> Result<Added, RootError> {
        let what = || format!("make `{}`", self.directory.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory).during(what)?;
        let mode = fs::metadata(&self.directory).during(what)?.permissions().mode();
        if mode & 0o022 != 0 {
            return Err(RootError::WritableByOthers(self.directory.clone()));
        }
        let _turn = self.turn()?;
        let partial = self.directory.join(PARTIAL);
        // Of somebody who was killed.
        remove(&partial)?;
        DirBuilder::new().mode(0o700).create(&partial).during(what)?;
        let added = self.unpack(source, wanted, &partial);
        if !matches!(added, Ok(Added { already: false, .. })) {
            remove(&partial)?;
        }
        added
    }

    fn unpack(&self, source: &Path, wanted: &Platform, partial: &Path) -> Result<Added, RootError> {
        let tree = partial.join(TREE);
        fs::create_dir(&tree).during(|| "make the new root".to_owned())?;
        fs::set_permissions(&tree, Permissions::from_mode(0o755))
            .during(|| "make the new root".to_owned())?;
        let root = opened(&tree).during(|| "open the new root".to_owned())?;
        let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned();
        let source = Source::open(source, self.limits)?;
        let form = match source {
            Source::Layout(_) => Form::OciImage,
            Source::Tar(_) => Form::Tar,
        };
        let Unpacked { digest, platform, environment, left_out } =
            source.unpack(root, wanted, self.limits)?;
        let census = self.census(&tree).during(|| "read the new root".to_owned())?;
        let record = Record {
            version: 1,
            digest,
            name: crate::name::shown(name.as_bytes()),
            form,
            platform: platform.map(|platform| platform.to_string()),
            tree: census.digest,
            members: census.members,
            bytes: census.bytes,
            left_out,
            environment,
        };
        let place = self.place(&digest);
        if place.exists() {
            return Ok(Added { record: self.get(&digest)?.record, already: true });
        }
        let what = || format!("keep `sha256:{digest}`");
        let text = serde_json::to_vec_pretty(&record).map_err(io::Error::from).during(what)?;
        let mut file = File::create_new(partial.join(RECORD)).during(what)?;
        file.write_all(&text).during(what)?;
        // One call instead of one for each of many thousand files.
        syncfs(&file).during(what)?;
        fs::rename(partial, &place).during(what)?;
        fsync(listable(&self.directory).during(what)?).during(what)?;
        Ok(Added { record, already: false })
    }

    /// Every root that is here, in the order of their digests. Whether each is as it was unpacked is
    /// not looked at.
    ///
    /// # Errors
    /// The system refuses, or a record cannot be read.
    pub fn list(&self) -> Result<Vec<Record>, RootError> {
        let what = || format!("list `{}`", self.directory.display());
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.during(what)?,
        };
        let mut records = Vec::new();
        for entry in entries {
            let name = entry.during(what)?.file_name();
            if let Some(digest) = name.to_str().and_then(|name| name.parse().ok()) {
                records.push(self.record(&digest)?.0);
            }
        }
        records.sort_by_key(|record| record.digest);
        Ok(records)
    }

    /// A root, once all of it was compared with what was unpacked.
    ///
    /// # Errors
    /// It is not there, is not as it was, or cannot be read.
    pub fn get(&self, digest: &Sha256) -> Result<Stored, RootError> {
        let (record, held) = self.record(digest)?;
        flock(&held, FlockOperation::LockShared).during(|| format!("hold `sha256:{digest}`"))?;
        let tree = self.place(digest).join(TREE);
        // What is there and cannot be read as it was written was changed too.
        let census = self.census(&tree).map_err(|_| RootError::Changed(*digest))?;
        if census.digest != record.tree {
            return Err(RootError::Changed(*digest));
        }
        Ok(Stored { record, tree, _held: held })
    }

    /// Removes a root.
    ///
    /// # Errors
    /// It is not there, a run uses it, or the system refuses.
    pub fn remove(&self, digest: &Sha256) -> Result<(), RootError> {
        let place = self.place(digest);
        if !place.exists() {
            return Err(RootError::NotThere(*digest));
        }
        let _turn = self.turn()?;
        let what = || format!("remove `sha256:{digest}`");
        // A record that is gone is held by nobody.
        if let Ok(held) = File::open(place.join(RECORD)) {
            match flock(&held, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => return Err(RootError::InUse(*digest)),
                locked => locked.during(what)?,
            }
        }
        let partial = self.directory.join(PARTIAL);
        remove(&partial)?;
        // Gone at once for everybody else, and bit by bit on disk.
        match fs::rename(&place, &partial) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            renamed => renamed.during(what).and_then(|()| remove(&partial)),
        }
    }

    fn place(&self, digest: &Sha256) -> PathBuf {
        self.directory.join(digest.to_string())
    }

    fn record(&self, digest: &Sha256) -> Result<(Record, File), RootError> {
        let what = || format!("read the record of `sha256:{digest}`");
        let place = self.place(digest);
        let file = match File::open(place.join(RECORD)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !place.exists() => {
                return Err(RootError::NotThere(*digest));
            }
            file => file.map_err(|_| RootError::Changed(*digest))?,
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&file, MAX_RECORD), &mut bytes).during(what)?;
        let record: Record =
            serde_json::from_slice(&bytes).map_err(|_| RootError::Changed(*digest))?;
        if record.digest != *digest || record.version != 1 {
            return Err(RootError::Changed(*digest));
        }
        Ok((record, file))
    }

    fn census(&self, tree: &Path) -> rustix::io::Result<census::Census> {
        let root = listable(tree)?;
        census::take(root.as_fd(), self.limits.depth)
    }

    /// Waits until nobody else adds or removes.
    fn turn(&self) -> Result<File, RootError> {
        let what = || format!("wait for `{}`", self.directory.display());
        let lock = self.directory.join(LOCK);
        let file = File::options().create(true).append(true).open(lock).during(what)?;
        flock(&file, FlockOperation::LockExclusive).during(what)?;
        Ok(file)
    }
}

fn remove(directory: &Path) -> Result<(), RootError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.during(|| format!("remove `{}`", directory.display())),
    }
}

fn listable(directory: &Path) -> rustix::io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    open(directory, flags, Mode::empty())
}
