use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::Purl;

/// A package a lock file pins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// What names it everywhere; unique in a lock file.
    pub purl: Purl,
    /// The name in its ecosystem.
    pub name: String,
    /// The exact version.
    pub version: String,
    /// Where it comes from.
    pub source: Source,
    /// The digest the lock file demands of it; `None` where it demands none, or several because the
    /// package is published as several files.
    pub checksum: Option<Checksum>,
    /// Whether only development needs it; `None` where the lock file cannot tell.
    pub dev: Option<bool>,
    /// The packages it depends on, sorted.
    pub dependencies: Vec<Purl>,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A commit of a Git repository: the address and the commit, as the lock file has them.
    Git {
        /// The repository.
        url: String,
        /// The commit; empty where the lock file pins none.
        commit: String,
    },
    /// A package registry; the address, or `None` for the ecosystem's own.
    Registry(Option<String>),
    /// One file at an address.
    Url(String),
}

/// A digest as a lock file states one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checksum {
    algorithm: HashAlgorithm,
    /// Lower-case hexadecimal.
    hex: String,
}

/// How a checksum was computed. Ordered by strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashAlgorithm {
    /// SHA-1 of the file; too weak to prove anything, kept because old lock files have nothing else.
    Sha1,
    /// Go's `h1`: SHA-256 of the list of a module's files and their digests, not of one file
    /// (<https://go.dev/ref/mod#go-sum-files>).
    GoH1,
    /// SHA-256 of the file.
    Sha256,
    /// SHA-384 of the file.
    Sha384,
    /// SHA-512 of the file.
    Sha512,
}

impl Checksum {
    /// A digest in hexadecimal.
    ///
    /// # Errors
    /// Other characters, or another number of them than the algorithm yields.
    pub fn from_hex(algorithm: HashAlgorithm, hex: &str) -> Result<Self, ChecksumError> {
        let bytes = hex::decode(hex).map_err(|_| ChecksumError::new(hex))?;
        Self::from_bytes(algorithm, &bytes).ok_or_else(|| ChecksumError::new(hex))
    }

    /// A digest in padded Base64.
    ///
    /// # Errors
    /// As [`Checksum::from_hex`].
    pub fn from_base64(algorithm: HashAlgorithm, text: &str) -> Result<Self, ChecksumError> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| ChecksumError::new(text))?;
        Self::from_bytes(algorithm, &bytes).ok_or_else(|| ChecksumError::new(text))
    }

    /// The strongest digest of a Subresource Integrity string
    /// (<https://www.w3.org/TR/SRI/#the-integrity-attribute>); `None` when it holds none we know.
    ///
    /// # Errors
    /// A digest that is not one.
    pub fn from_integrity(text: &str) -> Result<Option<Self>, ChecksumError> {
        let mut best = None;
        for token in text.split_ascii_whitespace() {
            let Some((name, value)) = token.split_once('-') else { continue };
            let algorithm = match name {
                "sha1" => HashAlgorithm::Sha1,
                "sha256" => HashAlgorithm::Sha256,
                "sha384" => HashAlgorithm::Sha384,
                "sha512" => HashAlgorithm::Sha512,
                _ => continue,
            };
            let value = value.split('?').next().unwrap_or_default();
            best = best.max(Some(Self::from_base64(algorithm, value)?));
        }
        Ok(best)
    }

    fn from_bytes(algorithm: HashAlgorithm, bytes: &[u8]) -> Option<Self> {
        let length = match algorithm {
            HashAlgorithm::Sha1 => 20,
            HashAlgorithm::GoH1 | HashAlgorithm::Sha256 => 32,
            HashAlgorithm::Sha384 => 48,
            HashAlgorithm::Sha512 => 64,
        };
        (bytes.len() == length).then(|| Self { algorithm, hex: hex::encode(bytes) })
    }

    /// How it was computed.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The digest in lower-case hexadecimal.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

/// Text that is no digest of its algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a checksum")]
pub struct ChecksumError(String);

impl ChecksumError {
    fn new(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_control()).take(80).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_digest_counts() {
        let (weak, strong) = (BASE64_STANDARD.encode([1; 20]), BASE64_STANDARD.encode([2; 64]));
        let text = format!("sha512-{strong}?opt sha1-{weak} md5-xyz");
        let checksum = Checksum::from_integrity(&text).unwrap().unwrap();
        assert_eq!(
            (checksum.algorithm(), checksum.hex()),
            (HashAlgorithm::Sha512, &*"02".repeat(64))
        );
        assert_eq!(Checksum::from_integrity("md5-xyz"), Ok(None));
    }

    #[test]
    fn a_digest_has_its_length() {
        assert!(Checksum::from_hex(HashAlgorithm::Sha256, &"ab".repeat(32)).is_ok());
        assert!(Checksum::from_hex(HashAlgorithm::Sha256, &"ab".repeat(20)).is_err());
        assert!(Checksum::from_hex(HashAlgorithm::Sha256, &"xy".repeat(32)).is_err());
        assert!(Checksum::from_integrity("sha512-AAAA").is_err());
        assert!(Checksum::from_base64(HashAlgorithm::GoH1, "===").is_err());
    }
}
