//! From a file or directory that somebody named to a tree.

use std::{
    fs::File,
    io::{BufReader, Read as _},
    os::fd::OwnedFd,
    path::Path,
};

use penstock_model::Sha256;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use crate::{
    Archive, Environment, LeftOut, Limits, Platform, RootError,
    blobs::Blobs,
    decompress::{decompressed, is_compressed},
    error::During as _,
    header::{BLOCK, Header},
    layer,
    layout::{self, MARKER},
    tap::{Bounded, Tap},
    tree::Tree,
};

/// What can be made into a root.
pub(crate) enum Source {
    Layout(Blobs),
    Tar(File),
}

/// What was unpacked.
pub(crate) struct Unpacked {
    pub(crate) digest: Sha256,
    pub(crate) platform: Option<Platform>,
    pub(crate) environment: Environment,
    pub(crate) left_out: LeftOut,
}

impl Source {
    pub(crate) fn open(path: &Path, limits: Limits) -> Result<Self, RootError> {
        let what = || format!("open `{}`", path.display());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = openat(CWD, path, flags, Mode::empty()).during(what)?;
        match FileType::from_raw_mode(fstat(&opened).during(what)?.st_mode) {
            FileType::Directory => Ok(Self::Layout(Blobs::Directory(opened))),
            FileType::RegularFile => Self::of_file(File::from(opened), limits),
            _ => Err(RootError::Unknown),
        }
    }

    fn of_file(file: File, limits: Limits) -> Result<Self, RootError> {
        let head = head(&file)?;
        if is_compressed(&head) {
            return Ok(Self::Tar(file));
        }
        if !head.first_chunk::<BLOCK>().is_some_and(|block| Header(block).adds_up()) {
            return Err(RootError::Unknown);
        }
        Ok(match Blobs::of_tar(&file, limits)? {
            Some(blobs) => Self::Layout(blobs),
            None => Self::Tar(file),
        })
    }

    /// Unpacks into an empty directory of ours.
    pub(crate) fn unpack(
        &self,
        root: OwnedFd,
        wanted: &Platform,
        limits: Limits,
    ) -> Result<Unpacked, RootError> {
        let mut tree = Tree::new(root, limits)?;
        match self {
            Self::Layout(blobs) => unpack_image(blobs, &mut tree, wanted, limits),
            Self::Tar(file) => unpack_tar(file, &mut tree, limits),
        }
    }
}

fn head(file: &File) -> Result<Vec<u8>, RootError> {
    use std::os::unix::fs::FileExt as _;
    let mut head = vec![0; BLOCK];
    let mut filled = 0;
    while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64).during(|| "read the file".to_owned())? {
            0 => break,
            read => filled += read,
        }
    }
    head.truncate(filled);
    Ok(head)
}

fn unpack_image(
    blobs: &Blobs,
    tree: &mut Tree,
    wanted: &Platform,
    limits: Limits,
) -> Result<Unpacked, RootError> {
    let image = layout::image(blobs, wanted, &limits)?;
    let mut left_out = LeftOut::default();
    let (mut bytes, mut entries) = (0, 0);
    for (descriptor, diff_id) in &image.layers {
        let (blob, expected) = blobs.named(descriptor)?;
        let (compressed, plain) = (Tap::default(), Tap::default());
        let source = BufReader::with_capacity(1 << 17, compressed.on(blob));
        let source = decompressed(source).map_err(|error| RootError::lift(&error))?;
        let compressed_bytes = compressed.clone();
        let bounded =
            Bounded { source, compressed: compressed_bytes, limits, total: &mut bytes, own: 0 };
        let left = Limits { entries: limits.entries - entries, ..limits };
        let mut archive = Archive::new(plain.on(bounded), left);
        let applied = layer::apply(&mut archive, tree, true, &limits, &mut left_out);
        let applied = applied.map_err(|error| match error {
            // Of what is left for this layer, of what there was for all.
            RootError::OverLimit { what: "members", .. } => {
                RootError::OverLimit { what: "members", limit: limits.entries }
            }
            other => other,
        });
        entries += archive.entries();
        applied?;
        drop(archive);
        agrees("a layer", expected, compressed.digest())?;
        agrees("a layer, decompressed,", *diff_id, plain.digest())?;
    }
    Ok(Unpacked {
        digest: image.digest,
        platform: Some(image.platform),
        environment: image.environment,
        left_out,
    })
}

fn unpack_tar(file: &File, tree: &mut Tree, limits: Limits) -> Result<Unpacked, RootError> {
    let compressed = Tap::default();
    let is_compressed = is_compressed(&head(file)?);
    let mut source = BufReader::with_capacity(1 << 17, compressed.on(file));
    let mut left_out = LeftOut::default();
    let mut bytes = 0;
    {
        let source = decompressed(&mut source).map_err(|error| RootError::lift(&error))?;
        let bounded =
            Bounded { source, compressed: compressed.clone(), limits, total: &mut bytes, own: 0 };
        let mut archive = Archive::new(bounded, limits);
        layer::apply(&mut archive, tree, false, &limits, &mut left_out)?;
    }
    // An image in it was seen before if it is not compressed.
    if is_compressed && tree.has(MARKER) && tree.has("index.json") {
        return Err(RootError::CompressedLayout);
    }
    if is_compressed && tree.has("manifest.json") && tree.has("repositories") {
        return Err(RootError::OldDockerSave);
    }
    // To its very end, so that the digest is the file's.
    std::io::copy(&mut source.by_ref(), &mut std::io::sink())
        .during(|| "read the file".to_owned())?;
    Ok(Unpacked {
        digest: compressed.digest(),
        platform: None,
        environment: Environment::new(),
        left_out,
    })
}

fn agrees(what: &str, expected: Sha256, found: Sha256) -> Result<(), RootError> {
    if expected == found {
        return Ok(());
    }
    Err(RootError::Digest { what: what.to_owned(), expected, found })
}
