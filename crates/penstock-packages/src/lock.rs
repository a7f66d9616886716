use penstock_document::{Document, DocumentError, Format, Limits, Node};
use penstock_model::Region;

use crate::{ChecksumError, Package, Purl, PurlError};

mod cargo;
mod go;
mod npm;
mod poetry;
mod uv;

/// The largest lock file that is read, in bytes.
pub const MAX_LOCK_BYTES: usize = 16 << 20;
/// The most packages one lock file may pin.
pub const MAX_PACKAGES: usize = 100_000;
/// The most nodes of one lock file.
const MAX_NODES: usize = 4_000_000;

/// What one lock file pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    /// The name it was read by, without directories.
    pub file_name: String,
    /// The packages from elsewhere, sorted by package URL. The project's own members are not among
    /// them: those are what the commit names.
    pub packages: Vec<Package>,
    /// The packages the project's members depend on, sorted.
    pub direct: Vec<Purl>,
    /// Dependencies on what the file does not pin, or not clearly, sorted: it was edited, badly
    /// merged or cut, and the graph has gaps.
    pub unresolved: Vec<Unresolved>,
}

/// A dependency that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Who depends, as the lock file calls it.
    pub package: String,
    /// On what.
    pub dependency: String,
}

/// Whether [`read`] knows files of this name (the last component of a path).
pub fn is_lock_file(file_name: &str) -> bool {
    reader(file_name).is_some()
}

/// Reads a lock file, told by its name (the last component of its path); `None` for a name that is
/// no lock file we know.
///
/// # Errors
/// Text that is not well formed, a version of the format that is not known, a package without name
/// or version, a package that is there twice, and limits that were reached.
pub fn read(file_name: &str, text: &str) -> Result<Option<LockFile>, LockError> {
    let Some(reader) = reader(file_name) else { return Ok(None) };
    if text.len() > MAX_LOCK_BYTES {
        return Err(LockError::TooLarge { what: "bytes", limit: MAX_LOCK_BYTES });
    }
    let Contents { mut packages, mut direct, mut unresolved } = match reader {
        Reader::Text(read) => read(text)?,
        Reader::Document(format, read) => {
            let limits = Limits { bytes: MAX_LOCK_BYTES, nodes: MAX_NODES, ..Limits::default() };
            read(Document::parse(format, text, &limits)?.root())?
        }
    };
    packages.sort_unstable();
    for package in &mut packages {
        package.dependencies.sort_unstable();
        package.dependencies.dedup();
    }
    direct.sort_unstable();
    direct.dedup();
    unresolved.sort_unstable();
    unresolved.dedup();
    Ok(Some(LockFile { file_name: file_name.to_owned(), packages, direct, unresolved }))
}

/// What a reader finds, in any order.
#[derive(Default)]
struct Contents {
    packages: Vec<Package>,
    direct: Vec<Purl>,
    unresolved: Vec<Unresolved>,
}

impl Contents {
    fn unresolved(&mut self, package: &str, dependency: &str) {
        let (package, dependency) = (short(package), short(dependency));
        self.unresolved.push(Unresolved { package, dependency });
    }
}

enum Reader {
    Document(Format, fn(Node<'_>) -> Result<Contents, LockError>),
    Text(fn(&str) -> Result<Contents, LockError>),
}

fn reader(file_name: &str) -> Option<Reader> {
    Some(match file_name {
        "Cargo.lock" => Reader::Document(Format::Toml, cargo::read),
        "go.mod" => Reader::Text(go::read_mod),
        "go.sum" => Reader::Text(go::read_sum),
        "npm-shrinkwrap.json" | "package-lock.json" => Reader::Document(Format::Json, npm::read),
        "poetry.lock" => Reader::Document(Format::Toml, poetry::read),
        "uv.lock" => Reader::Document(Format::Toml, uv::read),
        _ => return None,
    })
}

/// Why a lock file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// A checksum that is none.
    #[error("package `{package}`: {error}: the lock file was edited or damaged, write it again")]
    Checksum {
        /// The package.
        package: String,
        /// What is wrong.
        error: ChecksumError,
    },
    /// The file is not well formed.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// One package twice.
    #[error(
        "package `{0}` is there twice: the lock file was edited or badly merged, write it again"
    )]
    Duplicate(String),
    /// A field that must be there is not, or is something else.
    #[error("{what} has no `{field}`: the lock file was edited or damaged, write it again")]
    Field {
        /// What lacks it.
        what: String,
        /// The field.
        field: &'static str,
        /// Where, when the format has places.
        region: Option<Region>,
    },
    /// A name that cannot be a package's.
    #[error(transparent)]
    Purl(#[from] PurlError),
    /// A line that is not what the format allows.
    #[error("line {line} is not a line of {format}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// The format.
        format: &'static str,
    },
    /// More than is read.
    #[error("more than {limit} {what} in one lock file")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A version of the format we do not read.
    #[error("{format} version {found} is not supported: {remedy}")]
    UnsupportedVersion {
        /// The format.
        format: &'static str,
        /// What the file says.
        found: String,
        /// What to do.
        remedy: &'static str,
    },
}

impl LockError {
    /// Where in the file, if at one place.
    pub fn region(&self) -> Option<Region> {
        match self {
            Self::Document(error) => error.region(),
            Self::Field { region, .. } => *region,
            _ => None,
        }
    }
}

/// The text of a field that must be there and not be empty.
fn required<'a>(node: Node<'a>, field: &'static str, what: &str) -> Result<&'a str, LockError> {
    node.get(field).as_str().filter(|text| !text.is_empty()).ok_or_else(|| LockError::Field {
        what: short(what),
        field,
        region: node.exists().then(|| node.region()),
    })
}

/// Refuses a file with too many packages before anything grows with their number.
fn check_count(count: usize) -> Result<(), LockError> {
    if count > MAX_PACKAGES {
        return Err(LockError::TooLarge { what: "packages", limit: MAX_PACKAGES });
    }
    Ok(())
}

/// An address without the credentials some people put into it: what is read here gets published.
fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    // `git@` names an account everybody uses; over HTTP a lone name is a token.
    let user = user.split(':').next().filter(|_| scheme.ends_with("ssh"));
    match user {
        Some(user) => format!("{scheme}://{user}@{host}{path}"),
        None => format!("{scheme}://{host}{path}"),
    }
}

/// Untrusted text as part of a message.
fn short(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .take(120)
        .collect()
}

#[cfg(test)]
mod tests;
