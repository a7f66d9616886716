use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};

use crate::{Algorithm, PublicKey, pem};

const LABEL: &str = "PRIVATE KEY";

/// A private key. It has neither `Debug` nor `Clone`, and lives only in the signer and where keys
/// are made.
pub(crate) struct SecretKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    EcdsaP256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The cryptographic library refused: no randomness, or no valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused the key")]
pub(crate) struct Refused;

impl SecretKey {
    /// A new key from the library's random generator, and its PKCS#8 PEM (RFC 7468 section 10).
    pub(crate) fn generate(algorithm: Algorithm) -> Result<(String, Self), Refused> {
        let pkcs8 = match algorithm {
            Algorithm::EcdsaP256 => {
                let random = SystemRandom::new();
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
            }
            // Version 1: other tools cannot read version 2 (RFC 5958) yet.
            Algorithm::Ed25519 => Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()),
        }
        .map_err(|_| Refused)?;
        let key = Self::from_pkcs8(algorithm, pkcs8.as_ref())?;
        Ok((pem::encode(LABEL, pkcs8.as_ref()), key))
    }

    /// Reads what [`SecretKey::generate`] wrote; PKCS#8 of the same kind made elsewhere will do.
    pub(crate) fn from_pem(algorithm: Algorithm, text: &str) -> Result<Self, Refused> {
        Self::from_pkcs8(algorithm, &pem::decode(LABEL, text).ok_or(Refused)?)
    }

    fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Refused> {
        let pair = match algorithm {
            Algorithm::EcdsaP256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)
                    .map(Pair::EcdsaP256)
            }
            // "Maybe unchecked" is about version 1, which holds no public key to check against.
            Algorithm::Ed25519 => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Pair::Ed25519)
            }
        }
        .map_err(|_| Refused)?;
        let raw = match &pair {
            Pair::EcdsaP256(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        };
        let public = PublicKey::from_raw(algorithm, raw).map_err(|_| Refused)?;
        Ok(Self { pair, public })
    }

    /// Its public half.
    pub(crate) fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// The signature over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        let signature = match &self.pair {
            Pair::EcdsaP256(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::Ed25519(pair) => pair.try_sign(message),
        };
        Ok(signature.map_err(|_| Refused)?.as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_signs() {
        for algorithm in [Algorithm::EcdsaP256, Algorithm::Ed25519] {
            let (pem, key) = SecretKey::generate(algorithm).unwrap();
            let read = SecretKey::from_pem(algorithm, &pem).unwrap();
            assert_eq!(read.public(), key.public());
            let signature = read.sign(b"message").unwrap();
            assert!(key.public().verify(b"message", &signature));
            assert!(!key.public().verify(b"massage", &signature));
            let (_, other) = SecretKey::generate(algorithm).unwrap();
            assert!(!other.public().verify(b"message", &signature));
        }
    }

    #[test]
    fn a_key_of_the_other_kind_is_refused() {
        let (pem, _) = SecretKey::generate(Algorithm::Ed25519).unwrap();
        assert!(SecretKey::from_pem(Algorithm::EcdsaP256, &pem).is_err());
        let (pem, _) = SecretKey::generate(Algorithm::EcdsaP256).unwrap();
        assert!(SecretKey::from_pem(Algorithm::Ed25519, &pem).is_err());
        assert!(SecretKey::from_pem(Algorithm::EcdsaP256, "").is_err());
    }
}
