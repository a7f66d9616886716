//! The cryptography of the format, by its own names: X25519 wraps a file key, the file key derives
//! the keys of header and payload, the payload is ChaCha20-Poly1305 in the STREAM construction.

use aws_lc_rs::{
    aead::{self, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, PrivateKey, UnparsedPublicKey, X25519},
    hkdf,
};
use penstock_model::Secret;
use zeroize::Zeroizing;

use super::{AgeFault, bech32};

const FILE_KEY_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
const PAYLOAD_NONCE_BYTES: usize = 16;
const CHUNK_BYTES: usize = 64 << 10;

/// An X25519 identity.
pub(super) struct Identity {
    private: PrivateKey,
    public: Vec<u8>,
}

impl Identity {
    /// Reads `AGE-SECRET-KEY-1…`.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let key = Zeroizing::new(bech32::decode(text, b"age-secret-key-")?);
        let private = PrivateKey::from_private_key(&X25519, &key).ok()?;
        let public = private.compute_public_key().ok()?.as_ref().to_vec();
        Some(Self { private, public })
    }

    /// The file key in the body of a stanza whose sender's share this is; inside, nothing where the
    /// body is for somebody else. Outside, nothing where the stanza is wrong: a body of another
    /// length, a share that gives no secret.
    pub(super) fn unwrap(&self, share: &[u8; 32], body: &[u8]) -> Option<Option<Secret>> {
        if body.len() != FILE_KEY_BYTES + TAG_BYTES {
            return None;
        }
        let peer = UnparsedPublicKey::new(&X25519, share);
        let salt = [share, self.public.as_slice()].concat();
        let key = agreement::agree(&self.private, peer, (), |secret| {
            derive(secret, &salt, b"age-encryption.org/v1/X25519").ok_or(())
        });
        Some(open(&key.ok()?, [0; aead::NONCE_LEN], body))
    }
}

/// HKDF-SHA-256, 32 bytes.
pub(super) fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Option<Secret> {
    let info = [info];
    let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let derived = derived.expand(&info, hkdf::HKDF_SHA256).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    derived.fill(key.as_mut_slice()).ok()?;
    Some(Secret::new(*key))
}

/// Decrypts what comes after the header: a nonce, then chunks, each but the last of the full size,
/// the last never empty unless it is the only one.
pub(super) fn decrypt_payload(file_key: &Secret, payload: &[u8]) -> Result<Secret, AgeFault> {
    let (nonce, mut rest) =
        payload.split_at_checked(PAYLOAD_NONCE_BYTES).ok_or(AgeFault::Damaged)?;
    let key = derive(file_key.expose(), nonce, b"payload").ok_or(AgeFault::Damaged)?;
    let mut text = Zeroizing::new(Vec::with_capacity(rest.len()));
    for counter in 0_u64.. {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK_BYTES + TAG_BYTES));
        let last = after.is_empty();
        let mut nonce = [0; aead::NONCE_LEN];
        let (number, flag) = nonce.split_at_mut(11);
        if let Some(number) = number.last_chunk_mut() {
            *number = counter.to_be_bytes();
        }
        flag.fill(u8::from(last));
        let opened = open(&key, nonce, chunk).ok_or(AgeFault::Damaged)?;
        if last && counter > 0 && opened.expose().is_empty() {
            return Err(AgeFault::Damaged);
        }
        text.extend_from_slice(opened.expose());
        if last {
            break;
        }
        rest = after;
    }
    Ok(Secret::new(text.as_slice()))
}

fn open(key: &Secret, nonce: [u8; aead::NONCE_LEN], sealed: &[u8]) -> Option<Secret> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.expose()).ok()?);
    let mut text = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = key.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
    Some(Secret::new(&*opened))
}
