//! Private keys in files: one directory, one file per key, readable by its owner alone.
//!
//! `build.pem`, `gate.pem`, `log.pem`, `policy.pem` and `person-<name>.pem` are PKCS#8; the public
//! half lies beside each as `.pub`. `log.origin` names the one ledger the log key signs for.
//! `demo` lists the ids of keys that were made on first use, so that they can be called that.

mod file;
mod name;

use std::path::{Path, PathBuf};

use penstock_tlog::{ED25519, VerifierKey};

pub use file::KeyFileError;
pub use name::{KeyName, KeyNameError};

use crate::{Algorithm, PublicKey, PublicKeyError, secret_key::SecretKey};
use file::Directory;

/// The directory that holds the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStore {
    path: PathBuf,
    demo: bool,
}

/// A key that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Which.
    pub name: KeyName,
    /// Its public half.
    pub public: PublicKey,
    /// Whether it was made on first use, for a demonstration, by nobody's decision.
    pub demo: bool,
}

impl KeyStore {
    /// The keys in that directory, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), demo: false }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same store, whose new keys are noted as made on first use, by nobody's decision.
    #[must_use]
    pub fn making_demo_keys(self) -> Self {
        Self { demo: true, ..self }
    }

    /// Makes a key that is not there yet, durably, in a file of mode 0600, from the cryptographic
    /// library's random generator. The directory is made if needed. Killed at any instant, it leaves
    /// a whole key or none, and can be called again.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`]: a key is never overwritten; [`KeyStoreError::OriginMissing`] for
    /// the log key, which [`KeyStore::generate_log`] makes.
    pub fn generate(&self, name: &KeyName) -> Result<PublicKey, KeyStoreError> {
        if *name == KeyName::Log {
            Err(KeyStoreError::OriginMissing)
        } else {
            self.write(name, None)
        }
    }

    /// Makes the log key of the ledger named `origin`. It will sign for no other.
    ///
    /// # Errors
    /// As [`KeyStore::generate`]; an origin that cannot be a log's name.
    pub fn generate_log(&self, origin: &str) -> Result<PublicKey, KeyStoreError> {
        // A log's key has its origin as its name; any 32 bytes tell whether it can be one.
        VerifierKey::new(origin, ED25519, &[0; 32])?;
        self.write(&KeyName::Log, Some(origin))
    }

    /// Writes what belongs to a key and then, last, the key: without it the rest says nothing and is
    /// replaced. The lock keeps two makers of one key from mixing their files.
    fn write(&self, name: &KeyName, origin: Option<&str>) -> Result<PublicKey, KeyStoreError> {
        let directory = Directory::create(&self.path)?;
        directory.lock()?;
        let file = name.private_file();
        if directory.holds(&file)? {
            return Err(KeyFileError::Exists(self.path.join(file)).into());
        }
        let (pem, key) =
            SecretKey::generate(name.algorithm()).map_err(|_| KeyStoreError::Random)?;
        let public = key.public();
        if self.demo {
            let mut ids = demo_ids(&directory)?;
            ids.push(public.id().to_string());
            directory.replace(DEMO, (ids.join("\n") + "\n").as_bytes(), 0o644)?;
        }
        if let Some(origin) = origin {
            directory.replace(ORIGIN, origin.as_bytes(), 0o644)?;
        }
        directory.replace(&name.public_file(), public.to_pem().as_bytes(), 0o644)?;
        directory.create_new(&file, pem.as_bytes(), 0o600)?;
        Ok(public)
    }

    /// Whether the private half of that key is there; it is not opened.
    ///
    /// # Errors
    /// The directory is there and cannot be read.
    pub fn holds(&self, name: &KeyName) -> Result<bool, KeyStoreError> {
        match Directory::open(&self.path) {
            Ok(directory) => Ok(directory.holds(&name.private_file())?),
            Err(KeyFileError::Missing(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The public half of a key, from its `.pub` file.
    ///
    /// # Errors
    /// It is not there, or is no key of the right kind.
    pub fn public(&self, name: &KeyName) -> Result<PublicKey, KeyStoreError> {
        read_public(&Directory::open(&self.path)?, name)
    }

    /// The ledger the log key signs for.
    ///
    /// # Errors
    /// There is no log key.
    pub fn log_origin(&self) -> Result<String, KeyStoreError> {
        read_text(&Directory::open(&self.path)?, ORIGIN)
    }

    /// Every key whose private half is there, in the order of their file names. An absent directory
    /// has none; files of other names are passed over.
    ///
    /// # Errors
    /// The directory cannot be read, or a public half is missing or no key.
    pub fn list(&self) -> Result<Vec<StoredKey>, KeyStoreError> {
        let directory = match Directory::open(&self.path) {
            Ok(directory) => directory,
            Err(KeyFileError::Missing(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let demo = demo_ids(&directory)?;
        let mut keys = Vec::new();
        for file in directory.files()? {
            let Some(name) = KeyName::of_private_file(&file) else { continue };
            let public = read_public(&directory, &name)?;
            let demo = demo.contains(&public.id().to_string());
            keys.push(StoredKey { name, public, demo });
        }
        Ok(keys)
    }

    /// Opens a private key. Only the signer does.
    pub(crate) fn open(&self, name: &KeyName) -> Result<SecretKey, KeyStoreError> {
        let file = name.private_file();
        let pem = Directory::open(&self.path)?.read_private(&file)?;
        let invalid = || KeyStoreError::Invalid(self.path.join(&file));
        let pem = std::str::from_utf8(&pem).map_err(|_| invalid())?;
        SecretKey::from_pem(name.algorithm(), pem).map_err(|_| invalid())
    }
}

const DEMO: &str = "demo";
const ORIGIN: &str = "log.origin";

fn read_text(directory: &Directory, file: &str) -> Result<String, KeyStoreError> {
    String::from_utf8(directory.read(file)?)
        .map_err(|_| KeyStoreError::Invalid(directory.path().join(file)))
}

fn read_public(directory: &Directory, name: &KeyName) -> Result<PublicKey, KeyStoreError> {
    let file = name.public_file();
    let public = PublicKey::from_pem(&read_text(directory, &file)?)?;
    if public.algorithm() != name.algorithm() {
        return Err(KeyStoreError::Invalid(directory.path().join(file)));
    }
    Ok(public)
}

fn demo_ids(directory: &Directory) -> Result<Vec<String>, KeyStoreError> {
    match read_text(directory, DEMO) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(KeyStoreError::File(KeyFileError::Missing(_))) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

impl KeyName {
    /// How its key signs: checkpoints are Ed25519, as C2SP logs are; statements are ECDSA P-256,
    /// which every Sigstore client verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Log => Algorithm::Ed25519,
            Self::Build | Self::Gate | Self::Person(_) | Self::Policy => Algorithm::EcdsaP256,
        }
    }
}

/// Why a key cannot be made or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// The file cannot be read, written or trusted.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The file holds something else.
    #[error(
        "`{}` does not hold the key its name promises: restore it, or make a key under another \
         name", .0.display()
    )]
    Invalid(PathBuf),
    /// The origin cannot be a log's name.
    #[error(transparent)]
    Origin(#[from] penstock_tlog::KeyError),
    /// The log key is bound to one ledger.
    #[error("a log key is made for the origin of one ledger: name it")]
    OriginMissing,
    /// The public half is no key.
    #[error(transparent)]
    Public(#[from] PublicKeyError),
    /// No key could be made.
    #[error("the cryptographic library made no key: its random generator failed")]
    Random,
}
