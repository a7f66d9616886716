//! Verifying the signatures OpenSSH makes
//! (<https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig>).

use std::fmt;

use aws_lc_rs::{digest, signature as algorithms};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};

use crate::{RawSignature, SignatureKind};

const BEGIN: &[u8] = b"-----BEGIN SSH SIGNATURE-----";
const END: &[u8] = b"-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";
/// What Git signs for; a signature made for something else is not one for a commit.
const NAMESPACE: &[u8] = b"git";
/// The largest armoured signature; one by a 16384-bit RSA key has about 6 KiB.
const MAX_ARMOUR_BYTES: usize = 32 * 1024;
/// The flag of a security key that says somebody touched it (FIDO CTAP2, authenticator data).
const USER_PRESENT: u8 = 1;

/// The OpenSSH key that made a signature. Whose it is, policy must know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SshKey {
    kind: String,
    blob: Vec<u8>,
}

impl SshKey {
    /// Its type, such as `ssh-ed25519`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.blob);
        format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(digest))
    }

    /// Whether its type says that it lives in a security key that was touched. Without attestation
    /// that is what the key says of itself.
    pub fn claims_hardware(&self) -> bool {
        self.kind.starts_with("sk-")
    }
}

impl fmt::Display for SshKey {
    /// The form of `authorized_keys`, without options and comment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, BASE64_STANDARD.encode(&self.blob))
    }
}

impl fmt::Debug for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a signature says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SshSignatureError {
    /// A security key signed without being touched.
    #[error("the security key was not touched for this signature")]
    NotTouched,
    /// Another kind of signature.
    #[error("the signature is not one of OpenSSH")]
    NotSsh,
    /// Bytes that are no signature.
    #[error("the signature is malformed")]
    Malformed,
    /// An algorithm that is not known, or too weak (SHA-1, DSA, RSA under 2048 bits).
    #[error("the signature uses an algorithm that is not accepted")]
    UnsupportedAlgorithm,
    /// It was made for something else than Git.
    #[error("the signature was not made for git")]
    WrongNamespace,
    /// The key did not sign this.
    #[error("the signature does not fit the commit")]
    WrongSignature,
}

impl RawSignature {
    /// Verifies an OpenSSH signature over the commit and says which key made it: Ed25519, ECDSA over
    /// P-256, P-384 and P-521, RSA with SHA-2, and the security-key types of the first two.
    ///
    /// # Errors
    /// Everything but a signature that fits; OpenPGP and X.509 are [`SshSignatureError::NotSsh`].
    pub fn verify_ssh(&self) -> Result<SshKey, SshSignatureError> {
        if self.kind != SignatureKind::Ssh {
            return Err(SshSignatureError::NotSsh);
        }
        let blob = unarmour(&self.armour).ok_or(SshSignatureError::Malformed)?;
        let parsed = Signature::parse(&blob).ok_or(SshSignatureError::Malformed)?;
        if parsed.namespace != NAMESPACE {
            return Err(SshSignatureError::WrongNamespace);
        }
        parsed.verify(&self.payload)
    }
}

fn unarmour(armour: &[u8]) -> Option<Vec<u8>> {
    if armour.len() > MAX_ARMOUR_BYTES {
        return None;
    }
    let body = armour.strip_prefix(BEGIN)?.trim_ascii_end().strip_suffix(END)?;
    let body: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(body).ok()
}

/// The parts of an `SSHSIG` blob.
struct Signature<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signature<'a> {
    fn parse(blob: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(blob.strip_prefix(MAGIC)?);
        if reader.number()? != 1 {
            return None;
        }
        let (key, namespace, reserved) = (reader.string()?, reader.string()?, reader.string()?);
        let (hash, signature) = (reader.string()?, reader.string()?);
        reader.end()?;
        Some(Self { key, namespace, reserved, hash, signature })
    }

    fn verify(&self, message: &[u8]) -> Result<SshKey, SshSignatureError> {
        use SshSignatureError::{Malformed, NotTouched, UnsupportedAlgorithm};

        let hash = match self.hash {
            b"sha256" => &digest::SHA256,
            b"sha512" => &digest::SHA512,
            _ => return Err(UnsupportedAlgorithm),
        };
        let mut signed = MAGIC.to_vec();
        let message = digest::digest(hash, message);
        for part in [self.namespace, self.reserved, self.hash, message.as_ref()] {
            signed.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            signed.extend_from_slice(part);
        }
        let mut reader = Reader(self.signature);
        let algorithm = reader.string().ok_or(Malformed)?;
        let signature = reader.string().ok_or(Malformed)?;
        let key = Key::parse(self.key)?;
        if let Some(application) = key.application {
            // PROTOCOL.u2f: a security key signs what it was asked for, by whom, and its own state.
            let flags = reader.byte().ok_or(Malformed)?;
            let counter = reader.number().ok_or(Malformed)?.to_be_bytes();
            if flags & USER_PRESENT == 0 {
                return Err(NotTouched);
            }
            let application = digest::digest(&digest::SHA256, application);
            let inner = digest::digest(&digest::SHA256, &signed);
            signed = [application.as_ref(), &[flags], &counter, inner.as_ref()].concat();
        }
        reader.end().ok_or(Malformed)?;
        key.verify(algorithm, &signed, signature)?;
        Ok(SshKey { kind: key.kind.to_owned(), blob: self.key.to_vec() })
    }
}

