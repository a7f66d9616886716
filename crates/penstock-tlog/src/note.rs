use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    NoteSigner, NoteVerifier, SignFailed,
    key::{KeyError, check_name},
};

/// The largest note that is read, in bytes. Sixteen post-quantum signatures take some 110 KiB.
pub const MAX_NOTE_BYTES: usize = 512 * 1024;

/// The most signatures a note may have; the specification demands room for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// A text and the signatures under it (<https://c2sp.org/signed-note>, "Format").
///
/// Parsing says nothing about who signed: the text is to be believed only after [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key that signed.
    pub name: String,
    /// The id of the key that signed.
    pub key_id: u32,
    /// The signature, without the key id.
    pub signature: Vec<u8>,
}

impl Note {
    /// Signs `text`, which must end in a newline, with every signer.
    ///
    /// # Errors
    /// A text that cannot stand in a note, no signer, or one that fails.
    pub fn sign(text: &str, signers: &[&dyn NoteSigner]) -> Result<Self, NoteError> {
        check_text(text)?;
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        for signer in signers {
            let signature = signer.sign(text.as_bytes())?;
            note.add(NoteSignature {
                name: signer.name().to_owned(),
                key_id: signer.key_id(),
                signature,
            })?;
        }
        if note.signatures.is_empty() { Err(NoteError::Unsigned) } else { Ok(note) }
    }

    /// Adds a signature made elsewhere, for example a witness's, under those that are there.
    ///
    /// # Errors
    /// A key name no note can hold; too many signatures, or too long ones.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        check_name(&signature.name)?;
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        let length = self.to_string().len();
        if length > MAX_NOTE_BYTES {
            self.signatures.pop();
            return Err(NoteError::TooLong(length));
        }
        Ok(())
    }

    /// Reads a note of at most [`MAX_NOTE_BYTES`] with at most [`MAX_SIGNATURES`].
    ///
    /// # Errors
    /// Bytes that are not a note, or one over the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        // The text ends at the last empty line, so it may itself hold empty lines.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let text = format!("{text}\n");
        check_text(&text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unterminated)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(NoteSignature::parse(line)?);
        }
        Ok(Self { text, signatures })
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the order of their lines, whether or not anybody knows their keys.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The signatures made by the keys of `verifiers`.
    ///
    /// Signatures of other keys are ignored. One that claims a known key and does not verify rejects
    /// the whole note, even when others verify.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`]; [`NoteError::Unverified`] when no known key signed.
    pub fn verify(
        &self,
        verifiers: &[&dyn NoteVerifier],
    ) -> Result<Vec<&NoteSignature>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let mut known = verifiers
                .iter()
                .filter(|key| key.name() == signature.name && key.key_id() == signature.key_id)
                .peekable();
            if known.peek().is_none() {
                continue;
            }
            if !known.all(|key| key.verify(self.text.as_bytes(), &signature.signature)) {
                return Err(NoteError::BadSignature(signature.name.clone()));
            }
            verified.push(signature);
        }
        if verified.is_empty() {
            let names = self.signatures.iter().take(4).map(NoteSignature::key).collect::<Vec<_>>();
            return Err(NoteError::Unverified(names.join(", ")));
        }
        Ok(verified)
    }
}

impl std::fmt::Display for Note {
    /// The note as it is stored; [`Note::parse`] reads it back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut bytes = signature.key_id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.signature);
            writeln!(f, "\u{2014} {} {}", signature.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Result<Self, NoteError> {
        let error = || NoteError::SignatureLine(line.chars().take(80).collect());
        let rest = line.strip_prefix("\u{2014} ").ok_or_else(error)?;
        let (name, bytes) = rest.split_once(' ').ok_or_else(error)?;
        check_name(name).map_err(|_| error())?;
        let bytes = STANDARD.decode(bytes).map_err(|_| error())?;
        let (key_id, signature) = bytes.split_first_chunk().ok_or_else(error)?;
        if signature.is_empty() {
            return Err(error());
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*key_id),
            signature: signature.to_vec(),
        })
    }

    /// The key in the way it is shown to people: `name+hash`.
    fn key(&self) -> String {
        format!("{}+{:08x}", self.name, self.key_id)
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Characters);
    }
    if text.ends_with('\n') { Ok(()) } else { Err(NoteError::Unterminated) }
}

/// Why bytes are no note, or one not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A signature claims a known key and is not that key's.
    #[error("the signature of `{0}` is invalid: the text or the signature was changed")]
    BadSignature(String),
    /// Not UTF-8, or a control character other than newline.
    #[error("a note is UTF-8 text without control characters")]
    Characters,
    /// A key's name cannot stand in a note.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignFailed),
    /// A line below the text is no signature.
    #[error("`{0}` is not a signature line")]
    SignatureLine(String),
    /// Longer than the limit, in bytes.
    #[error("a note of {0} bytes is longer than the {MAX_NOTE_BYTES} that are read")]
    TooLong(usize),
    /// More signatures than the limit.
    #[error("a note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// There is no signature at all.
    #[error("the note has no signature")]
    Unsigned,
    /// The text, or the last line, does not end in a newline.
    #[error("the note does not end in a newline: it was cut short")]
    Unterminated,
    /// None of the keys that signed is known.
    #[error("no trusted key signed this note; it is signed by {0}")]
    Unverified(String),
}
