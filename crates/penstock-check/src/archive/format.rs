use penstock_model::RepoPath;

use super::{tar, zip};

/// An archive or compressed file, told by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 1952.
    Gzip,
    /// POSIX.1-2017, `pax`, section "ustar Interchange Format", with GNU's additions.
    Tar,
    /// PKWARE `APPNOTE.TXT`.
    Zip,
    /// RFC 8878.
    Zstd,
}

/// What names its files so promises an archive that can be opened here.
const EXTENSIONS: [(&str, Format); 28] = [
    ("aar", Format::Zip),
    ("crate", Format::Gzip),
    ("docx", Format::Zip),
    ("ear", Format::Zip),
    ("egg", Format::Zip),
    ("epub", Format::Zip),
    ("gem", Format::Tar),
    ("gz", Format::Gzip),
    ("ipa", Format::Zip),
    ("jar", Format::Zip),
    ("nupkg", Format::Zip),
    ("odp", Format::Zip),
    ("ods", Format::Zip),
    ("odt", Format::Zip),
    ("pptx", Format::Zip),
    ("snupkg", Format::Zip),
    ("tar", Format::Tar),
    ("tgz", Format::Gzip),
    ("tzst", Format::Zstd),
    ("vsix", Format::Zip),
    ("war", Format::Zip),
    ("whl", Format::Zip),
    ("xlsm", Format::Zip),
    ("xlsx", Format::Zip),
    ("xpi", Format::Zip),
    ("zip", Format::Zip),
    ("zipx", Format::Zip),
    ("zst", Format::Zstd),
];

impl Format {
    /// What these bytes begin as. The name counts only where the first bytes need not say: a zip
    /// file may have anything before it (a launcher), and old tar files have no mark.
    pub(super) fn of(path: &RepoPath, bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A local header, the end of an empty archive, the mark of a divided one.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => {
                Some(Self::Zip)
            }
            // A frame, or one to skip, with which parallel compressors begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ if tar::has_mark(bytes) => Some(Self::Tar),
            _ => match extension(path)? {
                Self::Tar if tar::is_header(bytes) => Some(Self::Tar),
                Self::Zip if zip::has_end(bytes) => Some(Self::Zip),
                _ => None,
            },
        }
    }
}

/// Whether the name says that this is an archive of a format that can be opened here.
pub(super) fn promises_archive(path: &RepoPath) -> bool {
    extension(path).is_some()
}

fn extension(path: &RepoPath) -> Option<Format> {
    let name = path.name();
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let extension = name.get(dot + 1..)?;
    let known =
        EXTENSIONS.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known.as_bytes()));
    known.map(|(_, format)| *format)
}
