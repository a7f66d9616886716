use std::{io, path::PathBuf};

use penstock_model::Sha256;

/// Why there is no root file system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum RootError {
    #[error("cannot {what}: {reason}")]
    Io { what: String, reason: String },
    #[error("the archive is damaged: {0}; fetch or export it again")]
    Malformed(String),
    #[error("`{name}` is not taken: {why}")]
    Name { name: String, why: &'static str },
    #[error("it has more {what} than the {limit} that are taken; use a smaller image")]
    OverLimit { what: &'static str, limit: u64 },
    #[error("{what} has SHA-256 {found}, not {expected}: it was changed or cut; fetch it again")]
    Digest { what: String, expected: Sha256, found: Sha256 },
    #[error("{what} has {found} bytes, not {expected}: it was changed or cut; fetch it again")]
    Size { what: String, expected: u64, found: u64 },
    #[error("`{digest}` is named and not there: fetch the image again, with all its layers")]
    NoBlob { digest: String },
    #[error("{what} cannot be read: {reason}")]
    Document { what: &'static str, reason: String },
    #[error("`{0}` is not a kind of content that images are made of: is this an image at all?")]
    MediaType(String),
    #[error("`{0}` is no SHA-256 digest: other algorithms are not read")]
    Algorithm(String),
    #[error("there is no image for {wanted}; there are {there}: name one with --platform")]
    NoPlatform { wanted: String, there: String },
    #[error(
        "{0} images are for this platform: write the one that is meant into a layout of its own"
    )]
    Ambiguous(usize),
    #[error(
        "the image is for {found}, not for {wanted}: name it with --platform, or fetch another"
    )]
    OtherPlatform { wanted: String, found: String },
    #[error("`{0}` is no platform: write `linux/amd64` or `linux/arm64/v8`")]
    BadPlatform(String),
    #[error(
        "this is neither an image layout nor a tar: save one with `docker save`, `docker export` or `skopeo copy … oci:DIR`"
    )]
    Unknown,
    #[error(
        "this image layout is compressed: decompress it first, since its parts are looked up in it"
    )]
    CompressedLayout,
    #[error(
        "this is how Docker saved images before version 25: save it with a newer one, or `skopeo copy docker-archive:FILE oci:DIR`"
    )]
    OldDockerSave,
    #[error("no root `sha256:{0}` here: `penstock root add` the image or tar it was made from")]
    NotThere(Sha256),
    #[error(
        "root `sha256:{0}` is not as it was unpacked: `penstock root remove` it and add it again"
    )]
    Changed(Sha256),
    #[error("root `sha256:{0}` is used by a run: try again when that is over")]
    InUse(Sha256),
    #[error("others may write to `{0}`: chmod go-w it")]
    WritableByOthers(PathBuf),
}

impl RootError {
    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> Self {
        Self::Io { what: what.into(), reason: error.to_string() }
    }

    /// What a reader of ours put into an error of the system's, or that error.
    pub(crate) fn lift(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(own) => own.clone(),
            None => Self::Malformed(error.to_string()),
        }
    }

    /// To be handed through code that knows only errors of the system.
    pub(crate) fn lower(self) -> io::Error {
        io::Error::other(self)
    }
}

/// Says what was being done when the system refused.
pub(crate) trait During<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, RootError>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, RootError> {
        self.map_err(|error| RootError::io(what(), &error))
    }
}

impl<T> During<T> for rustix::io::Result<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, RootError> {
        self.map_err(|errno| RootError::io(what(), &errno.into()))
    }
}
