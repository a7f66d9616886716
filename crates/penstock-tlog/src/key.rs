use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Signature type of plain Ed25519 signatures over the note text (signed-note, "Signature types").
pub const ED25519: u8 = 0x01;

/// Signature type of timestamped Ed25519 cosignatures (tlog-cosignature, "Format").
pub const TIMESTAMPED_ED25519: u8 = 0x04;

/// The longest text of a verifier key that is read, in bytes; an ML-DSA-44 key takes some 1,800.
pub const MAX_KEY_BYTES: usize = 16 * 1024;

/// Signs notes with one key. The algorithm is the implementation's.
pub trait NoteSigner {
    /// The key's name, as it stands in signature lines.
    fn name(&self) -> &str;

    /// The key's id, as it stands in front of signatures.
    fn key_id(&self) -> u32;

    /// The signature over `message`, without the key id.
    ///
    /// # Errors
    /// The key could not be used.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed>;
}

/// Verifies the signatures of one key. The algorithm is the implementation's.
pub trait NoteVerifier: Send + Sync {
    /// The key's name, as it stands in signature lines.
    fn name(&self) -> &str;

    /// The key's id, as it stands in front of signatures.
    fn key_id(&self) -> u32;

    /// Whether `signature`, without the key id, is this key's signature over `message`.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A signer could not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key `{name}` did not sign: {reason}")]
pub struct SignFailed {
    /// The key's name.
    pub name: String,
    /// The words of whatever holds the key.
    pub reason: String,
}

/// The id of a key: the first four bytes of SHA-256(name ‖ 0x0A ‖ signature type ‖ public key), in
/// big-endian order (signed-note, "Signatures").
pub fn key_id(name: &str, signature_type: u8, public_key: &[u8]) -> u32 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', signature_type])
        .chain_update(public_key)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d])
}

/// The public half of a key in its text form, `name+hash+key` (signed-note, "Verifier keys").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    signature_type: u8,
    public_key: Vec<u8>,
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// [`KeyError::Name`]; an Ed25519 key that is not 32 bytes long.
    pub fn new(name: &str, signature_type: u8, public_key: &[u8]) -> Result<Self, KeyError> {
        check_name(name)?;
        let ed25519 = matches!(signature_type, ED25519 | TIMESTAMPED_ED25519);
        if public_key.is_empty() || (ed25519 && public_key.len() != 32) {
            return Err(KeyError::Length(public_key.len()));
        }
        Ok(Self { name: name.to_owned(), signature_type, public_key: public_key.to_vec() })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub fn key_id(&self) -> u32 {
        key_id(&self.name, self.signature_type, &self.public_key)
    }

    /// The signature type the key is for.
    pub fn signature_type(&self) -> u8 {
        self.signature_type
    }

    /// The key itself, encoded as its signature type says.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![self.signature_type];
        key.extend_from_slice(&self.public_key);
        write!(f, "{}+{:08x}+{}", self.name, self.key_id(), STANDARD.encode(key))
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_KEY_BYTES {
            return Err(KeyError::TooLong(text.len()));
        }
        // The base64 part may itself contain a plus.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Shape);
        };
        let mut id_bytes = [0; 4];
        hex::decode_to_slice(id, &mut id_bytes).map_err(|_| KeyError::Shape)?;
        let key = STANDARD.decode(key).map_err(|_| KeyError::Shape)?;
        let (signature_type, public_key) = key.split_first().ok_or(KeyError::Shape)?;
        let key = Self::new(name, *signature_type, public_key)?;
        if key.key_id() == u32::from_be_bytes(id_bytes) { Ok(key) } else { Err(KeyError::Id) }
    }
}

/// Key names are not empty and hold neither Unicode spaces nor a plus (signed-note, "Format");
/// control characters can stand nowhere in a note.
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(wrong) {
        return Err(KeyError::Name(name.chars().take(80).collect()));
    }
    Ok(())
}

/// Why text or bytes are no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The id in the text is not the one the key has.
    #[error(
        "the key id does not belong to this name and key: the text was altered or cut together"
    )]
    Id,
    /// The public key has a length its signature type does not allow.
    #[error("a public key of {0} bytes is not one of this signature type")]
    Length(usize),
    /// The name may not stand in a note.
    #[error("`{0}` cannot be the name of a key: it must not be empty or contain spaces or `+`")]
    Name(String),
    /// Not three parts, hexadecimal digits and base64.
    #[error("a verifier key is written `name+hash+key`: eight hexadecimal digits, then base64")]
    Shape,
    /// Longer than any key.
    #[error("a verifier key of {0} bytes is longer than the {MAX_KEY_BYTES} that are read")]
    TooLong(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_what_it_writes() {
        let key = VerifierKey::new("example.com/log", ED25519, &[0xfb; 32]).unwrap();
        let text = key.to_string();
        assert!(text.starts_with(&format!("example.com/log+{:08x}+", key.key_id())), "{text}");
        assert!(text.matches('+').count() > 2, "the base64 part holds a plus: {text}");
        assert_eq!(text.parse(), Ok(key));
    }

    #[test]
    fn the_key_of_the_go_checksum_database() {
        // Published by golang.org as the verifier key of sum.golang.org.
        let key: VerifierKey =
            "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse().unwrap();
        assert_eq!(
            (key.name(), key.key_id(), key.signature_type()),
            ("sum.golang.org", 0x033d_e0ae, 1)
        );
    }

    #[test]
    fn altered_keys_are_refused() {
        let text = VerifierKey::new("a.example", ED25519, &[1; 32]).unwrap().to_string();
        assert_eq!(
            text.replace("a.example", "b.example").parse::<VerifierKey>(),
            Err(KeyError::Id)
        );
        for shape in
            ["", "a", "a+b", "a+00000000", "a+0000000g+AQ==", "a+00000000+", "a+00000000+*"]
        {
            assert_eq!(shape.parse::<VerifierKey>(), Err(KeyError::Shape), "{shape}");
        }
        assert_eq!("a+00000000+AQ==".parse::<VerifierKey>(), Err(KeyError::Length(0)));
        assert_eq!(VerifierKey::new("a", ED25519, &[1; 31]), Err(KeyError::Length(31)));
        for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\u{1b}b"] {
            assert_eq!(VerifierKey::new(name, ED25519, &[1; 32]), Err(KeyError::Name(name.into())));
        }
        let long = "a".repeat(MAX_KEY_BYTES + 1);
        assert_eq!(long.parse::<VerifierKey>(), Err(KeyError::TooLong(long.len())));
    }
}
