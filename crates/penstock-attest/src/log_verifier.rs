use penstock_tlog::{ED25519, NoteVerifier, VerifierKey};

use crate::{Algorithm, PublicKey, PublicKeyError};

/// Verifies a ledger's checkpoints with its log key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogVerifier {
    key: VerifierKey,
    public: PublicKey,
}

impl LogVerifier {
    /// The verifier of the ledger named `origin`: a log's key has its origin as its name
    /// (<https://c2sp.org/tlog-checkpoint>, "Note text").
    ///
    /// # Errors
    /// A key that is not Ed25519, an origin that cannot be a key's name.
    pub fn new(origin: &str, public: PublicKey) -> Result<Self, LogVerifierError> {
        if public.algorithm() != Algorithm::Ed25519 {
            return Err(LogVerifierError::Algorithm(public.algorithm()));
        }
        let key = VerifierKey::new(origin, ED25519, public.raw())?;
        Ok(Self { key, public })
    }

    /// The verifier of a key in its text form, `name+hash+key`.
    ///
    /// # Errors
    /// A key of another signature type than plain Ed25519, or not a valid one.
    pub fn from_key(key: VerifierKey) -> Result<Self, LogVerifierError> {
        if key.signature_type() != ED25519 {
            return Err(LogVerifierError::SignatureType(key.signature_type()));
        }
        let public = PublicKey::from_raw(Algorithm::Ed25519, key.public_key())?;
        Ok(Self { key, public })
    }

    /// The key in its text form.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The key itself.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl NoteVerifier for LogVerifier {
    fn name(&self) -> &str {
        self.key.name()
    }

    fn key_id(&self) -> u32 {
        self.key.key_id()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify(message, signature)
    }
}

/// Why a key cannot verify checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogVerifierError {
    /// Log keys are Ed25519.
    #[error("a log key is Ed25519, not {}", .0.name())]
    Algorithm(Algorithm),
    /// The name or length is wrong.
    #[error(transparent)]
    Key(#[from] penstock_tlog::KeyError),
    /// The bytes are no key.
    #[error(transparent)]
    Public(#[from] PublicKeyError),
    /// Another signature type than plain Ed25519 (0x01).
    #[error("a log key has signature type 1 (Ed25519), not {0}")]
    SignatureType(u8),
}