/// A public key (RFC 4253 section 6.6, RFC 5656, RFC 8709, OpenSSH's PROTOCOL.u2f).
struct Key<'a> {
    kind: &'a str,
    material: Material<'a>,
    /// Who a security key signs for; `None` for other keys.
    application: Option<&'a [u8]>,
}

enum Material<'a> {
    /// The curve, the size of its numbers in bytes, and the point.
    Ecdsa(&'static algorithms::EcdsaVerificationAlgorithm, usize, &'a [u8]),
    Ed25519(&'a [u8]),
    Rsa {
        exponent: &'a [u8],
        modulus: &'a [u8],
    },
}

impl<'a> Key<'a> {
    fn parse(blob: &'a [u8]) -> Result<Self, SshSignatureError> {
        use SshSignatureError::{Malformed, UnsupportedAlgorithm};

        let mut reader = Reader(blob);
        let kind = std::str::from_utf8(reader.string().ok_or(Malformed)?).map_err(|_| Malformed)?;
        let in_hardware = kind.starts_with("sk-");
        let material = match kind {
            "ssh-ed25519" | "sk-ssh-ed25519@openssh.com" => reader.string().map(Material::Ed25519),
            "ssh-rsa" => reader.number_bytes().and_then(|exponent| {
                Some(Material::Rsa { exponent, modulus: reader.number_bytes()? })
            }),
            "ecdsa-sha2-nistp256" | "sk-ecdsa-sha2-nistp256@openssh.com" => {
                reader.point(b"nistp256", &algorithms::ECDSA_P256_SHA256_FIXED, 32)
            }
            "ecdsa-sha2-nistp384" => {
                reader.point(b"nistp384", &algorithms::ECDSA_P384_SHA384_FIXED, 48)
            }
            "ecdsa-sha2-nistp521" => {
                reader.point(b"nistp521", &algorithms::ECDSA_P521_SHA512_FIXED, 66)
            }
            _ => return Err(UnsupportedAlgorithm),
        };
        let material = material.ok_or(Malformed)?;
        let application = in_hardware.then(|| reader.string().ok_or(Malformed)).transpose()?;
        reader.end().ok_or(Malformed)?;
        Ok(Self { kind, material, application })
    }

    fn verify(
        &self,
        algorithm: &[u8],
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), SshSignatureError> {
        use SshSignatureError::{Malformed, UnsupportedAlgorithm, WrongSignature};

        let is_rsa = matches!(self.material, Material::Rsa { .. });
        if !is_rsa && algorithm != self.kind.as_bytes() {
            return Err(UnsupportedAlgorithm);
        }
        let verified = match &self.material {
            Material::Ed25519(point) => {
                algorithms::UnparsedPublicKey::new(&algorithms::ED25519, point)
                    .verify(signed, signature)
            }
            Material::Ecdsa(curve, size, point) => {
                let mut reader = Reader(signature);
                let mut fixed = Vec::with_capacity(2 * size);
                for _ in 0..2 {
                    let number = reader.number_bytes().ok_or(Malformed)?;
                    let padding = size.checked_sub(number.len()).ok_or(Malformed)?;
                    fixed.resize(fixed.len() + padding, 0);
                    fixed.extend_from_slice(number);
                }
                reader.end().ok_or(Malformed)?;
                algorithms::UnparsedPublicKey::new(*curve, point).verify(signed, &fixed)
            }
            Material::Rsa { exponent, modulus } => {
                let algorithm = match algorithm {
                    b"rsa-sha2-256" => &algorithms::RSA_PKCS1_2048_8192_SHA256,
                    b"rsa-sha2-512" => &algorithms::RSA_PKCS1_2048_8192_SHA512,
                    _ => return Err(UnsupportedAlgorithm),
                };
                algorithms::RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(algorithm, signed, signature)
            }
        };
        verified.map_err(|_| WrongSignature)
    }
}

/// The wire encoding of SSH (RFC 4251 section 5).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A `uint32`.
    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A positive `mpint` in its one encoding, without the zero that keeps it positive.
    fn number_bytes(&mut self) -> Option<&'a [u8]> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|byte| byte & 0x80 != 0) => Some(rest),
            bytes @ [first, ..] if (1..0x80).contains(first) => Some(bytes),
            _ => None,
        }
    }

    /// The name of a curve and a point on it.
    fn point(
        &mut self,
        curve: &[u8],
        algorithm: &'static algorithms::EcdsaVerificationAlgorithm,
        size: usize,
    ) -> Option<Material<'a>> {
        let named = self.string()? == curve;
        let point = self.string()?;
        named.then_some(Material::Ecdsa(algorithm, size, point))
    }

    fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests;
