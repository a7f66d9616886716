//! Sigstore bundles v0.3 that hold one DSSE envelope
//! (<https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto>).

use std::borrow::Cow;

use penstock_model::Sha256;
use penstock_statement::PAYLOAD_TYPE;
use serde::{Deserialize, de::IgnoredAny};
use sigstore_types::{
    DsseEnvelope, DsseSignature, KeyId, MediaType, PayloadBytes, PublicKeyIdentifier,
    SignatureBytes, SignatureContent, VerificationMaterial, VerificationMaterialContent,
};

/// The largest bundle that is read, in bytes: the largest statement in base64, and what is around
/// it.
pub const MAX_BYTES: usize = 32 << 20;

/// The media type of the bundles that are written and read.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The other way to write it, which clients must accept (sigstore_bundle.proto, `media_type`).
const OLD_MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle+json;version=0.3";

/// What is in a bundle. Nothing of it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The bytes that were signed, with [`Bundle::payload_type`].
    pub payload: Vec<u8>,
    /// What the payload is.
    pub payload_type: String,
    /// Who is said to have signed.
    pub material: Material,
    /// The one signature.
    pub signature: Vec<u8>,
}

/// What a bundle says about the key that signed. Never trusted: only a way to find the key that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// A certificate.
    Certificate,
    /// A hint to a public key the verifier has; ours is the key id.
    PublicKey {
        /// The hint; may be empty in the bundles of others.
        hint: String,
    },
}

/// Puts a signed statement into a bundle. The same arguments always give the same bytes.
///
/// # Errors
/// [`BundleError::TooLarge`] for a statement that would not be read back.
pub fn make(statement: &[u8], key: &Sha256, signature: &[u8]) -> Result<Vec<u8>, BundleError> {
    let hint = key.to_string();
    let envelope = DsseEnvelope::new(
        PAYLOAD_TYPE,
        PayloadBytes::from_bytes(statement),
        DsseSignature::new(SignatureBytes::from_bytes(signature), KeyId::new(hint.clone())),
    );
    let material = VerificationMaterialContent::PublicKey(PublicKeyIdentifier::new(hint));
    let bundle = sigstore_types::Bundle::new(
        MediaType::Bundle0_3,
        VerificationMaterial::new(material),
        SignatureContent::DsseEnvelope(envelope),
    );
    let bytes = bundle.to_json().map_err(|e| BundleError::Malformed(e.to_string()))?.into_bytes();
    if bytes.len() > MAX_BYTES { Err(BundleError::TooLarge(bytes.len())) } else { Ok(bytes) }
}

/// Reads a bundle of at most [`MAX_BYTES`].
///
/// Unknown and doubled members on the way to the signature are refused, so that no other reader can
/// see another bundle in the same bytes. In version 0.3 a certificate chain is an unknown member.
///
/// # Errors
/// What is not a v0.3 bundle around one DSSE envelope with exactly one signature.
pub fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
    if bytes.len() > MAX_BYTES {
        return Err(BundleError::TooLarge(bytes.len()));
    }
    let malformed = |e: &dyn std::fmt::Display| BundleError::Malformed(e.to_string());
    let text = std::str::from_utf8(bytes).map_err(|e| malformed(&e))?;
    let version: Version = serde_json::from_str(text).map_err(|e| malformed(&e))?;
    if ![MEDIA_TYPE, OLD_MEDIA_TYPE].contains(&version.media_type.as_ref()) {
        return Err(BundleError::MediaType(version.media_type.chars().take(120).collect()));
    }
    let outline: Outline = serde_json::from_str(text).map_err(|e| malformed(&e))?;
    outline.check()?;
    let bundle = sigstore_types::Bundle::from_json(text).map_err(|e| malformed(&e))?;
    let material = match bundle.verification_material.content {
        VerificationMaterialContent::PublicKey(key) => Material::PublicKey { hint: key.hint },
        _ => Material::Certificate,
    };
    let SignatureContent::DsseEnvelope(envelope) = bundle.content else {
        return Err(BundleError::NoEnvelope);
    };
    let key_id = envelope.signature.keyid.into_string();
    if let Material::PublicKey { hint } = &material
        && !key_id.is_empty()
        && key_id != *hint
    {
        return Err(BundleError::TwoKeys { hint: hint.clone(), key_id });
    }
    Ok(Bundle {
        payload: envelope.payload.into_bytes(),
        payload_type: envelope.payload_type,
        material,
        signature: envelope.signature.sig.into_bytes(),
    })
}

/// Enough of a bundle to tell its version, whatever else is in it.
#[derive(Deserialize)]
struct Version<'a> {
    #[serde(rename = "mediaType", borrow, default)]
    media_type: Cow<'a, str>,
}

/// A bundle's members down to the signature. `sigstore-types` ignores unknown members and takes one
/// of two alternatives that exclude each other; here both are errors.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Outline {
    #[serde(rename = "mediaType")]
    _media_type: IgnoredAny,
    verification_material: MaterialOutline,
    dsse_envelope: Option<EnvelopeOutline>,
    message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MaterialOutline {
    public_key: Option<IgnoredAny>,
    certificate: Option<IgnoredAny>,
    #[serde(rename = "tlogEntries")]
    _tlog_entries: Option<IgnoredAny>,
    #[serde(rename = "timestampVerificationData")]
    _timestamp_verification_data: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EnvelopeOutline {
    #[serde(rename = "payload")]
    _payload: IgnoredAny,
    #[serde(rename = "payloadType")]
    _payload_type: IgnoredAny,
    signatures: Vec<SignatureOutline>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureOutline {
    #[serde(rename = "sig")]
    _sig: IgnoredAny,
    #[serde(rename = "keyid")]
    _keyid: Option<IgnoredAny>,
}

impl Outline {
    fn check(&self) -> Result<(), BundleError> {
        let material = &self.verification_material;
        if material.public_key.is_some() == material.certificate.is_some() {
            return Err(BundleError::Material);
        }
        match (&self.dsse_envelope, &self.message_signature) {
            (Some(envelope), None) if envelope.signatures.len() == 1 => Ok(()),
            (Some(envelope), None) => Err(BundleError::Signatures(envelope.signatures.len())),
            (Some(_), Some(_)) => Err(BundleError::TwoContents),
            (None, _) => Err(BundleError::NoEnvelope),
        }
    }
}

/// Why bytes are not a bundle that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not JSON, not a bundle, or with members no bundle has.
    #[error("not a Sigstore bundle: {0}")]
    Malformed(String),
    /// Neither a public key nor a certificate, or both.
    #[error("the bundle must name exactly one public key or certificate")]
    Material,
    /// Another version, or no bundle.
    #[error(
        "the bundle has media type `{0}`; only version 0.3 is read: convert it with a current \
         Sigstore client"
    )]
    MediaType(String),
    /// A signature over bare bytes, or nothing.
    #[error("the bundle holds no DSSE envelope, so it states nothing")]
    NoEnvelope,
    /// None, or more than one.
    #[error("the bundle has {0} signatures instead of one")]
    Signatures(usize),
    /// More than [`MAX_BYTES`].
    #[error("the bundle has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// An envelope and a message signature.
    #[error("the bundle holds both a DSSE envelope and a message signature")]
    TwoContents,
    /// The envelope's `keyid` disagrees with the hint.
    #[error("the bundle names two keys: hint `{hint}`, keyid `{key_id}`")]
    TwoKeys {
        /// The hint of the verification material.
        hint: String,
        /// The `keyid` of the signature.
        key_id: String,
    },
}
