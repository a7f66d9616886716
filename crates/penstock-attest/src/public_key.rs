use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use penstock_model::Sha256;

use crate::pem;

/// SubjectPublicKeyInfo of a P-256 key up to its uncompressed point: id-ecPublicKey with the named
/// curve secp256r1 (RFC 5480 section 2.1.1).
const P256_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4).
const ED25519_PREFIX: &[u8] =
    &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const LABEL: &str = "PUBLIC KEY";

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256, signatures in ASN.1 DER: statements.
    EcdsaP256,
    /// Ed25519: checkpoints of the ledger.
    Ed25519,
}

impl Algorithm {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ECDSA P-256",
            Self::Ed25519 => "Ed25519",
        }
    }

    fn prefix(self) -> &'static [u8] {
        match self {
            Self::EcdsaP256 => P256_PREFIX,
            Self::Ed25519 => ED25519_PREFIX,
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::EcdsaP256 => &signature::ECDSA_P256_SHA256_ASN1,
            Self::Ed25519 => &signature::ED25519,
        }
    }
}

/// A public key, known by the SHA-256 of its one DER encoding as a SubjectPublicKeyInfo.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    algorithm: Algorithm,
    raw: Vec<u8>,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// Anything but the one encoding of a valid key of an [`Algorithm`]: an uncompressed point that
    /// is on the curve, or the 32 bytes of Ed25519.
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyError> {
        for algorithm in [Algorithm::EcdsaP256, Algorithm::Ed25519] {
            if let Some(raw) = der.strip_prefix(algorithm.prefix()) {
                return Self::from_raw(algorithm, raw);
            }
        }
        Err(PublicKeyError::Unsupported)
    }

    /// A key from its uncompressed point (P-256, 65 bytes) or its 32 bytes (Ed25519).
    ///
    /// # Errors
    /// Bytes that are no such key.
    pub fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Self, PublicKeyError> {
        let expected = match algorithm {
            Algorithm::EcdsaP256 => (65, Some(&0x04)),
            Algorithm::Ed25519 => (32, raw.first()),
        };
        if (raw.len(), raw.first()) != expected {
            return Err(PublicKeyError::Invalid(algorithm));
        }
        UnparsedPublicKey::new(algorithm.verification(), raw)
            .parse()
            .map_err(|_| PublicKeyError::Invalid(algorithm))?;
        Ok(Self { algorithm, raw: raw.to_vec() })
    }

    /// Reads the textual encoding, `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    ///
    /// # Errors
    /// Text that is not exactly one such block with a key of an [`Algorithm`] in it.
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_spki(&pem::decode(LABEL, text).ok_or(PublicKeyError::Encoding)?)
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The point or the 32 bytes, without what says which of the two.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The SubjectPublicKeyInfo, DER.
    pub fn to_spki(&self) -> Vec<u8> {
        [self.algorithm.prefix(), &self.raw].concat()
    }

    /// The textual encoding; [`PublicKey::from_pem`] reads it.
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, &self.to_spki())
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the key's id everywhere.
    pub fn id(&self) -> Sha256 {
        Sha256::of(&self.to_spki())
    }

    /// Whether `signature` is this key's signature over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(self.algorithm.verification(), &self.raw)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    /// The SubjectPublicKeyInfo in base64, on one line: what a policy holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.to_spki()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm.name(), self.id())
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    /// Reads a SubjectPublicKeyInfo in base64 or PEM.
    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        if text.len() > pem::MAX_BYTES {
            return Err(PublicKeyError::Encoding);
        }
        if text.trim_ascii_start().starts_with("-----") {
            return Self::from_pem(text);
        }
        Self::from_spki(&STANDARD.decode(text).map_err(|_| PublicKeyError::Encoding)?)
    }
}

/// Why text or bytes are no public key of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Neither base64 nor PEM.
    #[error("a public key is written as base64 of its SubjectPublicKeyInfo, or as one PEM block")]
    Encoding,
    /// The right kind of key, but not a valid one.
    #[error("not a valid {} key", .0.name())]
    Invalid(Algorithm),
    /// Another kind of key, or no key at all.
    #[error(
        "not a key of a supported kind: use ECDSA P-256 (uncompressed, named curve) or Ed25519"
    )]
    Unsupported,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_key::SecretKey;

    #[test]
    fn a_key_has_one_encoding_and_one_id() {
        for algorithm in [Algorithm::EcdsaP256, Algorithm::Ed25519] {
            let key = SecretKey::generate(algorithm).unwrap().1.public();
            assert_eq!(PublicKey::from_spki(&key.to_spki()), Ok(key.clone()));
            assert_eq!(key.to_string().parse(), Ok(key.clone()));
            assert_eq!(key.to_pem().parse(), Ok(key.clone()));
            assert_eq!(key.id(), Sha256::of(&key.to_spki()));
        }
    }

    #[test]
    fn keys_off_the_curve_and_of_other_kinds_are_refused() {
        let key = SecretKey::generate(Algorithm::EcdsaP256).unwrap().1.public();
        let mut off_curve = key.to_spki();
        *off_curve.last_mut().unwrap() ^= 1;
        let invalid = Err(PublicKeyError::Invalid(Algorithm::EcdsaP256));
        assert_eq!(PublicKey::from_spki(&off_curve), invalid);
        let mut trailing = key.to_spki();
        trailing.push(0);
        assert_eq!(PublicKey::from_spki(&trailing), invalid);
        assert_eq!(PublicKey::from_spki(&key.to_spki()[..90]), invalid);
        // The same point, compressed: a second encoding would be a second id for one key.
        let sign = 2 | (key.raw()[64] & 1);
        let compressed = [&[sign], &key.raw()[1..33]].concat();
        assert_eq!(PublicKey::from_raw(Algorithm::EcdsaP256, &compressed), invalid);
        assert_eq!(PublicKey::from_spki(&[]), Err(PublicKeyError::Unsupported));
        assert_eq!("?".parse::<PublicKey>(), Err(PublicKeyError::Encoding));
        assert_eq!(
            PublicKey::from_raw(Algorithm::Ed25519, &[0; 31]),
            Err(PublicKeyError::Invalid(Algorithm::Ed25519))
        );
    }
}
