//! Where the parts of an image layout are: files of a directory, or of a tar of one.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read},
    os::{fd::OwnedFd, unix::fs::FileExt as _},
};

use penstock_model::Sha256;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, openat2};

use crate::{
    Archive, Kind, Limits, RootError,
    error::During as _,
    header::malformed,
    layout::{Descriptor, INDEX, MARKER},
    name::Name,
    tap::Tap,
};

/// The parts of an image layout, by their names in it.
pub(crate) enum Blobs {
    Directory(OwnedFd),
    Tar { file: File, parts: HashMap<String, Part> },
}

/// A part's content.
type Blob<'a> = Box<dyn Read + 'a>;

/// Where a part lies in the file, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    offset: u64,
    size: u64,
}

impl Blobs {
    /// The parts of a layout in a tar that is not compressed; `None` if it is no layout.
    pub(crate) fn of_tar(file: &File, limits: Limits) -> Result<Option<Self>, RootError> {
        let file = file.try_clone().during(|| "read the file again".to_owned())?;
        let at = Tap::default();
        let whole = Stretch { file: &file, offset: 0, left: u64::MAX };
        // Unbuffered beneath the count, so that it says where a content begins.
        let mut archive =
            Archive::new(at.counting(BufReader::with_capacity(1 << 18, whole)), limits);
        let mut parts = HashMap::new();
        let mut old = false;
        while let Some(entry) = archive.next_entry()? {
            let Ok(name) = Name::new(&entry.name, &limits) else { continue };
            let name = name.shown();
            old |= name == "manifest.json";
            let is_part = name == INDEX || name == MARKER || name.starts_with("blobs/sha256/");
            if entry.kind != Kind::File || !is_part {
                continue;
            }
            let part = Part { offset: at.bytes(), size: entry.size };
            if parts.insert(name, part).is_some() {
                return Err(malformed("a part of the image is there twice"));
            }
        }
        if parts.contains_key(MARKER) && parts.contains_key(INDEX) {
            return Ok(Some(Self::Tar { file, parts }));
        }
        if old { Err(RootError::OldDockerSave) } else { Ok(None) }
    }

    /// A part and how many bytes it has.
    fn open(&self, name: &str) -> Result<Option<(Blob<'_>, u64)>, RootError> {
        match self {
            Self::Directory(directory) => {
                // A pipe must not be waited for, and no link followed: the directory is a stranger's.
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
                let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
                let file = match openat2(directory, name, flags, Mode::empty(), resolve) {
                    Err(rustix::io::Errno::NOENT) => return Ok(None),
                    file => file.during(|| format!("open `{name}`"))?,
                };
                let stat = fstat(&file).during(|| format!("open `{name}`"))?;
                if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                    return Err(RootError::Name { name: name.to_owned(), why: "it is no file" });
                }
                let size = u64::try_from(stat.st_size).unwrap_or(0);
                Ok(Some((Box::new(File::from(file)), size)))
            }
            Self::Tar { file, parts } => Ok(parts.get(name).map(|part| {
                let stretch = Stretch { file, offset: part.offset, left: part.size };
                (Box::new(stretch) as Blob<'_>, part.size)
            })),
        }
    }

    /// What a descriptor names; its size is as the descriptor says, its content not yet looked at.
    pub(crate) fn named(&self, descriptor: &Descriptor) -> Result<(Blob<'_>, Sha256), RootError> {
        let digest = descriptor.sha256()?;
        let name = format!("blobs/sha256/{digest}");
        let no_blob = || RootError::NoBlob { digest: format!("sha256:{digest}") };
        let (blob, found) = self.open(&name)?.ok_or_else(no_blob)?;
        if found != descriptor.size {
            let what = format!("`sha256:{digest}`");
            return Err(RootError::Size { what, expected: descriptor.size, found });
        }
        Ok((blob, digest))
    }

    /// A document that a descriptor names, as its digest says.
    pub(crate) fn document(
        &self,
        descriptor: &Descriptor,
        limits: &Limits,
    ) -> Result<Vec<u8>, RootError> {
        let (blob, expected) = self.named(descriptor)?;
        let bytes = whole(blob, limits)?;
        let found = Sha256::of(&bytes);
        if found != expected {
            let what = format!("`sha256:{expected}`");
            return Err(RootError::Digest { what, expected, found });
        }
        Ok(bytes)
    }

    /// A document at the top of the layout, which nothing says the digest of.
    pub(crate) fn top(&self, name: &str, limits: &Limits) -> Result<Vec<u8>, RootError> {
        let (blob, _) = self.open(name)?.ok_or(RootError::Unknown)?;
        whole(blob, limits)
    }
}

fn whole(blob: impl Read, limits: &Limits) -> Result<Vec<u8>, RootError> {
    let mut bytes = Vec::new();
    blob.take(limits.document_bytes + 1)
        .read_to_end(&mut bytes)
        .during(|| "read a document of the image".to_owned())?;
    if bytes.len() as u64 > limits.document_bytes {
        let limit = limits.document_bytes;
        return Err(RootError::OverLimit { what: "bytes in a document", limit });
    }
    Ok(bytes)
}

/// A part of a file, read at its place whatever else reads it.
struct Stretch<'a> {
    file: &'a File,
    offset: u64,
    left: u64,
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most) else { return Ok(0) };
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
