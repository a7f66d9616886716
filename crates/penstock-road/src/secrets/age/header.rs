//! The header: who can get at the file key, and a check that nobody changed it.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use penstock_model::Secret;

use super::{
    AgeFault,
    cipher::{self, Identity},
};

const VERSION: &[u8] = b"age-encryption.org/v1\n";
const COLUMNS: usize = 64;
/// The most recipients, counted before any key is tried.
const MAX_STANZAS: usize = 128;

/// A header, with the bytes its authentication covers.
pub(super) struct Header<'a> {
    stanzas: Vec<Stanza<'a>>,
    authenticated: &'a [u8],
    mac: Vec<u8>,
}

/// What one recipient needs.
struct Stanza<'a> {
    arguments: Vec<&'a [u8]>,
    body: Vec<u8>,
}

impl<'a> Header<'a> {
    /// Splits a file into its header and what comes after it.
    pub(super) fn parse(file: &'a [u8]) -> Result<(Self, &'a [u8]), AgeFault> {
        let wrong = AgeFault::Malformed;
        let mut rest = file.strip_prefix(VERSION).ok_or(wrong("it begins otherwise"))?;
        let mut stanzas = Vec::new();
        loop {
            let before = rest;
            let line = line(&mut rest).ok_or(wrong("its header has no end"))?;
            if let Some(mac) = line.strip_prefix(b"--- ") {
                // What is covered ends with the three dashes.
                let end = file.len() - before.len() + 3;
                let authenticated = file.get(..end).unwrap_or_default();
                let mac = base64(mac).filter(|mac| mac.len() == 32);
                let mac = mac.ok_or(wrong("the code at the end of its header"))?;
                if stanzas.is_empty() {
                    return Err(wrong("it names no recipient"));
                }
                return Ok((Self { stanzas, authenticated, mac }, rest));
            }
            if stanzas.len() >= MAX_STANZAS {
                return Err(wrong("it names more recipients than are read"));
            }
            let arguments = line.strip_prefix(b"-> ").ok_or(wrong("a line of its header"))?;
            let arguments: Vec<&[u8]> = arguments.split(|byte| *byte == b' ').collect();
            let visible = |argument: &&[u8]| {
                !argument.is_empty() && argument.iter().all(u8::is_ascii_graphic)
            };
            if !arguments.iter().all(visible) {
                return Err(wrong("the arguments of a recipient"));
            }
            stanzas.push(Stanza { arguments, body: body(&mut rest)? });
        }
    }

    /// Whether a passphrase opens it; then nothing else does.
    pub(super) fn is_for_a_passphrase(&self) -> bool {
        self.stanzas.iter().any(|stanza| stanza.arguments.first() == Some(&&b"scrypt"[..]))
    }

    /// The file key, if it is wrapped for this identity. What stands for a recipient of another kind
    /// is passed over.
    pub(super) fn file_key(&self, identity: &Identity) -> Result<Option<Secret>, AgeFault> {
        for stanza in &self.stanzas {
            let Some((_, arguments)) =
                stanza.arguments.split_first().filter(|(kind, _)| **kind == b"X25519")
            else {
                continue;
            };
            let wrong = AgeFault::Malformed("an X25519 recipient");
            let [share] = arguments else { return Err(wrong) };
            let share = base64(share).and_then(|share| <[u8; 32]>::try_from(share).ok());
            let key = identity.unwrap(&share.ok_or(wrong.clone())?, &stanza.body);
            if let Some(key) = key.ok_or(wrong)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Checks that the header is the one the file key was made for.
    pub(super) fn verify(&self, file_key: &Secret) -> Result<(), AgeFault> {
        let key = cipher::derive(file_key.expose(), b"", b"header").ok_or(AgeFault::Damaged)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        hmac::verify(&key, self.authenticated, &self.mac).map_err(|_| AgeFault::Damaged)
    }
}

/// The lines of a stanza's body: full ones, and one that is not, which may be empty.
fn body(rest: &mut &[u8]) -> Result<Vec<u8>, AgeFault> {
    let wrong = AgeFault::Malformed("the body of a recipient");
    let mut text = Vec::new();
    loop {
        let line = line(rest).ok_or(wrong.clone())?;
        if line.len() > COLUMNS {
            return Err(wrong);
        }
        text.extend_from_slice(line);
        if line.len() < COLUMNS {
            return base64(&text).ok_or(wrong);
        }
    }
}

/// Takes one line, without its line feed.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    Some(line)
}

/// Base64 without padding, canonical.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    BASE64_STANDARD_NO_PAD.decode(text).ok()
}
